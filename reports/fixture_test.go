package reports_test

import (
	"flag"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/results"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// effect is what a strategy gave on two cores: p99 in seconds, and the rate of
// the BE as a share of its rate alone.
type effect struct {
	p99, be float64
}

// effects are those of redis beside a vector loop on one CPU at 60,000 requests
// a second.
func effects() map[string]effect {
	return map[string]effect{
		"eevdf": {4.13e-3, 0.62}, "batch": {4.16e-3, 0.62}, "nice": {0.53e-3, 0.58}, "idle": {0.28e-3, 0.57},
		"weight": {0.48e-3, 0.58}, "slice": {4.04e-3, 0.61}, "fifo": {0.28e-3, 0.56},
	}
}

// sample describes a run for the tests. Its zero value has no block.
type sample struct {
	strategies []string
	rates      []string
	blocks     int
	title      string
	requests   int // recorded a trial
	noControls bool
	again      bool // the baseline once more, as control
	change     func(t *results.Trial, latency map[string][]results.Interval)
	changeRun  func(r *results.Run)
	series     []results.Sample // of each trial
}

func usual() sample {
	return sample{
		strategies: []string{"eevdf", "batch", "nice", "idle", "weight", "slice", "fifo"},
		rates:      []string{"60000"}, blocks: 10, requests: 3000,
		title: "redis beside a vector-unit neighbour on one CPU",
	}
}

func (s sample) treatments() []results.Treatment {
	var all []results.Treatment
	for _, rate := range s.rates {
		if !s.noControls {
			all = append(all, results.Treatment{Control: results.ControlLCAlone, Factors: map[string]string{"rate": rate}})
		}
		if s.again {
			all = append(all, results.Treatment{Control: results.ControlAA, Factors: map[string]string{"strategy": "eevdf", "rate": rate}})
		}
		for _, strategy := range s.strategies {
			all = append(all, results.Treatment{Factors: map[string]string{"strategy": strategy, "rate": rate}})
		}
	}
	if !s.noControls {
		all = append(all, results.Treatment{Control: results.ControlBEAlone}, results.Treatment{Control: results.ControlLCMax})
	}
	return all
}

func (s sample) run() results.Run {
	r := results.Run{
		Schema: results.SchemaVersion, ID: "20260301T120000Z-1a2b", Scenario: "redis-avx", Title: s.title,
		Seed: 20240301, Status: results.Complete, Started: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		Warmup: 2, Measure: 5, Blocks: s.blocks,
		Factors:   []results.Factor{{Name: "strategy", Levels: s.strategies}, {Name: "rate", Levels: s.rates}},
		Variables: []results.Variable{{Name: "width", Value: "512", Source: "default"}},
		Workloads: []results.Workload{
			{Name: "kv", Kind: "redis", Role: results.RoleLC, Zone: "shared", Load: "open", SLO: map[string]float64{"latency.p99": 1e-3}},
			{Name: "burn", Kind: "avx", Role: results.RoleBE, Zone: "shared"},
		},
		Metrics: []results.Metric{
			{Name: "kv.latency.p99", Unit: "s", Better: results.Lower, Kind: results.Scalar, Scale: results.Ratio, Source: "open-loop load, intended send time", Help: "99th percentile of the latency"},
			{Name: "kv.latency.p999", Unit: "s", Better: results.Lower, Kind: results.Scalar, Scale: results.Ratio},
			{Name: "kv.rate", Unit: "1/s", Better: results.Higher, Kind: results.Scalar, Scale: results.Ratio},
			{Name: "kv.slo.attained", Unit: "1", Better: results.Higher, Kind: results.Scalar, Scale: results.Difference},
			{Name: "burn.rate", Unit: "FLOP/s", Better: results.Higher, Kind: results.Scalar, Scale: results.Ratio},
		},
		Compare: results.Compare{
			Factor: "strategy", Baseline: "eevdf", Margin: 0.02, Alpha: 0.05,
			Metrics: []string{"kv.latency.p99", "kv.slo.attained", "burn.rate"},
		},
		Facts:       results.Facts{"cpu.model": "Example CPU <b>&", "kernel.release": "6.18.0", "kernel.hz": "250"},
		Fingerprint: "5f3c9b", MaxDropped: 0.1,
	}
	number := 0
	for b := range s.blocks {
		for i, t := range s.treatments() {
			number++
			r.Plan = append(r.Plan, results.Planned{Number: number, Block: b + 1, Position: i + 1, Treatment: t, Seed: uint64(number)})
		}
	}
	if s.changeRun != nil {
		s.changeRun(&r)
	}
	return r
}

// trial makes up what one treatment gave, with a spread by block of 8 % and a
// residual of 3 %.
func (s sample) trial(p results.Planned) (results.Trial, map[string][]results.Interval) {
	blockwise := rand.New(rand.NewPCG(7, uint64(p.Block)))
	own := rand.New(rand.NewPCG(11, p.Seed))
	noise := math.Exp(0.08*blockwise.NormFloat64() + 0.03*own.NormFloat64())
	small := math.Exp(0.005*blockwise.NormFloat64() + 0.002*own.NormFloat64())
	e := effects()[p.Treatment.Factors["strategy"]]
	t := results.Trial{
		Schema: results.SchemaVersion, Number: p.Number, Block: p.Block, Position: p.Position, Treatment: p.Treatment,
		Seed: p.Seed, Fidelity: results.FidelityReal, Verdict: results.OK, Scalars: map[string]float64{},
		Begin:   time.Date(2026, 3, 1, 12, p.Number, 0, 0, time.UTC),
		End:     time.Date(2026, 3, 1, 12, p.Number, 5, 0, time.UTC),
		Harness: results.HarnessCost{CPUSeconds: 0.02, CPUShare: 0.004, MaxRSS: 46 << 20, Overhead: 0.31, CPUs: "1"},
	}
	latency := map[string][]results.Interval{}
	switch p.Treatment.Control {
	case results.ControlLCAlone:
		e = effect{0.38e-3, 0}
	case results.ControlBEAlone:
		e = effect{0, 1}
	case results.ControlLCMax:
		t.Scalars["kv.rate"] = 172000 * small
		return t, latency
	}
	if e.be > 0 {
		t.Scalars["burn.rate"] = 5.6e10 * e.be * small
	}
	if e.p99 > 0 {
		p99 := e.p99 * noise
		t.Scalars["kv.latency.p99"] = p99
		t.Scalars["kv.latency.p999"] = p99 * 2.1
		t.Scalars["kv.rate"] = 60000
		t.Scalars["kv.slo.attained"] = 1 - 0.06*math.Exp(-1e-3/(p99/1.8))
		latency["kv"] = []results.Interval{{Start: 0, End: 5, Hist: latencies(own, p99, s.requests)}}
	}
	return t, latency
}

// latencies returns n latencies of which about one in a hundred exceeds p99
// seconds.
func latencies(rng *rand.Rand, p99 float64, n int) *hdrhistogram.Histogram {
	h := results.NewHistogram()
	for range n {
		v := 90 * math.Exp(0.25*rng.NormFloat64())
		if rng.Float64() < 0.06 {
			v += rng.ExpFloat64() * p99 * 1e6 / 1.8
		}
		_ = h.RecordValue(min(max(1, int64(v)), results.MaxLatency))
	}
	return h
}

// write makes the run folder under root and returns it, open.
func (s sample) write(t testing.TB, root string) *results.Folder {
	t.Helper()
	run := s.run()
	w, err := results.Create(root, run, map[string][]byte{"scenario.hcl": []byte("scenario \"redis-avx\" {\n  title = \"<i>one</i>\"\n}\n")})
	require.NoError(t, err)
	for _, p := range run.Plan {
		dir, err := w.Begin(p)
		require.NoError(t, err)
		trial, latency := s.trial(p)
		if s.change != nil {
			trial.Scalars = maps.Clone(trial.Scalars)
			s.change(&trial, latency)
		}
		require.NoError(t, results.WriteTrial(dir, trial, latency, s.series))
		_, err = w.Finish(p)
		require.NoError(t, err)
	}
	require.NoError(t, w.UpdateRun(func(r *results.Run) { r.Status = results.Complete }))
	require.NoError(t, w.Close())
	f, err := results.Open(w.Dir())
	require.NoError(t, err)
	return f
}

// analyzed writes the run and returns it with its analysis.
func (s sample) analyzed(t testing.TB, root string) (*results.Folder, *analysis.Analysis) {
	t.Helper()
	f := s.write(t, root)
	a, err := analysis.Analyze(f, analysis.Options{})
	require.NoError(t, err)
	return f, a
}

// invalidate makes one trial invalid.
func invalidate(number int) func(*results.Trial, map[string][]results.Interval) {
	return func(t *results.Trial, _ map[string][]results.Interval) {
		if t.Number == number {
			t.Verdict, t.Reason = results.Invalid, fmt.Sprintf("generator could not keep up in trial %d", number)
		}
	}
}
