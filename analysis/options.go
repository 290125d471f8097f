package analysis

import (
	"fmt"
	"slices"

	"github.com/czbench/czbench/results"
)

const defaultAlpha = 0.05

// Options replace what the scenario's compare block asked for. A zero field
// leaves it as it was.
type Options struct {
	Baseline string   // level of the compared factor
	Metrics  []string // names as in "kv.latency.p99"
	Alpha    float64  // of the family, above 0 and below 0.5
	Margin   float64  // relative (Ratio) or in the metric's unit (Difference)
}

// apply returns c with what o replaces and with its defaults.
func (o Options) apply(c results.Compare) results.Compare {
	if o.Baseline != "" {
		c.Baseline = o.Baseline
	}
	if len(o.Metrics) > 0 {
		c.Metrics = o.Metrics
	}
	c.Metrics = unique(c.Metrics)
	if o.Alpha != 0 {
		c.Alpha = o.Alpha
	}
	if c.Alpha == 0 {
		c.Alpha = defaultAlpha
	}
	if o.Margin != 0 {
		c.Margin = o.Margin
	}
	if c.Correction == "" {
		c.Correction = results.CorrectHolm
	}
	return c
}

func unique(names []string) []string {
	var once []string
	for _, name := range names {
		if !slices.Contains(once, name) {
			once = append(once, name)
		}
	}
	return once
}

// settings are what turns an estimate into a verdict.
type settings struct {
	alpha      float64 // of the family, above 0 and below 0.5
	margin     float64 // relative (Ratio) or in the metric's unit (Difference)
	correction string  // results.CorrectHolm or results.CorrectBH
}

func settingsOf(c results.Compare) settings {
	return settings{alpha: c.Alpha, margin: c.Margin, correction: c.Correction}
}

func (s settings) check() error {
	if !finite(s.alpha, s.margin) || s.alpha <= 0 || s.alpha >= 0.5 || s.margin < 0 {
		return fmt.Errorf("alpha %g and margin %g: want alpha above 0 and below 0.5, and a margin of 0 or more", s.alpha, s.margin)
	}
	if s.correction != results.CorrectHolm && s.correction != results.CorrectBH {
		return fmt.Errorf("correction %q: want %s or %s", s.correction, results.CorrectHolm, results.CorrectBH)
	}
	return nil
}
