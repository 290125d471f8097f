package history_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/analysis/history"
	"github.com/czbench/czbench/results"
)

func TestQuietNights(t *testing.T) {
	root := quiet(t, 12)
	last := sample{night: 12, build: "b12", values: base()}.write(t, root)
	r := judge(t, root, last)
	r.Conclude("")
	assert.Equal(t, history.Fine, r.Verdict)
	assert.Equal(t, last.Run().ID, r.Run)
	assert.Len(t, r.Nights, 13)
	assert.Equal(t, "b00", r.Nights[0].Suspect)
	assert.Empty(t, r.LeftOut)
	assert.Len(t, r.Findings, 6, "three metrics of two treatments")
	f := finding(t, r, "kv.latency.p99", "idle")
	assert.Equal(t, history.Fine, f.Verdict)
	assert.Len(t, f.Values, 13)
	assert.InEpsilon(t, 1e-3, f.Values[12], 0.01)
	assert.Equal(t, history.Skipped, finding(t, r, "kv.cpu", "eevdf").Verdict, "it has no direction")
	_, ok := r.ToGate()
	assert.False(t, ok)
}

func TestANightThatIsWorse(t *testing.T) {
	root := quiet(t, 12)
	last := sample{night: 12, build: "b12", values: map[string]float64{"eevdf": 1e-3, "idle": 1.1e-3}}.write(t, root)
	r := judge(t, root, last)
	f := finding(t, r, "kv.latency.p99", "idle")
	require.NotNil(t, f.Nomination)
	assert.Equal(t, history.Jump, f.Nomination.Kind)
	assert.Equal(t, last.Run().ID, f.Nomination.Since)
	assert.Equal(t, r.Nights[11].Run, f.Nomination.Before)
	assert.Equal(t, 1, f.Nomination.Nights)
	assert.Equal(t, 12, f.Nomination.Reference)
	assert.InDelta(t, 0.1, f.Nomination.Shift, 0.01)
	assert.InEpsilon(t, 1e-3, f.Nomination.Was, 0.02)
	assert.InEpsilon(t, 1.1e-3, f.Nomination.Is, 0.02)
	assert.Equal(t, []history.Change{
		{What: "variable build", Was: "b11", Is: "b12"}, {What: "fact czbench.commit", Was: "c-b11", Is: "c-b12"},
	}, f.Nomination.Changed)
	assert.Nil(t, finding(t, r, "kv.latency.p99", "eevdf").Nomination)
	assert.Nil(t, finding(t, r, "burn.rate", "idle").Nomination)

	r.Conclude("do this")
	assert.Equal(t, history.Inconclusive, r.Verdict)
	assert.Equal(t, "nominated, not confirmed: do this", finding(t, r, "kv.latency.p99", "idle").Why)

	s, ok := r.ToGate()
	require.True(t, ok)
	assert.Equal(t, "b11", s.Good)
	assert.Equal(t, "b12", s.Now)
	assert.Equal(t, 1, s.Family())
}

func TestLowerIsWorseForARate(t *testing.T) {
	root := quiet(t, 8)
	slower := func(tr *results.Trial) { tr.Scalars["burn.rate"] *= 0.9 }
	r := judge(t, root, sample{night: 8, build: "b08", trial: slower}.write(t, root))
	f := finding(t, r, "burn.rate", "eevdf")
	require.NotNil(t, f.Nomination)
	assert.InDelta(t, -0.1, f.Nomination.Shift, 0.01)
	assert.InEpsilon(t, 0.9e6, f.Nomination.Is, 0.01)
	faster := func(tr *results.Trial) { tr.Scalars["burn.rate"] *= 1.1 }
	r = judge(t, root, sample{night: 9, build: "b09", trial: faster}.write(t, t.TempDir()))
	assert.Nil(t, finding(t, r, "burn.rate", "eevdf").Nomination)
}

func TestWhatIsLeftOut(t *testing.T) {
	root := quiet(t, 6)
	for i, change := range []func(*results.Run){
		func(r *results.Run) { r.Facts["kernel.release"] = "6.2.0" },
		func(r *results.Run) { r.Status = results.Interrupted },
		func(r *results.Run) {
			r.Factors = append(r.Factors, results.Factor{Name: "build", Levels: []string{"a", "b"}})
		},
		func(r *results.Run) { r.Compare.Metrics = []string{"burn.rate"} },
		func(r *results.Run) { r.Measure = 2 },
		func(r *results.Run) { r.Variables[1].Value = "2000" },
		func(r *results.Run) { r.Scenario = "another" },
	} {
		sample{night: 10 + i, build: "x", change: change}.write(t, root)
	}
	sample{night: 20, build: "x", trial: func(tr *results.Trial) { tr.Fidelity = results.FidelityEmulated }}.write(t, root)
	sample{night: 21, build: "x", trial: func(tr *results.Trial) {
		if tr.Block > 2 {
			tr.Verdict = results.Invalid
		}
	}}.write(t, root)
	sample{night: 40, build: "later"}.write(t, root)
	r := judge(t, root, sample{night: 30, build: "b30"}.write(t, root))
	require.Len(t, r.Nights, 7, "the later run is no history of this one")
	var reasons []string
	for _, l := range r.LeftOut {
		reasons = append(reasons, l.Reason)
	}
	assert.Equal(t, []string{
		`fingerprint: kernel.release was "6.2.0", is "6.1.0"`,
		"status: interrupted",
		"matrix: its factors are strategy, build, those of the judged run strategy",
		"metrics: it compares burn.rate",
		"window: it warmed up for 0.5 s and measured for 2 s, the judged run for 0.5 and 1 s",
		"variables: rate was 2000, is 1000",
		"fidelity: its trials are emulated, those of the judged run real",
		"trials: 50 % failed or were invalid",
	}, reasons)
}

func TestWithoutASuspectEveryVariableCounts(t *testing.T) {
	root := quiet(t, 6)
	last := sample{night: 6, build: "b05"}.write(t, root)
	h, err := history.Read(root, last, history.Options{Differing: differing})
	require.NoError(t, err)
	r := h.Judge()
	require.Len(t, r.Nights, 2)
	assert.Equal(t, "variables: build was b00, is b05", r.LeftOut[0].Reason)
	assert.Contains(t, r.Notes[0], "with fewer than 3 earlier nights nothing can be nominated")
}

func TestAWindowOfFortyNights(t *testing.T) {
	root := quiet(t, 44)
	r := judge(t, root, sample{night: 44, build: "b44"}.write(t, root))
	assert.Len(t, r.Nights, history.Window)
	assert.Equal(t, 5, r.Older)
	assert.Equal(t, "b05", r.Nights[0].Suspect)
}

func TestWhatCannotBeJudged(t *testing.T) {
	for want, s := range map[string]sample{
		"only a complete run can be judged": {change: func(r *results.Run) { r.Status = results.Interrupted }},
		"it compares nothing":               {change: func(r *results.Run) { r.Compare = results.Compare{} }},
		`it has no variable "build"`:        {change: func(r *results.Run) { r.Variables = nil }},
	} {
		root := t.TempDir()
		_, err := history.Read(root, s.write(t, root), options())
		require.ErrorContains(t, err, want)
	}
	root := t.TempDir()
	_, err := history.Read(root, sample{trial: func(tr *results.Trial) { tr.Verdict = results.Failed }}.write(t, root), options())
	assert.ErrorIs(t, err, history.ErrDropped)
}

func TestAValueThatIsGone(t *testing.T) {
	root := quiet(t, 6)
	none := func(tr *results.Trial) { delete(tr.Scalars, "burn.rate") }
	r := judge(t, root, sample{night: 6, build: "b06", trial: none}.write(t, root))
	f := finding(t, r, "burn.rate", "idle")
	assert.Equal(t, history.Inconclusive, f.Verdict)
	assert.Contains(t, f.Why, "earlier ones have")
	r.Conclude("")
	assert.Equal(t, history.Inconclusive, r.Verdict)

	zero := func(tr *results.Trial) { tr.Scalars["burn.rate"] = 0 }
	root = t.TempDir()
	r = judge(t, root, sample{trial: zero}.write(t, root))
	assert.Equal(t, history.Skipped, finding(t, r, "burn.rate", "idle").Verdict, "no night has a logarithm")
}

func TestDamagedRunsAreLeftOut(t *testing.T) {
	root := quiet(t, 6)
	bad := sample{night: 7, build: "x"}.write(t, root)
	require.NoError(t, results.WriteFile(bad.Dir()+"/run.json", []byte("{")))
	r := judge(t, root, sample{night: 8, build: "b08"}.write(t, root))
	require.Len(t, r.LeftOut, 1)
	assert.Contains(t, r.LeftOut[0].Reason, "unreadable: ")
	assert.Len(t, r.Nights, 7)
}

// gateRun writes a run of two builds against each other and analyses it.
func gateRun(t *testing.T, s sample) *analysis.Analysis {
	t.Helper()
	s.night, s.build = 50, "b11,b12"
	s.change = func(r *results.Run) {
		r.Factors = append(r.Factors, results.Factor{Name: "build", Levels: []string{"b11", "b12"}})
		r.Compare.Factor, r.Compare.Baseline = "build", "b11"
	}
	a, err := analysis.Analyze(s.write(t, t.TempDir()), analysis.Options{Alpha: history.GateAlpha})
	require.NoError(t, err)
	return a
}

func TestTheGateDecides(t *testing.T) {
	root := quiet(t, 12)
	worse := sample{night: 12, build: "b12", values: map[string]float64{"eevdf": 1e-3, "idle": 1.1e-3}}.write(t, root)
	for name, c := range map[string]struct {
		gate    sample
		verdict string
		why     string
	}{
		"confirmed":           {sample{blocks: 10, values: map[string]float64{"b12": 1.1e-3}}, history.Regression, "what is under test made it worse"},
		"cleared":             {sample{blocks: 10}, history.Cleared, "the machine changed"},
		"better":              {sample{blocks: 10, values: map[string]float64{"b12": 0.9e-3}}, history.Cleared, "no regression"},
		"inside the margin":   {sample{blocks: 10, values: map[string]float64{"b12": 1.01e-3}}, history.Cleared, "no regression beyond the margin"},
		"too few blocks":      {sample{blocks: 6, values: map[string]float64{"b12": 1.1e-3}}, history.Inconclusive, "more blocks"},
		"in the noise floor":  {sample{blocks: 10, values: map[string]float64{"b12": 1.1e-3}, aa: 1.15}, history.Inconclusive, "noise floor"},
		"above a small floor": {sample{blocks: 10, values: map[string]float64{"b12": 1.1e-3}, aa: 1.001}, history.Regression, "confirmed"},
		"nothing left": {sample{blocks: 10, trial: func(tr *results.Trial) {
			if tr.Treatment.Factors["build"] == "b12" {
				tr.Verdict = results.Failed
			}
		}}, history.Inconclusive, "no block in which both sides have a value"},
	} {
		t.Run(name, func(t *testing.T) {
			r := judge(t, root, worse)
			s, ok := r.ToGate()
			require.True(t, ok)
			r.Decide(s, gateRun(t, c.gate))
			f := finding(t, r, "kv.latency.p99", "idle")
			assert.Equal(t, c.verdict, f.Verdict, f.Why)
			assert.Contains(t, f.Why, c.why)
			require.NotNil(t, r.Gate)
			assert.Equal(t, 1, r.Gate.Family)
			assert.InDelta(t, f.Decision.P, f.Decision.Adjusted, 0, "Holm over what was nominated alone")
			want := history.Fine
			if c.verdict != history.Cleared {
				want = c.verdict
			}
			assert.Equal(t, want, r.Verdict)
		})
	}
}

// TestHolmOverTheNominated has both treatments nominated.
func TestHolmOverTheNominated(t *testing.T) {
	root := quiet(t, 12)
	r := judge(t, root, sample{night: 12, build: "b12", values: scaled(1.1)}.write(t, root))
	s, ok := r.ToGate()
	require.True(t, ok)
	require.Equal(t, 2, s.Family())
	r.Decide(s, gateRun(t, sample{blocks: 10, values: map[string]float64{"b12": 1.1e-3}}))
	f := finding(t, r, "kv.latency.p99", "idle")
	assert.InDelta(t, 2*f.Decision.P, f.Decision.Adjusted, 1e-12)
	assert.InDelta(t, 2./512, f.Decision.Adjusted, 1e-12, "the least p of ten blocks, twice")
	assert.Equal(t, history.Regression, r.Verdict)
}

func TestNothingUnderTestChanged(t *testing.T) {
	root := quiet(t, 11)
	sample{night: 11, build: "b12"}.write(t, root)
	r := judge(t, root, sample{night: 12, build: "b12", values: scaled(1.1)}.write(t, root))
	_, ok := r.ToGate()
	assert.False(t, ok)
	r.Conclude("a remedy")
	assert.Equal(t, history.Inconclusive, r.Verdict)
	assert.Contains(t, finding(t, r, "kv.latency.p99", "idle").Why, `build was "b12" before the change too`)
}

func TestAgainstOneRun(t *testing.T) {
	worse := map[string]float64{"idle": 1.1e-3}
	for name, c := range map[string]struct {
		values  map[string]float64
		seed    uint64
		suspect string
		verdict string
	}{
		"paired, worse":         {worse, 7, "", history.Inconclusive},
		"paired, with suspect":  {worse, 7, "build", history.Inconclusive},
		"unpaired, worse":       {worse, 8, "", history.Inconclusive},
		"paired, the same":      {nil, 7, "", history.Fine},
		"paired, better":        {map[string]float64{"idle": 0.9e-3}, 7, "", history.Fine},
		"paired, in the margin": {map[string]float64{"idle": 1.01e-3}, 7, "", history.Fine},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			was := sample{night: 1, build: "b01", blocks: 12}.write(t, root)
			is := sample{night: 2, build: "b02", blocks: 12, values: c.values, change: func(r *results.Run) { r.Seed = c.seed }}.write(t, root)
			o := options()
			o.Suspect = c.suspect
			r, err := history.Against(was, is, o)
			require.NoError(t, err)
			_, _ = r.ToGate()
			r.Conclude("")
			assert.Equal(t, c.verdict, r.Verdict)
			assert.Equal(t, was.Run().ID, r.Against)
			if c.verdict == history.Fine {
				return
			}
			f := finding(t, r, "kv.latency.p99", "idle")
			require.NotNil(t, f.Nomination)
			assert.Equal(t, history.Versus, f.Nomination.Kind)
			assert.InDelta(t, 0.1, f.Nomination.Shift, 0.02)
			assert.Equal(t, 12, f.Nomination.Comparison.N)
			s, ok := r.ToGate()
			assert.Equal(t, c.suspect != "", ok)
			if ok {
				assert.Equal(t, "b01", s.Good)
				assert.Equal(t, "b02", s.Now)
			}
		})
	}
}

// By a virtual clock a run does not depend on when it was made.
func TestAgainstOneRunByAVirtualClock(t *testing.T) {
	root := t.TempDir()
	virtual := func(tr *results.Trial) { tr.Fidelity = results.FidelityVirtual }
	was := sample{night: 1, build: "b01", blocks: 12, trial: virtual}.write(t, root)
	is := sample{night: 2, build: "b02", blocks: 12, trial: virtual, values: map[string]float64{"idle": 1.1e-3}}.write(t, root)
	o := options()
	o.Suspect = ""
	r, err := history.Against(was, is, o)
	require.NoError(t, err)
	r.Conclude("")
	assert.Equal(t, history.Regression, r.Verdict)
	assert.Contains(t, finding(t, r, "kv.latency.p99", "idle").Why, "the paired comparison of the two runs decides")
}

// Too few blocks can neither show a regression nor rule one out.
func TestAgainstOneRunOfFewBlocks(t *testing.T) {
	root := t.TempDir()
	was := sample{night: 1, build: "b01", blocks: 5}.write(t, root)
	is := sample{night: 2, build: "b02", blocks: 5, values: map[string]float64{"idle": 3e-3}}.write(t, root)
	r, err := history.Against(was, is, options())
	require.NoError(t, err)
	_, gated := r.ToGate()
	assert.True(t, gated, "the gate is asked")
	r.Conclude("")
	assert.Equal(t, history.Inconclusive, r.Verdict)
}

func TestAMachineThatIsNotFit(t *testing.T) {
	root := quiet(t, 6)
	jittery := func(tr *results.Trial) {
		if tr.Treatment.Control == results.ControlAA {
			tr.Scalars["kv.latency.p99"] *= 1 + 0.5*float64(tr.Block%2*2-1)
		}
	}
	for i, c := range []struct {
		aa    float64
		trial func(*results.Trial)
		unfit string
	}{
		{1.1, nil, "differs from itself (A/A) by more than the margin"},
		{0.9, nil, "differs from itself"},
		{1.01, nil, ""},
		{1, jittery, "may differ from itself (A/A) by more than 10 margins"},
	} {
		r := judge(t, root, sample{night: 6 + i, build: "b06", blocks: 10, aa: c.aa, trial: c.trial}.write(t, t.TempDir()))
		r.Conclude("")
		if c.unfit == "" {
			assert.Empty(t, r.Unfit)
			assert.Equal(t, history.Fine, r.Verdict)
			continue
		}
		require.Len(t, r.Unfit, 1)
		assert.Contains(t, r.Unfit[0], c.unfit)
		assert.Equal(t, history.Inconclusive, r.Verdict)
	}
}

// TestGateBlocks holds the numbers against tables of the signed-rank test: with
// 14 pairs, 12 is the greatest sum of ranks significant at 0.01, with 15 it is
// 15.
func TestGateBlocks(t *testing.T) {
	assert.Equal(t, 15, history.GateBlocks(1))
	assert.Equal(t, 15, history.GateBlocks(0))
	for m := 1; m < 20; m++ {
		assert.LessOrEqual(t, history.GateBlocks(m), history.GateBlocks(m+1))
	}
	assert.Less(t, history.GateBlocks(45), 26)
}
