package workloads

import (
	"context"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/kvload"
)

// OpenLoad sends requests at a given rate, whatever the server does. Latency
// counts from the intended send time.
type OpenLoad struct {
	Rate       float64 `json:"rate" hcl:"rate"`                                  // requests a second
	Arrivals   string  `json:"arrivals,omitempty" hcl:"arrivals,optional"`       // kvload.Poisson or kvload.Uniform
	Clients    int     `json:"clients,omitempty" hcl:"clients,optional"`         // connections of each thread
	Threads    int     `json:"threads,omitempty" hcl:"threads,optional"`         // of the generator
	Ratio      string  `json:"ratio,omitempty" hcl:"ratio,optional"`             // SET:GET
	DataSize   int     `json:"data_size,omitempty" hcl:"data_size,optional"`     // of a value, bytes
	Keys       int     `json:"keys,omitempty" hcl:"keys,optional"`               // how many
	KeyPattern string  `json:"key_pattern,omitempty" hcl:"key_pattern,optional"` // SET:GET, each R, S or P
}

var _ Workload = (*OpenLoad)(nil)

// OpenKind returns the load "open".
func OpenKind() Kind {
	const source = "open loop of czbench, from the intended send time"
	metrics := append(LoadMetrics(source),
		results.Metric{
			Name: "offered", Unit: "1/s", Better: results.Neutral, Kind: results.Scalar, Scale: results.Ratio,
			Source: source, Help: "requests that the schedule intended, a second",
		},
		results.Metric{
			Name: "lateness.p99", Unit: "s", Better: results.Lower, Kind: results.Scalar, Scale: results.Ratio,
			Source: source, Help: "p99 of the actual minus the intended send time: the generator's own delay",
		})
	return Kind{
		Name: "open", Metrics: metrics,
		New: func() Workload {
			return &OpenLoad{
				Arrivals: kvload.Poisson, Clients: 50, Threads: 1,
				Ratio: "1:10", DataSize: 32, Keys: defaultKeys, KeyPattern: "R:R",
			}
		},
	}
}

// Check finds what is wrong with the attributes.
func (l *OpenLoad) Check() []config.Problem {
	found := kvProblems(l.engine())
	if l.Rate == 0 { // the engine takes that as a closed loop
		found = append(found, config.Problem{
			Field: "rate", Summary: "Unsuitable load", Detail: "an open loop needs a rate: write requests a second, such as 10000",
		})
	}
	return found
}

// Missing is empty: the generator is part of czbench.
func (l *OpenLoad) Missing(*host.Machine) []host.Missing { return nil }

// Dataset returns the keys that the load asks for.
func (l *OpenLoad) Dataset() Dataset { return kvDataset(l.engine()) }

// Prepare starts the generator in the zone. Asked to saturate, it runs closed.
func (l *OpenLoad) Prepare(ctx context.Context, e Env) (Session, error) {
	cfg := l.engine()
	if e.Saturate {
		cfg.Rate = 0
	}
	return startKVLoad(ctx, e, cfg)
}

// Saturated returns what still matters when the load runs closed: not the rate.
func (l *OpenLoad) Saturated() any {
	c := *l
	c.Rate, c.Arrivals = 0, ""
	return &c
}

// engine returns l as a configuration without a target.
func (l *OpenLoad) engine() kvload.Config {
	cfg := kvload.Default()
	cfg.Rate, cfg.Arrivals = l.Rate, l.Arrivals
	cfg.Clients, cfg.Threads = l.Clients, l.Threads
	cfg.Ratio, cfg.DataSize = l.Ratio, l.DataSize
	cfg.KeyMax, cfg.KeyPattern = int64(l.Keys)-1, l.KeyPattern
	return cfg
}
