package gate_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/analysis/history"
	"github.com/czbench/czbench/reports/gate"
	"github.com/czbench/czbench/results"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

const (
	good = "20260307T030000Z-aaaa"
	bad  = "20260308T030000Z-bbbb"
	// hostile would be markup or a command anywhere.
	hostile = "a|b<i>,%0A::error::x\x1b[31m\r\n*c* @all"
)

func latency() results.Metric {
	return results.Metric{Name: "kv.latency.p99", Unit: "s", Better: results.Lower, Scale: results.Ratio}
}

func treatment(strategy string) results.Treatment {
	return results.Treatment{Factors: map[string]string{"strategy": strategy}}
}

// jump is a finding that a single night nominated.
func jump(label string) history.Finding {
	return history.Finding{
		Metric: latency(), Treatment: treatment(label), Label: label, Values: []float64{1e-3, 1.01e-3, 1.1e-3},
		Nomination: &history.Nomination{
			Kind: history.Jump, Since: bad, Before: good, Nights: 1, Reference: 12, Was: 1e-3, Is: 1.1e-3, Shift: 0.1, P: 1,
			Changed: []history.Change{
				{What: "variable build", Was: "/b/1", Is: "/b/2"}, {What: history.TextChange, Was: good, Is: bad},
			},
		},
	}
}

func decided(f history.Finding, verdict, why string, in analysis.Inference) history.Finding {
	in.Scale = results.Ratio
	f.Decision = &history.Decision{Comparison: analysis.Comparison{Metric: f.Metric.Name, Inference: in}, Floor: 0.015}
	f.Verdict, f.Why = verdict, why
	return f
}

// result has one finding of every kind.
func result() *history.Result {
	confirmed := decided(jump("idle"), history.Regression, "confirmed: what is under test made it worse", analysis.Inference{
		N: 15, Test: analysis.TestSignedRank, Estimate: 0.098, Low: 0.081, High: 0.116, Level: 0.992, P: 0.0005, Adjusted: 0.001,
		Notes: []string{"1 of 15 blocks show no difference"},
	})
	cleared := decided(jump("nice"), history.Cleared, "the gate shows no regression", analysis.Inference{
		N: 15, Test: analysis.TestSignedRank, Estimate: 0.001, Low: -0.01, High: 0.012, Level: 0.992, P: 0.7, Adjusted: 0.7,
	})
	step := jump("fifo")
	step.Nomination.Kind, step.Nomination.Nights, step.Nomination.P, step.Nomination.Changed = history.Step, 5, 0.001, nil
	step.Verdict, step.Why = history.Inconclusive, "nominated, not confirmed"
	improved := history.Finding{Metric: latency(), Label: "eevdf", Values: []float64{1e-3, 0.9e-3}, Improved: -0.1, Verdict: history.Fine}
	skipped := history.Finding{Metric: results.Metric{Name: "kv.cpu", Unit: "1"}, Label: "eevdf", Verdict: history.Skipped, Why: "no direction"}
	return &history.Result{
		Schema: history.Schema, Scenario: "redis-avx", Run: bad, Suspect: "build", Fidelity: results.FidelityReal,
		Margin: 0.02, Verdict: history.Regression, Older: 3,
		Nights: []history.Night{
			{Run: good, Started: time.Date(2026, 3, 7, 3, 0, 0, 0, time.UTC), Suspect: "/b/1"},
			{Run: bad, Started: time.Date(2026, 3, 8, 3, 0, 0, 0, time.UTC), Suspect: "/b/2"},
		},
		LeftOut: []history.LeftOut{
			{Run: "r1", Reason: `fingerprint: kernel.release was "6.1", is "6.2"`},
			{Run: "r2", Reason: "fingerprint: x"},
			{Run: "r3", Reason: "status: interrupted"},
		},
		Findings: []history.Finding{improved, confirmed, cleared, step, skipped},
		Gate: &history.Gate{
			Run: "20260308T031500Z-cccc", Suspect: "build", Good: "/b/1", Now: "/b/2", GoodRun: good, Blocks: 15, Family: 2,
			Alpha: history.GateAlpha, Warnings: []analysis.Warning{{Code: "harness-shared", About: "idle", Text: "it shared a CPU"}},
		},
		Notes: []string{"a note"},
	}
}

// nasty has hostile text wherever text comes from elsewhere.
func nasty() *history.Result {
	r := result()
	r.Unfit = []string{"not fit " + hostile}
	r.Notes = []string{hostile}
	r.LeftOut = []history.LeftOut{{Run: hostile, Reason: "unreadable: " + hostile}}
	f := &r.Findings[1]
	f.Label, f.Metric.Name, f.Why = hostile, hostile, hostile
	f.Nomination.Changed[0].Is = hostile
	r.Gate.Good = hostile
	return r
}

// unpaired is a result against one run.
func unpaired() *history.Result {
	f := jump("idle")
	f.Nomination.Kind = history.Versus
	f.Nomination.Comparison = &analysis.Comparison{Inference: analysis.Inference{
		N: 10, Test: "exact rank-sum, unpaired", Estimate: 0.1, Low: 0.05, High: 0.15, Level: 0.95, P: 0.001, Adjusted: 0.003, Scale: results.Ratio,
	}}
	f.Verdict, f.Why = history.Inconclusive, "nominated, not confirmed: do this"
	return &history.Result{
		Schema: history.Schema, Scenario: "redis-avx", Run: bad, Against: good, Margin: 0.02, Verdict: history.Inconclusive,
		Findings: []history.Finding{f}, Notes: []string{"the runs are compared unpaired: their seeds differ"},
	}
}

// TestMarginOfAShare: a share is held against percentage points.
func TestMarginOfAShare(t *testing.T) {
	r := result()
	r.Findings[1].Metric = results.Metric{Name: "kv.slo.attained", Unit: "1", Better: results.Higher, Scale: results.Difference}
	var text bytes.Buffer
	require.NoError(t, gate.Text(&text, r, true))
	assert.Contains(t, text.String(), "margin ±2.0 pp")
}

func TestGolden(t *testing.T) {
	for name, r := range map[string]*history.Result{"regression": result(), "hostile": nasty(), "against": unpaired()} {
		var text, ascii, annotations bytes.Buffer
		require.NoError(t, gate.Text(&text, r, true))
		require.NoError(t, gate.Text(&ascii, r, false))
		require.NoError(t, gate.Annotations(&annotations, r))
		junit, err := gate.JUnit(r)
		require.NoError(t, err)
		golden(t, name+".txt", text.Bytes())
		golden(t, name+".ascii.txt", ascii.Bytes())
		golden(t, name+".md", gate.Markdown(r))
		golden(t, name+".xml", junit)
		golden(t, name+".github", annotations.Bytes())
	}
}

func TestJSONReadsBack(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, gate.JSON(&b, result()))
	var again history.Result
	require.NoError(t, json.Unmarshal(b.Bytes(), &again))
	assert.Equal(t, result(), &again)
}

func TestJUnitCounts(t *testing.T) {
	for _, r := range []*history.Result{result(), nasty()} {
		data, err := gate.JUnit(r)
		require.NoError(t, err)
		var suites struct {
			Suite struct {
				Tests    int `xml:"tests,attr"`
				Failures int `xml:"failures,attr"`
				Skipped  int `xml:"skipped,attr"`
				Cases    []struct {
					Name    string    `xml:"name,attr"`
					Failure *struct{} `xml:"failure"`
					Skipped *struct{} `xml:"skipped"`
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		require.NoError(t, xml.Unmarshal(data, &suites))
		assert.Equal(t, 5, suites.Suite.Tests)
		assert.Len(t, suites.Suite.Cases, 5)
		assert.Equal(t, 1, suites.Suite.Failures)
		assert.Equal(t, 2, suites.Suite.Skipped)
		assert.NotNil(t, suites.Suite.Cases[1].Failure)
		assert.NotNil(t, suites.Suite.Cases[3].Skipped)
		assert.Nil(t, suites.Suite.Cases[2].Failure)
	}
}

// TestHostileNames holds that no text gets out of its place.
func TestHostileNames(t *testing.T) {
	var text, annotations bytes.Buffer
	require.NoError(t, gate.Text(&text, nasty(), true))
	require.NoError(t, gate.Annotations(&annotations, nasty()))
	markdown := string(gate.Markdown(nasty()))
	assert.NotContains(t, text.String(), "\x1b")
	assert.NotContains(t, text.String(), "\r")
	assert.NotContains(t, markdown, "<i>")
	assert.NotContains(t, markdown, "@all")
	for line := range strings.Lines(annotations.String()) {
		assert.True(t, strings.HasPrefix(line, "::warning ") || strings.HasPrefix(line, "::error ") || strings.HasPrefix(line, "::notice "), line)
	}
	assert.NotContains(t, annotations.String(), "\x1b")
	assert.Equal(t, 4, strings.Count(annotations.String(), "\n"), "unfit, regression, inconclusive, notice")
	rows := 0
	for line := range strings.Lines(markdown) {
		if strings.HasPrefix(line, "| ") {
			rows++
			assert.Equal(t, 6, strings.Count(strings.ReplaceAll(line, `\|`, ""), "|"), line)
		}
	}
	assert.Equal(t, 6, rows)
}

func TestHeadlines(t *testing.T) {
	for want, r := range map[string]*history.Result{
		"fine: no regression\n": {Verdict: history.Fine},
		"fine: no regression; 1 nominated and cleared by the gate\n": {Verdict: history.Fine, Findings: []history.Finding{{Verdict: history.Cleared}}},
		"inconclusive: the machine is not fit\n":                     {Verdict: history.Inconclusive, Unfit: []string{"x"}},
	} {
		var b bytes.Buffer
		require.NoError(t, gate.Text(&b, r, true))
		assert.True(t, strings.HasSuffix(b.String(), want), b.String())
	}
}
