package analysis

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

// nightly is a run whose latencies are factor times what they are elsewhere, with
// a small residual of its own.
func nightly(factor float64) experiment {
	return experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 8, metrics: []string{"kv.latency.p99", "kv.slowdown"},
		controls: []results.Treatment{control(results.ControlLCAlone)},
		values: func(tr results.Treatment, block int) map[string]float64 {
			v := map[string]float64{"": 1, "eevdf": 3 * factor, "nice": 2 * factor}[tr.Factors["strategy"]]
			return map[string]float64{"kv.latency.p99": v * spread(block) * (1 + 0.0001*factor*float64(block%3))}
		},
		edit: func(r *results.Run) { r.Seed, r.Fingerprint = 7, "f00d" },
	}
}

// edited returns e with a further edit of its run.
func (e experiment) edited(edit func(*results.Run)) experiment {
	before := e.edit
	e.edit = func(r *results.Run) {
		if before != nil {
			before(r)
		}
		edit(r)
	}
	return e
}

func twoNights(t testing.TB, base, candidate experiment) *Analysis {
	t.Helper()
	a, err := AnalyzeRuns(base.folder(t), candidate.folder(t), Options{})
	require.NoError(t, err)
	marshals(t, a)
	return a
}

func TestTwoRunsArePairedByBlock(t *testing.T) {
	base, candidate := nightly(1).folder(t), nightly(1.2).folder(t)
	a, err := AnalyzeRuns(base, candidate, Options{})
	require.NoError(t, err)
	assert.Empty(t, a.Unpaired)
	assert.Equal(t, RunFactor, a.Factor)
	assert.Equal(t, base.Run().ID, a.Baseline)
	assert.Equal(t, base.Run().ID+".."+candidate.Run().ID, a.RunID)
	assert.Equal(t, "synthetic", a.Scenario)
	assert.Equal(t, 8, a.Blocks)
	require.Len(t, a.Comparisons, 4, "two metrics, two strategies")
	assert.Equal(t, 4, a.Family)
	for _, c := range a.Comparisons {
		assert.Equal(t, TestSignedRank, c.Test)
		assert.InDelta(t, 0.2, c.Estimate, 0.001, "the controls of each run are its own")
		assert.Equal(t, Regressed, c.Verdict)
		assert.Equal(t, c.Baseline.Factors["strategy"], c.Candidate.Factors["strategy"])
		assert.Equal(t, candidate.Run().ID, c.Candidate.Factors[RunFactor])
	}
	assert.Equal(t, "run "+candidate.Run().ID+" · eevdf", a.Comparisons[0].Label)
	assert.Len(t, a.Interactions, 2, "is the change the same under each strategy?")
	assert.Equal(t, "LC alone · run "+base.Run().ID, a.Treatments[0].Label)
	assert.Len(t, warned(a, WarnTimes), 1)
	assert.Len(t, a.Warnings, 1+len(warned(a, WarnNoControl)), "no other")

	swapped, err := AnalyzeRuns(candidate, base, Options{})
	require.NoError(t, err)
	assert.InDelta(t, 1, (1+a.Comparisons[0].Estimate)*(1+swapped.Comparisons[0].Estimate), 1e-12)
	assert.Equal(t, Improved, swapped.Comparisons[0].Verdict)
	turned, err := AnalyzeRuns(base, candidate, Options{Baseline: candidate.Run().ID, Metrics: []string{"kv.latency.p99"}, Alpha: 0.1})
	require.NoError(t, err)
	assert.InDelta(t, swapped.Comparisons[0].Estimate, turned.Comparisons[0].Estimate, 1e-12)
	assert.Len(t, turned.Comparisons, 2)
}

func TestWhyTwoRunsAreNotPaired(t *testing.T) {
	cases := map[string]struct {
		edit func(*results.Run)
		why  string
	}{
		"scenario": {func(r *results.Run) { r.Scenario = "other" }, "the scenarios are different ones: synthetic and other"},
		"seed":     {func(r *results.Run) { r.Seed = 8 }, "the seeds differ: 7 and 8"},
		"order": {func(r *results.Run) {
			r.Plan[6].Treatment, r.Plan[7].Treatment = r.Plan[7].Treatment, r.Plan[6].Treatment
		}, "the plans differ: block 3 has other treatments, another order or another seed"},
		"fingerprint": {func(r *results.Run) {
			r.Fingerprint = "cafe"
			r.Facts = results.Facts{"kernel.release": "6.1", "cpu.model": "A", "cpu.flags": "fpu vme de pse tsc msr pae mce cx8 apic sep", "os.name": "x"}
		}, `the machines, kernels or tools differ: cpu.flags is not known and "fpu vme de pse tsc msr pae mce cx8 apic …", cpu.model is not known and "A", kernel.release is not known and "6.1", and 1 more`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			a := twoNights(t, nightly(1), nightly(1.2).edited(tc.edit))
			assert.Equal(t, tc.why, a.Unpaired)
			require.Len(t, a.Comparisons, 4)
			c := a.Comparisons[0]
			assert.Equal(t, TestRankSum, c.Test)
			assert.Equal(t, []int{8, 8}, []int{c.N, c.NCandidate})
			assert.InDelta(t, 0.2, c.Estimate, 0.05)
			assert.Equal(t, Inconclusive, c.Verdict, "the spread between the blocks no longer cancels")
			assert.Equal(t, Regressed, comparisonOf(t, a, "kv.slowdown").Verdict, "but in what is relative to its own block")
			assert.Empty(t, a.Interactions)
			assert.Equal(t, 16, a.Blocks)
			assert.Equal(t, name == "fingerprint", len(warned(a, WarnRunsDiffer)) == 1)
		})
	}
}

func comparisonOf(t testing.TB, a *Analysis, metric string) Comparison {
	t.Helper()
	for _, c := range a.Comparisons {
		if c.Metric == metric {
			return c
		}
	}
	require.Fail(t, "no such comparison", metric)
	return Comparison{}
}

// TestBlocksThatOnlyOneRunHas holds that paired runs lose a block that one of
// them lacks, and that unpaired runs keep it.
func TestBlocksThatOnlyOneRunHas(t *testing.T) {
	short := nightly(1)
	short.blocks = 7
	long := nightly(1.2)
	long.change = func(trial *results.Trial) {
		if trial.Block == 2 && trial.Treatment.Factors["strategy"] == "nice" {
			trial.Verdict, trial.Reason = results.Invalid, "late"
		}
	}
	a := twoNights(t, short, long)
	assert.Empty(t, a.Unpaired)
	assert.Equal(t, 6, a.Blocks)
	require.Len(t, a.Dropped, 2)
	assert.Equal(t, 2, a.Dropped[0].Block)
	assert.Equal(t, "invalid: late", a.Dropped[0].Reason)
	assert.Equal(t, "not run, like 2 more of this block", a.Dropped[1].Reason)

	a = twoNights(t, short, long.edited(func(r *results.Run) { r.Seed = 9 }))
	c := comparisonOf(t, a, "kv.slowdown")
	assert.Equal(t, []int{7, 7}, []int{c.N, c.NCandidate})
	assert.Equal(t, 14, a.Blocks)
	assert.Len(t, a.Dropped, 1)
}

func TestWhatTwoRunsDoNotShare(t *testing.T) {
	other := nightly(1.2)
	other.strategies = []string{"eevdf", "idle"}
	other = other.edited(func(r *results.Run) {
		r.Warmup, r.Measure, r.Status = 3, 9, results.Interrupted
		r.Workloads[0].SLO = map[string]float64{"latency.p99": 0.001}
		r.Workloads[1].Name = "spin"
		r.Metrics[1].Unit = "1/min"
		r.Metrics[4].Name = "spin.rate"
		r.Variables = []results.Variable{{Name: "width", Value: "128"}}
	})
	other.values = func(tr results.Treatment, block int) map[string]float64 {
		return map[string]float64{"kv.latency.p99": float64(block)}
	}
	base, candidate := nightly(1), other.folder(t)
	base.metrics = []string{"kv.latency.p99", "burn.rate"}
	first := base.folder(t)
	a, err := AnalyzeRuns(first, candidate, Options{})
	require.NoError(t, err)
	require.Len(t, a.Comparisons, 1, "only what both have: eevdf, in the latency")
	texts := map[string]string{}
	for _, w := range a.Warnings {
		if w.Code == WarnRunsDiffer || w.Code == WarnOnlyInOne {
			texts[w.About+" in "+w.Code] = w.Text
		}
	}
	id, otherID := first.Run().ID, candidate.Run().ID
	assert.Equal(t, map[string]string{
		"burn in only-in-one-run":      "only run " + id + " has this workload",
		"spin in only-in-one-run":      "only run " + otherID + " has this workload",
		"burn.rate in only-in-one-run": "only run " + id + " measures it: left out",
		"spin.rate in only-in-one-run": "only run " + otherID + " measures it: left out",
		"kv.rate in runs-differ":       "the runs declare it with different units, directions or scales: left out",
		"kv in runs-differ":            "the workload is not the same in both runs: redis in zone  under load open and redis in zone  under load open, latency.p99 at 0.001",
		"warmup in runs-differ":        "the warm-ups take 0 s and 3 s",
		"measure in runs-differ":       "the measured windows take 0 s and 9 s: quantiles of different windows are of different numbers of requests",
		"variables in runs-differ":     `variables differ: width is not known and "128"`,
		"nice in only-in-one-run":      "only run " + id + " has it: left out of the comparisons",
		"idle in only-in-one-run":      "only run " + otherID + " has it: left out of the comparisons",
	}, texts)
}

func TestScenarioOfTwoRunsDiffers(t *testing.T) {
	base, candidate := nightly(1).folder(t), nightly(1.2).folder(t)
	require.NoError(t, os.WriteFile(filepath.Join(candidate.Dir(), "scenario.hcl"), []byte("# another\n"), 0o644))
	a, err := AnalyzeRuns(base, candidate, Options{})
	require.NoError(t, err)
	require.Len(t, warned(a, WarnRunsDiffer), 1)
	assert.Equal(t, "the scenario is not the same in both runs: scenario.hcl differs", warned(a, WarnRunsDiffer)[0].Text)
	assert.Empty(t, a.Unpaired)
}

func TestUnfinishedRunIsToldOf(t *testing.T) {
	base, candidate := nightly(1).folder(t), nightly(1.2).folder(t)
	w, err := results.Resume(candidate.Dir()) // and nothing more
	require.NoError(t, err)
	require.NoError(t, w.Close())
	cut, err := results.Open(candidate.Dir())
	require.NoError(t, err)
	a, err := AnalyzeRuns(base, cut, Options{})
	require.NoError(t, err)
	assert.Equal(t, []Warning{{Code: WarnUnfinished, About: cut.Run().ID, Text: "the run is interrupted; its whole blocks are used"}}, warned(a, WarnUnfinished))
}

func TestTwoRunsOfOtherFidelity(t *testing.T) {
	virtually := nightly(1.2)
	virtually.change = ofFidelity(results.FidelityVirtual, "nice")
	a := twoNights(t, nightly(1), virtually)
	require.Len(t, a.Comparisons, 2)
	assert.NotContains(t, a.Comparisons[0].Label, "nice")
	assert.Len(t, warned(a, WarnFidelity), 1)

	virtually.change = ofFidelity(results.FidelityVirtual, "nice", "eevdf", "")
	_, err := AnalyzeRuns(nightly(1).folder(t), virtually.folder(t), Options{})
	require.ErrorContains(t, err, "nothing remains to compare: ")
	assert.ErrorContains(t, err, "different fidelities are never compared")
}

func TestRunsThatCannotBeCompared(t *testing.T) {
	f := nightly(1).folder(t)
	_, err := AnalyzeRuns(f, f, Options{})
	require.ErrorContains(t, err, "both are run "+f.Run().ID)

	elsewhere := filepath.Join(t.TempDir(), "copy")
	require.NoError(t, os.CopyFS(elsewhere, os.DirFS(f.Dir())))
	copied, err := results.Open(elsewhere)
	require.NoError(t, err)
	_, err = AnalyzeRuns(f, copied, Options{})
	require.ErrorContains(t, err, "both are run ", "a copy is no second run")

	none := nightly(1)
	none.strategies = []string{"idle", "fifo"}
	_, err = AnalyzeRuns(f, none.folder(t), Options{})
	require.ErrorContains(t, err, "they have no treatment in common")

	_, err = AnalyzeRuns(f, nightly(1).edited(func(r *results.Run) { r.Metrics = nil; r.Workloads = nil }).folder(t), Options{})
	require.ErrorContains(t, err, "no metric to compare")
	_, err = AnalyzeRuns(f, nightly(1).folder(t), Options{Metrics: []string{"kv.p99"}})
	require.ErrorContains(t, err, `compared metric "kv.p99" is not known; there are kv.slowdown, burn.yield`)
	_, err = AnalyzeRuns(f, nightly(1).folder(t), Options{Baseline: "yesterday"})
	require.ErrorContains(t, err, `baseline "yesterday" is no level of factor "run" in this run; there are `+f.Run().ID)

	named := nightly(1).edited(func(r *results.Run) {
		r.Factors = append(r.Factors, results.Factor{Name: RunFactor, Levels: []string{"1"}})
	})
	_, err = AnalyzeRuns(f, named.folder(t), Options{})
	require.ErrorContains(t, err, `has a factor "run"`)
}

// TestRunDelayOfTwoRuns holds that the cross-check is made of unpaired values too.
func TestRunDelayOfTwoRuns(t *testing.T) {
	of := func(factor float64, follows bool) experiment {
		e := nightly(factor)
		e.metrics = []string{"kv.latency.p99"}
		e.values = func(tr results.Treatment, block int) map[string]float64 {
			delay := 0.001 * float64((block*7)%5)
			if follows {
				delay += 0.1 * factor
			}
			return map[string]float64{"kv.latency.p99": factor * (1 + 0.001*float64(block)), "kv.run_delay": delay}
		}
		return e
	}
	other := func(r *results.Run) { r.Seed = 8 }
	a := twoNights(t, of(1, true), of(2, true).edited(other))
	assert.NotEmpty(t, a.Unpaired)
	assert.Equal(t, Regressed, a.Comparisons[0].Verdict)
	assert.Empty(t, warned(a, WarnRunDelay))
	assert.Len(t, warned(twoNights(t, of(1, false), of(2, false).edited(other)), WarnRunDelay), 2)
	assert.Len(t, warned(twoNights(t, of(2, false), of(1, false).edited(other)), WarnRunDelay), 2, "downwards")
}

func TestVirtualRunsThatAreNotPaired(t *testing.T) {
	base, candidate := nightly(1), nightly(1.2).edited(func(r *results.Run) { r.Seed = 8 })
	base.change, candidate.change = virtual, virtual
	a := twoNights(t, base, candidate)
	assert.Contains(t, a.Comparisons[0].Notes, "the spread is that of the seeds (arrivals, keys), not noise")
	assert.Len(t, warned(a, WarnVirtual), 1)
}

func TestReasonsOfPairing(t *testing.T) {
	assert.Equal(t, "the plans have no block in common", orderDiffers(map[int]string{1: "a"}, map[int]string{2: "a"}))
	assert.Empty(t, orderDiffers(map[int]string{1: "a", 2: "b"}, map[int]string{2: "b", 3: "c"}))
	assert.Equal(t, "no recorded fact says how", factsDiffer(nil, nil))
	assert.Equal(t, `a is "1" and not known`, factsDiffer(results.Facts{"a": "1", "b": "2"}, results.Facts{"b": "2"}))
}
