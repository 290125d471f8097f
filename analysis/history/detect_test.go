package history_test

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/analysis/history"
	"github.com/czbench/czbench/results"
)

// margin of 2 % on the logarithms.
var margin = math.Log(1.02)

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// noise returns n values around 0.
func noise(rng *rand.Rand, n int, sd float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = sd * rng.NormFloat64()
	}
	return x
}

// nights is a quiet history: values from −0.5 % to +0.5 %, in no order.
func nights(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = 0.005 * math.Sin(float64(7*i*i))
	}
	return x
}

func plus(x []float64, from int, shift float64) []float64 {
	for i := from; i < len(x); i++ {
		x[i] += shift
	}
	return x
}

func TestDetect(t *testing.T) {
	for name, c := range map[string]struct {
		values []float64
		kind   string
		at     int
		shift  float64
	}{
		"nothing":                                  {nights(30), "", 0, 0},
		"no nights":                                {nil, "", 0, 0},
		"one night":                                {nights(1), "", 0, 0},
		"the newest alone":                         {plus(nights(30), 29, 0.1), history.Jump, 29, 0.1},
		"the newest two":                           {plus(nights(30), 28, 0.1), history.Jump, 28, 0.1},
		"the newest three":                         {plus(nights(30), 27, 0.1), history.Jump, 27, 0.1},
		"a step of four":                           {plus(nights(30), 26, 0.1), history.Jump, 26, 0.1},
		"a step of six":                            {plus(nights(30), 24, 0.1), history.Step, 24, 0.1},
		"a step of ten":                            {plus(nights(30), 20, 0.1), history.Step, 20, 0.1},
		"a step of eleven is the past":             {plus(nights(30), 19, 0.1), "", 0, 0},
		"a night worse again after the past":       {plus(plus(nights(30), 15, 0.1), 29, 0.1), history.Jump, 29, 0.1},
		"inside the margin":                        {plus(nights(30), 29, 0.012), "", 0, 0},
		"for the better":                           {plus(nights(30), 29, -0.1), "", 0, 0},
		"a bad night that is over":                 {plus(plus(nights(30), 25, 0.1), 26, -0.1), "", 0, 0},
		"the newest as bad as an earlier bad one":  {plus(plus(plus(nights(30), 10, 0.2), 11, -0.2), 29, 0.1), "", 0, 0},
		"the newest two, and an earlier bad one":   {plus(plus(plus(nights(30), 10, 0.2), 11, -0.2), 28, 0.1), history.Jump, 28, 0.1},
		"few nights, worse than all by the margin": {plus(nights(4), 3, 0.1), history.Jump, 3, 0.1},
		"few nights, worse by less":                {plus(nights(4), 3, 0.0215), "", 0, 0},
		"two nights say nothing":                   {plus(nights(3), 2, 0.1), "", 0, 0},
		"older than the window":                    {plus(nights(80), 79, 0.1), history.Jump, 79, 0.1},
	} {
		t.Run(name, func(t *testing.T) {
			s, improved := history.Detect(c.values, margin, seeded(1))
			assert.Equal(t, c.kind, s.Kind)
			assert.Equal(t, c.at, s.At)
			assert.InDelta(t, c.shift, s.Shift, 0.01)
			assert.Zero(t, improved)
			switch c.kind {
			case history.Step:
				assert.LessOrEqual(t, s.P, 0.01)
			case history.Jump:
				assert.InDelta(t, 1, s.P, 0, "a jump is no test")
			}
		})
	}
}

func TestDetectSaysWhatItLacks(t *testing.T) {
	s, _ := history.Detect(plus(nights(4), 3, 0.1), margin, seeded(1))
	assert.Equal(t, 2, s.Missing, "three nights of five")
	s, _ = history.Detect(plus(nights(6), 5, 0.1), margin, seeded(1))
	assert.Zero(t, s.Missing)
	assert.Equal(t, 0, s.From)
	s, _ = history.Detect(plus(nights(80), 79, 0.1), margin, seeded(1))
	assert.Equal(t, 40, s.From, "the window is 40 nights")
}

func TestDetectFindsWhatImproved(t *testing.T) {
	s, improved := history.Detect(plus(nights(30), 24, -0.1), margin, seeded(1))
	assert.Empty(t, s.Kind)
	assert.InDelta(t, -0.1, improved, 0.01)
	s, improved = history.Detect(plus(plus(nights(30), 24, -0.1), 29, 0.1), margin, seeded(1))
	assert.Equal(t, history.Jump, s.Kind, "the newer segment is the reference")
	assert.InDelta(t, 0.1, s.Shift, 0.01)
	assert.Less(t, improved, 0.0)
}

// TestDetectIsAboutOrder holds that neither shift nor scale of the values matter
// but for the margin.
func TestDetectIsAboutOrder(t *testing.T) {
	x := plus(noise(seeded(3), 30, 0.02), 25, 0.08)
	want, _ := history.Detect(x, margin, seeded(1))
	assert.Equal(t, history.Step, want.Kind)
	y := make([]float64, len(x))
	for i := range x {
		y[i] = 10*x[i] + 5
	}
	got, _ := history.Detect(y, 10*margin, seeded(1))
	assert.Equal(t, want.At, got.At)
	assert.InDelta(t, 10*want.Shift, got.Shift, 1e-9)
}

// outcome is what a simulated detector did.
type outcome struct {
	steps, jumps int // nights nominated, of the 30 that follow 30 others
	short        int // of nights 2 to 5
	found        int // the night on which a shift after 30 nights was nominated; 0 for never
}

// simulate runs the detector each night. Its rng is seeded by i, whoever calls.
func simulate(i uint64, sd, shift float64) (o outcome) {
	rng := seeded(i + uint64(sd*1e6))
	x := noise(rng, 60, sd)
	for n := 2; n <= 60; n++ {
		if 5 < n && n < 31 {
			continue
		}
		s, _ := history.Detect(x[:n], margin, rng)
		switch {
		case n <= 5 && s.Kind != "":
			o.short++
		case s.Kind == history.Step:
			o.steps++
		case s.Kind == history.Jump:
			o.jumps++
		}
	}
	x = plus(noise(rng, 50, sd), 30, math.Log1p(shift))
	for n := 31; n <= 50 && o.found == 0; n++ {
		if s, _ := history.Detect(x[:n], margin, rng); s.Kind != "" {
			o.found = n - 30
		}
	}
	return o
}

// TestDetectorSimulated is where the table of docs/nightly.md comes from; -v
// prints it, and -short leaves it out.
func TestDetectorSimulated(t *testing.T) {
	if testing.Short() {
		t.Skip("a simulation")
	}
	const reps = 200
	for _, c := range []struct {
		sd, shift float64
		// Of 100: nights with a step or a jump, windows of 30 nights with a step, nights 2
		// to 5 with a nomination; and histories in which the shift is found within 1, 3
		// and 7 nights.
		steps, jumps, windows, short float64
		within                       map[int]float64
	}{
		{0.01, 0.05, 1, 4, 5, 5, map[int]float64{1: 95, 3: 98, 7: 99}},
		{0.02, 0.05, 1, 5, 5, 12, map[int]float64{1: 55, 3: 85, 7: 93}},
		{0.03, 0.05, 1, 5, 8, 15, map[int]float64{1: 28, 3: 62, 7: 86}},
		{0.02, 0.10, 1, 5, 5, 12, map[int]float64{1: 95, 3: 98, 7: 99}},
		{0.03, 0.10, 1, 5, 8, 15, map[int]float64{1: 75, 3: 95, 7: 98}},
	} {
		outcomes := make([]outcome, reps)
		var all sync.WaitGroup
		for i := range outcomes {
			all.Go(func() { outcomes[i] = simulate(uint64(i), c.sd, c.shift) })
		}
		all.Wait()
		var sum outcome
		windows := 0
		found := map[int]float64{}
		for _, o := range outcomes {
			sum.steps, sum.jumps, sum.short = sum.steps+o.steps, sum.jumps+o.jumps, sum.short+o.short
			if o.steps > 0 {
				windows++
			}
			for within := range c.within {
				if o.found > 0 && o.found <= within {
					found[within] += 100. / reps
				}
			}
		}
		percent := func(n, of int) float64 { return 100 * float64(n) / float64(of) }
		t.Logf("spread %.0f %%: step %.2f %% of nights (%.1f %% of windows), jump %.1f %%, short history %.0f %%; +%.0f %% found within 1, 3, 7 nights: %.0f, %.0f, %.0f %%",
			100*c.sd, percent(sum.steps, 30*reps), percent(windows, reps), percent(sum.jumps, 30*reps), percent(sum.short, 4*reps),
			100*c.shift, found[1], found[3], found[7])
		assert.LessOrEqual(t, percent(sum.steps, 30*reps), c.steps)
		assert.LessOrEqual(t, percent(windows, reps), c.windows)
		assert.LessOrEqual(t, percent(sum.jumps, 30*reps), c.jumps)
		assert.LessOrEqual(t, percent(sum.short, 4*reps), c.short)
		for within, least := range c.within {
			assert.GreaterOrEqual(t, found[within], least, "spread %g, shift %g, within %d nights", c.sd, c.shift, within)
		}
	}
}

func BenchmarkDetect(b *testing.B) {
	x := noise(seeded(1), history.Window, 0.02)
	for b.Loop() {
		history.Detect(x, margin, seeded(1))
	}
}

// simulatedGate holds a good build against a bad one, which is slower by shift,
// in a gate run whose trials have a spread of sd around a common one, and decides
// by it.
func simulatedGate(t *testing.T, rng *rand.Rand, sd, shift float64) string {
	m := results.Metric{Name: "kv.latency.p99", Unit: "s", Better: results.Lower, Scale: results.Ratio}
	r := &history.Result{
		Suspect: "build", Nights: []history.Night{{Run: "a", Suspect: "good"}, {Run: "b", Suspect: "bad"}},
		Findings: []history.Finding{{Metric: m, Verdict: history.Inconclusive, Nomination: &history.Nomination{Before: "a", Since: "b"}}},
	}
	s, ok := r.ToGate()
	require.True(t, ok)
	var rows []analysis.Observation
	for block := 1; block <= history.GateBlocks(1); block++ {
		for i, extra := range []float64{0, shift} {
			value := math.Exp(sd*rng.NormFloat64()) * (1 + extra)
			rows = append(rows, analysis.Observation{
				Treatment: results.Treatment{Factors: map[string]string{"build": []string{"good", "bad"}[i]}}, Block: block, Values: map[string]float64{m.Name: value},
			})
		}
	}
	a, err := analysis.AnalyzeBlocks(analysis.Question{
		Factors: []results.Factor{{Name: "build", Levels: []string{"good", "bad"}}}, Metrics: []results.Metric{m},
		Compare: results.Compare{Factor: "build", Baseline: "good", Metrics: []string{m.Name}, Margin: 0.02, Alpha: history.GateAlpha},
	}, rows, analysis.Options{})
	require.NoError(t, err)
	r.Decide(s, a)
	return r.Verdict
}

// TestTwentyNightsSimulated puts detector and gate together, as the nights of
// docs/nightly.md: trials of 4 % spread, nights of 2 %.
func TestTwentyNightsSimulated(t *testing.T) {
	if testing.Short() {
		t.Skip("a simulation")
	}
	const reps = 200
	alarms, gates, found := 0, 0, 0
	for i := range uint64(reps) {
		rng := seeded(1000 + i)
		x := plus(noise(rng, 23, 0.02), 20, math.Log(1.1))
		alarm, caught := false, false
		for n := 2; n <= len(x) && !caught; n++ {
			s, _ := history.Detect(x[:n], margin, rng)
			if s.Kind == "" {
				continue
			}
			shift := 0.0
			if n > 20 && s.At <= 20 {
				shift = 0.1
			}
			regression := simulatedGate(t, rng, 0.04, shift) == history.Regression
			if n <= 20 {
				gates++
				alarm = alarm || regression
			} else {
				caught = regression
			}
		}
		if alarm {
			alarms++
		}
		if caught {
			found++
		}
	}
	t.Logf("of %d histories of 20 A/A nights, %d with a false alarm, %.2f gates each; +10 %% found within 3 nights in %d", reps, alarms, float64(gates)/reps, found)
	assert.LessOrEqual(t, alarms, 2, "a gate confirms by chance with less than 1 in 200")
	assert.GreaterOrEqual(t, found, reps*98/100)
}
