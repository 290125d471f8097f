package reports_test

import (
	"encoding/csv"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/results"
)

// kindDrawn returns the figures of one kind, by file name, and what is omitted.
func kindDrawn(t testing.TB, s sample, kind string) (map[string]string, []reports.Omission) {
	t.Helper()
	f, a := s.analyzed(t, t.TempDir())
	d, err := reports.Load(f, a)
	require.NoError(t, err)
	return kindOf(t, d, kind)
}

func kindOf(t testing.TB, d reports.Data, kind string) (map[string]string, []reports.Omission) {
	t.Helper()
	all, err := reports.Figures(d, reports.FigureOptions{Choices: []results.FigureChoice{{Kind: kind}}, Formats: []string{"svg"}})
	require.NoError(t, err)
	files := map[string]string{}
	for _, f := range all.Files {
		assert.NotContains(t, string(f.Data), "NaN", f.Name)
		files[f.Name] = string(f.Data)
	}
	return files, all.Omissions
}

// dataRows reads the data of a figure.
func dataRows(t testing.TB, files map[string]string, name string) [][]string {
	t.Helper()
	require.Contains(t, files, name)
	rows, err := csv.NewReader(strings.NewReader(files[name])).ReadAll()
	require.NoError(t, err)
	return rows
}

// loaded is a run over four loads: the p99 of each strategy doubles every 20,000
// requests a second.
func loaded() sample {
	s := usual()
	s.strategies, s.rates, s.blocks = []string{"eevdf", "nice"}, []string{"40000", "100000", "60000", "80000"}, 6
	s.requests = 200
	s.change = func(t *results.Trial, _ map[string][]results.Interval) {
		rate, err := strconv.ParseFloat(t.Treatment.Factors["rate"], 64)
		if err == nil && t.Treatment.Control == "" {
			base := map[string]float64{"eevdf": 0.6e-3, "nice": 0.2e-3}[t.Treatment.Factors["strategy"]]
			t.Scalars["kv.latency.p99"] = base * math.Exp2((rate-40000)/20000) * (1 + 0.01*float64(t.Block))
			t.Scalars["kv.rate"] = 0.999 * rate
			t.Scalars["kv.offered"] = rate
		}
	}
	return s
}

func TestLoadFigureShowsCapacities(t *testing.T) {
	s := loaded()
	s.changeRun = func(r *results.Run) {
		r.Capacity = &results.CapacityGoal{Factor: "rate", Workload: "kv", Metric: "latency.p99", Bound: 1e-3}
	}
	files, omissions := kindDrawn(t, s, "load")
	assert.Empty(t, omissions)
	require.Len(t, files, 2, "one figure with its data: %v", files)
	svg := files["load-kv-latency-p99-by-rate.svg"]
	assert.Contains(t, svg, "kv.latency.p99 against the load of kv")
	assert.Contains(t, svg, "Largest load with kv.latency.p99 within 1.00 ms: eevdf 53.7 k/s [")
	assert.Contains(t, svg, "SLO 1.00 ms")
	rows := dataRows(t, files, "load-kv-latency-p99-by-rate.csv")
	require.Len(t, rows, 1+2*(4+1))
	assert.Equal(t, []string{"eevdf", "point", "kv.latency.p99", "s", "40000", "39960"}, rows[1][:6])
	assert.NotEmpty(t, rows[1][11], "the fit")
	assert.Equal(t, "capacity", rows[5][1])
	assert.Equal(t, "0.001", rows[5][8])
}

func TestLoadFigureNeedsNoGoal(t *testing.T) {
	files, omissions := kindDrawn(t, loaded(), "load")
	assert.Empty(t, omissions)
	rows := dataRows(t, files, "load-kv-latency-p99-by-rate.csv")
	require.Len(t, rows, 1+2*4)
	var loads []string
	for _, r := range rows[1:5] {
		loads = append(loads, r[5])
	}
	assert.Equal(t, []string{"39960", "59940", "79920", "99900"}, loads, "by load, however they are declared")
	assert.Contains(t, files["load-kv-latency-p99-by-rate.svg"], "kv.latency.p99 at the lowest and at the highest load: eevdf 621 µs and 4.97 ms")
}

func TestLoadFigureOfACensoredCapacity(t *testing.T) {
	s := loaded()
	s.changeRun = func(r *results.Run) {
		r.Capacity = &results.CapacityGoal{Factor: "rate", Workload: "kv", Metric: "latency.p99", Bound: 1}
	}
	files, _ := kindDrawn(t, s, "load")
	assert.Contains(t, files["load-kv-latency-p99-by-rate.svg"], "eevdf: ≥ 99.9 k/s")
	rows := dataRows(t, files, "load-kv-latency-p99-by-rate.csv")
	assert.Equal(t, "bound of the capacity", rows[5][1])
}

// TestLoadFigureOfAnOpenInterval has the SLO held at every load in two blocks of
// six: the interval goes up to where the loads that were tried end, and may go on.
func TestLoadFigureOfAnOpenInterval(t *testing.T) {
	s := loaded()
	change := s.change
	s.change = func(trial *results.Trial, more map[string][]results.Interval) {
		change(trial, more)
		if v, has := trial.Scalars["kv.latency.p99"]; has && trial.Treatment.Factors["strategy"] == "nice" {
			trial.Scalars["kv.latency.p99"] = v * []float64{1, 0.8, 1, 1, 0.8, 1}[trial.Block%6]
		}
	}
	s.changeRun = func(r *results.Run) {
		r.Capacity = &results.CapacityGoal{Factor: "rate", Workload: "kv", Metric: "latency.p99", Bound: 1.5e-3}
	}
	files, _ := kindDrawn(t, s, "load")
	rows := dataRows(t, files, "load-kv-latency-p99-by-rate.csv")
	nice := rows[len(rows)-1]
	assert.Equal(t, []string{"nice", "capacity"}, nice[:2])
	assert.Equal(t, []string{"", "≥"}, nice[12:])
	svg := files["load-kv-latency-p99-by-rate.svg"]
	assert.Contains(t, svg, ", ≥ 99.9 k/s]")
	assert.Contains(t, strings.ReplaceAll(svg, "\n", " "), "with an arrow")
}

func TestWhatIsNoLoadHasNoLoadFigure(t *testing.T) {
	for name, change := range map[string]func(*sample){
		"one level": func(s *sample) { s.rates = []string{"60000"} },
		"the rate stays": func(s *sample) {
			s.change = func(t *results.Trial, _ map[string][]results.Interval) { t.Scalars["kv.rate"] = 60000 }
		},
		"levels are names": func(s *sample) { s.rates = []string{"low", "high"}; s.change = nil },
		"all invalid": func(s *sample) {
			s.change = func(t *results.Trial, _ map[string][]results.Interval) { t.Verdict = results.Invalid }
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := loaded()
			change(&s)
			files, omissions := kindDrawn(t, s, "load")
			assert.Empty(t, files)
			assert.Len(t, omissions, 1, "it is asked for, and the reason is said")
		})
	}
}

func TestLoadFigureWhereTheLoadIsCompared(t *testing.T) {
	s := loaded()
	s.changeRun = func(r *results.Run) {
		r.Compare.Factor, r.Compare.Baseline = "rate", "40000"
	}
	f, a := s.analyzed(t, t.TempDir())
	d, err := reports.Load(f, a)
	require.NoError(t, err)
	files, _ := kindOf(t, d, "load")
	rows := dataRows(t, files, "load-kv-latency-p99-by-rate.csv")
	assert.Len(t, rows, 1+2*4, "where the load is what is compared, strategies stay lines of one figure")
	assert.Equal(t, "nice", rows[8][0])
}

func TestLoadFigureOfEachContext(t *testing.T) {
	f, a := loaded().analyzed(t, t.TempDir())
	d, err := reports.Load(f, a)
	require.NoError(t, err)
	// As if kernels were compared: strategies are contexts.
	d.Run.Factors = append(d.Run.Factors, results.Factor{Name: "kernel", Levels: []string{"hz250"}})
	a.Factor, a.Baseline = "kernel", "hz250"
	for i := range a.Treatments {
		if a.Treatments[i].Control == "" {
			a.Treatments[i].Factors["kernel"] = "hz250"
		}
	}
	files, _ := kindOf(t, d, "load")
	assert.Len(t, files, 4)
	rows := dataRows(t, files, "load-kv-latency-p99-by-rate-nice.csv")
	require.Len(t, rows, 1+4)
	assert.Equal(t, "hz250", rows[1][0])
	assert.Contains(t, files["load-kv-latency-p99-by-rate-nice.svg"], "kv.latency.p99 against the load of kv, nice")
}
