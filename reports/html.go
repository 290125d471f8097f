package reports

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // for the page
	"encoding/base64"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

//go:embed page.gohtml
var pageText string

//go:embed page.css
var pageStyle string

// page is what the template shows. Every text in it is escaped by the template;
// the figures, which escape what they hold themselves, and the style are not.
type page struct {
	Policy   string
	Style    template.CSS
	Title    string
	Run      results.Run
	Analysis *analysis.Analysis
	Started  string
	Pairing  string
	Blocks   string
	Method   string
	Harness  string
	Warnings []string
	Zones    []zoneView
	Contexts []contextView
	// Interactions is empty where the run has one factor.
	Interactions      []claimView
	InteractionMethod string
	Capacity          []capacityTable
	Sensitivity       []sensitivityTable
	Trust             trustView
	Phases            []phaseTable
	Figures           []figureView
	Faulty            []trialView
	Dropped           []string
	Plan              []trialView
	Sources           []source
	Facts             []fact
}

// contextView is one combination of the other factors.
type contextView struct {
	Label       string
	Summary     []summaryView
	Comparisons []claimView
	Metrics     []results.Metric
	Treatments  []treatmentView
}

type summaryView struct {
	Name, Text string
}

type treatmentView struct {
	Name                string
	OK, Invalid, Failed int
	SLO                 string
	Values              []valueView
}

type valueView struct {
	Median, Interval string
}

type figureView struct {
	Name, Title, Alt, Omission string
	SVG                        template.HTML
}

type trialView struct {
	Number, Block, Position int
	Label, Verdict, Reason  string
	Warnings                []string
	Raw                     string // folder of raw output, relative to the page; empty when there is none
	Harness                 string // share of one CPU
}

type source struct {
	Name, Text string
}

type fact struct {
	Key, Value string
}

// htmlPage returns report/index.html: one file that needs nothing else.
func htmlPage(d Data, shown []shownPlot) ([]byte, error) {
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return nil, fmt.Errorf("parse page: %w", err)
	}
	a := d.Analysis
	sum := sha256.Sum256([]byte(pageStyle))
	p := page{
		Policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; base-uri 'none'; form-action 'none'",
		Style: template.CSS(pageStyle), //nolint:gosec // our own, embedded
		Title: title(d.Run), Run: d.Run, Analysis: a, Started: d.Run.Started.UTC().Format(time.RFC3339),
		Pairing: pairing(a), Blocks: blocksUsed(a), Method: method(a), Harness: harnessCost(a),
		Figures: figureViews(shown), Plan: planViews(d), Zones: zoneViews(a),
		Interactions: interactionClaims(a), InteractionMethod: interactionMethod(a), Phases: phaseTables(a),
		Capacity: capacityTables(a), Sensitivity: sensitivityTables(a), Trust: trustOf(a),
	}
	for _, c := range contextsOf(a) {
		p.Contexts = append(p.Contexts, contextViewOf(d, c))
	}
	for _, w := range a.Warnings {
		p.Warnings = append(p.Warnings, warningLine(w))
	}
	p.Warnings = append(p.Warnings, d.Run.Warnings...)
	for _, x := range a.Dropped {
		p.Dropped = append(p.Dropped, droppedLine(x))
	}
	for _, v := range p.Plan {
		if v.Verdict != string(results.OK) && v.Verdict != notRun {
			p.Faulty = append(p.Faulty, v)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.Sources)) {
		p.Sources = append(p.Sources, source{name, string(d.Sources[name])})
	}
	for _, key := range slices.Sorted(maps.Keys(d.Run.Facts)) {
		p.Facts = append(p.Facts, fact{key, d.Run.Facts[key]})
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("write page: %w", err)
	}
	return b.Bytes(), nil
}

func contextViewOf(d Data, c context) contextView {
	a := d.Analysis
	v := contextView{Label: c.label}
	for _, i := range c.treatments {
		if t := a.Treatments[i]; !isBaseline(a, t) {
			v.Summary = append(v.Summary, summaryView{name(a, t), sentence(d, c, t)})
		}
	}
	for _, k := range c.comparisons {
		v.Comparisons = append(v.Comparisons, comparisonClaim(d, c, k))
	}
	for _, m := range a.Metrics {
		if !isOfPhase(m) && slices.ContainsFunc(c.rows(), func(i int) bool { return a.Treatments[i].Values[m.Name].N > 0 }) {
			v.Metrics = append(v.Metrics, m)
		}
	}
	for _, i := range c.rows() {
		v.Treatments = append(v.Treatments, treatmentViewOf(d, a.Treatments[i], v.Metrics))
	}
	return v
}

func treatmentViewOf(d Data, t analysis.Treatment, metrics []results.Metric) treatmentView {
	v := treatmentView{Name: name(d.Analysis, t), OK: t.OK, Invalid: t.Invalid, Failed: t.Failed, SLO: quantity.None}
	if met, of := sloMet(d.Analysis, t, SLO(d.Run)); of > 0 {
		v.SLO = fmt.Sprintf("%d of %d", met, of)
	}
	for _, m := range metrics {
		v.Values = append(v.Values, valueViewOf(t, m))
	}
	return v
}

// valueViewOf returns the median that t has in m with its interval; there is
// none where all blocks gave the same.
func valueViewOf(t analysis.Treatment, m results.Metric) valueView {
	s := t.Values[m.Name]
	v := valueView{Median: summary(t, m)}
	switch {
	case s.N < 2:
	case len(s.Values) > 0 && slices.Min(s.Values) == slices.Max(s.Values):
		v.Interval = "in every block"
	default:
		v.Interval = "[" + quantity.Value(m, s.Low) + ", " + quantity.Value(m, s.High) + "]"
	}
	return v
}

func figureViews(shown []shownPlot) []figureView {
	views := make([]figureView, 0, len(shown))
	for _, s := range shown {
		views = append(views, figureView{
			Name: s.name, Title: s.title, Alt: s.alt, Omission: s.omission,
			SVG: template.HTML(s.svg), //nolint:gosec // figures escape their texts
		})
	}
	return views
}

// notRun is shown for a planned trial that has no record.
const notRun = "not run"

// planViews returns every planned trial in order, with what became of it.
func planViews(d Data) []trialView {
	byNumber := map[int]results.Trial{}
	for _, t := range d.Trials {
		byNumber[t.Number] = t
	}
	var views []trialView
	for _, p := range d.Run.Plan {
		v := trialView{
			Number: p.Number, Block: p.Block, Position: p.Position,
			Label: p.Treatment.Label(d.Run.Factors), Verdict: notRun,
		}
		if t, done := byNumber[p.Number]; done {
			v.Verdict, v.Reason, v.Warnings = string(t.Verdict), t.Reason, t.Warnings
			v.Raw = "../" + d.TrialDir(p.Number) + "/raw/"
			v.Harness = strconv.FormatFloat(t.Harness.CPUShare*100, 'f', 2, 64) + " %"
		}
		views = append(views, v)
	}
	return views
}
