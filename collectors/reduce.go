package collectors

import (
	"cmp"
	"slices"
	"strings"

	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/gate"
)

// Reduce turns the samples of one trial into one value per workload and metric,
// keyed "<workload>.<metric>", in the unit that the metric declares:
//
//   - a Counter's value is what it grew by per second, from the first reading at
//     or after the window's begin to the first at or after its end (the last
//     reading where the trial ended early);
//   - a Gauge's value is the mean of its readings over the same span;
//   - a Scalar's value is its last reading.
//
// A counter with fewer than two readings in the window, a gauge with none, and
// a metric that metrics does not declare give no value.
func Reduce(samples []results.Sample, metrics []results.Metric, window gate.Window) map[string]float64 {
	kinds := map[string]results.Kind{}
	for _, m := range metrics {
		kinds[m.Name] = m.Kind
	}
	type owner struct{ workload, metric string }
	series := map[owner][]results.Sample{}
	for _, s := range samples {
		key := owner{s.Workload, s.Metric}
		series[key] = append(series[key], s)
	}
	values := map[string]float64{}
	for key, readings := range series {
		slices.SortStableFunc(readings, func(a, b results.Sample) int { return cmp.Compare(a.Time, b.Time) })
		if v, ok := reduce(kinds[key.metric], readings, window.Measured()); ok {
			values[key.workload+"."+key.metric] = v
		}
	}
	return values
}

func reduce(kind results.Kind, readings []results.Sample, measured float64) (float64, bool) {
	switch kind {
	case results.Counter:
		r := inWindow(readings, measured)
		if len(r) < 2 || r[len(r)-1].Time <= r[0].Time {
			return 0, false
		}
		return (r[len(r)-1].Value - r[0].Value) / (r[len(r)-1].Time - r[0].Time), true
	case results.Gauge:
		r := inWindow(readings, measured)
		sum := 0.0
		for _, s := range r {
			sum += s.Value
		}
		return sum / float64(max(len(r), 1)), len(r) > 0
	case results.Scalar:
		return readings[len(readings)-1].Value, true
	}
	return 0, false
}

// inWindow returns the readings from the one for the begin to the one for the
// end. Both are taken at or just after their time.
func inWindow(readings []results.Sample, measured float64) []results.Sample {
	after := func(t float64) int {
		i, _ := slices.BinarySearchFunc(readings, t, func(s results.Sample, t float64) int { return cmp.Compare(s.Time, t) })
		return i
	}
	return readings[after(0):min(after(measured)+1, len(readings))]
}

// Late returns how many readings were late in the samples of one trial, over
// all collectors.
func Late(samples []results.Sample) int {
	late := 0
	for _, s := range samples {
		if strings.HasSuffix(s.Metric, "."+LateTicks) {
			late += int(s.Value)
		}
	}
	return late
}
