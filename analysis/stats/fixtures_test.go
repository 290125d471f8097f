package stats

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
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
		T, DF, P float64
		CI       [2]float64
	}
	LogRatio *struct {
		HL  float64    `json:"HL_ratio"`
		CI  [2]float64 `json:"ci_ratio"`
		Geo float64    `json:"geo_ratio"`
		TCI [2]float64 `json:"t_ci_ratio"`
	} `json:"log_ratio"`
}

type twoSampleAnswer struct {
	Default struct {
		W, P, Est float64
		CI        [2]float64
		Tied      bool
	}
	Less, Greater float64
	NormalCC      float64  `json:"normal_cc"`
	ExactP        *float64 `json:"exact_with_ties_p"`
	CoinP         *float64 `json:"coin_exact_p"`
	HLShift       float64  `json:"HL_shift_x_minus_y"`
	Cliff         float64  `json:"cliff_delta_y_vs_x"`
	CliffVariance float64  `json:"cliff_var"`
	A12           float64  `json:"A12_y_over_x"`
	Welch         struct {
		T, DF, P float64
		CI       [2]float64
	}
}

type tostAnswer struct {
	PLower float64 `json:"p_lower"`
	PUpper float64 `json:"p_upper"`
	P      float64
	CI     [2]float64 `json:"ci90"`
}

type answers struct {
	Paired    map[string]pairedAnswer
	TwoSample map[string]twoSampleAnswer `json:"two_sample"`
	Blocked   struct {
		Matrix   [][]float64
		Friedman struct{ Chi2, P float64 }
		Quade    struct{ F, P float64 }
		Pairwise []float64 `json:"pairwise_wilcoxon_paired_p"`
		Holm, BH []float64
	} `json:"blocked8x4"`
	PAdjust  map[string]struct{ P, Holm, BH []float64 } `json:"p_adjust"`
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
		Welch          tostAnswer `json:"welch_log"`
		Wilcoxon       tostAnswer `json:"wilcoxon_log"`
		Paired         tostAnswer `json:"paired_log"`
		PairedWilcoxon tostAnswer `json:"paired_wilcoxon_log"`
	}
	Proportion []struct {
		K, N           int64
		ClopperPearson [2]float64 `json:"clopper_pearson"`
		Wilson         [2]float64
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
