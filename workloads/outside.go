package workloads

import (
	"context"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/workloads/gate"
	"github.com/czbench/czbench/workloads/kvload"
)

// Reachable is implemented by a service that can be driven from outside its
// machine.
type Reachable interface {
	// Ports returns the TCP ports at which it then listens.
	Ports() []int
}

var _ Reachable = (*Redis)(nil)

// Outside stands in a guest for a load that drives a service there from outside:
// it names the keys of that load, so that the service is filled with them, and
// keeps the service up until the load's last reply. The load itself is prepared
// outside, with Env.Target where the service is reached. It is no kind for
// scenarios.
type Outside struct {
	Keys Dataset `json:"keys"`
}

var (
	_ Workload = (*Outside)(nil)
	_ dataset  = (*Outside)(nil)
)

// OutsideKind returns the load kind "outside".
func OutsideKind() Kind {
	return Kind{Name: "outside", New: func() Workload { return &Outside{} }}
}

// NewOutside returns what stands in a guest for load.
func NewOutside(load Workload) *Outside { return &Outside{Keys: datasetOf(load)} }

// outsideSlack is how much later than the load's own clock says its last reply
// may come, ns.
const outsideSlack = 500e6

// Missing is empty: it does nothing.
func (o *Outside) Missing(*host.Machine) []host.Missing { return nil }

// Dataset returns the keys that the load asks for.
func (o *Outside) Dataset() Dataset { return o.Keys }

// Prepare has nothing to do.
func (o *Outside) Prepare(context.Context, Env) (Session, error) { return outsideSession{}, nil }

type outsideSession struct{}

// Run waits until the load can have no reply any more.
func (outsideSession) Run(ctx context.Context, w gate.Window) (Measurement, error) {
	if !gate.SleepUntil(ctx.Done(), w.End+kvload.DrainLimit+outsideSlack) {
		return Measurement{}, context.Cause(ctx)
	}
	return Measurement{}, nil
}

// Close has nothing to do.
func (outsideSession) Close(context.Context) error { return nil }
