package workloads

import (
	"context"
	"fmt"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/workloads/burn"
)

// Spin keeps CPUs busy with integer operations and never sleeps: a neighbour
// that takes CPU time and nothing else.
type Spin struct {
	Threads int `json:"threads,omitempty" hcl:"threads,optional"` // 1…256
}

var _ Workload = (*Spin)(nil)

// SpinKind returns the kind "spin".
func SpinKind() Kind {
	return Kind{
		Name: "spin",
		New:  func() Workload { return &Spin{Threads: 1} },
		Metrics: burnMetrics("integer loop of czbench",
			"iterations of the loop, six integer operations each, over all threads"),
	}
}

// Check finds what is wrong with the attributes.
func (s *Spin) Check() []config.Problem { return threadProblems(s.Threads) }

// threadProblems finds what is wrong with a number of threads that is not left
// out.
func threadProblems(threads int) []config.Problem {
	if threads >= 1 && threads <= maxThreads {
		return nil
	}
	return []config.Problem{{
		Field: "threads", Summary: "Number of threads out of range",
		Detail: fmt.Sprintf("%d is out of range: write 1 to %d", threads, maxThreads),
	}}
}

// maxThreads is more than one machine can use.
const maxThreads = 256

// Missing is empty: every CPU has integers.
func (s *Spin) Missing(*host.Machine) []host.Missing { return nil }

// Prepare starts the engine in the zone.
func (s *Spin) Prepare(ctx context.Context, e Env) (Session, error) {
	return startBurn(ctx, e, burn.Config{Integer: true, Threads: s.Threads})
}
