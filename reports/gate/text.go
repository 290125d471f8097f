package gate

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/czbench/czbench/analysis/history"
	"github.com/czbench/czbench/reports/escape"
)

// Text writes r for people; without unicode in ASCII.
func Text(w io.Writer, r *history.Result, unicode bool) error {
	var b strings.Builder
	line := func(indent, s string) {
		if s != "" {
			b.WriteString(indent + escape.Terminal(s, unicode) + "\n")
		}
	}
	line("", r.Scenario+" · "+used(r))
	for _, s := range caveats(r) {
		line("  ", s)
	}
	b.WriteString("\n")
	for _, f := range r.Findings {
		head := fmt.Sprintf("%-12s  %s", f.Verdict, name(f))
		if f.Nomination == nil {
			line("", strings.TrimRight(head+"  "+ordinary(f), " "))
		} else {
			line("", head+"  "+effect(f))
		}
		line("    ", f.Why)
		for _, s := range details(r, f) {
			line("    ", s)
		}
	}
	b.WriteString("\n")
	line("", r.Verdict+": "+headline(r))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write verdict of run %s: %w", r.Run, err)
	}
	return nil
}

// JSON writes r as one indented object.
func JSON(w io.Writer, r *history.Result) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("write verdict of run %s: %w", r.Run, err)
	}
	return nil
}
