package ui_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/reports/ui"
	"github.com/czbench/czbench/results"
)

// sample is a run for the tests: two strategies, six blocks.
type sample struct {
	scenario string
	night    int     // which determines when it was started
	factor   float64 // of the latency
	change   func(r *results.Run)
	analysed bool
	reported bool
}

func (s sample) run() results.Run {
	r := results.Run{
		Scenario: s.scenario, Title: "a night of " + s.scenario, Seed: 7, Measure: 1, Blocks: 6, MaxDropped: 0.1, Fingerprint: "5f3c9b",
		Started:   time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC).AddDate(0, 0, s.night),
		Factors:   []results.Factor{{Name: "strategy", Levels: []string{"eevdf", "idle"}}},
		Variables: []results.Variable{{Name: "rate", Value: "1000", Source: "default"}},
		Workloads: []results.Workload{{Name: "kv", Kind: "redis", Role: results.RoleLC, Load: "open"}},
		Metrics: []results.Metric{
			{Name: "kv.latency.p99", Unit: "s", Better: results.Lower, Kind: results.Scalar, Scale: results.Ratio},
			{Name: "kv.rate", Unit: "1/s", Better: results.Higher, Kind: results.Scalar, Scale: results.Ratio},
		},
		Compare: results.Compare{Factor: "strategy", Baseline: "eevdf", Metrics: []string{"kv.latency.p99"}, Margin: 0.02, Alpha: 0.05},
		Facts:   results.Facts{"kernel.release": "6.18.0"},
	}
	for block := range r.Blocks {
		for i, level := range r.Factors[0].Levels {
			r.Plan = append(r.Plan, results.Planned{
				Number: len(r.Plan) + 1, Block: block + 1, Position: i + 1, Treatment: results.Treatment{Factors: map[string]string{"strategy": level}},
			})
		}
	}
	if s.change != nil {
		s.change(&r)
	}
	return r
}

// trial is what one treatment gave: idle halves the latency.
func (s sample) trial(p results.Planned) results.Trial {
	latency := 1e-3 * max(s.factor, 1) * (1 + 0.01*float64((p.Block*p.Block+s.night*s.night*3)%5-2))
	if p.Treatment.Factors["strategy"] == "idle" {
		latency /= 2
	}
	return results.Trial{
		Schema: results.SchemaVersion, Number: p.Number, Block: p.Block, Position: p.Position, Treatment: p.Treatment,
		Fidelity: results.FidelityReal, Verdict: results.OK, Scalars: map[string]float64{"kv.latency.p99": latency, "kv.rate": 1000},
	}
}

// write writes the run below root.
func (s sample) write(t testing.TB, root string) *results.Folder {
	t.Helper()
	run := s.run()
	w, err := results.Create(root, run, map[string][]byte{"scenario.hcl": fmt.Appendf(nil, "# night %d\n", s.night)})
	require.NoError(t, err)
	for _, p := range run.Plan {
		dir, err := w.Begin(p)
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(dir+"/raw/kv", 0o755))
		require.NoError(t, os.WriteFile(dir+"/raw/kv/out.html", []byte("<script>alert(1)</script>"), 0o644))
		require.NoError(t, results.WriteTrial(dir, s.trial(p), nil, nil))
		_, err = w.Finish(p)
		require.NoError(t, err)
	}
	require.NoError(t, w.UpdateRun(func(r *results.Run) { r.Status = results.Complete }))
	require.NoError(t, w.Close())
	f, err := results.Open(w.Dir())
	require.NoError(t, err)
	if s.analysed || s.reported {
		a, err := analysis.Analyze(f, analysis.Options{})
		require.NoError(t, err)
		require.NoError(t, analysis.Write(f, a))
		if s.reported {
			require.NoError(t, reports.Write(f, a))
		}
	}
	return f
}

// at is the address of a run's page.
func at(f *results.Folder) string { return "/run/" + f.Run().Scenario + "/" + f.Run().ID + "/" }

func nameOf(f *results.Folder) string { return f.Run().Scenario + "/" + f.Run().ID }

// handler answers for the runs below root, as on loopback.
func handler(t testing.TB, root string) http.Handler {
	t.Helper()
	h, err := ui.New(ui.Options{Dir: root, Host: "127.0.0.1", Differing: func(was, is results.Facts) []string {
		if was["kernel.release"] != is["kernel.release"] {
			return []string{"kernel.release"}
		}
		return nil
	}})
	require.NoError(t, err)
	return h
}

// get asks for an escaped path as a browser on this machine does.
func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8080"+path, nil))
	return w
}

// has wants every one of the texts in a page.
func has(t *testing.T, body string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(body, text) { // a page is too long to be printed
			t.Errorf("the page lacks %q", text)
		}
	}
}

// lacks wants none of the texts in a page.
func lacks(t *testing.T, body string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(body, text) {
			t.Errorf("the page has %q", text)
		}
	}
}
