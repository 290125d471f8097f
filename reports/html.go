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
	"time"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

//go:embed page.gohtml
var pageText string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

// page is what the template shows. Every text in it is escaped by the template;
// the figures and the highlighted sources, which escape what they hold
// themselves, the style and the script are not.
type page struct {
	Policy   string
	Style    template.CSS
	Script   template.JS
	Title    string
	Run      results.Run
	Analysis *analysis.Analysis
	Started  string
	Pairing  string
	Headline headlineView
	Sure     string
	Machine  string
	Harness  string
	Place    string // where czbench ran
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
	Trials            trialTable
	Faults            []string
	Dropped           []string
	Ran               ranView
	Facts             []fact
}

// contextView is one combination of the other factors.
type contextView struct {
	Label       string
	Summary     []Sentence
	Comparisons []claimView
	Metrics     []results.Metric // of every value
	Main        []int            // indexes into Metrics: what is compared, and the colocation measures
	// MainOver and AllOver say over how many blocks the medians of Main and of all
	// metrics are, and which level their intervals reach.
	MainOver, AllOver string
	Treatments        []treatmentView
}

type treatmentView struct {
	Name                string
	OK, Invalid, Failed int
	SLO                 rawView
	Values              []valueView
}

type valueView struct {
	Median, Interval string
	Raw              string // the median as it is sorted
}

type figureView struct {
	Name, Title, Alt, Omission string
	Caveats                    []string
	SVG                        template.HTML
}

type source struct {
	Name string
	Text template.HTML
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
	p := page{
		Policy: "default-src 'none'; style-src " + sourceHash(pageStyle) + "; script-src " + sourceHash(pageScript) +
			"; base-uri 'none'; form-action 'none'",
		Style:  template.CSS(pageStyle), //nolint:gosec // our own, embedded
		Script: template.JS(pageScript), //nolint:gosec // our own, embedded
		Title:  title(d.Run), Run: d.Run, Analysis: a, Started: d.Run.Started.UTC().Format(time.RFC3339),
		Pairing: pairing(a), Headline: headlineOf(d), Sure: blocksUsed(a) + method(a), Machine: machineLine(d),
		Harness: harnessCost(a), Place: harnessPlace(d.Trials),
		Figures: figureViews(shown), Zones: zoneViews(a),
		Interactions: interactionClaims(a), InteractionMethod: interactionMethod(a), Phases: phaseTables(a),
		Capacity: capacityTables(a), Sensitivity: sensitivityTables(a), Trust: trustOf(a),
		Trials: trialTableOf(d), Faults: faultLines(d), Ran: ranOf(d),
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
	for _, key := range slices.Sorted(maps.Keys(d.Run.Facts)) {
		p.Facts = append(p.Facts, fact{key, d.Run.Facts[key]})
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("write page: %w", err)
	}
	return b.Bytes(), nil
}

// sourceHash returns the source expression of a content security policy that
// allows text and nothing else.
func sourceHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func contextViewOf(d Data, c context) contextView {
	a := d.Analysis
	v := contextView{Label: c.label, Summary: candidateSentences(d, c)}
	for _, k := range c.comparisons {
		v.Comparisons = append(v.Comparisons, comparisonClaim(d, c, k))
	}
	for _, m := range a.Metrics {
		if !isOfPhase(m) && haveValues(a, c.rows(), m) {
			v.Metrics = append(v.Metrics, m)
		}
	}
	for _, m := range slices.Concat(compared(a), derived(a)) {
		if i := slices.IndexFunc(v.Metrics, func(x results.Metric) bool { return x.Name == m.Name }); i >= 0 {
			v.Main = append(v.Main, i)
		}
	}
	var main, all []analysis.Summary
	for _, i := range c.rows() {
		t := a.Treatments[i]
		v.Treatments = append(v.Treatments, treatmentViewOf(d, t, v.Metrics))
		for k, m := range v.Metrics {
			all = append(all, t.Values[m.Name])
			if slices.Contains(v.Main, k) {
				main = append(main, t.Values[m.Name])
			}
		}
	}
	v.MainOver, v.AllOver = mediansOver(main), mediansOver(all)
	return v
}

func treatmentViewOf(d Data, t analysis.Treatment, metrics []results.Metric) treatmentView {
	v := treatmentView{Name: name(d.Analysis, t), OK: t.OK, Invalid: t.Invalid, Failed: t.Failed, SLO: sloHeld(d, t)}
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
	if s.N > 0 {
		v.Raw = rawOf("", s.Median).Raw
	}
	switch {
	case s.N < 2:
	case !varies(s):
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
			Name: s.name, Title: s.title, Alt: s.alt, Omission: s.omission, Caveats: s.caveats,
			SVG: template.HTML(s.svg), //nolint:gosec // figures escape their texts
		})
	}
	return views
}
