package results

import "fmt"

// Phase is one part of a measured window, with a strategy of its own. Times are
// in seconds since the begin of the window.
type Phase struct {
	Name     string  `json:"name"`
	Strategy string  `json:"strategy"`
	Start    float64 `json:"start"`
	End      float64 `json:"end"`
	// Attached is when the strategy had taken effect: Start for the first phase,
	// whose strategy was in effect before the window, a little later for others.
	Attached float64 `json:"attached"`
}

// PhasePrefix begins the name of every value of a phase.
const PhasePrefix = "phase."

// PhaseMetric names a metric of one phase: "phase.burst.kv.latency.p99". The
// metric is declared like the one of the whole window, by this name.
func PhaseMetric(phase, metric string) string { return PhasePrefix + phase + "." + metric }

// check refuses phases that are no parts of a window.
func (p Phase) check() error {
	if p.Start < 0 || p.End <= p.Start || p.End > maxLogSeconds || p.Attached < p.Start {
		return fmt.Errorf("phase %q from %g s to %g s, in effect at %g s, is not a part of a window", p.Name, p.Start, p.End, p.Attached)
	}
	return nil
}
