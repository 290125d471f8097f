package analysis

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

// climb is a run over loads whose p99, in seconds, follows from strategy, offered
// load and block.
func climb(blocks int, p99 func(strategy string, rate float64, block int) float64) experiment {
	return experiment{
		strategies: []string{"eevdf", "nice"}, rates: []string{"10000", "20000", "30000", "40000"}, blocks: blocks,
		metrics: []string{"kv.latency.p99"}, slo: map[string]float64{"latency.p99": 1e-3},
		values: func(tr results.Treatment, block int) map[string]float64 {
			rate, err := strconv.ParseFloat(tr.Factors["rate"], 64)
			if err != nil {
				panic(err)
			}
			return map[string]float64{
				"kv.latency.p99": p99(tr.Factors["strategy"], rate, block), "kv.rate": 0.999 * rate, "kv.offered": rate,
			}
		},
	}
}

// doubling has ln p99 linear in the load, 1 ms at the given one and twice that
// 10,000 higher.
func doubling(at, rate float64) float64 { return 1e-3 * math.Exp2((rate-at)/10000) }

func (e experiment) capacities(t testing.TB, want results.CapacityGoal) []Capacity {
	t.Helper()
	all, err := newTable(e.run(), e.trials()).capacities(want)
	require.NoError(t, err)
	return all
}

func TestCapacityIsWhereTheFitReachesTheBound(t *testing.T) {
	e := climb(10, func(strategy string, rate float64, block int) float64 {
		at := map[string]float64{"eevdf": 17000, "nice": 34000}[strategy]
		return doubling(at, rate) * (1 + 0.01*float64((block*7)%10-4)) // the median block has the factor 1 and 1.01
	})
	all := e.capacities(t, results.CapacityGoal{})
	require.Len(t, all, 2)
	eevdf, nice := all[0], all[1]
	assert.Equal(t, "eevdf", eevdf.Label)
	assert.Equal(t, results.CapacityGoal{Factor: "rate", Workload: "kv", Metric: "latency.p99", Bound: 1e-3}, eevdf.Goal)
	assert.Equal(t, 10, eevdf.Blocks)
	shift := 10000 * math.Log2(math.Sqrt(1.01)) // of the median of ten blocks
	assert.InDelta(t, 0.999*(17000-shift), eevdf.Load.Value, 1e-6)
	assert.InDelta(t, 0.999*(34000-shift), nice.Load.Value, 1e-6)
	assert.Empty(t, eevdf.Censored)
	assert.InDelta(t, 0.95, eevdf.Load.Level, 1e-12)
	assert.Less(t, eevdf.Load.Low, eevdf.Load.Value)
	assert.Greater(t, eevdf.Load.High, eevdf.Load.Value)
	assert.Less(t, eevdf.Load.High-eevdf.Load.Low, 1500.0)
	assert.Empty(t, eevdf.Notes)

	assert.Nil(t, eevdf.Ratio)
	require.NotNil(t, nice.Ratio)
	assert.InDelta(t, (34000-shift)/(17000-shift)-1, nice.Ratio.Value, 1e-9)
	assert.InDelta(t, 0.95, nice.Ratio.Level, 1e-12)
	assert.Less(t, nice.Ratio.High-nice.Ratio.Low, 0.1, "blocks that are slow are slow for both")

	require.Len(t, eevdf.Points, 4)
	assert.Equal(t, "10000", eevdf.Points[0].Level)
	assert.InDelta(t, 9990, eevdf.Points[0].Achieved, 1e-9)
	assert.InDelta(t, eevdf.Points[0].Value, eevdf.Points[0].Fitted, 1e-15)
	assert.Equal(t, all, e.capacities(t, results.CapacityGoal{}), "the same run gives the same interval")
}

func TestCapacityOfAnotherBound(t *testing.T) {
	e := climb(10, func(_ string, rate float64, _ int) float64 { return doubling(17000, rate) })
	all := e.capacities(t, results.CapacityGoal{Bound: 2e-3})
	assert.InDelta(t, 0.999*27000, all[0].Load.Value, 1e-6)
	assert.InDelta(t, all[0].Load.Value, all[0].Load.Low, 1e-9, "blocks that do not differ")
	assert.InDelta(t, all[0].Load.Value, all[0].Load.High, 1e-9)
}

func TestCapacityIsCensored(t *testing.T) {
	e := climb(10, func(strategy string, rate float64, block int) float64 {
		return doubling(map[string]float64{"eevdf": 50000, "nice": 5000}[strategy], rate) * spread(block)
	})
	all := e.capacities(t, results.CapacityGoal{})
	assert.Equal(t, CensoredAbove, all[0].Censored)
	assert.InDelta(t, 39960, all[0].Load.Value, 1e-9)
	assert.Equal(t, CensoredAbove, all[0].HighCensored)
	assert.Equal(t, CensoredAbove, all[0].LowCensored, "the bound held in every resample")
	assert.Contains(t, all[0].Notes, "the bound held at every load that was tested: add higher ones")
	assert.Equal(t, CensoredBelow, all[1].Censored)
	assert.InDelta(t, 9990, all[1].Load.Value, 1e-9)
	assert.Equal(t, CensoredBelow, all[1].LowCensored)
	assert.Equal(t, CensoredBelow, all[1].HighCensored)
	assert.Contains(t, all[1].Notes, "no ratio to eevdf: one of the two capacities is only a bound")
	assert.Nil(t, all[1].Ratio)
}

// TestIntervalEndsWhereTheLoadsEnd has a capacity within, and blocks that differ
// so much that some have none.
func TestIntervalEndsWhereTheLoadsEnd(t *testing.T) {
	e := climb(10, func(strategy string, rate float64, block int) float64 {
		if strategy == "nice" {
			return doubling(25000, rate)
		}
		return doubling(36000, rate) * math.Exp(0.3*float64(block-5))
	})
	all := e.capacities(t, results.CapacityGoal{})
	assert.Empty(t, all[0].Censored)
	assert.Equal(t, CensoredAbove, all[0].HighCensored)
	assert.InDelta(t, 39960, all[0].Load.High, 1e-9)
	assert.Empty(t, all[0].LowCensored)
	require.NotNil(t, all[1].Ratio)
	assert.Zero(t, all[1].Ratio.Level)
	assert.Contains(t, all[1].Notes, "no interval of the ratio to eevdf: one of the two intervals ends where the tested loads end")
}

func TestCapacityPoolsWhatDoesNotRise(t *testing.T) {
	values := map[float64]float64{10000: 0.5e-3, 20000: 0.9e-3, 30000: 0.4e-3, 40000: 1.6e-3}
	e := climb(6, func(_ string, rate float64, _ int) float64 { return values[rate] })
	c := e.capacities(t, results.CapacityGoal{})[0]
	assert.InDelta(t, 0.6e-3, c.Points[1].Fitted, 1e-12, "the geometric mean of 0.9 and 0.4 ms")
	assert.InDelta(t, 0.6e-3, c.Points[2].Fitted, 1e-12)
	share := math.Log(1/0.6) / math.Log(1.6/0.6)
	assert.InDelta(t, 0.999*(30000+share*10000), c.Load.Value, 1e-6)
	assert.Contains(t, c.Notes, "the value does not rise from load to load, and the fit pools 20000, 30000")
}

func TestSaturatedServiceHasTheLoadThatItAchieves(t *testing.T) {
	e := climb(6, func(_ string, rate float64, _ int) float64 {
		return map[float64]float64{10000: 0.4e-3, 20000: 0.8e-3, 30000: 50e-3, 40000: 300e-3}[rate]
	})
	carried := e.values
	e.values = func(tr results.Treatment, block int) map[string]float64 {
		v := carried(tr, block)
		v["kv.rate"] = map[string]float64{"10000": 10000, "20000": 20000, "30000": 24000, "40000": 21000}[tr.Factors["rate"]]
		return v
	}
	c := e.capacities(t, results.CapacityGoal{})[0]
	assert.Equal(t, []string{"10000", "20000", "30000", "40000"}, []string{c.Points[0].Level, c.Points[1].Level, c.Points[2].Level, c.Points[3].Level})
	assert.InDelta(t, 20000+4000*math.Log(1/0.8)/math.Log(50/0.8), c.Load.Value, 1e-6)
	assert.Contains(t, c.Notes, "the service did not carry the load of 30000 (24000 of 30000 requests a second), 40000 (21000 of 40000 requests a second)")
}

func TestCapacityWithoutALevel(t *testing.T) {
	e := climb(6, func(_ string, rate float64, _ int) float64 { return doubling(50000, rate) })
	e.change = func(trial *results.Trial) {
		if trial.Treatment.Factors["rate"] == "40000" && trial.Treatment.Factors["strategy"] == "nice" {
			trial.Verdict, trial.Reason = results.Invalid, "generator could not keep up"
		}
	}
	c := e.capacities(t, results.CapacityGoal{})[1]
	assert.Len(t, c.Points, 3)
	assert.Equal(t, CensoredAbove, c.Censored)
	assert.InDelta(t, 29970, c.Load.Value, 1e-9)
	assert.Contains(t, c.Notes, "rate 40000 was not tested: none of its 6 trials was ok")
}

func TestCapacityOfFewBlocks(t *testing.T) {
	e := climb(4, func(_ string, rate float64, _ int) float64 { return doubling(25000, rate) })
	c := e.capacities(t, results.CapacityGoal{})[1]
	assert.Zero(t, c.Load.Level)
	assert.Contains(t, c.Notes, "no interval: it takes 5 blocks, there are 4")
	require.NotNil(t, c.Ratio)
	assert.Zero(t, c.Ratio.Level)
}

func TestCapacityOfAClosedLoad(t *testing.T) {
	e := climb(5, func(_ string, rate float64, _ int) float64 { return doubling(25000, rate) })
	run := e.run()
	run.Workloads[0].Load = "memtier"
	all, err := newTable(run, e.trials()).capacities(results.CapacityGoal{})
	require.NoError(t, err)
	assert.Contains(t, all[0].Notes, `the load "memtier" is a closed loop, which waits for the service: its latency hides overload`)
}

func TestBadCapacityGoals(t *testing.T) {
	good := climb(5, func(_ string, rate float64, _ int) float64 { return doubling(25000, rate) })
	one := good
	one.rates = one.rates[:1]
	noSLO := good
	noSLO.slo = nil
	empty := good
	empty.values = func(results.Treatment, int) map[string]float64 { return map[string]float64{"kv.rate": 1} }
	failed := good
	failed.change = func(trial *results.Trial) { trial.Verdict = results.Failed }
	for _, c := range []struct {
		e    experiment
		want results.CapacityGoal
		text string
	}{
		{one, results.CapacityGoal{}, "no load factor: No factor has several numbers as its levels. Give the matrix a factor of loads"},
		{one, results.CapacityGoal{Factor: "rate"}, "only one load"},
		{good, results.CapacityGoal{Factor: "strategy"}, "levels are not loads"},
		{good, results.CapacityGoal{Factor: "load"}, "It has strategy, rate"},
		{good, results.CapacityGoal{Workload: "burn"}, "not an LC workload"},
		{good, results.CapacityGoal{Metric: "slo.attained", Bound: 0.99}, "Name a latency instead of kv.slo.attained"},
		{good, results.CapacityGoal{Metric: "latency.p98"}, "unknown metric"},
		{good, results.CapacityGoal{Metric: "run_delay"}, "no bound"},
		{good, results.CapacityGoal{Bound: -1}, "bound out of range"},
		{noSLO, results.CapacityGoal{}, "no SLO on a latency"},
		{empty, results.CapacityGoal{}, "no trial that could be used gives kv.latency.p99 and kv.rate"},
		{failed, results.CapacityGoal{}, "no block of it is whole"},
	} {
		_, err := newTable(c.e.run(), c.e.trials()).capacities(c.want)
		assert.ErrorContains(t, err, c.text)
	}
}

func TestCapacityOfTheScenario(t *testing.T) {
	e := climb(10, func(_ string, rate float64, block int) float64 { return doubling(17000, rate) * spread(block) })
	run := e.run()
	run.Capacity = &results.CapacityGoal{Factor: "rate", Workload: "kv", Metric: "latency.p99", Bound: 2e-3}
	a, err := analyze(run, e.trials(), Options{})
	require.NoError(t, err)
	require.Len(t, a.Capacity, 2)
	assert.InDelta(t, 2e-3, a.Capacity[0].Goal.Bound, 0)

	run.Capacity.Factor = "load"
	a, err = analyze(run, e.trials(), Options{})
	require.NoError(t, err, "the comparisons stand without it")
	assert.Empty(t, a.Capacity)
	require.Len(t, warned(a, WarnCapacity), 1)
	assert.Contains(t, warned(a, WarnCapacity)[0].Text, `no factor "load"`)
}

func TestCapacitiesOfAFolder(t *testing.T) {
	f := climb(5, func(_ string, rate float64, _ int) float64 { return doubling(25000, rate) }).folder(t)
	all, err := Capacities(f, results.CapacityGoal{})
	require.NoError(t, err)
	assert.InDelta(t, 24975, all[0].Load.Value, 1e-6)
	_, err = Capacities(f, results.CapacityGoal{Factor: "x"})
	assert.ErrorContains(t, err, "capacity of run "+f.Run().ID+": unknown factor")
}

// TestCapacityCoverage simulates how often the interval holds the capacity of the
// true curve between the levels. With 5 to 20 blocks it is 93 % to 96 % of a
// nominal 95 %.
func TestCapacityCoverage(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates 900 runs")
	}
	const runs = 300
	rates := []string{"10000", "20000", "30000", "40000"}
	truth := 10000 * (2 + math.Log(1/0.6)/math.Log(1.7/0.6)) // between the second and the third of the curve
	curve := map[string]float64{"10000": 0.5e-3, "20000": 0.6e-3, "30000": 1.7e-3, "40000": 9e-3}
	for _, blocks := range []int{5, 10, 20} {
		t.Run(fmt.Sprint(blocks), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(7, uint64(blocks)))
			covered := 0
			for range runs {
				slow := map[int]float64{}
				for block := range blocks {
					slow[block+1] = 0.08 * rng.NormFloat64()
				}
				e := experiment{
					strategies: []string{"eevdf"}, rates: rates, blocks: blocks, slo: map[string]float64{"latency.p99": 1e-3},
					values: func(tr results.Treatment, block int) map[string]float64 {
						rate := tr.Factors["rate"]
						offered := 10000 * float64(slices.Index(rates, rate)+1)
						return map[string]float64{
							"kv.latency.p99": curve[rate] * math.Exp(slow[block]+0.1*rng.NormFloat64()),
							"kv.rate":        offered * (1 + 0.001*rng.NormFloat64()), "kv.offered": offered,
						}
					},
				}
				run := e.run()
				run.Seed = rng.Uint64()
				all, err := newTable(run, e.trials()).capacities(results.CapacityGoal{})
				require.NoError(t, err)
				if l := all[0].Load; l.Low <= truth && truth <= l.High {
					covered++
				}
			}
			t.Logf("%d blocks: %.1f %% of %d intervals hold the capacity", blocks, 100*float64(covered)/runs, runs)
			assert.InDelta(t, 0.945, float64(covered)/runs, 0.03)
		})
	}
}
