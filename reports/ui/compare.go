package ui

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/results"
)

// compareBody is two runs side by side, the baseline first.
type compareBody struct {
	A, B    row
	Swap    string // address of the comparison the other way round
	Digest  reports.Digest
	Tables  []sides
	Problem string // why nothing can be compared
	Differs []difference
	Texts   []texts
	Figures []figures
}

// Alone tells whether only one of the runs has some figure.
func (b compareBody) Alone() bool {
	return slices.ContainsFunc(b.Figures, func(f figures) bool { return f.A == "" || f.B == "" })
}

// sides is one treatment in both runs.
type sides struct {
	Label  string
	Claims []reports.Claim
	Others []reports.Medians // of what is not compared
}

// difference is something that is recorded of both runs and not the same.
type difference struct{ What, A, B string }

// texts is a file of the scenario that is not the same in both runs.
type texts struct {
	Name, A, B string
	Cut        bool // there is more of it than is shown
}

// What is shown of the scenario's files, in bytes: of each, and of all together.
const (
	mostText  = 256 << 10
	mostTexts = 2 << 20
)

// figures are those of one name; the address is empty where a run has none.
type figures struct{ Name, A, B string }

// compare shows two runs side by side: a and b, or the two that are called run,
// of which the older one is then the baseline.
func (s *server) compare(r *http.Request) (answer, error) {
	a, b, err := s.pair(r.URL.Query())
	if err != nil {
		return nil, err
	}
	var folders [2]*results.Folder
	for i, e := range []entry{a, b} {
		if folders[i], err = results.Open(e.Dir); err != nil {
			return nil, err
		}
	}
	body := compareBody{
		A: s.row(a), B: s.row(b), Swap: address("/compare", "a", b.name(), "b", a.name()),
		Differs: differences(folders[0].Run(), folders[1].Run()), Figures: figuresOf(a, b),
	}
	if body.Texts, err = differingTexts(folders[0], folders[1]); err != nil {
		return nil, err
	}
	if both, err := s.analyzeRuns(folders[0], folders[1]); err != nil {
		body.Problem = err.Error()
	} else {
		body.Digest = reports.DigestOf(results.Run{}, both)
		for _, g := range body.Digest.Groups {
			body.Tables = append(body.Tables, sidesOf(g))
		}
		slices.SortStableFunc(body.Tables, func(a, b sides) int { return cmp.Compare(min(1, len(b.Claims)), min(1, len(a.Claims))) })
	}
	return s.show(http.StatusOK, "compare", page{Title: "Two runs side by side", Body: body})
}

func (s *server) analyzeRuns(a, b *results.Folder) (*analysis.Analysis, error) {
	s.analyse.Lock()
	defer s.analyse.Unlock()
	return analysis.AnalyzeRuns(a, b, analysis.Options{})
}

// pair returns the two runs that are asked for.
func (s *server) pair(q url.Values) (a, b entry, err error) {
	names := q["run"]
	if len(names) == 0 {
		names = []string{q.Get("a"), q.Get("b")}
	}
	if len(names) != 2 || names[0] == "" || names[1] == "" || names[0] == names[1] {
		return a, b, badRequest("choose two runs to compare: /compare?a=SCENARIO/ID&b=SCENARIO/ID")
	}
	if a, err = s.runs.find(names[0]); err != nil {
		return a, b, err
	}
	if b, err = s.runs.find(names[1]); err != nil {
		return a, b, err
	}
	if len(q["run"]) > 0 && b.ID < a.ID {
		a, b = b, a
	}
	return a, b, nil
}

// sidesOf returns a group with the medians that no claim has told already. A
// treatment that only one run has is none of both.
func sidesOf(g reports.Group) sides {
	t := sides{Label: g.Label, Claims: g.Claims}
	for _, m := range g.Medians {
		if len(m.Values) == 2 && !slices.ContainsFunc(g.Claims, func(c reports.Claim) bool { return c.Metric == m.Metric }) {
			t.Others = append(t.Others, m)
		}
	}
	return t
}

// differences returns what is recorded of the two runs and differs.
func differences(a, b results.Run) []difference {
	was, is := recorded(a), recorded(b)
	keys := maps.Clone(was)
	maps.Copy(keys, is)
	var all []difference
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if was[key] != is[key] {
			all = append(all, difference{key, was[key], is[key]})
		}
	}
	return all
}

// recorded returns what is recorded of a run beside its results, flat.
func recorded(r results.Run) map[string]string {
	all := map[string]string{
		"title": r.Title, "status": r.Status, "fingerprint": r.Fingerprint, "blocks": strconv.Itoa(r.Blocks), "seed": strconv.FormatUint(r.Seed, 10),
		"warm-up (s)": number(r.Warmup), "window (s)": number(r.Measure), "compared metrics": strings.Join(r.Compare.Metrics, ", "),
		"compared factor": r.Compare.Factor, "baseline": r.Compare.Baseline, "margin": number(r.Compare.Margin), "alpha": number(r.Compare.Alpha),
	}
	maps.Copy(all, rules(r))
	for _, w := range r.Workloads {
		all["workload "+w.Name] = workload(w)
	}
	for _, m := range r.Metrics {
		all["metric "+m.Name] = strings.Join([]string{string(m.Kind), "unit " + m.Unit, cmp.Or(string(m.Better), "neither") + " is better", string(m.Scale)}, ", ")
	}
	for _, f := range r.Factors {
		all["factor "+f.Name] = strings.Join(f.Levels, ", ")
	}
	for _, v := range r.Variables {
		all["variable "+v.Name] = v.Value
	}
	for name, value := range r.Facts {
		all["fact "+name] = value
	}
	return all
}

// rules returns by what rules a run is judged and ends.
func rules(r results.Run) map[string]string {
	all := map[string]string{
		"correction": cmp.Or(r.Compare.Correction, results.CorrectHolm), "largest share of trials dropped": number(r.MaxDropped),
	}
	if c := r.Capacity; c != nil {
		all["capacity"] = fmt.Sprintf("of %s, %s at most %s, by %s", c.Workload, c.Metric, number(c.Bound), c.Factor)
	}
	if p := r.Precision; p != nil {
		all["precision"] = fmt.Sprintf("%s within ±%s, %d to %d blocks", p.Metric, number(p.HalfWidth), p.MinBlocks, p.MaxBlocks)
	}
	return all
}

// workload writes what is recorded of a workload.
func workload(w results.Workload) string {
	parts := []string{w.Kind, w.Role, "zone " + w.Zone}
	if w.Load != "" {
		parts = append(parts, "load "+w.Load)
	}
	for _, metric := range slices.Sorted(maps.Keys(w.SLO)) {
		parts = append(parts, "SLO "+metric+" "+number(w.SLO[metric]))
	}
	return strings.Join(parts, ", ")
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// differingTexts returns the scenario files that are not the same.
func differingTexts(a, b *results.Folder) ([]texts, error) {
	was, err := a.Sources()
	if err != nil {
		return nil, err
	}
	is, err := b.Sources()
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, sources := range []map[string][]byte{was, is} {
		for name := range sources {
			names[name] = true
		}
	}
	var all []texts
	left := mostTexts
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if bytes.Equal(was[name], is[name]) && (was[name] == nil) == (is[name] == nil) {
			continue
		}
		a, b := begin(was[name], left), begin(is[name], left)
		left = max(0, left-len(a)-len(b))
		all = append(all, texts{name, a, b, len(a) < len(was[name]) || len(b) < len(is[name])})
	}
	return all, nil
}

// begin returns what is shown of a text of which no more than left may be.
func begin(text []byte, left int) string { return string(text[:min(len(text), mostText, left)]) }

// figuresOf returns the figures of the reports of both runs by name.
func figuresOf(a, b entry) []figures {
	of := map[string]*figures{}
	for i, e := range []entry{a, b} {
		for name, at := range drawn(e) {
			if of[name] == nil {
				of[name] = &figures{Name: name}
			}
			if i == 0 {
				of[name].A = at
			} else {
				of[name].B = at
			}
		}
	}
	var all []figures
	for _, name := range slices.Sorted(maps.Keys(of)) {
		all = append(all, *of[name])
	}
	return all
}

// drawn returns the addresses of the figures of a run by name; none without a
// report.
func drawn(e entry) map[string]string {
	root, err := os.OpenRoot(e.Dir)
	if err != nil {
		return nil
	}
	defer root.Close() //nolint:errcheck // it was only read
	dir, err := root.Open(filepath.Join(results.ReportDir, "figures"))
	if err != nil {
		return nil
	}
	defer dir.Close() //nolint:errcheck // it was only read
	files, err := dir.ReadDir(mostFiles)
	if err != nil {
		return nil
	}
	addresses := map[string]string{}
	for _, f := range files {
		if name, is := strings.CutSuffix(f.Name(), ".svg"); is && f.Type().IsRegular() {
			addresses[name] = path.Join(e.at(), results.ReportDir, "figures") + "/" + url.PathEscape(f.Name())
		}
	}
	return addresses
}
