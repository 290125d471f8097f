package history

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

// Judge holds the newest night against those before it, in each compared metric
// of each treatment.
func (h *History) Judge() *Result {
	judged := h.nights[len(h.nights)-1]
	r := newResult(judged)
	r.Suspect, r.Older, r.LeftOut = h.o.Suspect, h.older, h.leftOut
	for _, n := range h.nights {
		r.Nights = append(r.Nights, n.night(h.o.Suspect))
	}
	if len(h.nights) <= leastReference {
		r.note("the history is too short: with fewer than %d earlier nights nothing can be nominated", leastReference)
	} else if missing := MinReference + 1 - len(h.nights); missing > 0 {
		r.note("the history is too short by %d of %d nights: until then only a night that is worse than all before it by more than the margin is nominated",
			missing, MinReference+1)
	}
	r.warn(slices.DeleteFunc(slices.Clone(judged.analysis.Warnings), func(w analysis.Warning) bool { return !aboutTheMachine(w) }))
	r.Unfit = unfit(judged.analysis)
	h.noteGone(r, judged)
	for _, name := range judged.run.Compare.Metrics {
		m := metricNamed(judged.analysis, name)
		for _, t := range judged.analysis.Treatments {
			if t.Control == "" {
				r.Findings = append(r.Findings, h.judge(m, t))
			}
		}
	}
	return r
}

// noteGone names the treatments of the night before that the judged one lacks.
func (h *History) noteGone(r *Result, judged night) {
	if len(h.nights) < 2 {
		return
	}
	for _, was := range h.nights[len(h.nights)-2].analysis.Treatments {
		there := slices.ContainsFunc(judged.analysis.Treatments, func(t analysis.Treatment) bool { return t.Key() == was.Key() })
		if was.Control == "" && !there {
			r.note("%s is not judged: the night before has it, this one has not", was.Label)
		}
	}
}

func newResult(judged night) *Result {
	return &Result{
		Schema: Schema, Scenario: judged.run.Scenario, Run: judged.run.ID,
		Fidelity: judged.analysis.Fidelity, Margin: judged.analysis.Margin, Findings: []Finding{},
	}
}

// warn notes warnings of an analysis.
func (r *Result) warn(warnings []analysis.Warning) {
	for _, w := range warnings {
		if w.About == "" {
			r.note("%s", w.Text)
		} else {
			r.note("%s: %s", w.About, w.Text)
		}
	}
}

// aboutTheMachine tells of a warning that it is about what the numbers of a
// night can say, and not about comparisons within it, which are not looked at.
func aboutTheMachine(w analysis.Warning) bool {
	return slices.Contains([]string{analysis.WarnEmulated, analysis.WarnVirtual, analysis.WarnNoise}, w.Code)
}

func (r *Result) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// metricNamed returns the declaration of a metric that is compared.
func metricNamed(a *analysis.Analysis, name string) results.Metric {
	return a.Metrics[slices.IndexFunc(a.Metrics, func(m results.Metric) bool { return m.Name == name })]
}

// tooWide is how many margins the noise floor of a night may reach: beyond that,
// nothing of the size of the margin can be seen.
const tooWide = 10

// unfit says where the baseline of a night differs from its A/A control: beyond
// the margin, and significantly at GateAlpha after Holm over all of these; or by
// an interval that reaches tooWide margins.
func unfit(a *analysis.Analysis) []string {
	p := make([]float64, len(a.NoiseFloor))
	for i, n := range a.NoiseFloor {
		p[i] = n.P
	}
	var texts []string
	for i, adjusted := range stats.Holm(p) {
		n := a.NoiseFloor[i]
		axis := axisOf(metricNamed(a, n.Metric))
		margin := axis.margin(a.Margin)
		about := fmt.Sprintf("the machine is not fit: %s of %s", n.Metric, n.Label)
		switch {
		case adjusted <= GateAlpha && math.Abs(axis.distance(n.Estimate)) > margin:
			texts = append(texts, fmt.Sprintf("%s differs from itself (A/A) by more than the margin, adjusted p %.2g", about, adjusted))
		case max(math.Abs(axis.distance(n.Low)), math.Abs(axis.distance(n.High))) > tooWide*margin:
			texts = append(texts, fmt.Sprintf("%s may differ from itself (A/A) by more than %d margins", about, tooWide))
		}
	}
	return texts
}

// neutral is why a metric is skipped.
const neutral = "the metric is neither better high nor low"

// noValue is why a metric that is gone cannot be judged.
const noValue = "the judged run has no value of it that could be compared (0 has no ratio), and earlier ones have"

// judge looks at one metric of one treatment.
func (h *History) judge(m results.Metric, t analysis.Treatment) Finding {
	f := Finding{Metric: m, Treatment: t.Treatment, Label: t.Label, Values: []float64{}, Verdict: Fine}
	axis := axisOf(m)
	having, worse := h.places(t.Treatment, m)
	for _, place := range worse {
		f.Values = append(f.Values, axis.value(place))
	}
	switch {
	case m.Better == results.Neutral:
		f.Verdict, f.Why = Skipped, neutral
		return f
	case len(having) == 0:
		f.Verdict, f.Why = Skipped, "no night has a value of it"
		return f
	case having[len(having)-1] != len(h.nights)-1:
		f.Verdict, f.Why = Inconclusive, noValue
		return f
	}
	s, improved := Detect(worse, axis.margin(h.nights[len(h.nights)-1].analysis.Margin), h.rng(m, t.Treatment))
	if improved != 0 {
		f.Improved = axis.shift(improved)
	}
	if s.Kind != "" {
		f.Nomination = h.nominate(s, worse, having, axis)
		f.Verdict = Inconclusive
	}
	return f
}

// places returns the nights that have a value of a metric of a treatment, and
// where these stand on the axis of the metric.
func (h *History) places(t results.Treatment, m results.Metric) (having []int, worse []float64) {
	for i, n := range h.nights {
		if centre, ok := n.centre(t, m); ok {
			having, worse = append(having, i), append(worse, axisOf(m).worse(centre))
		}
	}
	return having, worse
}

// rng is the same for the same run, metric and treatment.
func (h *History) rng(m results.Metric, t results.Treatment) *rand.Rand {
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%q %q %q", h.nights[len(h.nights)-1].run.ID, m.Name, t.Key())
	return rand.New(rand.NewPCG(hash.Sum64(), 0))
}

func (h *History) nominate(s Suspicion, worse []float64, having []int, axis axis) *Nomination {
	since, before := h.nights[having[s.At]], h.nights[having[s.At-1]]
	return &Nomination{
		Kind: s.Kind, Since: since.run.ID, Before: before.run.ID,
		Nights: len(worse) - s.At, Reference: s.At - s.From,
		Was: axis.value(stats.Median(worse[s.From:s.At])), Is: axis.value(stats.Median(worse[s.At:])),
		Shift: axis.shift(s.Shift), P: s.P, Missing: s.Missing, Changed: changes(before, since),
	}
}

// centre returns the Hodges–Lehmann centre of a metric over the trials of a
// treatment: of the logarithms for a metric of scale Ratio. It is false without
// values, and where one has no logarithm.
func (n night) centre(t results.Treatment, m results.Metric) (centre float64, ok bool) {
	values := slices.Clone(n.summary(t, m).Values)
	if len(values) == 0 {
		return 0, false
	}
	if m.Scale == results.Ratio {
		for k, v := range values {
			if v <= 0 {
				return 0, false
			}
			values[k] = math.Log(v)
		}
	}
	return stats.Centre(values), true
}

// axis is the scale on which nights are held against each other: logarithms for
// a metric of scale Ratio, with the sign that makes greater worse.
type axis struct {
	ratio bool
	sign  float64 // −1 where higher is better
}

func axisOf(m results.Metric) axis {
	a := axis{ratio: m.Scale == results.Ratio, sign: 1}
	if m.Better == results.Higher {
		a.sign = -1
	}
	return a
}

// worse puts a centre on the axis, and takes it off again.
func (a axis) worse(centre float64) float64 { return a.sign * centre }

// value returns what a place on the axis is in the metric's unit.
func (a axis) value(place float64) float64 {
	if a.ratio {
		return math.Exp(a.sign * place)
	}
	return a.sign * place
}

// shift returns what a distance on the axis is as a change of the metric.
func (a axis) shift(distance float64) float64 {
	if a.ratio {
		return math.Expm1(a.sign * distance)
	}
	return a.sign * distance
}

// distance is the opposite of shift.
func (a axis) distance(change float64) float64 {
	if a.ratio {
		change = math.Log1p(change)
	}
	return a.sign * change
}

// margin puts the margin of the comparison on the axis.
func (a axis) margin(margin float64) float64 {
	if a.ratio {
		return math.Log1p(margin)
	}
	return margin
}
