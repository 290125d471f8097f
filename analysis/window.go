package analysis

import (
	"math/rand/v2"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/czbench/czbench/analysis/stats/course"
	"github.com/czbench/czbench/results"
)

const (
	// minIntervals is the least number of readings of a window that can be judged.
	minIntervals = 20
	// maxIntervals bounds the work: more readings are taken together in batches.
	maxIntervals = 60
	// windowP is the significance of a change within one window.
	windowP = 0.01
	// windowPermutations are enough for windowP.
	windowPermutations = 199
)

// windowMetrics are what a window may be judged by, the best first: the p99 of
// the intervals of the latency log, and where these are too few, what the
// collectors sampled more often.
func windowMetrics() []string {
	return []string{defaultLatency, "runq.interval.p99", "run_delay"}
}

// readings are the values of one metric in the order of time, step seconds
// apart.
type readings struct {
	values []float64
	step   float64
}

// window holds the readings of one trial by "<lc>.<metric>".
type window map[string]readings

// readWindows reads the windows of trials, in parallel. One that cannot be read
// is empty; the first error is returned beside the others.
func (t *table) readWindows(f *results.Folder, trials []*observation) ([]window, error) {
	windows := make([]window, len(trials))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, obs := range trials {
		group.Go(func() (err error) {
			windows[i], err = t.readWindow(f, obs.trial.Number)
			return err
		})
	}
	return windows, group.Wait()
}

// readWindow reads the latency log where the window is long enough for it, and
// the series otherwise.
func (t *table) readWindow(f *results.Folder, number int) (window, error) {
	w := window{}
	if t.run.Measure >= minIntervals {
		err := f.EachBins(number, func(workload string, iv results.BinnedInterval) error {
			name := workload + "." + defaultLatency
			r := w[name]
			if length := iv.End - iv.Start; r.step == 0 || length > r.step/2 { // the last one may be a rest
				p99, _, _ := iv.Bins.Quantile(0.99)
				r.values, r.step = append(r.values, p99), max(r.step, length)
			}
			w[name] = r
			return nil
		})
		every := !slices.ContainsFunc(t.workloads(results.RoleLC), func(lc string) bool {
			_, logged := w[lc+"."+defaultLatency]
			return !logged
		})
		if err != nil || every {
			return w, err
		}
	}
	series, err := f.Series(number)
	if err != nil {
		return w, err
	}
	t.addSeries(w, series)
	return w, nil
}

// addSeries adds what the collectors sampled of the LCs within the window: the
// values of a gauge, the growth of a counter from reading to reading.
func (t *table) addSeries(w window, series []results.Sample) {
	kinds := map[[2]string]results.Kind{}
	for _, lc := range t.workloads(results.RoleLC) {
		for _, metric := range windowMetrics()[1:] {
			if m, ok := t.measured(lc + "." + metric); ok {
				kinds[[2]string{lc, metric}] = m.Kind
			}
		}
	}
	last := map[[2]string]results.Sample{}
	for _, s := range series {
		key := [2]string{s.Workload, s.Metric}
		kind, wanted := kinds[key]
		if !wanted || s.Time < 0 || s.Time > t.run.Measure {
			continue
		}
		before, second := last[key]
		last[key] = s
		if !second || s.Time <= before.Time {
			continue
		}
		name := s.Workload + "." + s.Metric
		r := w[name]
		value := s.Value
		if kind == results.Counter {
			value = (s.Value - before.Value) / (s.Time - before.Time)
		}
		r.values = append(r.values, value)
		r.step += (s.Time - before.Time - r.step) / float64(len(r.values)) // the mean
		w[name] = r
	}
}

// measured returns the declaration of a measured metric.
func (t *table) measured(name string) (results.Metric, bool) {
	i := slices.IndexFunc(t.run.Metrics, func(m results.Metric) bool { return m.Name == name })
	if i < 0 {
		return results.Metric{}, false
	}
	return t.run.Metrics[i], true
}

// persistence estimates the lag-1 autocorrelation that the windows of a
// treatment have apart from warm-up and drift, 0 to 0.95. It comes from the
// differences of successive ranks, which a trend leaves alone and a step touches
// once: their own lag-1 autocorrelation is −(1−φ)/2 for an autoregression of φ.
func persistence(windows [][]float64) float64 {
	products, squares := 0.0, 0.0
	for _, x := range windows {
		for i := 1; i < len(x); i++ {
			d := x[i] - x[i-1]
			squares += d * d
			if i > 1 {
				products += d * (x[i-1] - x[i-2])
			}
		}
	}
	if squares == 0 {
		return 0
	}
	return min(max(0, 1+2*products/squares), 0.95)
}

// whiten takes from each value what its predecessor lets expect, so that what is
// left can be permuted. It is one value shorter.
func whiten(x []float64, phi float64) []float64 {
	if phi == 0 {
		return x
	}
	white := make([]float64, len(x)-1)
	for i := range white {
		white[i] = x[i+1] - phi*x[i]
	}
	return white
}

// judge says whether one window is flat, begins with a warm-up that ends before
// the value at cut, or drifts. Outliers do not count, because x holds ranks; phi
// is their persistence.
//
// The window is not flat when E-divisive finds a change, or KPSS is beyond its
// table, both at windowP. It is a warm-up when all changes lie in the first third
// and the rest is flat; MSER may put its end later, within the third. What is not
// flat behind the first third drifts, and the costly search is spared.
func judge(x []float64, phi float64, rng *rand.Rand) (verdict string, cut int) {
	third := len(x) / 3
	if unsteady(whiten(x[third:], phi)) {
		return WindowDrifting, 0
	}
	white := whiten(x, phi)
	skipped := len(x) - len(white)
	changes := course.EDivisive(white, course.Options{Permutations: windowPermutations, P: windowP, Ranks: true}, rng)
	if len(changes) == 0 && !unsteady(white) {
		return WindowFlat, 0
	}
	for _, c := range changes {
		cut = max(cut, c.At+skipped)
	}
	if cut == 0 || cut > third {
		return WindowDrifting, 0
	}
	if m := course.MSER(x, 1); m.Cut <= third {
		cut = max(cut, m.Cut)
	}
	if unsteady(whiten(x[cut:], phi)) {
		return WindowDrifting, 0
	}
	return WindowWarmup, cut
}

// unsteady tells whether the KPSS statistic is beyond the table's end, 0.01.
func unsteady(x []float64) bool {
	t := course.KPSS(x)
	return t.P <= windowP && t.Clipped
}

// batches returns the means of successive groups of size values; a rest that
// fills no group is left out.
func batches(x []float64, size int) []float64 {
	means := make([]float64, 0, len(x)/size)
	for part := range slices.Chunk(x, size) {
		if len(part) == size {
			means = append(means, mean(part))
		}
	}
	return means
}
