package analysis

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/czbench/czbench/results"
)

// RunFactor is the compared factor of AnalyzeRuns.
const RunFactor = "run"

// AnalyzeRuns compares the treatments that two runs have in common: the factor
// is RunFactor, its levels are the IDs of the runs, base first. They are paired
// by block where scenario, seed, order and fingerprint match, and otherwise
// Unpaired says why not; then the blocks of each run stand for themselves, and
// there are no interactions. What only one of them has is left out with a
// warning. Derived metrics are those of each run by itself, and what is compared
// is what base's scenario asks for, unless o says otherwise. An error means that
// there is nothing to compare.
func AnalyzeRuns(base, candidate *results.Folder, o Options) (*Analysis, error) {
	a, err := analyzeRuns(pair{
		folders: [2]*results.Folder{base, candidate}, runs: [2]results.Run{base.Run(), candidate.Run()},
	}, o)
	if err != nil {
		return nil, fmt.Errorf("compare run %s with run %s: %w", candidate.Run().ID, base.Run().ID, err)
	}
	return a, nil
}

// pair is two runs that are compared, the baseline first.
type pair struct {
	folders [2]*results.Folder
	runs    [2]results.Run
}

func analyzeRuns(p pair, o Options) (*Analysis, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	merged, told, err := p.merge(o)
	if err != nil {
		return nil, err
	}
	var tables [2]*table
	for i, f := range p.folders {
		trials, err := f.Trials()
		if err != nil {
			return nil, err
		}
		if tables[i], err = tabulate(inRun(p.runs[i], merged), ofRun(p.runs[i].ID, trials)); err != nil {
			return nil, err
		}
	}
	t := join(merged, tables, p.whyUnpaired())
	sources, err := p.sources()
	if err != nil {
		return nil, err
	}
	t.told = slices.Concat(told, p.unfinished(), p.settings(), sources, t.alone(p), t.warnTimes())
	if err := t.checkBlocks(); err != nil {
		return nil, err
	}
	return t.both()
}

// check refuses what are no two runs that can be told apart.
func (p pair) check() error {
	a, errA := os.Stat(p.folders[0].Dir())
	b, errB := os.Stat(p.folders[1].Dir())
	if err := errors.Join(errA, errB); err != nil {
		return err
	}
	if os.SameFile(a, b) || p.runs[0].ID == p.runs[1].ID {
		return fmt.Errorf("both are run %s: name two runs, or one to compare its treatments", p.runs[0].ID)
	}
	for _, r := range p.runs {
		if slices.ContainsFunc(r.Factors, func(f results.Factor) bool { return f.Name == RunFactor }) {
			return fmt.Errorf("run %s has a factor %q, which is what two runs are compared by: rename it in the scenario", r.ID, RunFactor)
		}
	}
	return nil
}

// inRun returns r as it is in a comparison of runs: its treatments have the run
// as a factor.
func inRun(r, merged results.Run) results.Run {
	r.Factors, r.Compare = merged.Factors, merged.Compare
	r.Plan = slices.Clone(r.Plan)
	for i := range r.Plan {
		r.Plan[i].Treatment = withRun(r.ID, r.Plan[i].Treatment)
	}
	return r
}

func ofRun(id string, trials []results.Trial) []results.Trial {
	for i := range trials {
		trials[i].Treatment = withRun(id, trials[i].Treatment)
	}
	return trials
}

func withRun(id string, t results.Treatment) results.Treatment {
	factors := map[string]string{RunFactor: id}
	maps.Copy(factors, t.Factors)
	return results.Treatment{Control: t.Control, Factors: factors}
}

// join puts the treatments of two runs side by side, over the blocks that are
// whole in both or, unpaired, each over its own.
func join(run results.Run, tables [2]*table, unpaired string) *table {
	t := &table{run: run, settings: settingsOf(run.Compare), absent: "not run", unpaired: unpaired}
	for _, own := range tables {
		t.treatments = append(t.treatments, own.treatments...)
		t.blocks = append(t.blocks, own.blocks...)
		t.dropped = append(t.dropped, own.dropped...)
	}
	slices.SortFunc(t.treatments, t.order)
	if unpaired == "" {
		t.chooseBlocks()
	}
	return t
}

// warnTimes says what no pairing takes away: the runs were not made together. By a
// virtual clock that makes no difference.
func (t *table) warnTimes() []Warning {
	if t.fidelity() == results.FidelityVirtual {
		return nil
	}
	return []Warning{{Code: WarnTimes, Text: "the runs were made at different times: whatever changed on the machine in between is in every difference; " +
		"one run with both sides interleaved (run --vary) tells it from what is under test"}}
}

// both returns the analysis of two runs, which have to have something in common.
func (t *table) both() (*Analysis, error) {
	a, err := t.analysis()
	if err != nil || len(a.Comparisons) > 0 {
		return a, err
	}
	for _, w := range a.Warnings {
		if w.Code == WarnFidelity {
			return nil, fmt.Errorf("nothing remains to compare: %s: %s", w.About, w.Text)
		}
	}
	return nil, errors.New("nothing to compare: they have no treatment in common")
}
