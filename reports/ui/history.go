package ui

import (
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
	Nights                []nightView // newest first
}

type nightView struct {
	ID, At          string
	Started         moment
	Value, Interval string
	Change          bool // it is the first night after a change point
}

type leftOut struct{ ID, At, Reason string }

// history shows the runs of a scenario on one machine over time.
func (s *server) history(r *http.Request) (answer, error) {
	all, err := s.runs.all()
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	f := filter{Scenario: q.Get("scenario")}
	scenario := func(e entry) string { return e.Scenario }
	body := historyBody{Scenarios: choicesOf(all, f.Scenario, scenario, same)}
	if f.Scenario == "" {
		body.Problem = "Choose a scenario."
		return s.show(http.StatusOK, "history", page{Title: "History", Body: body})
	}
	all = slices.DeleteFunc(all, func(e entry) bool { return !f.matches(e) })
	if len(all) == 0 {
		return nil, notFound("there is no run of a scenario %q in %s", f.Scenario, s.o.Dir)
	}
	f.Fingerprint = q.Get("fingerprint")
	body.Fingerprints = choicesOf(all, f.Fingerprint, func(e entry) string { return e.Fingerprint }, short)
	f.Status = results.Complete
	if i := slices.IndexFunc(all, f.matches); i < 0 {
		body.Problem = "No complete run fits: only complete runs have a history."
	} else if err := s.follow(&body, all[i], all, q.Get("metric")); err != nil {
		body.Problem = err.Error()
	}
	return s.show(http.StatusOK, "history", page{Title: "History of " + f.Scenario, Body: body})
}

// follow fills body with the courses that end with the run judged.
func (s *server) follow(body *historyBody, judged entry, all []entry, metric string) error {
	body.Judged = s.row(s.runs.open(judged))
	said, courses, err := s.nights(judged, all)
	if err != nil {
		return err
	}
	at := map[string]string{}
	for _, e := range all {
		at[e.ID] = e.at()
	}
	body.Nights, body.Notes = len(said.Nights), slices.Clone(said.Notes)
	if said.Older > 0 {
		body.Notes = append(body.Notes, fmt.Sprintf("%d older runs are not shown", said.Older))
	}
	for _, l := range slices.Backward(said.LeftOut) {
		body.LeftOut = append(body.LeftOut, leftOut{l.Run, at[l.Run], l.Reason})
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
	h, err := history.Read(s.o.Dir, f, history.Options{Differing: s.o.Differing})
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
		v.Nights = append(v.Nights, nightView{
			ID: n.Run, At: at[n.Run], Started: momentOf(n.Started), Value: quantity.Value(c.Metric, n.Value),
			Interval: "[" + quantity.Value(c.Metric, n.Low) + ", " + quantity.Value(c.Metric, n.High) + "]",
			Change:   slices.Contains(c.Changes, i),
		})
	}
	return v
}
