package workloads

import (
	"context"
	"fmt"
	"slices"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/workloads/burn"
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
	metrics := burnMetrics("vector loops of czbench", "iterations of the loop, 12 vector instructions each, over all threads")
	flops := metrics[0]
	flops.Name, flops.Unit, flops.Help = "flops", "FLOP/s", "floating-point operations over all threads; a fused multiply-add is two"
	return Kind{
		Name:    "avx",
		New:     func() Workload { return &AVX{Precision: burn.Double} },
		Metrics: slices.Insert(metrics, 1, flops),
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
	return startBurn(ctx, e, burn.Config{Width: a.Width, Precision: a.Precision, Threads: threads})
}
