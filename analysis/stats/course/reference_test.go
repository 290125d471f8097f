package course

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

// exact is the tolerance against R 4.2.2, see ../testdata/README.md.
const exact = 1e-9

type kpssAnswer struct {
	Stat, P float64
	Lag     int
}

type mserAnswer struct {
	Cut  int `json:"d_obs"`
	Stat float64
}

type answers struct {
	EDivisive struct {
		First struct {
			Tau, Kappa int
			Q          float64
		}
		At25    float64 `json:"q_at_25_full"`
		Example float64 `json:"q_x_y_example"`
	}
	Stationarity struct {
		KPSS     kpssAnswer `json:"kpss_ar200"`
		KPSSWarm kpssAnswer `json:"kpss_warm"`
		MSER     mserAnswer `json:"mser5_ar200"`
		MSERWarm mserAnswer `json:"mser5_warm"`
	}
}

func reference(t *testing.T) answers {
	t.Helper()
	data, err := os.ReadFile("../testdata/r_results.json")
	require.NoError(t, err)
	var a answers
	require.NoError(t, json.Unmarshal(data, &a))
	require.NotZero(t, a.EDivisive.First.Q)
	return a
}

func dataset(t testing.TB, name string) []float64 {
	t.Helper()
	data, err := os.ReadFile("../testdata/datasets.csv")
	require.NoError(t, err)
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	require.NoError(t, err)
	var x []float64
	for _, r := range rows[1:] {
		if r[0] != name {
			continue
		}
		v, err := strconv.ParseFloat(r[3], 64)
		require.NoError(t, err)
		x = append(x, v)
	}
	require.NotEmpty(t, x)
	return x
}

func TestKPSSAgainstR(t *testing.T) {
	want := reference(t).Stationarity
	for name, w := range map[string]kpssAnswer{"ar200": want.KPSS, "ar200_warm": want.KPSSWarm} {
		got := KPSS(dataset(t, name))
		assert.InDelta(t, w.Stat, got.Statistic, exact, name)
		assert.InDelta(t, w.P, got.P, exact, name)
		assert.Equal(t, w.Lag, got.Lag, name)
		assert.True(t, got.Clipped, name)
	}
}

func TestMSERAgainstR(t *testing.T) {
	want := reference(t).Stationarity
	for name, w := range map[string]mserAnswer{"ar200": want.MSER, "ar200_warm": want.MSERWarm} {
		got := MSER(dataset(t, name), 5)
		assert.Equal(t, w.Cut, got.Cut, name)
		assert.InDelta(t, w.Stat, got.Statistic, exact, name)
		assert.False(t, got.Limit, name)
	}
}

func TestEDivisiveAgainstR(t *testing.T) {
	want, x := reference(t).EDivisive, dataset(t, "ts75")
	got := newScanner(len(x), 2).best(x)
	assert.Equal(t, want.First.Tau, got.tau)
	assert.Equal(t, want.First.Kappa, got.kappa)
	assert.InDelta(t, want.First.Q, got.q, exact)

	// With one split possible, the best one is that.
	example := newScanner(6, 3).best([]float64{1, 2, 3, 5, 6, 9})
	assert.InDelta(t, want.Example, example.q, exact)
	assert.InDelta(t, want.At25, energy(x[:25], x[25:]), exact, "what the tests compare with")

	changes := EDivisive(x, Options{}, seeded(1))
	require.Len(t, changes, 2)
	assert.Equal(t, 25, changes[0].At)
	assert.InDelta(t, 50, changes[1].At, 1)
	assert.InDelta(t, want.First.Q, changes[0].Q, exact)
	assert.InDelta(t, 0.001, changes[0].P, exact, "no permutation reaches it")
}

// energy is the statistic by its definition.
func energy(a, b []float64) float64 {
	n, m := float64(len(a)), float64(len(b))
	across, within := 0.0, func(x []float64) (mean float64) {
		for i := range x {
			for _, v := range x[:i] {
				mean += math.Abs(x[i] - v)
			}
		}
		return mean / float64(len(x)*(len(x)-1)/2)
	}
	for _, v := range a {
		for _, w := range b {
			across += math.Abs(v - w)
		}
	}
	return n * m / (n + m) * (2*across/(n*m) - within(a) - within(b))
}
