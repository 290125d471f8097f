package ui

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/results"
)

// mostOffered is how many runs are offered for a comparison.
const mostOffered = 500

// runBody is the page of a run.
type runBody struct {
	Row         row
	Run         results.Run
	Digest      reports.Digest
	Problem     string // why there is no digest
	Report      string // its address; empty when there is none
	Again       string // the command that makes one
	History     string
	Same, Other []choice // what it can be compared with
}

// run shows a run.
func (s *server) run(r *http.Request) (answer, error) {
	e, err := s.runs.find(r.PathValue("scenario") + "/" + r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	f, err := results.Open(e.Dir)
	if err != nil {
		return nil, err
	}
	all, err := s.runs.all()
	if err != nil {
		return nil, err
	}
	body := runBody{
		Row: s.row(e), Run: f.Run(), Again: "czbench report " + shellWord(e.Dir),
		History: address("/history", "run", e.name()),
	}
	for _, o := range all {
		if o.Problem != "" || o.name() == e.name() || len(body.Same)+len(body.Other) == mostOffered {
			continue
		}
		c := choice{Value: o.name(), Text: fmt.Sprintf("%s · %s", o.name(), o.Title)}
		if o.Scenario == e.Scenario {
			body.Same = append(body.Same, c)
		} else {
			body.Other = append(body.Other, c)
		}
	}
	if err := body.read(e); err != nil {
		return nil, err
	}
	return s.show(http.StatusOK, "run", page{Title: body.Row.Title, Body: body})
}

// read adds what the folder of the run holds.
func (b *runBody) read(e entry) error {
	dir, err := os.OpenRoot(e.Dir)
	if err != nil {
		return err
	}
	defer dir.Close() //nolint:errcheck // it was only read
	if _, err := dir.Stat(results.ReportDir + "/index.html"); err == nil {
		b.Report = e.at() + "report/index.html"
	}
	a, err := readAnalysis(dir)
	switch {
	case errors.Is(err, errNoAnalysis):
		b.Problem = "The run has not been analysed."
	case err != nil:
		b.Problem = err.Error()
	default:
		b.Digest = reports.DigestOf(b.Run, a)
	}
	return nil
}

// shellWord quotes s for a shell where it needs to be.
func shellWord(s string) string {
	if strings.IndexFunc(s, func(c rune) bool {
		return !strings.ContainsRune("-_./+:", c) && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
	}) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
