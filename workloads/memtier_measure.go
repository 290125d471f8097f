package workloads

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"strconv"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/gate"
)

// memtierLate is how long after the measured window memtier may end without a
// warning, in seconds.
const memtierLate = 0.1

// measurement turns the files of a measured call into a Measurement.
func (s *memtierSession) measurement(run memtierRun, w gate.Window) (Measurement, error) {
	f, err := s.files()
	if err != nil {
		return Measurement{}, fmt.Errorf("%w%s", err, lastWords(s.path("memtier-stderr.txt")))
	}
	start := float64(run.launch-w.Begin) / 1e9
	inside := max(start, 0) // an interval is a part of the window; the fact says where it truly was
	m := Measurement{
		Latency: []results.Interval{{Start: inside, End: inside + float64(run.seconds), Hist: f.latency}},
		Facts: map[string]string{
			"load.loop":       "closed",
			"load.threads":    strconv.Itoa(s.m.Threads),
			"load.clients":    strconv.Itoa(s.m.Threads * s.m.Clients),
			"load.resolution": strconv.FormatInt(f.resolution, 10) + "us",
			"load.window":     fmt.Sprintf("%d s from %+.3f s", run.seconds, start),
		},
		Warnings: memtierWarnings(f, float64(run.end()-w.End)/1e9),
	}
	m.Scalars, err = s.scalars(f, run, m.Latency)
	return m, err
}

// scalars computes the metrics of a measured call.
func (s *memtierSession) scalars(f memtierFiles, run memtierRun, latency []results.Interval) (map[string]float64, error) {
	requests, err := f.report.whole(run.seconds)
	if err != nil {
		return nil, err
	}
	scalars, err := LatencyScalars(latency)
	if err != nil {
		return nil, err
	}
	attained, err := SLOScalars(latency, SLO{Bounds: s.e.SLO, Lost: f.report.Errors})
	if err != nil {
		return nil, err
	}
	delete(attained, "slo.intervals") // memtier gives no latency of single seconds
	maps.Copy(scalars, attained)
	scalars["rate"] = float64(requests) / float64(run.seconds)
	scalars["errors"] = float64(f.report.Errors)
	scalars["generator.cpu"] = run.cpu / float64(run.seconds)
	if gets := f.report.Hits + f.report.Misses; gets > 0 {
		scalars["hit_ratio"] = f.report.Hits / gets
	}
	return scalars, nil
}

// memtierWarnings says what a reader of the numbers has to know; late is how
// long after the window memtier ended, in seconds.
func memtierWarnings(f memtierFiles, late float64) []string {
	warnings := []string{fmt.Sprintf("memtier counts latency in steps of %d µs", f.resolution)}
	if f.report.Errors > 0 {
		warnings = append(warnings, fmt.Sprintf("memtier had %d connection errors", f.report.Errors))
	}
	if late > memtierLate {
		warnings = append(warnings, fmt.Sprintf("memtier came up late and ended %.2f s after the measured window", late))
	}
	return warnings
}

// memtierFiles is what a measured call has left.
type memtierFiles struct {
	report     memtierReport
	latency    *hdrhistogram.Histogram
	resolution int64 // of memtier's own histogram, µs
}

// files reads what the measured call has left. Exit status 0 says nothing: a
// memtier that was refused exits so too, with a count of 0.
func (s *memtierSession) files() (f memtierFiles, err error) {
	json, err := os.Open(s.path("memtier.json"))
	if err != nil {
		return f, err
	}
	defer func() { _ = json.Close() }()
	if f.report, err = parseMemtier(json); err != nil {
		return f, err
	}
	switch {
	case f.report.Count == 0:
		return f, errors.New("memtier got no reply to any request")
	case f.report.Interrupted:
		return f, errors.New("memtier was interrupted")
	}
	hgrm, err := os.Open(s.path("memtier-hdr_FULL_RUN_1.hgrm"))
	if err != nil {
		return f, err
	}
	defer func() { _ = hgrm.Close() }()
	f.latency, f.resolution, err = parseMemtierLatency(hgrm)
	if err == nil && f.latency.TotalCount() != f.report.Count {
		err = fmt.Errorf("memtier's histogram holds %d requests of %d", f.latency.TotalCount(), f.report.Count)
	}
	return f, err
}
