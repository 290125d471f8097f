package analysis

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

// watch is a run of 9 treatments in 12 blocks, 108 trials, whose windows have
// the given shape, a function of the share of the window that is over.
type watch struct {
	n     int     // readings of a window
	sd    float64 // of their noise, relative
	phi   float64 // of the noise: first-order autoregression
	heavy bool    // noise with a heavy tail
	shape func(share float64, trial int) float64
}

func (s watch) stationarity(t testing.TB, rng *rand.Rand) (*table, []Stationarity) {
	t.Helper()
	e := experiment{
		strategies: []string{"eevdf", "batch", "nice"}, rates: []string{"1", "2", "3"}, blocks: 12,
		values: func(results.Treatment, int) map[string]float64 { return map[string]float64{"kv.latency.p99": 1} },
	}
	run := e.run()
	run.Warmup, run.Seed = 0.3, rng.Uint64()
	tab := newTable(run, e.trials())
	trials := tab.watched()
	require.Len(t, trials, 108)
	windows := make([]window, len(trials))
	for i, obs := range trials {
		windows[i] = window{"kv.run_delay": {values: s.values(obs.trial.Number, rng), step: 0.1}}
	}
	return tab, tab.stationarity(trials, windows)
}

func (s watch) values(trial int, rng *rand.Rand) []float64 {
	x := make([]float64, s.n)
	noise := rng.NormFloat64() / math.Sqrt(1-s.phi*s.phi)
	for i := range x {
		noise = s.phi*noise + rng.NormFloat64()
		x[i] = 1 + s.sd*noise
		if s.heavy {
			x[i] = math.Exp(2 * noise)
		}
		if s.shape != nil {
			x[i] += s.shape((float64(i)+0.5)/float64(s.n), trial)
		}
	}
	return x
}

// TestQuietNights wants no warning where nothing is wrong.
func TestQuietNights(t *testing.T) {
	const nights = 40
	for _, s := range []watch{
		{n: 20, sd: 0.05},
		{n: 50, sd: 0.05},
		{n: 150, sd: 0.05},
		{n: 50, heavy: true},
		{n: 20, sd: 0.05, phi: 0.3},
		{n: 50, sd: 0.05, phi: 0.3},
		{n: 50, sd: 0.05, phi: 0.6},
		{n: 150, sd: 0.05, phi: 0.8},
	} {
		t.Run(fmt.Sprintf("%d readings, phi %g, heavy %t", s.n, s.phi, s.heavy), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			warned, uneven := 0, 0
			for range nights {
				tab, all := s.stationarity(t, rng)
				if len(tab.warnWindows(all)) > 0 {
					warned++
				}
				for _, entry := range all {
					uneven += 12 - entry.Trials[WindowFlat]
				}
			}
			t.Logf("%d of %d nights have a warning; %.1f %% of the trials are judged uneven", warned, nights, 100*float64(uneven)/(108*nights))
			assert.LessOrEqual(t, warned, 1)
		})
	}
}

func TestPlantedWindows(t *testing.T) {
	step := func(size float64) func(float64, int) float64 {
		return func(share float64, _ int) float64 {
			if share < 0.2 {
				return size
			}
			return 0
		}
	}
	decay := func(share float64, _ int) float64 { return 0.5 * math.Exp(-share/0.08) }
	drift := func(share float64, _ int) float64 { return 0.1 * share }
	for _, c := range []struct {
		name    string
		watch   watch
		verdict string
		low     float64 // of the cut, share of the window
		high    float64
	}{
		{"a warm-up of a fifth", watch{n: 50, sd: 0.05, shape: step(0.2)}, WindowWarmup, 0.19, 0.34},
		{"in a short window", watch{n: 30, sd: 0.05, shape: step(0.2)}, WindowInconsistent, 0.19, 0.34}, // a third is missed
		{"in a long window", watch{n: 150, sd: 0.05, shape: step(0.2)}, WindowWarmup, 0.19, 0.34},
		{"that fades", watch{n: 50, sd: 0.05, shape: decay}, WindowWarmup, 0.1, 0.34},
		{"a drift of 10 %", watch{n: 50, sd: 0.02, shape: drift}, WindowDrifting, 0, 0},
		{"in a long window", watch{n: 150, sd: 0.05, shape: drift}, WindowDrifting, 0, 0.34},
		{"steps that trials do not share", watch{n: 50, sd: 0.05, shape: func(share float64, trial int) float64 {
			return step(0.4)(share, trial) * float64(trial%2)
		}}, WindowInconsistent, 0.19, 0.34},
	} {
		t.Run(c.name+fmt.Sprintf(" of %d", c.watch.n), func(t *testing.T) {
			tab, all := c.watch.stationarity(t, rand.New(rand.NewPCG(3, 4)))
			require.Len(t, all, 9)
			found, uneven, total := 0, 0, map[string]int{}
			for _, s := range all {
				if s.Verdict == c.verdict {
					found++
				}
				if s.Verdict != WindowFlat {
					uneven++
				}
				for verdict, n := range s.Trials {
					total[verdict] += n
				}
			}
			window := 0.1 * float64(c.watch.n)
			t.Logf("%d of 9 treatments %s; trials %v; cut %.2f of the window", found, c.verdict, total, all[0].Cut/window)
			assert.GreaterOrEqual(t, found, 4)
			assert.GreaterOrEqual(t, uneven, 8)
			assert.GreaterOrEqual(t, all[0].Cut, c.low*window)
			assert.LessOrEqual(t, all[0].Cut, c.high*window)
			codes := map[string]string{WindowWarmup: WarnWarmup, WindowInconsistent: WarnWarmup, WindowDrifting: WarnDrift}
			warnings := tab.warnWindows(all)
			require.NotEmpty(t, warnings)
			assert.Contains(t, []string{warnings[0].Code, warnings[len(warnings)-1].Code}, codes[c.verdict])
			assert.Equal(t, "kv.run_delay", warnings[0].About)
		})
	}
}

// TestWeakDriftIsFoundByItsTrialsTogether has a drift that few trials show alone.
func TestWeakDriftIsFoundByItsTrialsTogether(t *testing.T) {
	_, all := watch{n: 50, sd: 0.05, shape: func(share float64, _ int) float64 { return 0.1 * share }}.
		stationarity(t, rand.New(rand.NewPCG(5, 6)))
	for _, s := range all {
		assert.Contains(t, []string{WindowDrifting, WindowInconsistent}, s.Verdict, s.Label)
	}
}

// TestManyTrials looks at an even choice of a long run.
func TestManyTrials(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice", "idle"}, blocks: 400,
		values: func(results.Treatment, int) map[string]float64 { return map[string]float64{"kv.latency.p99": 1} },
	}
	trials := newTable(e.run(), e.trials()).watched()
	require.Len(t, trials, 120)
	assert.Equal(t, 1, trials[0].trial.Block)
	assert.Equal(t, 391, trials[39].trial.Block)
	assert.Equal(t, 1, trials[40].trial.Block)
}

func TestFewReadings(t *testing.T) {
	tab, all := watch{n: 15, sd: 0.05, shape: func(share float64, _ int) float64 { return share }}.stationarity(t, rand.New(rand.NewPCG(1, 2)))
	require.Len(t, all, 9)
	assert.Equal(t, WindowShort, all[0].Verdict)
	assert.Equal(t, map[string]int{WindowShort: 12}, all[0].Trials)
	assert.Equal(t, 15, all[0].Intervals)
	assert.Empty(t, tab.warnWindows(all))
}

func TestWarmupRemedy(t *testing.T) {
	tab := &table{run: results.Run{Warmup: 0.3}}
	w := tab.warnWindows([]Stationarity{
		{Label: "eevdf", Metric: "kv.latency.p99", Verdict: WindowWarmup, Trials: map[string]int{WindowWarmup: 11, WindowFlat: 1}, Cut: 4},
		{Label: "nice", Metric: "kv.latency.p99", Verdict: WindowInconsistent, Trials: map[string]int{WindowDrifting: 6, WindowFlat: 6}, Cut: 4},
		{Label: "idle", Metric: "kv.latency.p99", Verdict: WindowFlat, Trials: map[string]int{WindowFlat: 12}, Cut: 4},
	})
	require.Len(t, w, 2)
	assert.Equal(t, Warning{Code: WarnWarmup, About: "kv.latency.p99", Text: `the beginning of the measured window, up to 4 s of it, ` +
		`differs from the rest in eevdf (11 of 12 trials); nothing is cut: write warmup = "4.3s", it is "300ms"`}, w[0])
	assert.Equal(t, WarnDrift, w[1].Code)
	assert.Contains(t, w[1].Text, "nice (6 of 12 trials)")
}

func TestPersistence(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, phi := range []float64{0, 0.5, 0.8} {
		var windows, stepped [][]float64
		for range 200 {
			x := watch{n: 50, sd: 1, phi: phi}.values(0, rng)
			windows = append(windows, stats.Ranks(x))
			for i := range 10 {
				x[i] += 3
			}
			stepped = append(stepped, stats.Ranks(x))
		}
		assert.InDelta(t, phi, persistence(windows), 0.15, "ranks take a little of it")
		assert.InDelta(t, phi, persistence(stepped), 0.15, "a warm-up is no persistence")
	}
	assert.Zero(t, persistence([][]float64{{1, 1, 1}}))
}

func TestRankOf(t *testing.T) {
	assert.Equal(t, []float64{3, 1.5, 1.5, 4}, stats.Ranks([]float64{2, 0, 0, 7}))
	assert.Equal(t, []float64{1, 2}, stats.Ranks([]float64{math.Copysign(0, -1), 1}))
}
