package stats

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The reference answers are R 4.2.2's (testdata/r_results.json), cross-checked
// with scipy. R finds estimates and intervals of tied data with a root finder
// of tolerance 1e-4: those are compared at rootFinder, all others at exact.
const (
	exact      = 1e-9
	rootFinder = 1e-3
)

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
			assert.InDelta(t, want.T.T, student.T, exact)
			assert.InDelta(t, want.T.DF, student.DF, 0)
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

// R's x − y is our y − x with the sides swapped.
func TestTwoSamplesAgainstR(t *testing.T) {
	sets := datasets(t)
	for name, want := range reference(t).TwoSample {
		t.Run(name, func(t *testing.T) {
			x, y := Count(sets[name]["x"]), Count(sets[name]["y"])
			got := RankSum(y, x)
			assert.InDelta(t, want.Default.W, got.W, exact)
			r := rank(y, x)
			normal := r.normal()
			assert.InDelta(t, want.NormalCC, normal.P, exact)
			if want.Default.Tied {
				assert.InDelta(t, want.Less, normal.Less, exact)
				assert.InDelta(t, want.Greater, normal.Greater, exact)
			} else {
				assert.InDelta(t, want.Default.P, got.P, exact)
				assert.InDelta(t, want.Less, got.Less, exact)
				assert.InDelta(t, want.Greater, got.Greater, exact)
			}
			if want.ExactP != nil {
				assert.InDelta(t, *want.ExactP, got.P, exact)
				assert.InDelta(t, *want.CoinP, got.P, exact)
			}

			shift := HodgesLehmannShift(y, x, 0.95, 0.9)
			assert.InDelta(t, want.HLShift, shift.Estimate, exact)
			if !want.Default.Tied {
				assert.InDelta(t, want.Default.CI[0], shift.Interval.Low, exact)
				assert.InDelta(t, want.Default.CI[1], shift.Interval.High, exact)
			}

			cliff := Cliff(x, y, 0.95)
			assert.InDelta(t, want.Cliff, cliff.Delta, exact)
			assert.InDelta(t, want.A12, cliff.A12, exact)
			assert.InDelta(t, want.CliffVariance, cliff.Variance, exact)

			welch := Welch(y, x, 0.95)
			assert.InDelta(t, want.Welch.T, welch.T, exact)
			assert.InDelta(t, want.Welch.DF, welch.DF, exact)
			assert.InDelta(t, want.Welch.P, welch.P, exact)
			assert.InDelta(t, want.Welch.CI[0], welch.Interval.Low, exact)
			assert.InDelta(t, want.Welch.CI[1], welch.Interval.High, exact)
		})
	}
}

// R finds the interval of tied data from the normal approximation. Where that
// chooses the same order statistics as the exact distribution does, it is ours.
func TestTiedShiftAgainstR(t *testing.T) {
	sets := datasets(t)
	for _, name := range []string{"airquality_may_aug", "p99_n10_equiv", "p99_n10_blocked", "p99_n30"} {
		want := reference(t).TwoSample[name].Default
		shift := HodgesLehmannShift(Count(sets[name]["y"]), Count(sets[name]["x"]), 0.95, 0.9)
		assert.InDelta(t, want.CI[0], shift.Interval.Low, rootFinder, name)
		assert.InDelta(t, want.CI[1], shift.Interval.High, rootFinder, name)
	}
}

func TestTOSTAgainstR(t *testing.T) {
	want, sets := reference(t).TOST, datasets(t)
	agree := func(want tostAnswer, got EquivalenceTest) {
		t.Helper()
		assert.InDelta(t, want.PLower, got.Lower, exact)
		assert.InDelta(t, want.PUpper, got.Upper, exact)
		assert.InDelta(t, want.P, got.P, exact)
	}
	blocked := sets["p99_n10_blocked"]
	d := minus(logs(blocked["x"]), logs(blocked["y"]))
	margin := math.Log(1.1)
	agree(want.PairedWilcoxon, TOSTSignedRank(d, margin, 0.05))
	paired := TOSTPairedT(d, margin, 0.05)
	agree(want.Paired, paired)
	assert.InDelta(t, want.Paired.CI[0], paired.Interval.Low, exact)
	assert.InDelta(t, want.Paired.CI[1], paired.Interval.High, exact)

	x, y := Count(logs(sets["p99_n10_equiv"]["x"])), Count(logs(sets["p99_n10_equiv"]["y"]))
	welch := TOSTWelch(y, x, math.Log(1.02), 0.05)
	agree(want.Welch, welch)
	assert.InDelta(t, want.Welch.CI[0], welch.Interval.Low, exact)
	assert.InDelta(t, want.Welch.CI[1], welch.Interval.High, exact)

	// These have ties, for which R's test is the normal one.
	lower, upper := rank(shifted(y, -math.Log(1.02)), x), rank(shifted(y, math.Log(1.02)), x)
	agree(want.Wilcoxon, equivalence(lower.normal().Greater, upper.normal().Less, Interval{}))
	assert.InDelta(t, want.Wilcoxon.P, TOSTRankSum(y, x, math.Log(1.02), 0.05).P, 0.003)
}

// The interval says at each alpha what the two one-sided tests say.
func TestTOSTAndIntervalAgree(t *testing.T) {
	set := datasets(t)["p99_n10_blocked"]
	d, margin := minus(logs(set["x"]), logs(set["y"])), math.Log(1.1)
	x, y := Count(logs(set["x"])), Count(logs(set["y"]))
	for _, alpha := range []float64{0.01, 0.05, 0.08, 0.081, 0.1, 0.2, 0.3} {
		for name, test := range map[string]EquivalenceTest{
			"signed-rank": TOSTSignedRank(d, margin, alpha),
			"paired t":    TOSTPairedT(d, margin, alpha),
			"rank-sum":    TOSTRankSum(x, y, margin, alpha),
			"Welch":       TOSTWelch(x, y, margin, alpha),
		} {
			assert.Equal(t, test.P <= alpha, Equivalence(test.Interval, margin, alpha), "%s, alpha %g", name, alpha)
		}
	}
}

func shifted(c Counts, by float64) Counts {
	return c.Map(func(v float64) float64 { return v + by })
}

func TestFriedmanAgainstR(t *testing.T) {
	want := reference(t).Blocked
	got := Friedman(want.Matrix)
	assert.InDelta(t, want.Friedman.Chi2, got.Chi2, exact)
	assert.InDelta(t, want.Friedman.P, got.P, exact)
	assert.Equal(t, 3, got.DF)
}

func TestQuadeAgainstR(t *testing.T) {
	want := reference(t).Blocked
	got := Quade(want.Matrix)
	assert.InDelta(t, want.Quade.F, got.F, exact)
	assert.InDelta(t, want.Quade.P, got.P, exact)
	assert.Equal(t, 3, got.DF1)
	assert.Equal(t, 21, got.DF2)
	assert.False(t, got.Unanimous)
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
	assert.InDeltaSlice(t, want.BH, BenjaminiHochberg(p), exact)
}

func TestAdjustAgainstR(t *testing.T) {
	for name, want := range reference(t).PAdjust {
		assert.InDeltaSlice(t, want.Holm, Holm(want.P), exact, name)
		assert.InDeltaSlice(t, want.BH, BenjaminiHochberg(want.P), exact, name)
	}
}

func TestProportionsAgainstR(t *testing.T) {
	for _, want := range reference(t).Proportion {
		got := ClopperPearson(want.K, want.N, 0.95)
		assert.InDelta(t, want.ClopperPearson[0], got.Low, exact, "%d of %d", want.K, want.N)
		assert.InDelta(t, want.ClopperPearson[1], got.High, exact, "%d of %d", want.K, want.N)
		got = Wilson(want.K, want.N, 0.95)
		assert.InDelta(t, want.Wilson[0], got.Low, exact, "%d of %d", want.K, want.N)
		assert.InDelta(t, want.Wilson[1], got.High, exact, "%d of %d", want.K, want.N)
	}
}

func TestQuantileAgainstR(t *testing.T) {
	want := reference(t).Quantile
	counts := Count(want.X)
	for name, kind := range map[string]QuantileType{"type1": Type1, "type6": Type6, "type7": Type7, "type8": Type8} {
		for i, p := range want.Probs {
			assert.InDelta(t, want.Types[name][i], Quantile(want.X, p, kind), exact, "%s of %g", name, p)
			assert.InDelta(t, want.Types[name][i], counts.Quantile(p, kind), exact, "counts, %s of %g", name, p)
		}
	}
	d := reference(t).Descriptive
	assert.InDelta(t, d.Median, Median(d.X), exact)
}

func TestOrderRanksAgainstR(t *testing.T) {
	for _, want := range reference(t).QuantileCI {
		low, high, reached := orderRanks(want.N, want.Q, want.Conf)
		assert.Equal(t, want.Lo, low, "n %d q %g", want.N, want.Q)
		assert.Equal(t, want.Hi, high, "n %d q %g", want.N, want.Q)
		assert.Equal(t, want.HiFinite, high <= want.N)
		assert.InDelta(t, want.Coverage, reached, exact, "n %d q %g", want.N, want.Q)
	}
}

func TestLeastValuesAgainstR(t *testing.T) {
	for _, want := range reference(t).MinN {
		assert.Equal(t, want.TwoSided, LeastValues(want.Q, 0.95), "q %g", want.Q)
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
