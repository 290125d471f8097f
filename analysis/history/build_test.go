package history_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis/history"
	"github.com/czbench/czbench/results"
)

// sample is a night for the tests: two strategies, a few blocks, and values that
// are a factor of the treatment times a spread of ±1 % between blocks.
type sample struct {
	night  int // which determines when it was started
	build  string
	blocks int
	values map[string]float64 // by strategy, of the latency; 1 ms without
	change func(r *results.Run)
	trial  func(t *results.Trial)
	aa     float64 // factor of the A/A control; none when 0
}

func base() map[string]float64 { return map[string]float64{"eevdf": 1e-3, "idle": 1e-3} }

func (s sample) run() results.Run {
	r := results.Run{
		Scenario: "nightly", Title: "a night", Seed: 7, Status: results.Complete, Measure: 1, Warmup: 0.5,
		Started: time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC).AddDate(0, 0, s.night), Blocks: s.blocks, MaxDropped: 0.1,
		Factors:   []results.Factor{{Name: "strategy", Levels: []string{"eevdf", "idle"}}},
		Variables: []results.Variable{{Name: "build", Value: s.build, Source: "-var"}, {Name: "rate", Value: "1000", Source: "default"}},
		Workloads: []results.Workload{{Name: "kv", Kind: "redis", Role: results.RoleLC, Load: "open"}, {Name: "burn", Kind: "spin", Role: results.RoleBE}},
		Metrics: []results.Metric{
			{Name: "kv.latency.p99", Unit: "s", Better: results.Lower, Kind: results.Scalar, Scale: results.Ratio},
			{Name: "burn.rate", Unit: "1/s", Better: results.Higher, Kind: results.Scalar, Scale: results.Ratio},
			{Name: "kv.cpu", Unit: "1", Better: results.Neutral, Kind: results.Scalar, Scale: results.Ratio},
		},
		Compare: results.Compare{
			Factor: "strategy", Baseline: "eevdf", Metrics: []string{"kv.latency.p99", "burn.rate", "kv.cpu"}, Margin: 0.02, Alpha: 0.05,
		},
		Facts: results.Facts{"kernel.release": "6.1.0", "czbench.commit": "c-" + s.build},
	}
	if s.change != nil {
		s.change(&r)
	}
	r.Plan = nil
	for block := 1; block <= s.blocks; block++ {
		for _, t := range treatments(r.Factors) {
			r.Plan = append(r.Plan, results.Planned{Number: len(r.Plan) + 1, Block: block, Position: 1, Treatment: t})
		}
		if s.aa > 0 {
			first := treatments(r.Factors)[0]
			first.Control = results.ControlAA
			r.Plan = append(r.Plan, results.Planned{Number: len(r.Plan) + 1, Block: block, Position: 1, Treatment: first})
		}
	}
	return r
}

// treatments are all combinations of the levels.
func treatments(factors []results.Factor) []results.Treatment {
	all := []results.Treatment{{Factors: map[string]string{}}}
	for _, f := range factors {
		var next []results.Treatment
		for _, t := range all {
			for _, level := range f.Levels {
				c := maps.Clone(t.Factors)
				c[f.Name] = level
				next = append(next, results.Treatment{Factors: c})
			}
		}
		all = next
	}
	return all
}

// write writes the run and opens it.
func (s sample) write(t testing.TB, root string) *results.Folder {
	t.Helper()
	if s.blocks == 0 {
		s.blocks = 4
	}
	run := s.run()
	w, err := results.Create(root, run, map[string][]byte{"nightly.hcl": []byte("# " + run.Title + "\n")})
	require.NoError(t, err)
	for _, p := range run.Plan {
		dir, err := w.Begin(p)
		require.NoError(t, err)
		trial := results.Trial{
			Schema: results.SchemaVersion, Number: p.Number, Block: p.Block, Position: p.Position, Treatment: p.Treatment,
			Fidelity: results.FidelityReal, Verdict: results.OK, Scalars: s.scalars(p),
		}
		if s.trial != nil {
			s.trial(&trial)
		}
		require.NoError(t, results.WriteTrial(dir, trial, nil, nil))
		_, err = w.Finish(p)
		require.NoError(t, err)
	}
	require.NoError(t, w.UpdateRun(func(r *results.Run) { r.Status = run.Status }))
	require.NoError(t, w.Close())
	f, err := results.Open(w.Dir())
	require.NoError(t, err)
	return f
}

func (s sample) scalars(p results.Planned) map[string]float64 {
	spread := 1 + 0.01*float64((p.Block*p.Block+len(p.Treatment.Key()))%5-2)
	latency := 1e-3
	for _, level := range p.Treatment.Factors {
		if v, ok := s.values[level]; ok {
			latency = v
		}
	}
	if p.Treatment.Control == results.ControlAA {
		latency *= s.aa
	}
	return map[string]float64{"kv.latency.p99": latency * spread, "burn.rate": 1e6 / spread, "kv.cpu": spread}
}

// differing compares the release of the kernel alone.
func differing(was, is results.Facts) []string {
	if was["kernel.release"] != is["kernel.release"] {
		return []string{"kernel.release"}
	}
	return nil
}

func options() history.Options { return history.Options{Suspect: "build", Differing: differing} }

// quiet writes n nights, each with a build of its own, and returns the root.
func quiet(t testing.TB, n int) string {
	t.Helper()
	root := t.TempDir()
	for i := range n {
		sample{night: i, blocks: 2, build: fmt.Sprintf("b%02d", i), values: scaled(1 + 0.004*float64((i*i+3)%7-3))}.write(t, root)
	}
	return root
}

// scaled gives every strategy a factor.
func scaled(factor float64) map[string]float64 {
	values := base()
	for k := range values {
		values[k] *= factor
	}
	return values
}

// judge reads the history of a run below root and judges it.
func judge(t testing.TB, root string, f *results.Folder) *history.Result {
	t.Helper()
	h, err := history.Read(root, f, options())
	require.NoError(t, err)
	return h.Judge()
}

// finding finds what is said of a metric and a treatment.
func finding(t testing.TB, r *history.Result, metric, label string) history.Finding {
	t.Helper()
	i := slices.IndexFunc(r.Findings, func(f history.Finding) bool { return f.Metric.Name == metric && f.Label == label })
	require.GreaterOrEqual(t, i, 0, "no finding of %s of %s", metric, label)
	return r.Findings[i]
}
