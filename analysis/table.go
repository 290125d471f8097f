package analysis

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

// maxBlocks bounds the work of the exact tests, which grows with the third
// power of the number of blocks: 1,000 blocks take about a second a comparison.
const maxBlocks = 1000

// table holds the ok trials of a run by treatment and block.
type table struct {
	run        results.Run
	settings   settings
	treatments []*treatment // controls first, then by context and level of the compared factor
	blocks     []int        // whole and used
	unpaired   string       // why treatments of different levels share no blocks; empty where they do
	absent     string       // what is said of a trial that is not there
	dropped    []Dropped
	declared   map[string]results.Metric
	told       []Warning // what is known before anything is compared
}

type treatment struct {
	results.Treatment
	label               string
	fidelity            string // of its ok trials; empty without any
	ok, invalid, failed int
	blocks              []int                // whole and used
	byBlock             map[int]*observation // ok trials
	bad                 map[int]results.Trial
	samples             map[string]stats.Counts // by metric, where the values are of no trials
}

// observation is one ok trial with its values by metric, derived ones included.
type observation struct {
	trial  results.Trial
	values map[string]float64
}

// lost tells whether a treatment was tried and was ok in no block. It is left
// out as a whole, for otherwise a strategy that this machine refuses would take
// every block, and with it every other comparison, along.
func (t *treatment) lost() bool { return t.ok == 0 && t.invalid+t.failed > 0 }

// tabulate returns the trials of a run, whose Compare is complete, with the
// derived metrics.
func tabulate(run results.Run, trials []results.Trial) (*table, error) {
	if err := settingsOf(run.Compare).check(); err != nil {
		return nil, err
	}
	t := newTable(run, trials)
	if err := t.checkBlocks(); err != nil {
		return nil, err
	}
	t.derive()
	return t, nil
}

func newTable(run results.Run, trials []results.Trial) *table {
	t := &table{run: run, settings: settingsOf(run.Compare), absent: "not run"}
	if run.ID == "" { // values that somebody gave
		t.absent = "no value"
	}
	byKey := map[string]*treatment{}
	find := func(r results.Treatment) *treatment {
		if byKey[r.Key()] == nil {
			byKey[r.Key()] = t.newTreatment(r)
		}
		return byKey[r.Key()]
	}
	for _, p := range run.Plan {
		find(p.Treatment)
	}
	for _, trial := range trials {
		find(trial.Treatment).add(trial)
	}
	for _, tr := range t.treatments {
		tr.settleFidelity()
	}
	slices.SortFunc(t.treatments, t.order)
	t.chooseBlocks()
	return t
}

// checkBlocks refuses more blocks than the exact tests can take.
func (t *table) checkBlocks() error {
	if len(t.blocks) > maxBlocks {
		return fmt.Errorf("it has %d blocks: the exact tests take at most %d", len(t.blocks), maxBlocks)
	}
	return nil
}

func (t *table) newTreatment(r results.Treatment) *treatment {
	tr := &treatment{
		Treatment: r, label: r.Label(t.run.Factors),
		byBlock: map[int]*observation{}, bad: map[int]results.Trial{},
	}
	t.treatments = append(t.treatments, tr)
	return tr
}

func (t *treatment) add(trial results.Trial) {
	switch trial.Verdict {
	case results.OK:
		t.ok++
		obs := &observation{trial: trial, values: map[string]float64{}}
		maps.Copy(obs.values, trial.Scalars)
		t.byBlock[trial.Block] = obs
		return
	case results.Invalid:
		t.invalid++
	default:
		t.failed++
	}
	t.bad[trial.Block] = trial
}

// order sorts controls first, then by the levels of the other factors as
// declared, then by the level of the compared factor.
func (t *table) order(a, b *treatment) int {
	result := cmp.Compare(controlOrder(a.Control), controlOrder(b.Control))
	for _, f := range t.run.Factors {
		if f.Name != t.run.Compare.Factor {
			result = cmp.Or(result, level(f, a)-level(f, b))
		}
	}
	for _, f := range t.run.Factors {
		result = cmp.Or(result, level(f, a)-level(f, b))
	}
	return cmp.Or(result, strings.Compare(a.Key(), b.Key()))
}

func controlOrder(control string) int {
	order := []string{results.ControlLCAlone, results.ControlBEAlone, results.ControlLCMax, results.ControlAA}
	switch at := slices.Index(order, control); {
	case control == "":
		return len(order) + 1 // no control: behind them all
	case at < 0:
		return len(order)
	default:
		return at
	}
}

func level(f results.Factor, t *treatment) int { return slices.Index(f.Levels, t.Factors[f.Name]) }

// chooseBlocks uses the blocks in which every treatment, controls too, has an
// ok trial. A block that lacks one is dropped for all comparisons, so that all
// of them are over the same blocks.
func (t *table) chooseBlocks() {
	t.blocks, t.dropped = nil, nil
	seen := map[int]bool{}
	for _, tr := range t.treatments {
		for b := range tr.byBlock {
			seen[b] = true
		}
		for b := range tr.bad {
			seen[b] = true
		}
	}
	for _, b := range slices.Sorted(maps.Keys(seen)) {
		dropped := t.faults(b)
		if len(dropped) == 0 && t.anyOK(b) {
			t.blocks = append(t.blocks, b)
		}
		t.dropped = append(t.dropped, dropped...)
	}
	for _, tr := range t.treatments {
		tr.blocks = t.blocks
	}
}

func (t *table) anyOK(block int) bool {
	return slices.ContainsFunc(t.treatments, func(tr *treatment) bool { return tr.byBlock[block] != nil })
}

// faults says why a block cannot be used: each trial that is not ok, and in one
// entry those that were not run.
func (t *table) faults(block int) []Dropped {
	var faults []Dropped
	var missing []string
	for _, tr := range t.treatments {
		bad, tried := tr.bad[block]
		switch {
		case tr.byBlock[block] != nil || tr.lost():
		case tried:
			faults = append(faults, Dropped{
				Block: block, Trial: bad.Number, Label: tr.label, Reason: fmt.Sprintf("%s: %s", bad.Verdict, bad.Reason),
			})
		default:
			missing = append(missing, tr.label)
		}
	}
	if len(missing) > 0 {
		d := Dropped{Block: block, Label: missing[0], Reason: t.absent}
		if len(missing) > 1 {
			d.Reason = fmt.Sprintf("%s, like %d more of this block", t.absent, len(missing)-1)
		}
		faults = append(faults, d)
	}
	return faults
}

// used returns the trials of the used blocks, by treatment and block.
func (t *table) used() []*observation {
	var used []*observation
	for _, tr := range t.treatments {
		used = append(used, t.usedOf(tr)...)
	}
	return used
}

func (t *table) usedOf(tr *treatment) []*observation {
	var used []*observation
	for _, b := range tr.blocks {
		if obs := tr.byBlock[b]; obs != nil {
			used = append(used, obs)
		}
	}
	return used
}

// values returns a metric of a treatment in its used blocks, and these blocks.
func (t *table) values(tr *treatment, metric string) (values []float64, blocks []int) {
	for _, b := range tr.blocks {
		if obs := tr.byBlock[b]; obs != nil {
			if v, ok := obs.values[metric]; ok {
				values, blocks = append(values, v), append(blocks, b)
			}
		}
	}
	return values, blocks
}

// has tells whether any used trial has a metric.
func (t *table) has(metric string) bool {
	return slices.ContainsFunc(t.treatments, func(tr *treatment) bool {
		_, sampled := tr.samples[metric]
		return sampled || slices.ContainsFunc(t.usedOf(tr), func(o *observation) bool { _, ok := o.values[metric]; return ok })
	})
}
