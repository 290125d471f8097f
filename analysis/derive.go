package analysis

import (
	"maps"
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

const (
	defaultLatency = "latency.p99"
	rateMetric     = "rate"
)

// derive adds slowdown, yield, EMU, weighted speed-up and fairness to every trial of a colocation, from the
// controls of its own block. A control is no colocation, but for the A/A one.
func (t *table) derive() {
	for _, tr := range t.treatments {
		if tr.Control != "" && tr.Control != results.ControlAA {
			continue
		}
		for _, b := range t.blocks {
			if obs := tr.byBlock[b]; obs != nil {
				t.deriveOne(tr, obs, b)
			}
		}
	}
}

func (t *table) deriveOne(tr *treatment, obs *observation, block int) {
	lcAlone := t.control(results.ControlLCAlone, tr, block)
	beAlone := t.control(results.ControlBEAlone, tr, block)
	for _, w := range t.run.Workloads {
		switch w.Role {
		case results.RoleLC:
			obs.setRatio(w.Name+results.SlowdownSuffix, lcAlone, w.Name+"."+latencyMetric(w))
		case results.RoleBE:
			obs.setRatio(w.Name+results.YieldSuffix, beAlone, w.Name+"."+rateMetric)
		}
	}
	if emu, ok := t.emu(obs, t.control(results.ControlLCMax, tr, block), beAlone); ok {
		obs.values[results.MetricEMU] = emu
	}
	t.deriveProgress(obs)
}

// deriveProgress adds weighted speed-up and fairness from the slowdowns and
// yields of a trial, where every workload has its own.
func (t *table) deriveProgress(obs *observation) {
	progress := make([]float64, 0, len(t.run.Workloads))
	for _, w := range t.run.Workloads {
		kept, ok := obs.values[w.Name+results.YieldSuffix]
		if w.Role == results.RoleLC {
			var slowdown float64
			slowdown, ok = obs.values[w.Name+results.SlowdownSuffix]
			kept = 1 / slowdown
		}
		if !ok || !finite(kept) {
			return
		}
		progress = append(progress, kept)
	}
	if len(t.workloads(results.RoleLC)) == 0 || len(t.workloads(results.RoleBE)) == 0 {
		return
	}
	speedup, fairness := mean(progress)*float64(len(progress)), stats.Jain(progress)
	if finite(speedup, fairness) {
		obs.values[results.MetricSpeedup], obs.values[results.MetricFairness] = speedup, fairness
	}
}

// setRatio sets a derived metric to a measured one over the same of a control.
func (o *observation) setRatio(derived string, control *observation, metric string) {
	if r, ok := o.over(control, metric); ok {
		o.values[derived] = r
	}
}

func (o *observation) over(control *observation, metric string) (ratio float64, ok bool) {
	if control == nil {
		return 0, false
	}
	value, measured := o.values[metric]
	alone := control.values[metric]
	ratio = value / alone
	return ratio, measured && alone > 0 && finite(ratio)
}

// control returns the ok trial of a control in a block that matches a
// treatment: it has the same fidelity, and each factor that the control kept has
// the treatment's level.
func (t *table) control(kind string, tr *treatment, block int) *observation {
	for _, c := range t.treatments {
		if c.Control != kind || apart(c, tr) {
			continue
		}
		matches := true
		for name, level := range c.Factors {
			matches = matches && tr.Factors[name] == level
		}
		if matches {
			return c.byBlock[block]
		}
	}
	return nil
}

// emu returns the effective machine utilisation: LC rate over its maximum plus
// BE yield, each the mean over the workloads of its role, which their control
// ran together. It is 0 where an SLO does not hold: work done while the SLO is
// violated is not effective. Without an SLO, a control or a rate there is none.
func (t *table) emu(obs, lcMax, beAlone *observation) (emu float64, ok bool) {
	var load, yield []float64
	holds := true
	for _, w := range t.run.Workloads {
		control, share := lcMax, &load
		if w.Role == results.RoleBE {
			control, share = beAlone, &yield
		}
		r, ok := obs.over(control, w.Name+"."+rateMetric)
		if !ok {
			return 0, false
		}
		*share = append(*share, r)
		if w.Role == results.RoleLC {
			held, known := t.sloHolds(w, obs)
			if !known {
				return 0, false
			}
			holds = holds && held
		}
	}
	if len(load) == 0 || len(yield) == 0 {
		return 0, false
	}
	if !holds {
		return 0, true
	}
	emu = mean(load) + mean(yield)
	return emu, finite(emu)
}

// sloHolds holds each bound of an LC's SLO against the trial's own value. Known
// is false without an SLO or a value.
func (t *table) sloHolds(w results.Workload, obs *observation) (holds, known bool) {
	holds = true
	for metric, bound := range w.SLO {
		value, ok := obs.values[w.Name+"."+metric]
		if !ok {
			return false, false
		}
		if t.better(w.Name+"."+metric) == results.Higher {
			holds = holds && value >= bound
		} else {
			holds = holds && value <= bound
		}
	}
	return holds, len(w.SLO) > 0
}

// better returns the declared direction of a measured metric.
func (t *table) better(metric string) results.Direction {
	i := slices.IndexFunc(t.run.Metrics, func(m results.Metric) bool { return m.Name == metric })
	if i < 0 {
		return results.Neutral
	}
	return t.run.Metrics[i].Better
}

// latencyMetric returns the metric of an LC's SLO that is a latency, the first
// by name, else latency.p99.
func latencyMetric(w results.Workload) string {
	for _, name := range slices.Sorted(maps.Keys(w.SLO)) {
		if strings.HasPrefix(name, "latency.") {
			return name
		}
	}
	return defaultLatency
}
