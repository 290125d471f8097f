package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/czbench/czbench/internal/config"
)

// MachineLacks is the Extra of a diagnostic about something that the scenario
// needs and the machine does not have. Its fields are those of host.Missing.
type MachineLacks struct {
	Key    string // "cpus:3"
	What   string // "the machine has 2 CPUs; 3 were asked for"
	Remedy string
}

func (m MachineLacks) Error() string { return m.What }

// OnlyMachineLacks reports whether diags holds errors and every one of them is
// about what the machine lacks.
func OnlyMachineLacks(diags hcl.Diagnostics) bool {
	for _, d := range diags {
		if _, lacks := d.Extra.(MachineLacks); d.Severity == hcl.DiagError && !lacks {
			return false
		}
	}
	return diags.HasErrors()
}

// WriteDiagnostics writes diags with the source lines they are about, wrapped
// at width columns unless width is 0.
func (s *Scenario) WriteDiagnostics(w io.Writer, diags hcl.Diagnostics, width uint, color bool) error {
	return hcl.NewDiagnosticTextWriter(w, s.files, width, color).WriteDiagnostics(diags)
}

// add reports diagnostics, each distinct one once. Consequences of what was
// reported already are dropped.
func (l *loader) add(diags ...*hcl.Diagnostic) {
	for _, d := range diags {
		if _, unknown := d.Extra.(config.Unknown); unknown {
			continue
		}
		d = asMachineLacks(d)
		if d.Subject != nil && slices.ContainsFunc(l.secret, func(r hcl.Range) bool { return r == *d.Subject || r.Overlaps(*d.Subject) }) {
			d = &hcl.Diagnostic{
				Severity: d.Severity, Summary: d.Summary, Subject: d.Subject,
				Detail: "A sensitive value stands here, so nothing more is shown.",
			}
		}
		key := fmt.Sprint(d.Severity, d.Summary, "\n", d.Detail, "\n", d.Subject)
		if l.seen[key] {
			continue
		}
		l.seen[key] = true
		l.diags = append(l.diags, d)
	}
}

// fail reports an error at rng, which may be nil.
func (l *loader) fail(rng *hcl.Range, summary, detail string) {
	l.add(&hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: rng})
}

// warn reports a warning at rng, which may be nil.
func (l *loader) warn(rng *hcl.Range, summary, detail string) {
	l.add(&hcl.Diagnostic{Severity: hcl.DiagWarning, Summary: summary, Detail: detail, Subject: rng})
}

// asMachineLacks turns the failed call of a CPU function into what it is about.
func asMachineLacks(d *hcl.Diagnostic) *hcl.Diagnostic {
	call, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](d)
	if !ok {
		return d
	}
	var lacks MachineLacks
	if !errors.As(call.FunctionCallError(), &lacks) {
		return d
	}
	return lackDiagnostic(lacks, d.Subject)
}

func lackDiagnostic(lacks MachineLacks, rng *hcl.Range) *hcl.Diagnostic {
	return &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: "The machine lacks CPUs", Subject: rng, Extra: lacks,
		Detail: config.Sentence(lacks.What) + " " + config.Sentence(lacks.Remedy),
	}
}

// sorted returns what was reported, in the order of the source.
func (l *loader) sorted() hcl.Diagnostics {
	slices.SortStableFunc(l.diags, func(a, b *hcl.Diagnostic) int {
		ra, rb := position(a), position(b)
		return cmp.Or(cmp.Compare(ra.Filename, rb.Filename), cmp.Compare(ra.Start.Byte, rb.Start.Byte),
			cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Summary, b.Summary), cmp.Compare(a.Detail, b.Detail))
	})
	return l.diags
}

func position(d *hcl.Diagnostic) hcl.Range {
	if d.Subject == nil {
		return hcl.Range{}
	}
	return *d.Subject
}
