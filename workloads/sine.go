package workloads

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/gate"
	"github.com/czbench/czbench/workloads/sine"
)

// Sine wants a share of a CPU that rises and falls as a sine does, and shows how
// much of it a strategy lets it have. The sine begins with the measured window.
type Sine struct {
	Period    units.Duration `json:"period,omitempty" hcl:"period,optional"`   // 100ms…10m
	Mean      float64        `json:"mean" hcl:"mean,optional"`                 // share of a CPU, above 0
	Amplitude float64        `json:"amplitude" hcl:"amplitude,optional"`       // share of a CPU; mean ± amplitude is in 0…1
	Threads   int            `json:"threads,omitempty" hcl:"threads,optional"` // 1…256, which rise and fall together
}

var _ Workload = (*Sine)(nil)

// SineKind returns the kind "sine".
func SineKind() Kind {
	const source = "sine load of czbench, CLOCK_THREAD_CPUTIME_ID"
	metric := func(name string, better results.Direction, scale results.Scale, help string) results.Metric {
		return results.Metric{Name: name, Unit: "1", Better: better, Kind: results.Scalar, Scale: scale, Source: source, Help: help}
	}
	return Kind{
		Name: "sine",
		New: func() Workload {
			return &Sine{Period: units.Duration(10 * time.Second), Mean: 0.5, Amplitude: 0.4, Threads: 1}
		},
		Metrics: []results.Metric{
			metric("rate", results.Higher, results.Ratio, "CPU seconds of work a second, over all threads"),
			metric(results.SineWanted, results.Neutral, results.Ratio, "share of a CPU that a thread wanted; also as a series"),
			metric(results.SineAchieved, results.Higher, results.Ratio, "share of a CPU that a thread got, mean over the threads; also as a series"),
			metric("deficit", results.Lower, results.Difference, "share of a CPU that a thread wanted and did not get"),
		},
	}
}

// Check finds what is wrong with the attributes.
func (s *Sine) Check() []config.Problem {
	const least, most = time.Duration(sine.MinPeriod), 10 * time.Minute
	found := threadProblems(s.Threads)
	if period := s.Period.Std(); period < least || period > most {
		found = append(found, config.Problem{
			Field: "period", Summary: "Period out of range",
			Detail: fmt.Sprintf("%s is out of range: write %s to %s", period, least, most),
		})
	}
	if !(s.Mean > 0 && s.Mean <= 1) {
		return append(found, config.Problem{
			Field: "mean", Summary: "Share of a CPU out of range",
			Detail: fmt.Sprintf("%g is not a share of a CPU that can be had: write more than 0 and at most 1", s.Mean),
		})
	}
	const rounding = 1e-9
	if room := min(s.Mean, 1-s.Mean); !(s.Amplitude >= 0 && s.Amplitude <= room+rounding) {
		found = append(found, config.Problem{
			Field: "amplitude", Summary: "Share of a CPU out of range",
			Detail: fmt.Sprintf("around %g an amplitude of %g leaves 0…1: write 0 to %.4g, or another mean", s.Mean, s.Amplitude, room),
		})
	}
	return found
}

// Missing is empty: every CPU has integers.
func (s *Sine) Missing(*host.Machine) []host.Missing { return nil }

// Prepare starts the engine in the zone.
func (s *Sine) Prepare(ctx context.Context, e Env) (Session, error) {
	en, err := startEngine(ctx, e, "sine", sine.Config{
		Period: s.Period.Std().Nanoseconds(), Mean: s.Mean, Amplitude: s.Amplitude, Threads: s.Threads,
	})
	if err != nil {
		return nil, err
	}
	return &sineSession{engine: en, raw: filepath.Join(e.Dir, "sine.json")}, nil
}

// sineSession is a load that waits at its gate.
type sineSession struct {
	*engine

	raw string // path of the engine's answer, thread by thread
}

// Run works through the window.
func (s *sineSession) Run(ctx context.Context, w gate.Window) (Measurement, error) {
	var r sine.Result
	if err := s.run(ctx, w, answer{path: s.raw, into: &r}); err != nil {
		return Measurement{}, err
	}
	return sineMeasurement(&r), nil
}

// sineMeasurement turns the engine's answer into what a trial records.
func sineMeasurement(r *sine.Result) Measurement {
	got := r.Achieved()
	wanted, achieved := r.Mean(r.Wanted), r.Mean(got)
	m := Measurement{
		Scalars: map[string]float64{
			"rate": r.CPUSeconds() / r.Seconds, results.SineWanted: wanted, results.SineAchieved: achieved, "deficit": wanted - achieved,
		},
		Facts: map[string]string{"threads": strconv.Itoa(len(r.Threads))},
	}
	for i := range got {
		at := float64(i) * r.Bin
		m.Series = append(m.Series,
			results.Sample{Time: at, Metric: results.SineWanted, Value: r.Wanted[i]},
			results.Sample{Time: at, Metric: results.SineAchieved, Value: got[i]})
	}
	return m
}
