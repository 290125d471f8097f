package trial

import (
	"errors"
	"path/filepath"
	"strings"

	"github.com/czbench/czbench/results"
)

// trial is the record of what was played; err is how the play ended.
func (st *stage) trial(err error) results.Trial {
	p := st.spec.Planned
	t := results.Trial{
		Schema: results.SchemaVersion,
		Number: p.Number, Block: p.Block, Position: p.Position, Treatment: p.Treatment, Seed: p.Seed,
		Fidelity:  st.fidelity,
		Begin:     st.begin.UTC(),
		End:       st.begin.UTC().Add(st.spec.Measure.Std()),
		BeginMono: st.window.Begin,
		EndMono:   st.window.End,
		Verdict:   results.OK,
		Attempt:   max(1, st.opts.Attempt),
		Warnings:  st.warnings,
		Scalars:   st.scalars,
		Applied:   st.applied,
		Facts:     st.facts,
	}
	if st.away() && len(st.home) > 0 { // the virtual clock says when
		h := st.home[0]
		t.Begin, t.End, t.BeginMono, t.EndMono = h.Begin, h.End, h.BeginMono, h.EndMono
	}
	for _, h := range st.home {
		if len(h.Phases) > 0 { // a zone with a strategy of its own has none; all others have the same
			t.Phases = h.Phases
		}
	}
	if st.phases != nil {
		t.Phases = st.phases.record
	}
	var invalid *invalidError
	switch {
	case errors.As(err, &invalid):
		t.Verdict, t.Reason = results.Invalid, invalid.reason
	case err != nil:
		t.Verdict, t.Reason = results.Failed, err.Error()
	case st.invalid != "":
		t.Verdict, t.Reason, t.InstrumentFault = results.Invalid, st.invalid, true
	}
	// The folder of the trial gets another name when it is whole.
	t.Reason = strings.ReplaceAll(t.Reason, st.dir+string(filepath.Separator), "")
	return t
}
