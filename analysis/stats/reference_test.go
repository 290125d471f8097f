package stats

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The reference answers are R 4.2.2's (testdata/r_results.json), cross-checked
// with scipy. R finds estimates and intervals of tied data with a root finder
// of tolerance 1e-4: those are compared at rootFinder, all others at exact.
const (
	exact      = 1e-9
	rootFinder = 1e-3
)

type pairedAnswer struct {
	Default struct {
		V, P, Est float64
		CI        [2]float64
	}
	Less, Greater  float64
	ExactP         float64 `json:"exact_with_ties_zeros_dropped_p"`
	HLPseudomedian float64 `json:"HL_pseudomedian"`
	T              struct {
		P  float64
		CI [2]float64
	}
	LogRatio *struct {
		HL  float64    `json:"HL_ratio"`
		CI  [2]float64 `json:"ci_ratio"`
		Geo float64    `json:"geo_ratio"`
		TCI [2]float64 `json:"t_ci_ratio"`
	} `json:"log_ratio"`
}

type answers struct {
	Paired    map[string]pairedAnswer
	TwoSample map[string]struct {
		Cliff float64 `json:"cliff_delta_y_vs_x"`
	} `json:"two_sample"`
	Blocked struct {
		Matrix   [][]float64
		Friedman struct{ Chi2, P float64 }
		Pairwise []float64 `json:"pairwise_wilcoxon_paired_p"`
		Holm     []float64
	} `json:"blocked8x4"`
	PAdjust  map[string]struct{ P, Holm []float64 } `json:"p_adjust"`
	Quantile struct {
		X, Probs []float64
		Types    map[string][]float64
	}
	QuantileCI []struct {
		N        int
		Q, Conf  float64
		Lo       int  `json:"lo_rank"`
		Hi       int  `json:"hi_rank"`
		HiFinite bool `json:"hi_finite"`
		Coverage float64
	} `json:"quantile_ci"`
	MinN []struct {
		Q        float64
		TwoSided int `json:"two_sided95"`
	} `json:"quantile_min_n"`
	TOST struct {
		PairedWilcoxonLog struct {
			PLower float64 `json:"p_lower"`
			PUpper float64 `json:"p_upper"`
			P      float64
		} `json:"paired_wilcoxon_log"`
	}
	Descriptive struct {
		X      []float64
		Median float64
	}
	Jain []struct {
		X []float64
		J float64
	}
}

func reference(t *testing.T) answers {
	t.Helper()
	data, err := os.ReadFile("testdata/r_results.json")
	require.NoError(t, err)
	var a answers
	require.NoError(t, json.Unmarshal(data, &a))
	require.NotEmpty(t, a.Paired)
	return a
}

// datasets returns testdata/datasets.csv by data set and group.
func datasets(t *testing.T) map[string]map[string][]float64 {
	t.Helper()
	data, err := os.ReadFile("testdata/datasets.csv")
	require.NoError(t, err)
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	require.NoError(t, err)
	sets := map[string]map[string][]float64{}
	for _, r := range rows[1:] {
		v, err := strconv.ParseFloat(r[3], 64)
		require.NoError(t, err)
		if sets[r[0]] == nil {
			sets[r[0]] = map[string][]float64{}
		}
		sets[r[0]][r[1]] = append(sets[r[0]][r[1]], v)
	}
	return sets
}

func minus(x, y []float64) []float64 {
	d := make([]float64, len(x))
	for i := range x {
		d[i] = x[i] - y[i]
	}
	return d
}

func logs(x []float64) []float64 {
	l := make([]float64, len(x))
	for i, v := range x {
		l[i] = math.Log(v)
	}
	return l
}

func exponentials(x ...float64) []float64 {
	e := make([]float64, len(x))
	for i, v := range x {
		e[i] = math.Exp(v)
	}
	return e
}

func nonzero(d []float64) []float64 {
	var kept []float64
	for _, v := range d {
		if v != 0 {
			kept = append(kept, v)
		}
	}
	return kept
}

func TestPairedAgainstR(t *testing.T) {
	sets := datasets(t)
	for name, want := range reference(t).Paired {
		t.Run(name, func(t *testing.T) {
			d := minus(sets[name]["x"], sets[name]["y"])
			got := SignedRank(d)
			assert.InDelta(t, want.Default.V, got.V, exact)
			assert.InDelta(t, want.ExactP, got.P, exact)

			shift := HodgesLehmann(d, 0.95, 0.90)
			assert.InDelta(t, want.HLPseudomedian, shift.Estimate, exact)

			student := PairedT(d, 0.95)
			assert.InDelta(t, want.T.P, student.P, exact)
			assert.InDelta(t, want.T.CI[0], student.Interval.Low, exact)
			assert.InDelta(t, want.T.CI[1], student.Interval.High, exact)

			// Without zeros and ties R's test and interval are exact too.
			if got.Zeros == 0 {
				assert.InDelta(t, want.Less, got.Less, exact)
				assert.InDelta(t, want.Greater, got.Greater, exact)
				assert.InDelta(t, want.Default.CI[0], shift.Interval.Low, exact)
				assert.InDelta(t, want.Default.CI[1], shift.Interval.High, exact)
			}
		})
	}
}

// R drops zeros from the interval as well; held against ours on the rest.
func TestTiedIntervalAgainstR(t *testing.T) {
	want := reference(t).Paired["p99_paired_ties0"]
	set := datasets(t)["p99_paired_ties0"]
	shift := HodgesLehmann(nonzero(minus(set["x"], set["y"])), 0.95, 0.90)
	assert.InDelta(t, want.Default.Est, shift.Estimate, rootFinder)
	assert.InDelta(t, want.Default.CI[0], shift.Interval.Low, rootFinder)
	assert.InDelta(t, want.Default.CI[1], shift.Interval.High, rootFinder)
}

func TestLogRatiosAgainstR(t *testing.T) {
	sets := datasets(t)
	for name, want := range reference(t).Paired {
		if want.LogRatio == nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			d := minus(logs(sets[name]["y"]), logs(sets[name]["x"]))
			shift, student := HodgesLehmann(d, 0.95, 0.90), PairedT(d, 0.95)
			got := exponentials(shift.Estimate, student.Mean, student.Interval.Low, student.Interval.High)
			assert.InDeltaSlice(t, []float64{
				want.LogRatio.HL, want.LogRatio.Geo, want.LogRatio.TCI[0], want.LogRatio.TCI[1],
			}, got, exact)

			tolerance := exact
			if len(nonzero(d)) < len(d) {
				shift, tolerance = HodgesLehmann(nonzero(d), 0.95, 0.90), rootFinder
			}
			assert.InDeltaSlice(t, want.LogRatio.CI[:], exponentials(shift.Interval.Low, shift.Interval.High), tolerance)
		})
	}
}

func TestCliffAgainstR(t *testing.T) {
	sets := datasets(t)
	for name, want := range reference(t).TwoSample {
		assert.InDelta(t, want.Cliff, CliffDelta(sets[name]["x"], sets[name]["y"]), exact, name)
	}
}

func TestTOSTAgainstR(t *testing.T) {
	want := reference(t).TOST.PairedWilcoxonLog
	set := datasets(t)["p99_n10_blocked"]
	d := minus(logs(set["x"]), logs(set["y"]))
	margin := math.Log(1.1)
	moved := func(by float64) []float64 {
		m := make([]float64, len(d))
		for i := range d {
			m[i] = d[i] + by
		}
		return m
	}
	lower, upper := SignedRank(moved(margin)).Greater, SignedRank(moved(-margin)).Less
	assert.InDelta(t, want.PLower, lower, exact)
	assert.InDelta(t, want.PUpper, upper, exact)

	// The interval says at each alpha what the two one-sided tests say.
	for _, alpha := range []float64{0.01, 0.05, 0.08, 0.081, 0.1, 0.2} {
		narrow := HodgesLehmann(d, 0.95, 1-2*alpha).Narrow
		assert.Equal(t, max(lower, upper) <= alpha, Equivalence(narrow, margin, alpha), "alpha %g", alpha)
	}
}

func TestFriedmanAgainstR(t *testing.T) {
	want := reference(t).Blocked
	got := Friedman(want.Matrix)
	assert.InDelta(t, want.Friedman.Chi2, got.Chi2, exact)
	assert.InDelta(t, want.Friedman.P, got.P, exact)
	assert.Equal(t, 3, got.DF)
}

func TestPairwiseAgainstR(t *testing.T) {
	want := reference(t).Blocked
	column := func(j int) []float64 {
		var c []float64
		for _, row := range want.Matrix {
			c = append(c, row[j])
		}
		return c
	}
	var p []float64
	for i := range 4 {
		for j := i + 1; j < 4; j++ {
			p = append(p, SignedRank(minus(column(i), column(j))).P)
		}
	}
	assert.InDeltaSlice(t, want.Pairwise, p, exact)
	assert.InDeltaSlice(t, want.Holm, Holm(p), exact)
}

func TestHolmAgainstR(t *testing.T) {
	for name, want := range reference(t).PAdjust {
		assert.InDeltaSlice(t, want.Holm, Holm(want.P), exact, name)
	}
}

func TestQuantileAgainstR(t *testing.T) {
	want := reference(t).Quantile
	for name, kind := range map[string]QuantileType{"type6": Type6, "type7": Type7, "type8": Type8} {
		for i, p := range want.Probs {
			assert.InDelta(t, want.Types[name][i], Quantile(want.X, p, kind), exact, "%s of %g", name, p)
		}
	}
	d := reference(t).Descriptive
	assert.InDelta(t, d.Median, Median(d.X), exact)
}

func TestOrderRanksAgainstR(t *testing.T) {
	for _, want := range reference(t).QuantileCI {
		low, high, reached := OrderRanks(want.N, want.Q, want.Conf)
		assert.Equal(t, want.Lo, low, "n %d q %g", want.N, want.Q)
		assert.Equal(t, want.Hi, high, "n %d q %g", want.N, want.Q)
		assert.Equal(t, want.HiFinite, high <= want.N)
		assert.InDelta(t, want.Coverage, reached, exact, "n %d q %g", want.N, want.Q)
	}
}

func TestLeastValuesAgainstR(t *testing.T) {
	for _, want := range reference(t).MinN {
		enough := func(n int) bool {
			return QuantileInterval(make([]float64, n), want.Q, 0.95).Level >= 0.95
		}
		assert.True(t, enough(want.TwoSided), "q %g, n %d", want.Q, want.TwoSided)
		assert.False(t, enough(want.TwoSided-1), "q %g, n %d", want.Q, want.TwoSided-1)
	}
}

func TestJainAgainstR(t *testing.T) {
	for _, want := range reference(t).Jain {
		assert.InDelta(t, want.J, Jain(want.X), exact)
	}
}
