package results

import "strings"

// Endings of the derived metrics that belong to one workload, and the derived
// metrics of the machine.
const (
	SlowdownSuffix = ".slowdown"
	YieldSuffix    = ".yield"
	MetricEMU      = "machine.emu"
	MetricSpeedup  = "machine.speedup"
	MetricFairness = "machine.fairness"
)

// Derived declares the metrics that the analysis computes from a trial and its
// controls, block by block: the slowdown of each LC, the yield of each BE, and
// where there is both the effective machine utilisation, the weighted speed-up
// (Snavely & Tullsen 2000) and the fairness (Jain, Chiu & Hawe 1984). Their order is that of
// ws, the machine's metrics last.
func Derived(ws []Workload) []Metric {
	var metrics []Metric
	roles := map[string]bool{}
	for _, w := range ws {
		roles[w.Role] = true
		switch w.Role {
		case RoleLC:
			metrics = append(metrics, Metric{
				Name: w.Name + SlowdownSuffix, Unit: "1", Better: Lower, Kind: Scalar, Scale: Ratio,
				Source: "analysis, control lc-alone",
				Help:   "latency of " + w.Name + " in colocation over its latency alone, in the metric of its SLO, else latency.p99",
			})
		case RoleBE:
			metrics = append(metrics, Metric{
				Name: w.Name + YieldSuffix, Unit: "1", Better: Higher, Kind: Scalar, Scale: Ratio,
				Source: "analysis, control be-alone",
				Help:   "rate of " + w.Name + " in colocation over its rate alone",
			})
		}
	}
	if roles[RoleLC] && roles[RoleBE] {
		metrics = append(metrics, Metric{
			Name: MetricEMU, Unit: "1", Better: Higher, Kind: Scalar, Scale: Difference,
			Source: "analysis, controls lc-max and be-alone",
			Help:   "effective machine utilisation: LC load over its maximum plus BE yield; 0 where the SLO does not hold",
		}, Metric{
			Name: MetricSpeedup, Unit: "1", Better: Higher, Kind: Scalar, Scale: Ratio,
			Source: "analysis, controls lc-alone and be-alone",
			Help:   "weighted speed-up: the sum of what each workload keeps of its progress alone, 1/slowdown of an LC and the yield of a BE",
		}, Metric{
			Name: MetricFairness, Unit: "1", Better: Higher, Kind: Scalar, Scale: Difference,
			Source: "analysis, controls lc-alone and be-alone",
			Help:   "Jain's index over what each workload keeps of its progress alone: 1 when all suffer alike, 1/n when one has everything",
		})
	}
	return metrics
}

// NeededControls names the controls that a derived metric is relative to. It is
// empty for a metric that is measured.
func NeededControls(metric string) []string {
	switch {
	case metric == MetricEMU:
		return []string{ControlBEAlone, ControlLCMax}
	case metric == MetricSpeedup, metric == MetricFairness:
		return []string{ControlLCAlone, ControlBEAlone}
	case strings.HasSuffix(metric, SlowdownSuffix):
		return []string{ControlLCAlone}
	case strings.HasSuffix(metric, YieldSuffix):
		return []string{ControlBEAlone}
	}
	return nil
}
