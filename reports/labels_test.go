package reports_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/results"
)

// labelled draws the figures of a run with two strategies and two rates.
func labelled(t *testing.T, labels map[string]string) reports.Drawn {
	t.Helper()
	s := few()
	s.rates = []string{"30000", "60000"}
	return drawn(t, s.reporting(results.Report{Labels: labels}), reports.FigureOptions{})
}

func TestLabels(t *testing.T) {
	all := labelled(t, map[string]string{
		"eevdf": "EEVDF", "idle": "SCHED_IDLE", "kv": "Redis", "rate": "load", "60000": "high",
		"burn.rate": "work of the neighbour", "strategy": "policy",
	})
	assert.Contains(t, stems(all), "latency-ccdf-kv-rate-60000", "files keep the names")
	ccdf := text(t, all, "latency-ccdf-kv-rate-60000.svg")
	for _, want := range []string{">EEVDF<", ">SCHED_IDLE<", "latency of Redis", "Latency of Redis by policy, load high"} {
		assert.Contains(t, ccdf, want)
	}
	assert.NotContains(t, ccdf, "eevdf")
	forest := text(t, all, "forest-rate-30000.svg")
	for _, want := range []string{"work of the neighbour against EEVDF", "Redis.latency.p99 against EEVDF", ">SCHED_IDLE<", "load 30000"} {
		assert.Contains(t, forest, want)
	}
	assert.Contains(t, text(t, all, "forest-rate-30000.csv"), "SCHED_IDLE")
	profile := text(t, all, "interaction-kv-latency-p99-by-rate.svg")
	assert.Contains(t, profile, "the tests show", "what the lines alone do not")
	for _, want := range []string{">EEVDF<", ">high<", ">load<", "Redis.latency.p99 by load and policy"} {
		assert.Contains(t, profile, want)
	}
}

// Titles of contexts have labels, also where there are three factors.
func TestLabelsOfContexts(t *testing.T) {
	label := map[string]string{"kernel": "tick", "hz250": "slow tick", "kv": "Redis", "rate": "load", "60000": "high"}
	s := waves()
	s.rates = []string{"30000", "60000"}
	kind := s.changeRun
	s.changeRun = func(r *results.Run) {
		kind(r)
		r.Report = &results.Report{Labels: label}
		r.Factors = append(r.Factors, results.Factor{Name: "kernel", Levels: []string{"hz250", "hz1000"}})
		plan := r.Plan
		r.Plan = nil
		for _, kernel := range []string{"hz250", "hz1000"} {
			for _, p := range plan {
				p.Treatment.Factors = maps.Clone(p.Treatment.Factors)
				if p.Treatment.Factors != nil {
					p.Treatment.Factors["kernel"] = kernel
				}
				p.Number = len(r.Plan) + 1
				r.Plan = append(r.Plan, p)
			}
		}
	}
	all := drawn(t, s, reports.FigureOptions{Choices: []results.FigureChoice{{Kind: "sine"}, {Kind: "interaction"}}})
	assert.Contains(t, text(t, all, "sine-burn-kernel-hz250-rate-60000.svg"), "load high · tick slow tick")
	assert.Contains(t, text(t, all, "interaction-kv-latency-p99-by-rate-kernel-hz250.svg"), "Redis.latency.p99 by load and strategy, tick slow tick")
}

func TestLabelsThatAreTheSame(t *testing.T) {
	all := labelled(t, map[string]string{"eevdf": "fair", "idle": "fair", "30000": "60000"})
	ccdf := text(t, all, "latency-ccdf-kv-rate-30000.svg")
	assert.Contains(t, ccdf, ">fair (eevdf)<")
	assert.Contains(t, ccdf, ">fair (idle)<")
	assert.Contains(t, ccdf, "rate 60000 (30000)", "what is called as something else is")
}

func TestHostileLabels(t *testing.T) {
	all := labelled(t, map[string]string{"eevdf": "<script>alert(1)</script>", "idle": "../../etc/passwd", "kv": ""})
	assert.Contains(t, stems(all), "latency-ccdf-kv-rate-60000")
	for _, f := range all.Files {
		assert.NotContains(t, f.Name, "/")
		if strings.HasSuffix(f.Name, ".svg") && strings.Contains(string(f.Data), "<script") {
			t.Errorf("%s holds a script", f.Name)
		}
	}
}

func TestLabelsOfPhases(t *testing.T) {
	s := phased()
	change := s.changeRun
	s.changeRun = func(r *results.Run) {
		if change != nil {
			change(r)
		}
		labels := map[string]string{}
		for _, w := range r.Workloads {
			labels[w.Name] = "label of " + w.Name
		}
		r.Report = &results.Report{Labels: labels}
	}
	all := drawn(t, s, reports.FigureOptions{Choices: []results.FigureChoice{{Kind: "timeline"}}})
	assert.Contains(t, text(t, all, stems(all)[0]+".svg"), ">label of kv p99<")
}

// TestLabelThatNoFontHas: the page says what the figures could not write.
func TestLabelThatNoFontHas(t *testing.T) {
	const private = "\U000F1234" // which Unicode leaves to whoever wants it
	_, files := written(t, few().reporting(results.Report{Labels: map[string]string{"eevdf": private}}))
	assertHas(t, files, "index.html", "no font has the characters "+private)
	_, files = written(t, few())
	assertHasNot(t, files, "index.html", "no font has the characters")
}
