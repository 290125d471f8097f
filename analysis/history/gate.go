package history

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

// GateAlpha is the probability with which a gate calls, by chance, any of what
// was nominated different. The tests are two-sided, so half of it is a
// regression.
const GateAlpha = 0.01

// GateBlocks returns how many blocks a gate takes at least to decide m nominated
// comparisons: so many that one block gone astray, with the largest difference
// of all in the wrong direction, does not keep the others from being significant.
// For m below 1 it is that of 1.
func GateBlocks(m int) int {
	d := []float64{}
	for {
		n := len(d) + 1
		d = append(d, float64(n))
		d[n-1] = -d[n-1]
		if float64(max(1, m))*stats.SignedRank(d).P <= GateAlpha && n > 2 {
			return n
		}
		d[n-1] = -d[n-1]
	}
}

// Suspect is what a gate has to hold against each other.
type Suspect struct {
	Variable string
	Good     string // its value in GoodRun
	GoodRun  string // ID of the last good run
	Now      string // its value in the judged run
	findings []*Finding
}

// Family returns how many nominated comparisons the gate decides.
func (s Suspect) Family() int { return len(s.findings) }

// nominated returns the findings that something has to decide.
func (r *Result) nominated() []*Finding {
	var found []*Finding
	for i := range r.Findings {
		if r.Findings[i].Nomination != nil {
			found = append(found, &r.Findings[i])
		}
	}
	return found
}

// ToGate returns what a gate has to vary: the suspect's value in the last run
// before the earliest nominated change against that in the judged run. A finding
// before whose change the suspect had its present value already is left to no
// gate, and says so. Where nothing is left, or no suspect is named, ok is false.
func (r *Result) ToGate() (s Suspect, ok bool) {
	if r.Suspect == "" {
		return s, false
	}
	nominated := r.nominated()
	before := func(f *Finding) int {
		return slices.IndexFunc(r.Nights, func(n Night) bool { return n.Run == f.Nomination.Before })
	}
	slices.SortStableFunc(nominated, func(a, b *Finding) int { return cmp.Compare(before(a), before(b)) })
	s = Suspect{Variable: r.Suspect, Now: r.Nights[len(r.Nights)-1].Suspect}
	for _, f := range nominated {
		good := r.Nights[before(f)].Suspect
		if good == s.Now {
			f.Why = fmt.Sprintf("nominated, not confirmed: %s was %q before the change too, so nothing that is under test changed since", s.Variable, good)
			continue
		}
		if len(s.findings) == 0 {
			s.Good, s.GoodRun = good, f.Nomination.Before
		}
		s.findings = append(s.findings, f)
	}
	return s, len(s.findings) > 0
}

// Decide judges what the gate run says, whose analysis is a, at alpha GateAlpha
// or above. Holm corrects over the findings of s alone: the others were not
// nominated, and are not asked again.
func (r *Result) Decide(s Suspect, a *analysis.Analysis) {
	r.Gate = &Gate{
		Run: a.RunID, Suspect: s.Variable, Good: s.Good, Now: s.Now, GoodRun: s.GoodRun,
		Blocks: a.Blocks, Family: s.Family(), Alpha: GateAlpha, Warnings: a.Warnings,
	}
	p := make([]float64, len(s.findings))
	for i, f := range s.findings {
		f.Decision = decisionOf(f, s, a)
		p[i] = f.Decision.P
	}
	for i, adjusted := range stats.Holm(p) {
		d := s.findings[i].Decision
		d.Adjusted, d.Significant = adjusted, adjusted <= GateAlpha
		s.findings[i].decide(a.Margin)
	}
	r.Conclude("")
}

// decisionOf finds what the gate run says of a finding. Of a treatment that was
// not compared it says nothing.
func decisionOf(f *Finding, s Suspect, a *analysis.Analysis) *Decision {
	want := results.Treatment{Factors: map[string]string{s.Variable: s.Now}}
	maps.Copy(want.Factors, f.Treatment.Factors)
	d := &Decision{Comparison: analysis.Comparison{
		Metric: f.Metric.Name, Candidate: want, Inference: analysis.Inference{P: 1, Adjusted: 1, Scale: f.Metric.Scale},
	}}
	for _, c := range a.Comparisons {
		if c.Metric == f.Metric.Name && c.Candidate.Key() == want.Key() {
			d.Comparison = c
		}
	}
	for _, n := range a.NoiseFloor {
		if n.Metric == f.Metric.Name {
			d.Floor = max(d.Floor, n.Floor)
		}
	}
	return d
}

// decide gives the verdict of a gated finding. A regression is significant, for
// the worse, and larger than the margin and than the noise floor of the gate
// run. It is ruled out where the one-sided interval at GateAlpha, which is that
// of the test for equivalence, ends below the margin.
func (f *Finding) decide(margin float64) {
	d, axis := f.Decision, axisOf(f.Metric)
	worse, limit := axis.distance(d.Estimate), axis.margin(margin)
	most := max(axis.distance(d.TOST.Low), axis.distance(d.TOST.High))
	switch {
	case d.N == 0:
		f.Verdict, f.Why = Inconclusive, "the gate run has no block in which both sides have a value"
	case d.Significant && worse > limit && worse > axis.margin(d.Floor):
		f.Verdict, f.Why = Regression, "confirmed: what is under test made it worse"
	case d.Significant && worse > limit:
		f.Verdict, f.Why = Inconclusive, "worse, but by no more than the gate run's baseline differs from itself (noise floor): repeat it on a quiet machine"
	case most <= limit && d.TOST.Level >= 1-2*GateAlpha:
		f.Verdict, f.Why = Cleared, "the gate shows no regression beyond the margin: the machine changed, or it was chance, and not what is under test"
	case d.Level == 0:
		f.Verdict, f.Why = Inconclusive, "the gate run has no estimate of it: "+strings.Join(d.Notes, "; ")
	default:
		f.Verdict, f.Why = Inconclusive, "the gate can neither confirm nor rule out a regression beyond the margin: give it more blocks (--blocks)"
	}
}

// Conclude gives what is nominated and not decided its reason, with the remedy
// where one is known, and the result its verdict.
func (r *Result) Conclude(remedy string) {
	r.Verdict = Fine
	if len(r.Unfit) > 0 {
		r.Verdict = Inconclusive
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Nomination != nil && f.Verdict == Inconclusive && f.Why == "" {
			f.Why = "nominated, not confirmed"
			if remedy != "" {
				f.Why += ": " + remedy
			}
			if f.Nomination.Missing > 0 {
				f.Why += fmt.Sprintf("; the history lacks %d of %d nights to go by", f.Nomination.Missing, MinReference)
			}
		}
		switch {
		case f.Verdict == Regression:
			r.Verdict = Regression
		case f.Verdict == Inconclusive && r.Verdict != Regression:
			r.Verdict = Inconclusive
		}
	}
}
