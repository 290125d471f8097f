package workloads

import (
	"context"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/workloads/kvload"
)

// ClosedLoad keeps a number of requests outstanding on every connection, as
// memtier does: the next is sent when one is answered. A slow server is sent
// less, so that its latency looks better than its users would find it.
type ClosedLoad struct {
	Threads    int    `json:"threads,omitempty" hcl:"threads,optional"`         // of the generator
	Clients    int    `json:"clients,omitempty" hcl:"clients,optional"`         // connections of each thread
	Pipeline   int    `json:"pipeline,omitempty" hcl:"pipeline,optional"`       // requests outstanding on each
	Ratio      string `json:"ratio,omitempty" hcl:"ratio,optional"`             // SET:GET
	DataSize   int    `json:"data_size,omitempty" hcl:"data_size,optional"`     // of a value, bytes
	Keys       int    `json:"keys,omitempty" hcl:"keys,optional"`               // how many
	KeyPattern string `json:"key_pattern,omitempty" hcl:"key_pattern,optional"` // SET:GET, each R, S or P
}

var _ Workload = (*ClosedLoad)(nil)

// ClosedKind returns the load "closed".
func ClosedKind() Kind {
	return Kind{
		Name: "closed", Metrics: LoadMetrics("closed loop of czbench, from the actual send time"),
		New: func() Workload {
			return &ClosedLoad{
				Threads: 1, Clients: 50, Pipeline: 1,
				Ratio: "1:10", DataSize: 32, Keys: defaultKeys, KeyPattern: "R:R",
			}
		},
	}
}

// Check finds what is wrong with the attributes.
func (l *ClosedLoad) Check() []config.Problem { return kvProblems(l.engine()) }

// Missing is empty: the generator is part of czbench.
func (l *ClosedLoad) Missing(*host.Machine) []host.Missing { return nil }

// Dataset returns the keys that the load asks for.
func (l *ClosedLoad) Dataset() Dataset { return kvDataset(l.engine()) }

// Prepare starts the generator in the zone. It saturates the server anyway.
func (l *ClosedLoad) Prepare(ctx context.Context, e Env) (Session, error) {
	return startKVLoad(ctx, e, l.engine())
}

// engine returns l as a configuration without a target.
func (l *ClosedLoad) engine() kvload.Config {
	cfg := kvload.Default()
	cfg.Threads, cfg.Clients, cfg.Pipeline = l.Threads, l.Clients, l.Pipeline
	cfg.Ratio, cfg.DataSize = l.Ratio, l.DataSize
	cfg.KeyMax, cfg.KeyPattern = int64(l.Keys)-1, l.KeyPattern
	return cfg
}
