package gate

import (
	"fmt"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/analysis/history"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// mostChanges is how many differences between two runs are named.
const mostChanges = 6

// name is what a finding is called.
func name(f history.Finding) string {
	if f.Label == "" {
		return f.Metric.Name
	}
	return f.Metric.Name + " · " + f.Label
}

// effect writes how large a regression is: by the gate where it decided, else as
// nominated.
func effect(f history.Finding) string {
	switch {
	case f.Decision != nil && f.Decision.N > 0:
		return change(f.Metric, f.Decision.Inference)
	case f.Nomination != nil:
		return quantity.Estimate(f.Metric, f.Nomination.Shift)
	case f.Improved != 0:
		return quantity.Estimate(f.Metric, f.Improved)
	default:
		return ""
	}
}

func change(m results.Metric, in analysis.Inference) string {
	if in.Exact {
		return quantity.Exact(m, in.Estimate)
	}
	return quantity.Effect(m, in.Estimate, in.Low, in.High)
}

// details says everything that is known of a nominated finding, one sentence a
// line.
func details(r *history.Result, f history.Finding) []string {
	n := f.Nomination
	if n == nil {
		return nil
	}
	lines := []string{nominated(f.Metric, *n)}
	if len(n.Changed) > 0 {
		lines = append(lines, changed(*n))
	} else {
		lines = append(lines, fmt.Sprintf("between run %s and run %s nothing recorded changed", n.Before, n.Since))
	}
	if f.Decision != nil {
		lines = append(lines, gate(r, f))
	}
	return lines
}

// nominated says why a finding is suspect.
func nominated(m results.Metric, n history.Nomination) string {
	from := fmt.Sprintf("%s → %s, %s", quantity.Value(m, n.Was), quantity.Value(m, n.Is), quantity.Estimate(m, n.Shift))
	switch n.Kind {
	case history.Step:
		return fmt.Sprintf("nominated by a step since run %s: %s, %s against %s before; p %s (E-divisive on ranks, by permutations)",
			n.Since, from, plural(n.Nights, "night"), count(n.Reference), quantity.P(n.P))
	case history.Versus:
		return fmt.Sprintf("nominated by the comparison with run %s: %s", n.Before, inference(m, n.Comparison.Inference, ""))
	}
	who, all := "the newest night is", "all"
	if n.Nights > 1 {
		who, all = fmt.Sprintf("each of the newest %d nights is", n.Nights), "at least nine tenths of the"
	}
	text := fmt.Sprintf("nominated by a jump at run %s: %s worse than %s %d before since the last change: %s (medians; no test)",
		n.Since, who, all, n.Reference, from)
	if n.Missing > 0 {
		text += fmt.Sprintf("; %s too few to go by", plural(n.Missing, "night"))
	}
	return text
}

// changed says what differs between the last good run and the first suspect one.
func changed(n history.Nomination) string {
	var parts []string
	for i, c := range n.Changed {
		if i == mostChanges {
			parts = append(parts, fmt.Sprintf("and %d more", len(n.Changed)-i))
			break
		}
		if c.What == history.TextChange {
			parts = append(parts, c.What)
			continue
		}
		parts = append(parts, fmt.Sprintf("%s %q → %q", c.What, c.Was, c.Is))
	}
	return fmt.Sprintf("between run %s and run %s changed: %s", n.Before, n.Since, strings.Join(parts, "; "))
}

// gate says what the gate run says of a finding.
func gate(r *history.Result, f history.Finding) string {
	g, d := r.Gate, f.Decision
	text := fmt.Sprintf("gate run %s, %s: %q of run %s against %q, interleaved: ", g.Run, g.Suspect, g.Good, g.GoodRun, g.Now)
	if d.N == 0 {
		return text + "no block has a value of both"
	}
	text += inference(f.Metric, d.Inference, fmt.Sprintf(" by Holm over %d nominated", g.Family))
	text += fmt.Sprintf("; alpha %s, margin ±%s", quantity.Plain(g.Alpha), quantity.Margin(f.Metric, r.Margin))
	if d.Floor > 0 {
		text += ", noise floor ±" + strings.TrimPrefix(quantity.Estimate(f.Metric, d.Floor), "+")
	}
	return text
}

// inference writes an estimate with all that it stands on; correction says how p
// was adjusted.
func inference(m results.Metric, in analysis.Inference, correction string) string {
	text := change(m, in)
	if in.Exact {
		text += "; " + in.Test
	} else {
		text += fmt.Sprintf(" at %s; n %d; %s; p %s, adjusted%s %s",
			quantity.Percent(in.Level), in.N, in.Test, quantity.P(in.P), correction, quantity.P(in.Adjusted))
	}
	for _, note := range in.Notes {
		text += "; " + note
	}
	return text
}

// used says what the judged run was held against.
func used(r *history.Result) string {
	if r.Against != "" {
		return fmt.Sprintf("run %s against run %s", r.Run, r.Against)
	}
	text := fmt.Sprintf("run %s after %s", r.Run, plural(len(r.Nights)-1, "comparable night"))
	if r.Older > 0 {
		text += fmt.Sprintf(" (%d older ones are not looked at)", r.Older)
	}
	return text
}

// leftOut says which runs are no part of the history: one line for each kind of
// reason, with the newest as the example.
func leftOut(r *history.Result) []string {
	var kinds []string
	counts, example := map[string]int{}, map[string]string{}
	for _, l := range r.LeftOut {
		kind, why, _ := strings.Cut(l.Reason, ": ")
		if counts[kind] == 0 {
			kinds = append(kinds, kind)
		}
		counts[kind]++
		example[kind] = fmt.Sprintf("run %s: %s", l.Run, why)
	}
	lines := make([]string, 0, len(kinds))
	for _, kind := range kinds {
		lines = append(lines, fmt.Sprintf("left out for %s: %s, %s", kind, plural(counts[kind], "run"), example[kind]))
	}
	return lines
}

// caveats says what could be wrong: an unfit machine, what was left out, notes,
// and the warnings of the gate run.
func caveats(r *history.Result) []string {
	lines := append([]string{}, r.Unfit...)
	lines = append(lines, leftOut(r)...)
	for _, s := range r.Notes {
		lines = append(lines, "note: "+s)
	}
	if r.Gate == nil {
		return lines
	}
	for _, w := range r.Gate.Warnings {
		text := w.Text
		if w.About != "" {
			text = w.About + ": " + text
		}
		lines = append(lines, "warning of the gate run: "+text)
	}
	return lines
}

// headline is the result in one sentence.
func headline(r *history.Result) string {
	counts := map[string]int{}
	for _, f := range r.Findings {
		counts[f.Verdict]++
	}
	switch r.Verdict {
	case history.Regression:
		return fmt.Sprintf("%s confirmed, of %s", plural(counts[history.Regression], "regression"), plural(len(r.Findings), "comparison"))
	case history.Inconclusive:
		if len(r.Unfit) > 0 {
			return "the machine is not fit"
		}
		return fmt.Sprintf("%s not decided, of %d", plural(counts[history.Inconclusive], "comparison"), len(r.Findings))
	}
	text := "no regression"
	if n := counts[history.Cleared]; n > 0 {
		text += fmt.Sprintf("; %d nominated and cleared by the gate", n)
	}
	return text
}

// ordinary describes a finding that was not nominated.
func ordinary(f history.Finding) string {
	n := len(f.Values)
	if n == 0 {
		return ""
	}
	text := quantity.Value(f.Metric, f.Values[n-1])
	if f.Improved != 0 {
		text += ", improved by a recent step of " + quantity.Estimate(f.Metric, f.Improved)
	}
	return text
}

func count(n int) string { return fmt.Sprint(n) }

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
