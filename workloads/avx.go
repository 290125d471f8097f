package workloads

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/burn"
	"github.com/czbench/czbench/workloads/gate"
)

// AVX keeps the vector units of its zone busy with fused multiply-adds: a
// neighbour that takes CPU time, and on some CPUs frequency.
type AVX struct {
	Width     int    `json:"width,omitempty" hcl:"width,optional"`         // bits: 128, 256, 512; 0 is the widest that the CPU has
	Precision string `json:"precision,omitempty" hcl:"precision,optional"` // burn.Double or burn.Single
	Threads   int    `json:"threads,omitempty" hcl:"threads,optional"`     // 0 is one for each CPU of the zone
}

var _ Workload = (*AVX)(nil)

// AVXKind returns the kind "avx".
func AVXKind() Kind {
	const source = "vector loops of czbench"
	scalar := func(name, unit, help string) results.Metric {
		return results.Metric{
			Name: name, Unit: unit, Better: results.Higher, Kind: results.Scalar,
			Scale: results.Ratio, Source: source, Help: help,
		}
	}
	cpu := scalar("cpu", "1", "CPU time of the threads, CPU seconds a second")
	cpu.Better = results.Neutral
	return Kind{
		Name: "avx",
		New:  func() Workload { return &AVX{Precision: burn.Double} },
		Metrics: []results.Metric{
			scalar("rate", "1/s", "iterations of the loop, 12 vector instructions each, over all threads"),
			scalar("flops", "FLOP/s", "floating-point operations over all threads; a fused multiply-add is two"),
			cpu,
		},
	}
}

// Check finds what is wrong with the attributes.
func (a *AVX) Check() []config.Problem {
	var found []config.Problem
	if a.Width != 0 && !slices.Contains(burn.Widths(), a.Width) {
		found = append(found, config.Problem{
			Field: "width", Summary: "Unknown vector width",
			Detail: fmt.Sprintf("%d is not a vector width: write 128, 256 or 512, or leave it out for the widest that the CPU has", a.Width),
		})
	}
	if a.Precision != burn.Double && a.Precision != burn.Single {
		found = append(found, config.Problem{
			Field: "precision", Summary: "Unknown precision",
			Detail: fmt.Sprintf("%q is not a precision: write %q or %q", a.Precision, burn.Double, burn.Single),
		})
	}
	if a.Threads < 0 {
		found = append(found, config.Problem{
			Field: "threads", Summary: "Too few threads",
			Detail: fmt.Sprintf("%d threads cannot run: write 1 or more, or leave it out for one for each CPU of the zone", a.Threads),
		})
	}
	return found
}

// Missing says whether the CPU lacks the width.
func (a *AVX) Missing(*host.Machine) []host.Missing { return burn.Missing(a.Width) }

// Prepare starts the engine in the zone.
func (a *AVX) Prepare(ctx context.Context, e Env) (Session, error) {
	threads := a.Threads
	if threads == 0 {
		threads = max(e.CPUs, 1)
	}
	en, err := startEngine(ctx, e, "burn", burn.Config{Width: a.Width, Precision: a.Precision, Threads: threads})
	if err != nil {
		return nil, err
	}
	return &avxSession{engine: en, raw: filepath.Join(e.Dir, "burn.json")}, nil
}

type avxSession struct {
	*engine

	raw string // path of the engine's answer, thread by thread
}

// Run works through the window.
func (s *avxSession) Run(ctx context.Context, w gate.Window) (Measurement, error) {
	var answer json.RawMessage
	if err := s.run(ctx, w, &answer); err != nil {
		return Measurement{}, err
	}
	if err := os.WriteFile(s.raw, answer, 0o644); err != nil {
		return Measurement{}, err
	}
	var r burn.Result
	if err := json.Unmarshal(answer, &r); err != nil {
		return Measurement{}, fmt.Errorf("read result of engine burn: %w", err)
	}
	if r.Seconds <= 0 {
		return Measurement{}, fmt.Errorf("engine burn: the measured window is %g s long", r.Seconds)
	}
	total := r.Total()
	return Measurement{
		Scalars: map[string]float64{
			"rate":  total.Iterations / r.Seconds,
			"flops": total.Iterations * float64(r.FLOPs) / r.Seconds,
			"cpu":   total.CPUSeconds / r.Seconds,
		},
		Facts: map[string]string{
			"width":               strconv.Itoa(r.Width),
			"precision":           r.Precision,
			"threads":             strconv.Itoa(len(r.Threads)),
			"flops_per_iteration": strconv.FormatUint(r.FLOPs, 10),
		},
	}, nil
}
