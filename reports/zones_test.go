package reports_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/results"
)

// hzRun is HZ × strategy in virtual time, with the latencies that redis had on
// one vCPU: HZ 1000 helps EEVDF, and hardly anything where the BE gives way.
func hzRun() sample {
	p99 := map[string]map[string]float64{
		"250":  {"eevdf": 8137e-6, "fifo": 3528e-6, "lcfirst": 255e-6},
		"1000": {"eevdf": 2961e-6, "fifo": 1771e-6, "lcfirst": 254e-6},
	}
	return sample{
		strategies: []string{"eevdf", "fifo", "lcfirst"}, rates: []string{"250", "1000"}, blocks: 2, requests: 200,
		title: "HZ by strategy", noControls: true,
		change: func(t *results.Trial, _ map[string][]results.Interval) {
			hz := t.Treatment.Factors["rate"]
			t.Fidelity = results.FidelityVirtual
			t.Scalars = map[string]float64{
				"kv.latency.p99": p99[hz][t.Treatment.Factors["strategy"]], "burn.rate": 1e9 * (1 + 0.01*float64(t.Number*t.Number%7)),
				"machine.scx.dispatches": 12000, "machine.exclusion.violations": 3,
			}
			t.Facts = map[string]string{
				"cz.kernel": "6.12.95", "cz.hz": hz, "cz.accel": "tcg", "cz.clock": "virtual", "cz.vcpus": "1",
			}
		},
		changeRun: func(r *results.Run) {
			r.Compare.Factor, r.Compare.Baseline, r.Compare.Metrics = "rate", "250", []string{"kv.latency.p99", "burn.rate"}
			for _, name := range []string{"machine.scx.dispatches", "machine.exclusion.violations"} {
				r.Metrics = append(r.Metrics, results.Metric{Name: name, Unit: "1/s", Kind: results.Counter, Scale: results.Difference})
			}
		},
	}
}

func TestReportOfVirtualTime(t *testing.T) {
	_, a := hzRun().analyzed(t, t.TempDir())
	golden(t, "terminal-virtual.txt", terminalText(t, a, reports.TerminalOptions{Unicode: true}))
	_, files := written(t, hzRun())
	for _, want := range []string{
		"Fidelity: virtual.", "−63.6 % exact", "exact: the same in all 2 blocks; a virtual clock has no noise",
		"the spread is that of the seeds (arrivals, keys), not noise", "in every block",
		"<h2 id=\"interactions\">", "≠ depends", "×1.38 exact", "strategy lcfirst",
		"machine.scx.dispatches", "machine.exclusion.violations",
		"kernel 6.12.95, hz 250, accel tcg, clock virtual, vcpus 1", "kernel 6.12.95, hz 1000",
		"Against 250, 1000 changes it by −63.6 % with eevdf and by −49.8 % with fifo",
	} {
		assertHas(t, files, "index.html", want)
	}
	assert.Contains(t, files, "figures/interaction-kv-latency-p99-by-strategy.svg")
	assertHas(t, files, "tables/comparison.csv", ",0,0,true,improved,true,false,")
	assertHas(t, files, "tables/comparison.md", "−63.6 % exact | 2 | – | – | improved")
	for _, name := range []string{"index.html", "tables/comparison.md"} {
		assertHasNot(t, files, name, "[−63.6, −63.6]")
	}
}

func TestReportOfMixedFidelity(t *testing.T) {
	s := usual()
	s.blocks, s.strategies, s.requests = 2, []string{"eevdf", "idle", "nice"}, 100
	s.change = func(t *results.Trial, _ map[string][]results.Interval) {
		if t.Treatment.Factors["strategy"] == "idle" {
			t.Fidelity = results.FidelityEmulated
		}
	}
	f, files := written(t, s)
	for _, want := range []string{"Fidelity: mixed.", "idle (emulated)", "different fidelities are never compared", "nothing may be concluded about speed"} {
		assertHas(t, files, "index.html", want)
	}
	assertHasNot(t, files, "tables/comparison.csv", ",idle,")
	a, err := analysis.Analyze(f, analysis.Options{})
	require.NoError(t, err)
	assert.Contains(t, terminalText(t, a, reports.TerminalOptions{}), "fidelity mixed")
}

// phased is a run of one treatment that changes its strategy twice, with nothing
// to compare.
func phased() sample {
	phases := []results.Phase{
		{Name: "calm", Strategy: "eevdf", End: 2},
		{Name: "strict", Strategy: "lcfirst", Start: 2, End: 5, Attached: 2.041},
		{Name: "after", Strategy: "eevdf", Start: 5, End: 6, Attached: 5.002},
	}
	s := sample{strategies: []string{"eevdf"}, rates: []string{"60000"}, blocks: 2, requests: 1, title: "switching under load", noControls: true}
	s.change = func(t *results.Trial, latency map[string][]results.Interval) {
		t.Treatment, t.Phases = results.Treatment{}, phases
		t.Scalars = map[string]float64{"kv.latency.p99": 4e-3}
		var all []results.Interval
		for second := range 6 {
			us := int64(4000 + 50*t.Block)
			if second >= 2 && second < 5 {
				us = 500
			}
			h := results.NewHistogram()
			_ = h.RecordValues(us, 100)
			_ = h.RecordValues(us/20, 900)
			all = append(all, results.Interval{Start: float64(second), End: float64(second + 1), Hist: h})
		}
		latency["kv"] = all
		for name, v := range map[string]float64{"calm": 4.1e-3, "strict": 0.5e-3, "after": 4.05e-3} {
			t.Scalars[results.PhaseMetric(name, "kv.latency.p99")] = v
			t.Scalars[results.PhaseMetric(name, "burn.cpu")] = 0.6
		}
	}
	s.changeRun = func(r *results.Run) {
		r.Factors, r.Compare, r.Measure = nil, results.Compare{}, 6
		for i := range r.Plan {
			r.Plan[i].Treatment = results.Treatment{}
		}
		for _, p := range phases {
			r.Metrics = append(r.Metrics,
				results.Metric{Name: results.PhaseMetric(p.Name, "kv.latency.p99"), Unit: "s", Better: results.Lower, Scale: results.Ratio},
				results.Metric{Name: results.PhaseMetric(p.Name, "burn.cpu"), Unit: "s/s", Scale: results.Difference})
		}
	}
	cpu := 0.0
	for tick := range 65 {
		at := float64(tick)*0.1 - 0.2
		s.series = append(s.series,
			results.Sample{Time: at, Metric: "cpu", Workload: "burn", Value: cpu},
			results.Sample{Time: at, Metric: "cpu", Workload: "kv", Value: 1})
		if at < 1.95 || at > 4.95 {
			cpu += 0.06
		} else {
			cpu += 0.02
		}
	}
	return s
}

func TestReportOfPhases(t *testing.T) {
	f, a := phased().analyzed(t, t.TempDir())
	golden(t, "terminal-phases.txt", terminalText(t, a, reports.TerminalOptions{Unicode: true}))
	require.NoError(t, reports.Write(f, a))
	files := filesIn(t, filepath.Join(f.Dir(), results.ReportDir))
	for _, want := range []string{
		"<h2 id=\"phases\">", "lcfirst, 2–5 s", "41.0 ms", "Phases of redis-avx", "<caption>redis-avx: medians over n = 2 blocks</caption>",
		"The p99 of kv by phase: calm (eevdf) 4.10 ms, strict (lcfirst) 500 µs, after (eevdf) 4.05 ms.",
	} {
		assertHas(t, files, "index.html", want)
	}
	assertHasNot(t, files, "index.html", "phase.calm")
	assertHasNot(t, files, "index.html", "Compared:")
	rows := strings.Split(files["figures/timeline.csv"], "\n")
	assert.Contains(t, rows, "kv p99,latency,s,all,2,3,strict,lcfirst,0.0005")
	assert.Contains(t, rows, "kv p99,latency,s,2,0,1,calm,eevdf,0.004103")
	assert.True(t, slices.ContainsFunc(rows, func(r string) bool { return strings.HasPrefix(r, "kv p50,latency,s,1,5,6,after,eevdf,0.0002") }))
	burn := 0
	for _, r := range rows {
		if strings.HasPrefix(r, "burn,CPU time,CPUs,all,") {
			burn++
		}
		assert.False(t, strings.HasPrefix(r, "kv,CPU"), "CPU time is shown of what has no latency")
	}
	assert.Equal(t, 6, burn)
}
