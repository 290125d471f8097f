package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/escape"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// TerminalOptions say what the terminal can show. The zero value is plain ASCII
// without colour, 100 columns wide.
type TerminalOptions struct {
	Color   bool
	Unicode bool
	Width   int                // columns; 0 is 100
	SLO     map[string]float64 // bounds by metric, as SLO returns them
	// Claims adds, for each comparison, what it stands on; for where no report has it.
	Claims bool
}

// mostListed is how many dropped trials and how many warnings are listed one by
// one.
const mostListed = 8

// Terminal writes what a person reads at a glance after a run: for each
// combination of the other factors one table of strategies by metrics, and below
// it what the numbers stand on.
func Terminal(w io.Writer, a *analysis.Analysis, o TerminalOptions) error {
	if o.Width <= 0 {
		o.Width = 100
	}
	t := terminal{a: a, o: o}
	t.head()
	for _, c := range contextsOf(a) {
		t.context(c)
	}
	t.phases()
	t.interactions()
	t.sensitivity()
	t.capacity()
	t.trust()
	t.foot()
	if _, err := io.WriteString(w, t.b.String()); err != nil {
		return fmt.Errorf("write table of run %s: %w", a.RunID, err)
	}
	return nil
}

// terminal collects the text.
type terminal struct {
	a *analysis.Analysis
	o TerminalOptions
	b strings.Builder
}

// clean makes s fit for the terminal.
func (t *terminal) clean(s string) string { return escape.Terminal(s, t.o.Unicode) }

func (t *terminal) line(indent, s string) {
	t.b.WriteString(wrapText(t.clean(s), t.o.Width, indent))
}

func (t *terminal) head() {
	a := t.a
	t.optional(joined(a.Scenario, a.Title))
	var run, baseline, fidelity string
	if a.RunID != "" {
		run = "run " + a.RunID
	}
	if a.Baseline != "" {
		baseline = "baseline " + shorten(a.Baseline, widestHeader)
	}
	if f := a.Fidelity; f != "" && f != results.FidelityReal {
		fidelity = "fidelity " + f
	}
	t.optional(joined(run, baseline, fidelity))
	t.optional(pairing(a))
	for _, l := range zoneLines(a) {
		t.line("  ", l)
	}
}

// joined joins those parts that are there.
func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " · ")
}

// optional writes a line, if there is something to write.
func (t *terminal) optional(s string) {
	if s != "" {
		t.line("", s)
	}
}

// context writes the table of c.
func (t *terminal) context(c context) {
	t.b.WriteByte('\n')
	if c.label != "" {
		t.line("", c.label)
	}
	rows := c.rows()
	if len(rows) == 0 {
		return
	}
	names := column{header: t.header(t.a.Factor)}
	if t.a.Factor == "" {
		names.header = "treatment"
	}
	for _, i := range rows {
		names.rows = append(names.rows, []cell{{text: t.name(name(t.a, t.a.Treatments[i]))}})
	}
	var columns []column
	for _, m := range compared(t.a) {
		columns = append(columns, t.comparedColumn(c, m))
	}
	for _, m := range derived(t.a) {
		columns = append(columns, t.medianColumn(c, m))
	}
	if k, known := t.sloColumn(c); known {
		columns = append(columns, k)
	}
	if t.anyFaulty(c) || len(columns) == 0 {
		columns = append(columns, t.trialsColumn(c))
	}
	t.b.WriteString(layTable(names, columns, t.o.Width, t.o.Color))
}

// Names that are wider than this are shortened.
const (
	widestName   = 24
	widestHeader = 40
)

// shorten cuts s to n signs, out of its middle: long names often differ in their
// ends.
func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n/2]) + "~" + string(r[len(r)-(n-n/2-1):])
	}
	return s
}

// comparedColumn shows the medians of m, and for candidates verdict and change.
func (t *terminal) comparedColumn(c context, m results.Metric) column {
	k := column{header: t.header(m.Name)}
	for _, i := range c.rows() {
		tr := t.a.Treatments[i]
		row := []cell{{text: t.clean(summary(tr, m)), right: true}, {}, {}}
		if cmp, ok := c.comparison(tr, m.Name); ok {
			look := verdictLook(cmp.Verdict)
			row[1] = cell{text: t.mark(look), color: look.color}
			if estimated(cmp) {
				row[2] = cell{text: t.clean(change(m, cmp.Inference)), color: look.color}
			}
			if m := marks(t.a, cmp); m != "" {
				row = append(row, cell{text: m})
			}
		}
		k.rows = append(k.rows, row)
	}
	return k
}

// mark returns the sign of a verdict that the terminal can show.
func (t *terminal) mark(look verdict) string {
	if t.o.Unicode {
		return look.mark
	}
	return look.plain
}

// medianColumn shows the medians of m.
func (t *terminal) medianColumn(c context, m results.Metric) column {
	k := column{header: t.header(m.Name)}
	for _, i := range c.rows() {
		k.rows = append(k.rows, []cell{{text: t.clean(summary(t.a.Treatments[i], m)), right: true}})
	}
	return k
}

// sloColumn counts the blocks in which the SLO held; it is not known where no
// row has an SLO.
func (t *terminal) sloColumn(c context) (k column, known bool) {
	k.header = "SLO met"
	for _, i := range c.rows() {
		text := t.clean(quantity.None)
		if met, of := sloMet(t.a, t.a.Treatments[i], t.o.SLO); of > 0 {
			text, known = fmt.Sprintf("%d/%d", met, of), true
		}
		k.rows = append(k.rows, []cell{{text: text, right: true}})
	}
	return k, known
}

// anyFaulty says whether c has a trial that is not ok.
func (t *terminal) anyFaulty(c context) bool {
	return slices.ContainsFunc(c.rows(), func(i int) bool {
		return t.a.Treatments[i].Invalid+t.a.Treatments[i].Failed > 0
	})
}

// trialsColumn counts the trials by verdict.
func (t *terminal) trialsColumn(c context) column {
	k := column{header: "trials"}
	for _, i := range c.rows() {
		tr := t.a.Treatments[i]
		text := fmt.Sprintf("%d ok", tr.OK)
		if tr.Invalid > 0 {
			text += fmt.Sprintf(", %d invalid", tr.Invalid)
		}
		if tr.Failed > 0 {
			text += fmt.Sprintf(", %d failed", tr.Failed)
		}
		k.rows = append(k.rows, []cell{{text: text}})
	}
	return k
}

// header makes the name of a column fit for a table.
func (t *terminal) header(s string) string { return shorten(t.clean(s), widestHeader) }

// foot writes what the numbers stand on and what could be wrong with them.
func (t *terminal) foot() {
	t.b.WriteByte('\n')
	t.legend()
	t.line("", blocksUsed(t.a)+method(t.a))
	t.claims()
	dropped := make([]string, 0, len(t.a.Dropped))
	for _, d := range t.a.Dropped {
		dropped = append(dropped, droppedLine(d))
	}
	t.list("dropped: ", dropped)
	warnings := make([]string, 0, len(t.a.Warnings))
	for _, w := range t.a.Warnings {
		warnings = append(warnings, warningLine(w))
	}
	t.list("warning: ", warnings)
	t.list("note: ", noteLines(t.a))
	t.optional(harnessCost(t.a))
}

// claims writes what each comparison stands on.
func (t *terminal) claims() {
	if !t.o.Claims {
		return
	}
	d := Data{Analysis: t.a}
	for _, c := range contextsOf(t.a) {
		for _, k := range c.comparisons {
			v := comparisonClaim(d, c, k)
			name := k.Metric + ", " + v.Candidate
			if c.label != "" {
				name += ", " + c.label
			}
			t.line("  ", name+": "+strings.Join(v.Basis, "; "))
		}
	}
}

// legend says what the marks mean.
func (t *terminal) legend() {
	verdicts := []string{analysis.Improved, analysis.Regressed, analysis.Equivalent, analysis.Inconclusive}
	if len(t.a.Interactions) > 0 {
		verdicts = append(verdicts, analysis.Depends)
	}
	var legend []string
	for _, v := range verdicts {
		look := verdictLook(v)
		legend = append(legend, paint(t.mark(look), look.color, t.o.Color)+" "+v)
	}
	t.b.WriteString(strings.Join(legend, "   ") + "\n")
	for _, c := range marksUsed(t.a) {
		t.line("  ", c.mark+" "+c.text)
	}
}

// list writes lines, of many the first ones.
func (t *terminal) list(what string, lines []string) {
	for i, line := range lines {
		if i == mostListed {
			rest := fmt.Sprintf("%sand %d more", what, len(lines)-i)
			if !t.o.Claims {
				rest += "; the report lists them"
			}
			t.line("", rest)
			return
		}
		t.line("  ", what+line)
	}
}

// droppedLine writes why a block was left out.
func droppedLine(d analysis.Dropped) string {
	text := fmt.Sprintf("block %d", d.Block)
	if d.Trial > 0 {
		text += fmt.Sprintf(", trial %d", d.Trial)
	}
	if d.Label != "" {
		text += " (" + d.Label + ")"
	}
	return text + ": " + d.Reason
}

// warningLine writes a warning with what it is about.
func warningLine(w analysis.Warning) string {
	if w.About == "" {
		return w.Text
	}
	return w.About + ": " + w.Text
}
