package ui

import (
	"cmp"
	"fmt"
	"html/template"
	"net/http"
	"slices"

	"github.com/czbench/czbench/analysis/history"
	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// historyBody is the course of a scenario over its runs.
type historyBody struct {
	Scenarios, Fingerprints, Metrics []choice
	Runs                             []choice // to judge by
	Judged                           row
	Nights                           int
	Courses                          []courseView
	LeftOut                          []leftOut
	Notes                            []string
	Problem                          string // why there is no course
}

// courseView is one metric of one treatment.
type courseView struct {
	Metric, Label, Better string
	SVG                   template.HTML
	Problem               string // why there is no figure
	Changes               int
	Level                 string      // of the intervals, the lowest; empty for none
	Nights                []nightView // newest first
}

type nightView struct {
	ID, At          string
	Started         moment
	Value, Interval string
	Change          bool // it is the first night after a change point
}

// leftOut is a run that is no part of the history, and where its own is.
type leftOut struct{ ID, At, History, Reason string }

// mostSkipped is how many runs that cannot be judged are skipped.
const mostSkipped = 10

// history shows the runs of a scenario on one machine over time, up to the one that
// is asked for or else the newest that can be judged.
func (s *server) history(r *http.Request) (answer, error) {
	all, err := s.runs.all()
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	f := filter{Scenario: q.Get("scenario"), Fingerprint: q.Get("fingerprint"), Status: results.Complete}
	var asked *entry
	if name := q.Get("run"); name != "" {
		e, err := s.runs.find(name)
		if err != nil {
			return nil, err
		}
		// Another scenario or fingerprint has been chosen beside a run: it counts.
		if f.Scenario = cmp.Or(f.Scenario, e.Scenario); f.Scenario == e.Scenario && (f.Fingerprint == "" || f.Fingerprint == e.Fingerprint) {
			asked = &e
		}
	}
	scenario := func(e entry) string { return e.Scenario }
	body := historyBody{Scenarios: choicesOf(all, f.Scenario, scenario, same)}
	if f.Scenario == "" {
		body.Problem = "Choose a scenario."
		return s.show(http.StatusOK, "history", page{Title: "History", Body: body})
	}
	all = slices.DeleteFunc(all, func(e entry) bool { return e.Scenario != f.Scenario })
	if len(all) == 0 {
		return nil, notFound("there is no run of a scenario %q in %s", f.Scenario, s.o.Dir)
	}
	body.Fingerprints = choicesOf(all, f.Fingerprint, func(e entry) string { return e.Fingerprint }, short)
	candidates := slices.DeleteFunc(slices.Clone(all), func(e entry) bool { return !f.matches(e) })
	for _, e := range candidates[:min(len(candidates), mostOffered)] {
		body.Runs = append(body.Runs, choice{e.name(), e.ID + " · " + e.Title, asked != nil && e.name() == asked.name()})
	}
	if asked != nil {
		candidates = []entry{*asked}
	}
	if len(candidates) == 0 {
		body.Problem = "No complete run fits: only complete runs have a history."
	} else if err := s.followFirst(&body, candidates, all, q.Get("metric")); err != nil {
		body.Problem = err.Error()
	}
	return s.show(http.StatusOK, "history", page{Title: "History of " + f.Scenario, Body: body})
}

// followFirst fills body with the courses that end with the first of candidates
// that can be judged, and notes the ones before it.
func (s *server) followFirst(body *historyBody, candidates, all []entry, metric string) error {
	var first error
	var skipped []string
	for _, e := range candidates[:min(len(candidates), mostSkipped+1)] {
		said, courses, err := s.nights(e, all)
		if err == nil {
			err = body.follow(said, courses, all, metric)
			body.Judged, body.Notes = s.row(s.runs.open(e)), append(skipped, body.Notes...)
			return err
		}
		skipped = append(skipped, "skipped: "+err.Error())
		first = cmp.Or(first, err)
	}
	return first
}

// follow fills body with the courses and what is said of them.
func (body *historyBody) follow(said *history.Result, courses []history.Course, all []entry, metric string) error {
	at, own := map[string]string{}, map[string]string{}
	for _, e := range all {
		at[e.ID], own[e.ID] = e.at(), address("/history", "run", e.name())
	}
	body.Nights, body.Notes = len(said.Nights), slices.Clone(said.Notes)
	if said.Older > 0 {
		body.Notes = append(body.Notes, fmt.Sprintf("%d older runs are not shown", said.Older))
	}
	for _, l := range slices.Backward(said.LeftOut) {
		body.LeftOut = append(body.LeftOut, leftOut{l.Run, at[l.Run], own[l.Run], l.Reason})
	}
	for _, c := range courses {
		if !slices.ContainsFunc(body.Metrics, func(m choice) bool { return m.Value == c.Metric.Name }) {
			body.Metrics = append(body.Metrics, choice{c.Metric.Name, c.Metric.Name, c.Metric.Name == metric})
		}
	}
	if metric == "" && len(courses) > 0 { // all of them would be a long page
		metric = courses[0].Metric.Name
		body.Metrics[0].Chosen = true
	}
	for _, c := range courses {
		if c.Metric.Name == metric {
			body.Courses = append(body.Courses, courseViewOf(c, at))
		}
	}
	if len(body.Courses) == 0 {
		return fmt.Errorf("the runs compare no metric %q", metric)
	}
	return nil
}

// nights is what was computed last, so that another metric of it is there at once.
type nights struct {
	of      string // the runs, with their stamps
	said    *history.Result
	courses []history.Course
}

// nights reads the runs of a scenario up to judged; all are its runs.
func (s *server) nights(judged entry, all []entry) (*history.Result, []history.Course, error) {
	s.analyse.Lock()
	defer s.analyse.Unlock()
	of := judged.name()
	for _, e := range all {
		of += fmt.Sprintf("\n%s %s %v", e.ID, e.Status, e.stamp)
	}
	if s.last.of == of {
		return s.last.said, s.last.courses, nil
	}
	f, err := results.Open(judged.Dir)
	if err != nil {
		return nil, nil, err
	}
	listed := make([]results.Listing, len(all)) // links to runs elsewhere are not among them
	for i, e := range all {
		listed[i] = e.Listing
	}
	h, err := history.Read(s.o.Dir, f, history.Options{Differing: s.o.Differing, Runs: listed})
	if err != nil {
		return nil, nil, err
	}
	s.last = nights{of, h.Judge(), h.Courses()}
	return s.last.said, s.last.courses, nil
}

func courseViewOf(c history.Course, at map[string]string) courseView {
	v := courseView{Metric: c.Metric.Name, Label: c.Label, Better: string(c.Metric.Better), Changes: len(c.Changes)}
	svg, err := reports.HistorySVG(c)
	if err != nil {
		v.Problem = err.Error()
	}
	v.SVG = template.HTML(svg) //nolint:gosec // figures escape their texts
	for i, n := range slices.Backward(c.Nights) {
		night := nightView{
			ID: n.Run, At: at[n.Run], Started: momentOf(n.Started), Value: quantity.Value(c.Metric, n.Value),
			Interval: quantity.None, Change: slices.Contains(c.Changes, i),
		}
		if n.Level > 0 {
			night.Interval = "[" + quantity.Value(c.Metric, n.Low) + ", " + quantity.Value(c.Metric, n.High) + "]"
		}
		v.Nights = append(v.Nights, night)
	}
	if least, most := c.Levels(); least > 0 {
		v.Level = quantity.Percent(least)
		if least < most {
			v.Level = "at least " + v.Level
		}
	}
	return v
}
