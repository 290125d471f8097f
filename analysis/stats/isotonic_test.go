package stats

import (
	"math"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestIsotonicByHand(t *testing.T) {
	for _, c := range []struct {
		name             string
		y, weights, want []float64
	}{
		{"nothing", nil, nil, []float64{}},
		{"one", []float64{3}, nil, []float64{3}},
		{"rising", []float64{1, 2, 2, 5}, nil, []float64{1, 2, 2, 5}},
		{"falling", []float64{3, 2, 1}, nil, []float64{2, 2, 2}},
		{"a dip", []float64{1, 4, 2, 5}, nil, []float64{1, 3, 3, 5}},
		{"pools reach back", []float64{4, 5, 0, 7}, nil, []float64{3, 3, 3, 7}},
		{"weights", []float64{4, 0}, []float64{3, 1}, []float64{3, 3}},
		{"no weight, no say", []float64{1, 9, 2, 3}, []float64{1, 0, 1, 1}, []float64{1, 2, 2, 3}},
		{"no weight at all", []float64{4, 2}, []float64{0, 0}, []float64{3, 3}},
	} {
		t.Run(c.name, func(t *testing.T) { assert.InDeltaSlice(t, c.want, Isotonic(c.y, c.weights), 1e-12) })
	}
}

// bySegments minimises over all ways to cut y into segments of constant fit:
// the solution of the quadratic programme is the mean of each of its segments,
// and rises.
func bySegments(y, weights []float64) (fit []float64) {
	least := math.Inf(1)
	for cuts := range 1 << (len(y) - 1) {
		try, cost, rising := make([]float64, 0, len(y)), 0.0, true
		for from := 0; from < len(y); {
			to := from + 1
			for to < len(y) && cuts>>(to-1)&1 == 0 {
				to++
			}
			sum, weight := 0.0, 0.0
			for i := from; i < to; i++ {
				sum += weights[i] * y[i]
				weight += weights[i]
			}
			mean := sum / weight
			rising = rising && (from == 0 || try[from-1] <= mean)
			for i := from; i < to; i++ {
				try = append(try, mean)
				cost += weights[i] * (y[i] - mean) * (y[i] - mean)
			}
			from = to
		}
		if rising && cost < least {
			least, fit = cost, try
		}
	}
	return fit
}

func TestIsotonicIsTheLeastSquares(t *testing.T) {
	r := rand.New(rand.NewPCG(40, 1))
	for range 300 {
		y, weights := normals(r, 1+r.IntN(9)), []float64{}
		for i := range y {
			y[i] = math.Round(4 * y[i])
			weights = append(weights, 0.5+r.Float64())
		}
		assert.InDeltaSlice(t, bySegments(y, weights), Isotonic(y, weights), 1e-9, "%v %v", y, weights)
	}
}

func TestIsotonicProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 1))
	for range 50 {
		y := normals(r, 1+r.IntN(200))
		kept := slices.Clone(y)
		fit := Isotonic(y, nil)
		assert.Equal(t, kept, y, "y stays as it is")
		assert.True(t, slices.IsSorted(fit))
		assert.Equal(t, fit, Isotonic(fit, nil), "what rises already stays")
		assert.InDeltaSlice(t, transform(fit, 3, -7), Isotonic(transform(y, 3, -7), nil), 1e-9)
		assert.InDelta(t, sum(y), sum(fit), 1e-9, "the mean is kept")

		twice, double := make([]float64, 0, 2*len(y)), make([]float64, len(y))
		for i, v := range y {
			twice = append(twice, v, v)
			double[i] = 2
		}
		assert.InDeltaSlice(t, fit, Isotonic(y, double), 1e-9, "equal weights are none")
		assert.InDelta(t, fit[len(fit)-1], Isotonic(twice, nil)[len(twice)-1], 1e-9)
	}
}

// R's own isotonic regression of data it has not seen before.
func TestIsotonicAgainstRscript(t *testing.T) {
	if _, err := exec.LookPath("Rscript"); err != nil {
		testneed.Met(t, host.Missing{Key: "command:Rscript", What: "Rscript is not installed", Remedy: "apt-get install r-base-core"})
	}
	y := normals(rand.New(rand.NewPCG(rand.Uint64(), 1)), 60)
	for i := range y {
		y[i] += float64(i) / 20
	}
	command := exec.CommandContext(t.Context(), "Rscript", "-e", `cat(format(isoreg(scan("stdin", quiet=TRUE))$yf, digits=17))`)
	var input strings.Builder
	for _, v := range y {
		input.WriteString(strconv.FormatFloat(v, 'g', -1, 64) + "\n")
	}
	command.Stdin = strings.NewReader(input.String())
	out, err := command.Output()
	require.NoError(t, err)
	var want []float64
	for _, field := range strings.Fields(string(out)) {
		v, err := strconv.ParseFloat(field, 64)
		require.NoError(t, err)
		want = append(want, v)
	}
	assert.InDeltaSlice(t, want, Isotonic(y, nil), exact, "%v", y)
}

func BenchmarkIsotonic(b *testing.B) {
	y := normals(rand.New(rand.NewPCG(42, 1)), 10000)
	for b.Loop() {
		Isotonic(y, nil)
	}
}
