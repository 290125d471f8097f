package scenarios

import (
	"fmt"
	"math"

	"github.com/czbench/czbench/results"
)

// MinBlocks returns the least number of blocks with which one of m paired
// comparisons can be significant at alpha, above 0, after Holm's correction:
// the least n with m·2^(1−n) ≤ alpha, because 2^(1−n) is the smallest two-sided
// p of the signed-rank test on n pairs. For m below 1 it is 1.
func MinBlocks(m int, alpha float64) int {
	n := 1
	for smallestP(m, n) > alpha {
		n++
	}
	return n
}

// smallestP is the smallest p of n pairs, adjusted for m comparisons.
func smallestP(m, n int) float64 { return math.Ldexp(float64(m), 1-n) }

// power warns when the blocks are too few for any comparison to be significant.
func (l *loader) power(s *Scenario) {
	if l.diags.HasErrors() {
		return
	}
	m := 0
	for _, name := range s.Compare.Metrics {
		if len(s.missingControls(name)) == 0 {
			m += l.pairs(s.Compare.Factor, s.Compare.Baseline)
		}
	}
	blocks := s.Blocks
	if s.Precision != nil {
		blocks = s.Precision.MinBlocks
	}
	hurdle := m
	if s.Compare.Correction == results.CorrectBH {
		hurdle = min(m, 1) // its smallest p stays as it is when all are that small
	}
	if m == 0 || smallestP(hurdle, blocks) <= s.Compare.Alpha {
		return
	}
	rng := l.tree.scenario.rng.Ptr()
	if attr := l.tree.scenario.content.Attributes["blocks"]; attr != nil && l.opts.Blocks == 0 {
		rng = attr.Expr.Range().Ptr()
	}
	detail := fmt.Sprintf("%s can never be significant over a family of %s: the smallest adjusted p is %.2g, above %g. Use at least %d blocks",
		count(blocks, "block"), count(m, "comparison"), math.Min(1, smallestP(hurdle, blocks)), s.Compare.Alpha, MinBlocks(hurdle, s.Compare.Alpha))
	if hurdle > 1 {
		detail += ", or compare fewer metrics, strategies or levels"
	}
	l.warn(rng, "Too few blocks", detail+".")
}

// pairs counts the combinations that are held against the baseline in the same
// levels of the other factors.
func (l *loader) pairs(factor, baseline string) int {
	if l.version != nil {
		return len(l.matrix.combinations) * (len(l.version.Levels) - 1)
	}
	based := map[string]bool{}
	for _, c := range l.matrix.combinations {
		if c[factor].name == baseline {
			based[c.without(factor).key()] = true
		}
	}
	n := 0
	for _, c := range l.matrix.combinations {
		if c[factor].name != baseline && based[c.without(factor).key()] {
			n++
		}
	}
	return n
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
