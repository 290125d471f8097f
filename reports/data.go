package reports

import (
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
	d.Latency = make([]map[string]*hdrhistogram.Histogram, len(a.Treatments))
	d.Timelines = make([]Timeline, len(a.Treatments))
	if len(sinesOf(d.Run)) > 0 {
		d.Sines = make([]map[string]Sine, len(a.Treatments))
	}
	if len(runqWorkloads(d.Run)) > 0 {
		d.Waits = make([]map[string][]figures.Bucket, len(a.Treatments))
	}
	blocks := map[int]int{}
	for _, t := range d.Trials {
		blocks[t.Number] = t.Block
	}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range a.Treatments {
		group.Go(func() error { return d.loadTreatment(f, i, blocks) })
	}
	return d, group.Wait()
}

// loadTreatment reads what is of treatment i. blocks has the block of each trial
// by its number.
func (d *Data) loadTreatment(f *results.Folder, i int, blocks map[int]int) (err error) {
	t := d.Analysis.Treatments[i]
	d.Latency[i], err = f.Merged(t.Trials...)
	if err == nil && len(t.Phases) > 0 {
		d.Timelines[i], err = loadTimeline(f, t, blocks)
	}
	if err == nil && d.Sines != nil {
		d.Sines[i], err = loadSine(f, t, blocks, d.Run)
	}
	if err == nil && d.Waits != nil {
		d.Waits[i], err = waitsOf(f, t.Trials)
	}
	return err
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
