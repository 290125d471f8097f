package workloads

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/gate"
	"github.com/czbench/czbench/workloads/periodic"
)

// Periodic is a task that wakes up at fixed points in time, does the same work
// every time and sleeps until the next. Its latency is its response time: from
// the intended wake-up to the end of the work.
type Periodic struct {
	Period  units.Duration `json:"period,omitempty" hcl:"period,optional"`   // 50us…10s
	Work    units.Duration `json:"work" hcl:"work,optional"`                 // CPU time in each period, less than Period; 0 is none
	Threads int            `json:"threads,omitempty" hcl:"threads,optional"` // 1…256, which wake up at the same points
}

var _ Workload = (*Periodic)(nil)

// PeriodicKind returns the kind "periodic".
func PeriodicKind() Kind {
	return Kind{
		Name: "periodic", Metrics: periodicMetrics(),
		New: func() Workload {
			return &Periodic{Period: units.Duration(2 * time.Millisecond), Work: units.Duration(200 * time.Microsecond), Threads: 1}
		},
	}
}

// periodicMetrics are those of the latency as loads have them, and the wake-up's
// own.
func periodicMetrics() []results.Metric {
	const source = "periodic task of czbench, from the intended wake-up"
	metrics := slices.DeleteFunc(LoadMetrics(source), func(m results.Metric) bool {
		return m.Name != "rate" && !strings.HasPrefix(m.Name, "latency.") && !strings.HasPrefix(m.Name, "slo.")
	})
	for i, m := range metrics {
		switch m.Name {
		case "rate":
			metrics[i].Help = "periods whose work was done, a second"
		case "slo.attained":
			metrics[i].Help = "share of periods inside the SLO's bound; of several bounds the least"
		}
	}
	metric := func(name, unit string, better results.Direction, help string) results.Metric {
		return results.Metric{
			Name: name, Unit: unit, Better: better, Kind: results.Scalar, Scale: results.Ratio, Source: source, Help: help,
		}
	}
	missed := metric("missed", "1", results.Lower, "periods whose work had not ended when the next one was due")
	missed.Scale = results.Difference
	return append(metrics,
		metric("wakeup.p50", "s", results.Lower, "median of the actual minus the intended wake-up"),
		metric("wakeup.p99", "s", results.Lower, "99th percentile of the actual minus the intended wake-up"),
		metric("wakeup.p999", "s", results.Lower, "99.9th percentile of the actual minus the intended wake-up"),
		metric("wakeup.max", "s", results.Lower, "greatest of the actual minus the intended wake-up"),
		missed,
		metric("cpu", "1", results.Neutral, "CPU time of the threads, CPU seconds a second"))
}

// Check finds what is wrong with the attributes.
func (p *Periodic) Check() []config.Problem {
	const least, most = 50 * time.Microsecond, 10 * time.Second
	found := threadProblems(p.Threads)
	if period := p.Period.Std(); period < least || period > most {
		found = append(found, config.Problem{
			Field: "period", Summary: "Period out of range",
			Detail: fmt.Sprintf("%s is out of range: write %s to %s", period, least, most),
		})
	}
	if p.Work < 0 || p.Work >= p.Period {
		found = append(found, config.Problem{
			Field: "work", Summary: "Work out of range",
			Detail: fmt.Sprintf("%s does not fit into a period of %s: write less, or 0s for none", p.Work, p.Period),
		})
	}
	return found
}

// Missing is empty: the task is part of czbench.
func (p *Periodic) Missing(*host.Machine) []host.Missing { return nil }

// Prepare starts the engine in the zone.
func (p *Periodic) Prepare(ctx context.Context, e Env) (Session, error) {
	if err := checkSLO(e.SLO); err != nil {
		return nil, err
	}
	en, err := startEngine(ctx, e, "periodic", periodic.Config{
		Period: p.Period.Std().Nanoseconds(), Work: p.Work.Std().Nanoseconds(), Threads: p.Threads,
	})
	if err != nil {
		return nil, err
	}
	return &periodicSession{engine: en, threads: p.Threads, slo: e.SLO, raw: filepath.Join(e.Dir, "periodic.json")}, nil
}

// periodicSession is a task that waits at its gate.
type periodicSession struct {
	*engine

	threads int
	slo     map[string]float64
	raw     string // path of the engine's answer
}

// Run works through the window.
func (s *periodicSession) Run(ctx context.Context, w gate.Window) (Measurement, error) {
	var r periodic.Result
	if err := s.run(ctx, w, answer{path: s.raw, into: &r}); err != nil {
		return Measurement{}, err
	}
	return s.measurement(&r)
}

// measurement turns the engine's answer into what a trial records.
func (s *periodicSession) measurement(r *periodic.Result) (Measurement, error) {
	m := Measurement{Facts: map[string]string{
		"threads":         strconv.Itoa(s.threads),
		"work.iterations": strconv.FormatUint(r.Iterations, 10),
		"work.cost":       strconv.FormatFloat(r.Cost, 'g', 4, 64), // s of CPU time for an iteration
	}}
	if r.Periods == 0 {
		m.Invalid = "no period began in the window"
		return m, nil
	}
	for _, iv := range r.Intervals {
		h, err := iv.Response.Histogram.Dense()
		if err != nil {
			return m, err
		}
		m.Latency = append(m.Latency, results.Interval{Start: iv.Start, End: iv.End, Hist: h})
	}
	wakeup, response, err := r.Total()
	if err != nil {
		return m, err
	}
	if m.Scalars, err = LatencyScalars(m.Latency); err != nil {
		return m, err
	}
	m.Scalars["latency.mean"], m.Scalars["latency.max"] = response.Sum/float64(response.Count), response.Max
	m.Scalars["wakeup.p50"], m.Scalars["wakeup.p99"] = wakeup.Histogram.Quantile(0.5), wakeup.Histogram.Quantile(0.99)
	m.Scalars["wakeup.p999"], m.Scalars["wakeup.max"] = wakeup.Histogram.Quantile(0.999), wakeup.Max
	m.Scalars["rate"] = float64(r.Done) / r.Seconds
	m.Scalars["missed"] = float64(r.Missed)
	m.Scalars["cpu"] = r.CPUSeconds / r.Seconds
	if r.Unfinished > 0 {
		m.Warnings = append(m.Warnings, fmt.Sprintf(
			"the task could not keep up: %d of %d periods had not begun 2 s after the window; they count with the time until then", r.Unfinished, r.Periods))
	}
	attained, err := SLOScalars(m.Latency, SLO{Bounds: s.slo})
	maps.Copy(m.Scalars, attained)
	return m, err
}
