package reports

import (
	"cmp"
	"slices"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/results"
)

const sineKind = "sine"

// longestSine is how many readings a line of a figure has at most: of longer
// windows, neighbours are averaged.
const longestSine = 240

// Sine is the share of a CPU that a workload wanted and got over time.
type Sine struct {
	Wanted, Achieved Course
}

// sinesOf returns the names of the workloads of a run that follow a sine.
func sinesOf(run results.Run) []string {
	var names []string
	for _, w := range run.Workloads {
		if w.Kind == sineKind {
			names = append(names, w.Name)
		}
	}
	return names
}

// loadSine reads the sines of one treatment, by workload. blocks has the block
// of each trial by its number.
func loadSine(f *results.Folder, t analysis.Treatment, blocks map[int]int, run results.Run) (map[string]Sine, error) {
	wanted, achieved := map[string]Course{}, map[string]Course{}
	for _, number := range t.Trials {
		series, err := f.Series(number)
		if err != nil {
			return nil, err
		}
		for _, name := range sinesOf(run) {
			for _, s := range stepsOf(series, name, results.SineWanted, run.Measure) {
				add(wanted, name, blocks[number], s)
			}
			for _, s := range stepsOf(series, name, results.SineAchieved, run.Measure) {
				add(achieved, name, blocks[number], s)
			}
		}
	}
	sines := map[string]Sine{}
	for _, name := range sinesOf(run) {
		s := Sine{Wanted: wanted[name], Achieved: achieved[name]}
		s.Wanted.All, s.Achieved.All = meanOf(s.Wanted.Blocks), meanOf(s.Achieved.Blocks)
		sines[name] = s
	}
	return sines, nil
}

// stepsOf returns one metric of a workload over time, in order. A reading holds
// until the next one, the last until the end of what is drawn.
func stepsOf(series []results.Sample, workload, metric string, length float64) []figures.Step {
	length = min(length, longestTimeline)
	var steps []figures.Step
	for _, s := range series {
		if s.Workload == workload && s.Metric == metric && s.Time >= 0 && s.Time < length {
			steps = append(steps, figures.Step{Start: s.Time, Value: s.Value})
		}
	}
	slices.SortStableFunc(steps, func(a, b figures.Step) int { return cmp.Compare(a.Start, b.Start) })
	for i := range steps {
		steps[i].End = length
		if i+1 < len(steps) {
			steps[i].End = steps[i+1].Start
		}
	}
	return thinned(steps)
}

// thinned returns steps, of which neighbours were averaged until there are few
// enough for a figure.
func thinned(steps []figures.Step) []figures.Step {
	every := (len(steps) + longestSine - 1) / longestSine
	if every <= 1 {
		return steps
	}
	var thin []figures.Step
	for part := range slices.Chunk(steps, every) {
		thin = append(thin, figures.Step{Start: part[0].Start, End: part[len(part)-1].End, Value: meanValue(part)})
	}
	return thin
}

// meanValue returns the mean of steps over their time; 0 where they have none.
func meanValue(steps []figures.Step) float64 {
	sum, length := 0.0, 0.0
	for _, s := range steps {
		sum += s.Value * (s.End - s.Start)
		length += s.End - s.Start
	}
	if length <= 0 {
		return 0
	}
	return sum / length
}
