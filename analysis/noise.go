package analysis

import (
	"fmt"
	"math"

	"github.com/czbench/czbench/results"
)

// noiseFloor holds each baseline against its A/A control, in every compared
// metric, and notes in the comparisons which significant effects are no larger
// than what the machine does by itself. These tests are no part of a family:
// they ask about the machine.
func (t *table) noiseFloor(comparisons []Comparison) []Noise {
	var all []Noise
	for _, metric := range t.run.Compare.Metrics {
		for _, aa := range t.treatments {
			base := t.find(results.Treatment{Factors: aa.Factors})
			if aa.Control != results.ControlAA || base == nil || apart(base, aa) {
				continue
			}
			n := t.noise(t.declared[metric], base, aa)
			all = append(all, n)
			for i, c := range comparisons {
				if c.Metric == metric && c.Baseline.Key() == base.Key() && n.hides(c) {
					comparisons[i].note("inside the noise floor of %s: the baseline differs from itself by as much", n.plusMinus(t.unit(metric)))
				}
			}
		}
	}
	return all
}

func (t *table) noise(m results.Metric, base, aa *treatment) Noise {
	n := Noise{Metric: m.Name, Label: base.label, Inference: nothing(TestSignedRank, m.Scale)}
	cells := t.paired(&n.Inference, m.Name, base, aa)
	if n.N == 0 || !n.hasRatios(cells, "the baseline", "its A/A trial") {
		return n
	}
	d := between(n.Scale, cells.of(0), cells.of(1))
	d.virtual = base.fidelity == results.FidelityVirtual
	if t.settings.paired(&n.Inference, d) {
		n.Floor = max(math.Abs(n.Low), math.Abs(n.High))
	}
	n.Adjusted = n.P
	n.Significant = n.P <= t.settings.alpha
	return n
}

// hides tells whether an effect that was found is inside the noise floor.
func (n Noise) hides(c Comparison) bool { return c.Significant && math.Abs(c.Estimate) <= n.Floor }

// plusMinus writes the floor as people read it.
func (n Noise) plusMinus(unit string) string { return "±" + amount(n.Floor, n.Scale, unit) }

// amount writes an effect: a ratio in per cent, a difference in its unit.
func amount(v float64, scale results.Scale, unit string) string {
	switch {
	case scale == results.Ratio:
		return fmt.Sprintf("%.2g %%", 100*v)
	case unit == "" || unit == "1":
		return fmt.Sprintf("%.3g", v)
	}
	return fmt.Sprintf("%.3g %s", v, unit)
}

func (t *table) unit(metric string) string { return t.declared[metric].Unit }

// warnNoise tells of baselines that differ from themselves.
func (t *table) warnNoise(a *Analysis) []Warning {
	var w []Warning
	for _, n := range a.NoiseFloor {
		if !n.Significant {
			continue
		}
		unit := t.unit(n.Metric)
		w = append(w, Warning{Code: WarnNoise, About: about(n.Metric, n.Label), Text: fmt.Sprintf(
			"the baseline differs from itself by %s (p = %.3g): order effects or drift; believe no effect smaller than %s",
			amount(n.Estimate, n.Scale, unit), n.P, amount(n.Floor, n.Scale, unit))})
	}
	return w
}
