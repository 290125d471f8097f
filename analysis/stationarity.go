package analysis

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/results"
)

// Codes of warnings about the measured windows.
const (
	WarnWarmup     = "warm-up"       // windows begin with a warm-up
	WarnDrift      = "drift"         // windows drift or change
	WarnWindowRead = "window-unread" // windows could not be read
)

const (
	// falseShare is how many of flat windows may be judged otherwise. Of independent
	// readings it is 1 %; the rest is allowed for what the readings share.
	falseShare = 0.05
	// windowAlpha is the probability that a run has a warning although all of its
	// windows are flat.
	windowAlpha = 0.01
	// maxWatched trials are read, and minWatched of each treatment in any case.
	maxWatched = 120
	minWatched = 6
	// agreement is the share of a treatment's trials that have to share a verdict.
	agreement = 0.8
)

// warnStationarity judges the windows of all used trials, sets a.Stationarity,
// and says what a longer warm-up would do.
func (t *table) warnStationarity(f *results.Folder, a *Analysis) []Warning {
	trials := t.watched()
	windows, err := t.readWindows(f, trials)
	var warnings []Warning
	if err != nil {
		warnings = append(warnings, Warning{Code: WarnWindowRead, Text: fmt.Sprintf(
			"some windows could not be looked at for warm-up and drift: %v", err)})
	}
	a.Stationarity = t.stationarity(trials, windows)
	return append(warnings, t.warnWindows(a.Stationarity)...)
}

// watched returns the used trials whose windows are looked at: those whose
// strategy stayed the same. Of a run of more than maxWatched trials it is an even
// choice of each treatment's, because reading them takes time.
func (t *table) watched() []*observation {
	most := max(minWatched, maxWatched/max(len(t.treatments), 1))
	var trials []*observation
	for _, tr := range t.treatments {
		used := t.usedOf(tr)
		n := min(len(used), most)
		for i := range n {
			if obs := used[i*len(used)/n]; len(obs.trial.Phases) == 0 {
				trials = append(trials, obs)
			}
		}
	}
	return trials
}

// stationarity judges windows, which belong to trials, by treatment and LC.
func (t *table) stationarity(trials []*observation, windows []window) []Stationarity {
	byTrial := make(map[*observation]window, len(trials))
	for i, obs := range trials {
		byTrial[obs] = windows[i]
	}
	var all []Stationarity
	cuts := map[int]float64{} // by entry
	for _, tr := range t.treatments {
		for _, lc := range t.workloads(results.RoleLC) {
			if s, cut, ok := t.judgeAll(lc, t.usedOf(tr), byTrial); ok {
				s.Label = tr.label
				cuts[len(all)] = cut
				all = append(all, s)
			}
		}
	}
	judged := 0
	for _, s := range all {
		if s.Verdict != WindowShort {
			judged++
		}
	}
	cut := 0.0
	for i := range all {
		all[i].settle(judged)
		if all[i].Verdict == WindowWarmup || all[i].Verdict == WindowInconsistent {
			cut = max(cut, cuts[i])
		}
	}
	for i := range all {
		all[i].Cut = cut
	}
	return all
}

// judgeAll judges the windows of a treatment by the first metric of which there
// are enough readings. Cut is the longest warm-up, in seconds. It is not ok
// where the LC did not run.
func (t *table) judgeAll(lc string, trials []*observation, byTrial map[*observation]window) (s Stationarity, cut float64, ok bool) {
	metric, intervals := chooseMetric(lc, trials, byTrial)
	if intervals == 0 {
		s, ok = t.unread(lc, trials, byTrial)
		return s, 0, ok
	}
	s = Stationarity{Metric: metric, Intervals: intervals, Verdict: WindowShort, Trials: map[string]int{}}
	var ranked [][]float64
	var numbers []int
	var steps []float64
	size := (intervals + maxIntervals - 1) / maxIntervals
	for _, obs := range trials {
		if r := byTrial[obs][metric]; len(r.values) > 0 {
			ranked = append(ranked, batches(stats.Ranks(r.values), size))
			numbers, steps = append(numbers, obs.trial.Number), append(steps, r.step)
		}
	}
	if intervals < minIntervals {
		s.Trials[WindowShort] = len(ranked)
		return s, 0, true
	}
	s.Verdict = ""
	phi := persistence(ranked)
	verdicts, cuts := make([]string, len(ranked)), make([]int, len(ranked))
	inParallel(len(ranked), func(i int) {
		verdicts[i], cuts[i] = judge(ranked[i], phi, rand.New(rand.NewPCG(t.run.Seed, uint64(numbers[i]))))
	})
	for i, verdict := range verdicts {
		s.Trials[verdict]++
		cut = max(cut, float64(cuts[i]*size)*steps[i])
	}
	return s, cut, true
}

// unread is the answer for windows that have no readings: too short for the
// latency log, and no collector sampled the LC.
func (t *table) unread(lc string, trials []*observation, byTrial map[*observation]window) (Stationarity, bool) {
	ran := 0
	for _, obs := range trials {
		_, watched := byTrial[obs]
		if _, measured := obs.values[lc+"."+defaultLatency]; watched && measured {
			ran++
		}
	}
	s := Stationarity{Metric: lc + "." + defaultLatency, Verdict: WindowShort, Trials: map[string]int{WindowShort: ran}}
	if t.run.Measure < minIntervals {
		s.Intervals = int(t.run.Measure)
	}
	return s, ran > 0
}

// inParallel calls do for 0…n−1, on all CPUs.
func inParallel(n int, do func(i int)) {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		group.Go(func() error {
			do(i)
			return nil
		})
	}
	_ = group.Wait() // none fails
}

// chooseMetric returns the first metric that has enough readings in every window
// which has it at all, else the one with most, and how many that are at least.
func chooseMetric(lc string, trials []*observation, byTrial map[*observation]window) (metric string, intervals int) {
	for _, name := range windowMetrics() {
		least := math.MaxInt
		for _, obs := range trials {
			if n := len(byTrial[obs][lc+"."+name].values); n > 0 {
				least = min(least, n)
			}
		}
		if least == math.MaxInt || least <= intervals {
			continue
		}
		if metric, intervals = lc+"."+name, least; intervals >= minIntervals {
			break
		}
	}
	return metric, intervals
}

// settle gives the treatment its verdict, among so many that are judged. Where
// chance would judge as many of its windows not to be flat, they count as flat.
func (s *Stationarity) settle(judged int) {
	if s.Verdict == WindowShort {
		return
	}
	n := 0
	for _, k := range s.Trials {
		n += k
	}
	uneven := n - s.Trials[WindowFlat]
	chance := distuv.Binomial{N: float64(n), P: falseShare}.Survival(float64(uneven) - 1)
	s.Verdict = WindowFlat
	if uneven == 0 || chance*float64(judged) > windowAlpha {
		return
	}
	s.Verdict = WindowInconsistent
	for verdict, k := range s.Trials {
		if float64(k) >= agreement*float64(n) {
			s.Verdict = verdict
		}
	}
}

// warnWindows tells, once for each kind, of the treatments whose windows are not
// flat.
func (t *table) warnWindows(all []Stationarity) []Warning {
	var where [2][]string
	var metrics []string
	cut := 0.0
	for _, s := range all {
		if s.Verdict == WindowFlat || s.Verdict == WindowShort {
			continue
		}
		kind, at := WindowWarmup, 0
		if s.Trials[WindowDrifting] > s.Trials[WindowWarmup] {
			kind, at = WindowDrifting, 1
		}
		n := s.Trials[WindowFlat] + s.Trials[WindowWarmup] + s.Trials[WindowDrifting]
		where[at] = append(where[at], fmt.Sprintf("%s (%d of %d trials)", s.Label, s.Trials[kind], n))
		metrics = append(metrics, s.Metric)
		cut = s.Cut
	}
	about := strings.Join(unique(metrics), ", ")
	var w []Warning
	if len(where[0]) > 0 {
		w = append(w, Warning{Code: WarnWarmup, About: about, Text: fmt.Sprintf(
			"the beginning of the measured window, up to %.2g s of it, differs from the rest in %s; nothing is cut: write warmup = %q, it is %q",
			cut, strings.Join(where[0], ", "), longer(t.run.Warmup, cut), longer(t.run.Warmup, 0))})
	}
	if len(where[1]) > 0 {
		w = append(w, Warning{Code: WarnDrift, About: about, Text: fmt.Sprintf(
			"the measured window has a trend or steps in %s: its one value depends on how long it is; look at the series, or make warmup longer than %q",
			strings.Join(where[1], ", "), longer(t.run.Warmup, 0))})
	}
	return w
}

// longer writes a warm-up that is more seconds longer, in whole tenths of a
// second above that.
func longer(warmup, more float64) string {
	d := time.Duration(math.Round((warmup + more) * float64(time.Second)))
	if more > 0 {
		const step = 100 * time.Millisecond
		d = (d + step - 1) / step * step
	}
	return units.Duration(d).String()
}
