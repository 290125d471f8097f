package reports_test

import (
	"maps"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/results"
)

// dosed is a run over threads of the BE, which the LC alone does not depend on.
func dosed() sample {
	s := usual()
	s.strategies, s.rates, s.blocks, s.requests = []string{"eevdf", "nice"}, []string{"1", "2", "4"}, 6, 100
	s.changeRun = func(r *results.Run) {
		r.Factors[1].Name = "threads"
		for i := range r.Plan {
			p := &r.Plan[i]
			p.Treatment.Factors = maps.Clone(p.Treatment.Factors)
			if rate, has := p.Treatment.Factors["rate"]; has {
				delete(p.Treatment.Factors, "rate")
				p.Treatment.Factors["threads"] = rate
			}
			if p.Treatment.Control == results.ControlLCAlone {
				delete(p.Treatment.Factors, "threads")
			}
		}
		dosedControls(r)
	}
	s.change = func(t *results.Trial, _ map[string][]results.Interval) {
		threads, _ := strconv.ParseFloat(t.Treatment.Factors["threads"], 64)
		block := 1 + 0.01*float64(t.Block)
		switch {
		case t.Treatment.Control == results.ControlLCAlone:
			t.Scalars["kv.latency.p99"] = 1e-3 * block
		case t.Treatment.Control == results.ControlBEAlone:
			t.Scalars["burn.rate"] = 1e9 * threads
		case t.Treatment.Factors["strategy"] == "nice":
			t.Scalars["kv.latency.p99"] = 1e-3 * block * (1 + 0.1*threads)
		case t.Treatment.Control == "":
			t.Scalars["kv.latency.p99"] = 1e-3 * block * (1 + threads)
		}
	}
	return s
}

// dosedControls keeps one LC alone a block and has the BE alone once a dose.
func dosedControls(r *results.Run) {
	var plan []results.Planned
	alone := map[int]bool{}
	for _, p := range r.Plan {
		switch p.Treatment.Control {
		case results.ControlLCAlone:
			if alone[p.Block] {
				continue
			}
			alone[p.Block] = true
		case results.ControlLCMax:
			continue
		case results.ControlBEAlone:
			for _, threads := range r.Factors[1].Levels {
				p.Treatment = results.Treatment{Control: results.ControlBEAlone, Factors: map[string]string{"threads": threads}}
				p.Number = len(plan) + 1
				plan = append(plan, p)
			}
			continue
		}
		p.Number = len(plan) + 1
		plan = append(plan, p)
	}
	r.Plan = plan
}

func TestSensitivityFigureIsByDose(t *testing.T) {
	files, omissions := kindDrawn(t, dosed(), "sensitivity")
	assert.Empty(t, omissions)
	rows := dataRows(t, files, "sensitivity-kv-by-threads.csv")
	require.Len(t, rows, 1+2*3)
	assert.Equal(t, []string{"eevdf", "threads", "1", "0.25"}, rows[1][:4])
	slowdown, err := strconv.ParseFloat(rows[3][4], 64)
	require.NoError(t, err)
	assert.InDelta(t, 5, slowdown, 1e-9)
	svg := files["sensitivity-kv-by-threads.svg"]
	assert.Contains(t, svg, "Slowdown of kv by the dose of interference, threads")
	assert.Contains(t, svg, "Mean slowdown over the doses: eevdf ×3.50, nice ×1.25.")
	assert.Contains(t, svg, "n = 6 blocks. Points: medians")
}

// TestMeanSlowdownIsAlwaysARatio: from ×10 on a change is written as a factor, which
// a slowdown less 1 is not.
func TestMeanSlowdownIsAlwaysARatio(t *testing.T) {
	s := dosed()
	change := s.change
	s.change = func(trial *results.Trial, more map[string][]results.Interval) {
		change(trial, more)
		if trial.Treatment.Control == "" && trial.Treatment.Factors["strategy"] == "eevdf" {
			trial.Scalars["kv.latency.p99"] *= 10
		}
	}
	_, files := written(t, s)
	assertHas(t, files, "figures/sensitivity-kv-by-threads.svg", "Mean slowdown over the doses: eevdf ×35.0, nice ×1.25.")
	assertHas(t, files, "figures/sensitivity-kv-by-threads.svg", "Behind the names: the mean slowdown over the doses.")
	assertHas(t, files, "index.html", "×35.0 [×35.0, ×35.0]")
	assertHas(t, files, "index.html", "Mean slowdown: over the doses, with its signed-rank interval.")
}

func TestRunsWithoutDosesHaveNoSensitivityFigure(t *testing.T) {
	files, omissions := kindDrawn(t, loaded(), "sensitivity")
	assert.Empty(t, files)
	assert.Equal(t, []reports.Omission{{Figure: "Figure sensitivity", Reason: omissions[0].Reason}}, omissions)
}
