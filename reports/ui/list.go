package ui

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"
)

// perPage is how many runs are listed at a time.
const perPage = 100

// unreadable is the status of a run that cannot be read, in the filter.
const unreadable = "unreadable"

// filter is what the list is asked for. Empty fields ask for nothing.
type filter struct {
	Q, Scenario, Fingerprint, Status string
	page                             int // from 1
}

func filterOf(q url.Values) (filter, error) {
	f := filter{Q: q.Get("q"), Scenario: q.Get("scenario"), Fingerprint: q.Get("fingerprint"), Status: q.Get("status"), page: 1}
	if p := q.Get("page"); p != "" {
		n, err := strconv.Atoi(p)
		if err != nil || n < 1 {
			return f, badRequest("page %q: want a number from 1", p)
		}
		f.page = n
	}
	return f, nil
}

// at returns the address of a page of the list.
func (f filter) at(page int) string {
	number := ""
	if page > 1 {
		number = strconv.Itoa(page)
	}
	return address("/", "q", f.Q, "scenario", f.Scenario, "fingerprint", f.Fingerprint, "status", f.Status, "page", number)
}

// matches says whether e has every word of the search and what else is asked.
func (f filter) matches(e entry) bool {
	if f.Scenario != "" && f.Scenario != e.Scenario || f.Fingerprint != "" && f.Fingerprint != e.Fingerprint || f.Status != "" && f.Status != status(e) {
		return false
	}
	for word := range strings.FieldsSeq(strings.ToLower(f.Q)) {
		if !strings.Contains(e.text, word) {
			return false
		}
	}
	return true
}

func status(e entry) string {
	if e.Problem != "" {
		return unreadable
	}
	return e.Status
}

// choice is an option of a form.
type choice struct {
	Value, Text string
	Chosen      bool
}

// choicesOf returns what field is in any of the runs, with how many have it.
func choicesOf(all []entry, chosen string, field func(entry) string, text func(string) string) []choice {
	n := map[string]int{}
	for _, e := range all {
		n[field(e)]++
	}
	if chosen != "" {
		n[chosen] += 0 // shown, though no run has it
	}
	var choices []choice
	for _, v := range slices.Sorted(maps.Keys(n)) {
		if v != "" {
			choices = append(choices, choice{v, fmt.Sprintf("%s (%d)", text(v), n[v]), v == chosen})
		}
	}
	return choices
}

func same(s string) string { return s }

// short cuts a fingerprint to what tells machines apart by eye.
func short(fingerprint string) string {
	const most = 10
	if r := []rune(fingerprint); len(r) > most {
		return string(r[:most]) + "…"
	}
	return fingerprint
}

// row is a run in the list.
type row struct {
	Name, ID, Scenario, Title, Status, At string
	Problem                               string
	Started                               moment
	OK, Planned, Invalid, Failed          int
	Verdicts                              verdicts
	Fingerprint, FingerprintAt            string
	Short                                 string
}

// listBody is the list of runs.
type listBody struct {
	Filter                            filter
	Scenarios, Fingerprints, Statuses []choice
	Count                             string
	Rows                              []row
	Newer, Older                      string // addresses of pages
	Empty                             string // why there is no row
}

// list shows the runs.
func (s *server) list(r *http.Request) (answer, error) {
	f, err := filterOf(r.URL.Query())
	if err != nil {
		return nil, err
	}
	all, err := s.runs.all()
	if err != nil {
		return nil, err
	}
	var found []entry
	for _, e := range all {
		if f.matches(e) {
			found = append(found, e)
		}
	}
	pages := max(1, (len(found)+perPage-1)/perPage)
	if f.page > pages {
		return nil, notFound("there are %d pages of runs, and no page %d", pages, f.page)
	}
	from := (f.page - 1) * perPage
	to := min(from+perPage, len(found))
	body := listBody{
		Filter: f, Count: counted(len(all), len(found), from, to), Rows: s.rows(found[from:to]), Empty: s.nothing(len(all), len(found)),
		Scenarios:    choicesOf(all, f.Scenario, func(e entry) string { return e.Scenario }, same),
		Fingerprints: choicesOf(all, f.Fingerprint, func(e entry) string { return e.Fingerprint }, short),
		Statuses:     choicesOf(all, f.Status, status, same),
	}
	if f.page > 1 {
		body.Newer = f.at(f.page - 1)
	}
	if f.page < pages {
		body.Older = f.at(f.page + 1)
	}
	return s.show(http.StatusOK, "list", page{Title: "Runs", Body: body})
}

// counted says how many runs are shown.
func counted(all, found, from, to int) string {
	text := fmt.Sprintf("%d runs", found)
	if found == 1 {
		text = "1 run"
	}
	if found < all {
		text += fmt.Sprintf(" of %d", all)
	}
	if to-from < found {
		text += fmt.Sprintf(", %d to %d shown", from+1, to)
	}
	return text
}

// nothing says why the list is empty.
func (s *server) nothing(all, found int) string {
	switch {
	case all == 0:
		return fmt.Sprintf("There are no runs in %s: czbench run makes one, and --dir names another folder.", s.o.Dir)
	case found == 0:
		return "No run fits the search and the filters."
	}
	return ""
}

// rows returns the runs as they are listed. They are read side by side.
func (s *server) rows(entries []entry) []row {
	rows := make([]row, len(entries))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, e := range entries {
		group.Go(func() error {
			rows[i] = s.row(s.runs.open(e))
			return nil
		})
	}
	_ = group.Wait() // none of them fails
	return rows
}

func (s *server) row(e entry) row {
	return row{
		Name: e.name(), ID: e.ID, Scenario: e.Scenario, Title: cmp.Or(e.Title, e.ID), Status: status(e), At: e.at(), Problem: e.Problem,
		Started: momentOf(e.Started), OK: e.OK, Planned: e.Planned, Invalid: e.Invalid, Failed: e.Failed, Verdicts: s.runs.verdicts(e),
		Fingerprint: e.Fingerprint, Short: short(e.Fingerprint), FingerprintAt: address("/", "fingerprint", e.Fingerprint),
	}
}
