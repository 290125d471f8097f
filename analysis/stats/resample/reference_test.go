package resample

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"
)

// exact is the tolerance against R 4.2.2, see ../testdata/README.md.
const exact = 1e-9

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 20260102)) }

type answers struct {
	Paired map[string]struct {
		SignFlip float64 `json:"signflip_mean_exact_p"`
	}
	BCa struct {
		Theta, Z0    float64
		Accel        float64                                   `json:"accel_jackknife"`
		Percentile95 [2]float64                                `json:"perc95_type6"`
		BCa90        [2]float64                                `json:"bca90_type6"`
		BCa95        [2]float64                                `json:"bca95_type6"`
		SE           float64                                   `json:"se_boot"`
		Boot         struct{ BCa90, BCa95, Perc95 [2]float64 } `json:"boot_pkg_R9999"`
	} `json:"bca_law"`
}

func reference(t *testing.T) answers {
	t.Helper()
	data, err := os.ReadFile("../testdata/r_results.json")
	require.NoError(t, err)
	var a answers
	require.NoError(t, json.Unmarshal(data, &a))
	require.NotZero(t, a.BCa.Theta)
	return a
}

func table(t testing.TB, name string) [][]string {
	t.Helper()
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	require.NoError(t, err)
	return rows
}

func dataset(t testing.TB, name, group string) []float64 {
	t.Helper()
	var x []float64
	for _, r := range table(t, "../testdata/datasets.csv") {
		if r[0] != name || r[1] != group {
			continue
		}
		v, err := strconv.ParseFloat(r[3], 64)
		require.NoError(t, err)
		x = append(x, v)
	}
	require.NotEmpty(t, x)
	return x
}

// correlation is that of the pairs which share an index.
func correlation(x, y []float64) Statistic {
	return func(drawn [][]int) float64 {
		return stat.Correlation(at(x, drawn[0]), at(y, drawn[0]), nil)
	}
}

func at(x []float64, drawn []int) []float64 {
	taken := make([]float64, len(drawn))
	for i, j := range drawn {
		taken[i] = x[j]
	}
	return taken
}

func TestReplayAgainstR(t *testing.T) {
	want := reference(t).BCa
	var drawn [][][]int
	for _, row := range table(t, "testdata/law_bca_indices.csv") {
		resample := make([]int, len(row))
		for i, field := range row {
			var err error
			resample[i], err = strconv.Atoi(field)
			require.NoError(t, err)
		}
		drawn = append(drawn, [][]int{resample})
	}
	s := correlation(dataset(t, "law_school", "x"), dataset(t, "law_school", "y"))
	d := Replay([]int{15}, drawn, s)
	assert.InDelta(t, want.Theta, d.Theta, exact)
	assert.InDelta(t, want.Z0, d.Z0, exact)
	assert.InDelta(t, want.Accel, d.Accel, exact)
	assert.InDelta(t, want.SE, d.SE(), exact)
	assert.Len(t, d.Values, 1999)
	for _, c := range []struct {
		want  [2]float64
		level float64
		got   func(float64) interval
	}{
		{want.Percentile95, 0.95, d.Percentile},
		{want.BCa95, 0.95, d.BCa},
		{want.BCa90, 0.90, d.BCa},
	} {
		got := c.got(c.level)
		assert.InDelta(t, c.want[0], got.Low, exact)
		assert.InDelta(t, c.want[1], got.High, exact)
		assert.InDelta(t, c.level, got.Level, 0)
	}
}

// The boot package drew others, and finds the acceleration by regression.
func TestBootstrapNearBoot(t *testing.T) {
	want := reference(t).BCa.Boot
	s := correlation(dataset(t, "law_school", "x"), dataset(t, "law_school", "y"))
	d := Bootstrap([]int{15}, 9999, s, seeded(1))
	bca, percentile := d.BCa(0.9), d.Percentile(0.95)
	for i, end := range []float64{bca.Low, bca.High} {
		assert.InDelta(t, want.BCa90[i], end, 0.02)
	}
	for i, end := range []float64{percentile.Low, percentile.High} {
		assert.InDelta(t, want.Perc95[i], end, 0.02)
	}
}

func TestSignFlipAgainstR(t *testing.T) {
	tested := 0
	for name, want := range reference(t).Paired {
		if want.SignFlip == 0 {
			continue
		}
		tested++
		x, y := dataset(t, name, "x"), dataset(t, name, "y")
		for i := range x {
			x[i] -= y[i]
		}
		got := SignFlip(x, 0, nil)
		assert.True(t, got.Exact)
		assert.InDelta(t, want.SignFlip, got.P, exact, name)
	}
	assert.Equal(t, 5, tested)
}
