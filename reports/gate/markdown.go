package gate

import (
	"fmt"
	"strings"

	"github.com/czbench/czbench/analysis/history"
	"github.com/czbench/czbench/reports/escape"
)

// Markdown returns r for the comment of a pull request: the verdict, a table of
// what was looked at, and in folds what the claims stand on.
func Markdown(r *history.Result) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s: %s\n\n%s\n\n", escape.Markdown(r.Scenario), escape.Markdown(headline(r)), escape.Markdown(used(r)))
	for _, s := range r.Unfit {
		b.WriteString("**" + escape.Markdown(s) + "**\n\n")
	}
	b.WriteString("| verdict | metric | treatment | change or value | why |\n|---|---|---|---|---|\n")
	for _, f := range r.Findings {
		shown := effect(f)
		if f.Nomination == nil {
			shown = ordinary(f)
		}
		cells := []string{f.Verdict, f.Metric.Name, f.Label, shown, f.Why}
		for i, cell := range cells {
			cells[i] = escape.Markdown(cell)
		}
		if f.Verdict == history.Regression {
			cells[0] = "**" + cells[0] + "**"
		}
		b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	for _, f := range r.Findings {
		fold(&b, name(f), details(r, f))
	}
	fold(&b, "what could be wrong", caveats(r))
	return []byte(b.String())
}

// fold writes lines that a reader may open.
func fold(b *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "\n<details><summary>%s</summary>\n\n", escape.Markdown(title))
	for _, s := range lines {
		b.WriteString("- " + escape.Markdown(s) + "\n")
	}
	b.WriteString("\n</details>\n")
}
