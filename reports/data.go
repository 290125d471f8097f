package reports

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/sync/errgroup"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/analysis/history"
	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/results"
)

// Data is everything that a report is made of.
type Data struct {
	Run      results.Run
	Analysis *analysis.Analysis
	Trials   []results.Trial   // all of them, also those that are not ok
	Sources  map[string][]byte // scenario files by name
	// Latency holds, for each of Analysis.Treatments, the latency of each
	// workload merged over the used trials, in microseconds.
	Latency []map[string]*hdrhistogram.Histogram
	// Timelines holds, for each of Analysis.Treatments that has phases, what it
	// gave over time.
	Timelines []Timeline
	// Sines holds, for each of Analysis.Treatments, what each workload of kind
	// "sine" wanted and got over time; nil when the run has none.
	Sines []map[string]Sine
	// Waits holds, for each of Analysis.Treatments, the run-queue latency of each
	// workload over the used trials; nil when the run has none.
	Waits []map[string][]figures.Bucket
	// History holds the course of each compared metric over the runs of the
	// scenario; it is not of the run's folder, and empty unless it is asked for.
	History []history.Course
	// of is the metric or workload that a figure is asked for; empty for all.
	of string
	// TrialDir returns the folder of a trial, relative to the run folder.
	TrialDir func(number int) string
}

// Load reads from f what a report of a needs.
func Load(f *results.Folder, a *analysis.Analysis) (Data, error) {
	d := Data{Run: f.Run(), Analysis: a, TrialDir: f.TrialDir}
	var err error
	if d.Trials, err = f.Trials(); err != nil {
		return d, fmt.Errorf("read trials of run %s: %w", a.RunID, err)
	}
	if d.Sources, err = f.Sources(); err != nil {
		return d, err
	}
	if err := errors.Join(loadSines(f, &d), loadWaits(f, &d)); err != nil {
		return d, err
	}
	d.Latency = make([]map[string]*hdrhistogram.Histogram, len(a.Treatments))
	d.Timelines = make([]Timeline, len(a.Treatments))
	blocks := map[int]int{}
	for _, t := range d.Trials {
		blocks[t.Number] = t.Block
	}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, t := range a.Treatments {
		group.Go(func() error {
			var err error
			if d.Latency[i], err = f.Merged(t.Trials...); err == nil && len(t.Phases) > 0 {
				d.Timelines[i], err = loadTimeline(f, t, blocks)
			}
			return err
		})
	}
	return d, group.Wait()
}

// SLO returns the bounds that a run's latency-critical workloads have, in base
// units, by metric ("kv.latency.p99").
func SLO(run results.Run) map[string]float64 {
	bounds := map[string]float64{}
	for _, w := range run.Workloads {
		for metric, bound := range w.SLO {
			bounds[w.Name+"."+metric] = bound
		}
	}
	return bounds
}
