package analysis

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

// experiment is a synthetic run: its values are a function of treatment and
// block.
type experiment struct {
	strategies []string
	rates      []string // levels of a second factor; none without
	controls   []results.Treatment
	blocks     int
	metrics    []string // compared
	slo        map[string]float64
	values     func(tr results.Treatment, block int) map[string]float64
	change     func(trial *results.Trial) // what else is special about a trial
	edit       func(run *results.Run)     // what else is special about the run
	raw        []byte                     // raw output of each trial
}

func (e experiment) treatments() []results.Treatment {
	all := e.controls
	for _, s := range e.strategies {
		if len(e.rates) == 0 {
			all = append(all, results.Treatment{Factors: map[string]string{"strategy": s}})
		}
		for _, r := range e.rates {
			all = append(all, results.Treatment{Factors: map[string]string{"strategy": s, "rate": r}})
		}
	}
	return all
}

func control(kind string) results.Treatment { return results.Treatment{Control: kind} }

func (e experiment) run() results.Run {
	r := results.Run{
		Schema: results.SchemaVersion, ID: "20260301T120000Z-0000", Scenario: "synthetic", Status: results.Complete,
		Started: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Blocks: e.blocks,
		Factors: []results.Factor{{Name: "strategy", Levels: e.strategies}},
		Workloads: []results.Workload{
			{Name: "kv", Kind: "redis", Role: results.RoleLC, Load: "open", SLO: e.slo},
			{Name: "burn", Kind: "avx", Role: results.RoleBE},
		},
		Metrics: []results.Metric{
			{Name: "kv.latency.p99", Unit: "s", Better: results.Lower, Kind: results.Scalar, Scale: results.Ratio},
			{Name: "kv.rate", Unit: "1/s", Better: results.Higher, Kind: results.Scalar, Scale: results.Ratio},
			{Name: "kv.slo.attained", Unit: "1", Better: results.Higher, Kind: results.Scalar, Scale: results.Difference},
			{Name: "kv.run_delay", Unit: "s/s", Better: results.Lower, Kind: results.Counter, Scale: results.Difference},
			{Name: "burn.rate", Unit: "1/s", Better: results.Higher, Kind: results.Scalar, Scale: results.Ratio},
			{Name: "kv.switches", Unit: "1/s", Better: results.Neutral, Kind: results.Counter, Scale: results.Ratio},
		},
		Compare: results.Compare{Factor: "strategy", Baseline: "eevdf", Metrics: e.metrics, Margin: 0.02, Alpha: 0.05},
	}
	if len(e.rates) > 0 {
		r.Factors = append(r.Factors, results.Factor{Name: "rate", Levels: e.rates})
	}
	for block := 1; block <= e.blocks; block++ {
		for i, tr := range e.treatments() {
			r.Plan = append(r.Plan, results.Planned{Number: len(r.Plan) + 1, Block: block, Position: i + 1, Treatment: tr})
		}
	}
	if e.edit != nil {
		e.edit(&r)
	}
	return r
}

func (e experiment) trials() []results.Trial {
	var trials []results.Trial
	for _, p := range e.run().Plan {
		trial := results.Trial{
			Schema: results.SchemaVersion, Number: p.Number, Block: p.Block, Position: p.Position, Treatment: p.Treatment,
			Fidelity: results.FidelityReal, Verdict: results.OK, Scalars: e.values(p.Treatment, p.Block),
		}
		if e.change != nil {
			e.change(&trial)
		}
		trials = append(trials, trial)
	}
	return trials
}

// analyze analyses the experiment without a folder.
func (e experiment) analyze(t testing.TB) *Analysis {
	t.Helper()
	a, err := analyze(e.run(), e.trials(), Options{})
	require.NoError(t, err)
	return a
}

// folder writes the experiment through the results writer.
func (e experiment) folder(t testing.TB) *results.Folder {
	t.Helper()
	w, err := results.Create(t.TempDir(), e.run(), map[string][]byte{"synthetic.hcl": []byte("# synthetic\n")})
	require.NoError(t, err)
	for i, trial := range e.trials() {
		p := w.Run().Plan[i]
		dir, err := w.Begin(p)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, results.RawDir, "output.txt"), e.raw, 0o644))
		require.NoError(t, results.WriteTrial(dir, trial, nil, nil))
		_, err = w.Finish(p)
		require.NoError(t, err)
	}
	require.NoError(t, w.UpdateRun(func(r *results.Run) { r.Status = results.Complete }))
	require.NoError(t, w.Close())
	f, err := results.Open(w.Dir())
	require.NoError(t, err)
	return f
}

// comparison finds the comparison of a metric with a candidate's label.
func comparison(t testing.TB, a *Analysis, metric, label string) Comparison {
	t.Helper()
	for _, c := range a.Comparisons {
		if c.Metric == metric && c.Label == label {
			return c
		}
	}
	require.Fail(t, "no such comparison", "%s of %s", metric, label)
	return Comparison{}
}

func warned(a *Analysis, code string) []Warning {
	var found []Warning
	for _, w := range a.Warnings {
		if w.Code == code {
			found = append(found, w)
		}
	}
	return found
}

// spread differs between blocks and is the same for every treatment.
func spread(block int) float64 { return 1 + 0.07*float64(block*block%11) }

// planted gives one metric that is a factor of the strategy times the block's
// spread times a residual of ±0.4 %, which alternates from block to block and
// is opposite for names of odd and even length.
func planted(metric string, factor map[string]float64) func(results.Treatment, int) map[string]float64 {
	return func(tr results.Treatment, block int) map[string]float64 {
		strategy := tr.Factors["strategy"]
		residual := 1 + 0.004*float64((block+len(strategy))%2*2-1)
		return map[string]float64{metric: factor[strategy] * spread(block) * residual}
	}
}
