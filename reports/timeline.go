package reports

import (
	"cmp"
	"maps"
	"slices"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/results"
)

// longestTimeline is how many seconds of a window a timeline shows.
const longestTimeline = 600

// Timeline is what a treatment with phases gave in each second of its window, by
// workload.
type Timeline struct {
	P50, P99 map[string]Course // latency, s
	CPU      map[string]Course // CPUs used, of best-effort workloads
}

// Course is a value over time: over all blocks, and in each of them.
type Course struct {
	All    []figures.Step
	Blocks map[int][]figures.Step
}

// loadTimeline reads the timeline of a treatment. blocks has the block of each
// trial by its number.
func loadTimeline(f *results.Folder, t analysis.Treatment, blocks map[int]int) (Timeline, error) {
	tl := Timeline{P50: map[string]Course{}, P99: map[string]Course{}, CPU: map[string]Course{}}
	merged := map[string]map[float64]*results.BinnedInterval{}
	for _, number := range t.Trials {
		err := f.EachBins(number, func(workload string, iv results.BinnedInterval) error {
			if iv.Bins.Total() == 0 || iv.End > longestTimeline {
				return nil
			}
			add(tl.P50, workload, blocks[number], quantileStep(iv, 0.5))
			add(tl.P99, workload, blocks[number], quantileStep(iv, 0.99))
			return mergeSecond(merged, workload, iv)
		})
		if err != nil {
			return tl, err
		}
	}
	for workload, seconds := range merged {
		for _, iv := range seconds {
			add(tl.P50, workload, 0, quantileStep(*iv, 0.5))
			add(tl.P99, workload, 0, quantileStep(*iv, 0.99))
		}
		sortAll(tl.P50, workload)
		sortAll(tl.P99, workload)
	}
	return tl, tl.loadCPU(f, t, blocks)
}

// add appends a step to the course of a workload: to that of a block, or with
// block 0 to that of all.
func add(courses map[string]Course, workload string, block int, s figures.Step) {
	c := courses[workload]
	if block == 0 {
		c.All = append(c.All, s)
	} else {
		if c.Blocks == nil {
			c.Blocks = map[int][]figures.Step{}
		}
		c.Blocks[block] = append(c.Blocks[block], s)
	}
	courses[workload] = c
}

func sortAll(courses map[string]Course, workload string) {
	slices.SortFunc(courses[workload].All, func(a, b figures.Step) int { return cmp.Compare(a.Start, b.Start) })
}

func quantileStep(iv results.BinnedInterval, q float64) figures.Step {
	v, _, _ := iv.Bins.Quantile(q)
	return figures.Step{Start: iv.Start, End: iv.End, Value: v}
}

// mergeSecond adds an interval to those of other blocks that began at the same
// time.
func mergeSecond(merged map[string]map[float64]*results.BinnedInterval, workload string, iv results.BinnedInterval) error {
	if merged[workload] == nil {
		merged[workload] = map[float64]*results.BinnedInterval{}
	}
	sum := merged[workload][iv.Start]
	if sum == nil {
		sum = &results.BinnedInterval{Start: iv.Start, Bins: results.NewBins()}
		merged[workload][iv.Start] = sum
	}
	sum.End = max(sum.End, iv.End)
	return sum.Bins.Add(iv.Bins)
}

// loadCPU reads how many CPUs each workload without latency used.
func (tl *Timeline) loadCPU(f *results.Folder, t analysis.Treatment, blocks map[int]int) error {
	for _, number := range t.Trials {
		series, err := f.Series(number)
		if err != nil {
			return err
		}
		for workload, readings := range cpuReadings(series) {
			if _, has := tl.P99[workload]; has {
				continue
			}
			for _, s := range perSecond(readings) {
				add(tl.CPU, workload, blocks[number], s)
			}
		}
	}
	for workload, c := range tl.CPU {
		c.All = meanOf(c.Blocks)
		tl.CPU[workload] = c
	}
	return nil
}

// cpuReadings returns the counters of CPU time by workload, in order of time:
// that of the whole group where it is known, since it has threads that ended.
func cpuReadings(series []results.Sample) map[string][]results.Sample {
	readings := map[string][]results.Sample{}
	for _, metric := range []string{"cgroup.cpu", "cpu"} {
		found := map[string][]results.Sample{}
		for _, s := range series {
			if s.Metric == metric {
				found[s.Workload] = append(found[s.Workload], s)
			}
		}
		for workload, own := range found {
			if _, known := readings[workload]; !known {
				slices.SortStableFunc(own, func(a, b results.Sample) int { return cmp.Compare(a.Time, b.Time) })
				readings[workload] = own
			}
		}
	}
	return readings
}

// perSecond returns by how much a counter grew a second in each second of the
// window, from the first reading at or after its begin to the first at or after
// its end.
func perSecond(readings []results.Sample) []figures.Step {
	at := func(t float64) (results.Sample, bool) {
		i, _ := slices.BinarySearchFunc(readings, t, func(s results.Sample, t float64) int { return cmp.Compare(s.Time, t) })
		if i == len(readings) {
			return results.Sample{}, false
		}
		return readings[i], true
	}
	var steps []figures.Step
	for second := range longestTimeline {
		from, begun := at(float64(second))
		to, ended := at(float64(second + 1))
		if !begun || !ended {
			return steps
		}
		if to.Time > from.Time {
			steps = append(steps, figures.Step{
				Start: float64(second), End: float64(second + 1), Value: (to.Value - from.Value) / (to.Time - from.Time),
			})
		}
	}
	return steps
}

// meanOf returns the mean over the blocks in each second.
func meanOf(blocks map[int][]figures.Step) []figures.Step {
	sums, counts := map[float64]figures.Step{}, map[float64]float64{}
	for _, block := range slices.Sorted(maps.Keys(blocks)) {
		for _, s := range blocks[block] {
			counts[s.Start]++
			s.Value += sums[s.Start].Value
			sums[s.Start] = s
		}
	}
	var all []figures.Step
	for start, s := range sums {
		s.Value /= counts[start]
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b figures.Step) int { return cmp.Compare(a.Start, b.Start) })
	return all
}
