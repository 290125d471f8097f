package gate

import (
	"fmt"
	"io"
	"strings"

	"github.com/czbench/czbench/analysis/history"
	"github.com/czbench/czbench/reports/escape"
)

// Annotations writes r as workflow commands of GitHub Actions: an error for each
// regression, a warning for what is inconclusive, and one notice for the whole.
func Annotations(w io.Writer, r *history.Result) error {
	var b strings.Builder
	command := func(kind, title string, message ...string) {
		for i, line := range message {
			message[i] = escape.Terminal(line, true)
		}
		fmt.Fprintf(&b, "::%s title=%s::%s\n", kind,
			escape.GitHub(escape.Terminal(title, true), true), escape.GitHub(strings.Join(message, "\n"), false))
	}
	for _, s := range r.Unfit {
		command("warning", r.Scenario, s)
	}
	for _, f := range r.Findings {
		kind := ""
		switch f.Verdict {
		case history.Regression:
			kind = "error"
		case history.Inconclusive:
			kind = "warning"
		default:
			continue
		}
		lines := append([]string{strings.TrimSpace(effect(f) + " " + f.Why)}, details(r, f)...)
		command(kind, f.Verdict+": "+name(f), lines...)
	}
	command("notice", r.Scenario+": "+r.Verdict, headline(r)+"; "+used(r))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write annotations of run %s: %w", r.Run, err)
	}
	return nil
}
