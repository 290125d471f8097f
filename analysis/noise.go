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
				if c.Metric == metric && c.Baseline.Key() == base.Key() && c.Significant && n.Hides(c.Estimate) {
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
		t.setFloor(&n)
	}
	n.Adjusted = n.P
	n.Significant = n.P <= t.settings.alpha
	return n
}

// setFloor sets the floor from the interval, where that reaches its confidence.
func (t *table) setFloor(n *Noise) {
	if n.Level < 1-t.settings.alpha {
		n.note("%d blocks give an interval of %.3g %% confidence at most: no floor is known", n.N, 100*n.Level)
		return
	}
	n.Floor = max(math.Abs(n.Low), math.Abs(n.High))
	if n.Scale == results.Ratio {
		n.Floor = math.Expm1(min(max(math.Abs(math.Log1p(n.Low)), math.Abs(math.Log1p(n.High))), largestLog))
	}
}

// largestLog is a logarithm whose number is still one.
const largestLog = 700

// Hides tells whether an effect, on the scale of Estimate, is inside the noise
// floor. A floor of 0, which is none, hides nothing.
func (n Noise) Hides(effect float64) bool {
	if n.Scale == results.Ratio {
		return n.Floor > 0 && math.Abs(math.Log1p(effect)) <= math.Log1p(n.Floor)
	}
	return n.Floor > 0 && math.Abs(effect) <= n.Floor
}

// plusMinus writes the floor as people read it.
func (n Noise) plusMinus(unit string) string { return "±" + amount(n.Floor, n.Scale, unit) }

// amount writes an effect: a ratio in per cent, a difference in its unit.
func amount(v float64, scale results.Scale, unit string) string {
	switch {
	case scale == results.Ratio && v >= 9:
		return fmt.Sprintf("×%.3g", 1+v)
	case scale == results.Ratio:
		return fmt.Sprintf("%.3g %%", 100*v)
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
