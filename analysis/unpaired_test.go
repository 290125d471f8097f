package analysis

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

// groups makes samples of one metric, compared with the first group.
func groups(names []string, values ...[]float64) (Question, []Sample) {
	q := Question{
		Factors: []results.Factor{{Name: "group", Levels: names}},
		Metrics: []results.Metric{{Name: "time", Unit: "s", Better: results.Lower, Kind: results.Scalar, Scale: results.Ratio}},
		Compare: results.Compare{Factor: "group", Baseline: names[0], Margin: 0.02},
	}
	var samples []Sample
	for i, v := range values {
		samples = append(samples, Sample{Treatment: ofGroup(names[i]), Metric: "time", Counts: stats.Count(v)})
	}
	return q, samples
}

func ofGroup(name string) results.Treatment {
	return results.Treatment{Factors: map[string]string{"group": name}}
}

func ofGroups(t testing.TB, values ...[]float64) *Analysis {
	t.Helper()
	q, samples := groups([]string{"a", "b", "c", "d"}[:len(values)], values...)
	a, err := AnalyzeSamples(q, "different nights", samples, Options{})
	require.NoError(t, err)
	return a
}

// The data set p99_n10_blocked taken as unpaired, and the answers of R: wilcox.exact
// of exactRankTests and t.test on the logarithms; Cliff's delta as in
// analysis/stats/testdata.
func TestUnpairedAgainstR(t *testing.T) {
	a := ofGroups(t,
		[]float64{746, 837, 741, 709, 809, 777, 700, 792, 956, 843}, []float64{836, 893, 755, 779, 890, 842, 744, 817, 1095, 893})
	c := a.Comparisons[0]
	assert.Equal(t, TestRankSum, c.Test)
	assert.InDelta(t, 0.118578016410834, c.P, 1e-9)
	assert.InDelta(t, 0.06589238293421, c.Estimate, 1e-9)
	assert.InDelta(t, math.Expm1(-0.0241849756294723), c.Low, 1e-9)
	assert.InDelta(t, math.Expm1(0.1719244877101991), c.High, 1e-9)
	assert.GreaterOrEqual(t, c.Level, 0.95)
	assert.InDelta(t, math.Expm1(-0.00119545740477367), c.TOST.Low, 1e-9)
	assert.InDelta(t, math.Expm1(0.13914623050885133), c.TOST.High, 1e-9)
	assert.InDelta(t, 1/(1-0.0725079102432818)-1, c.T.Value, 1e-9)
	assert.InDelta(t, -0.0214696125222945, c.T.Low, 1e-9)
	assert.InDelta(t, 0.1879694007528395, c.T.High, 1e-9)
	assert.InDelta(t, 0.12007992681163, c.T.P, 1e-9)
	assert.InDelta(t, 0.42, c.Cliff.Delta, 1e-12)
	assert.InDelta(t, 0.71, c.Cliff.A12, 1e-12)
	assert.Less(t, c.Cliff.Low, 0.42)
	assert.InDelta(t, 0.95, c.Cliff.Level, 1e-12)
	assert.Equal(t, Inconclusive, c.Verdict)
	assert.Equal(t, []int{10, 10}, []int{c.N, c.NCandidate})
	assert.Equal(t, "different nights", a.Unpaired)
	assert.Empty(t, c.Notes)
	assert.Empty(t, a.Warnings)

	s := a.Treatments[0].Values["time"]
	assert.Equal(t, 10, s.N)
	assert.Equal(t, []float64{700, 709, 741, 746, 777, 792, 809, 837, 843, 956}, s.Values)
	assert.Empty(t, s.Blocks)
	assert.InDelta(t, 784.5, s.Median, 1e-9)
	assert.InDelta(t, 709, s.Low, 0)
	assert.InDelta(t, 843, s.High, 0)
}

// rising gives n values from first on, one apart by step.
func rising(n int, first, step float64) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = first + step*float64(i)
	}
	return values
}

func TestUnpairedVerdicts(t *testing.T) {
	base := rising(10, 100, 0.1)
	for want, values := range map[string][]float64{
		Regressed: rising(10, 120, 0.1), Improved: rising(10, 80, 0.1), Equivalent: rising(10, 100.05, 0.1), Inconclusive: rising(10, 90, 2.3),
	} {
		c := ofGroups(t, base, values).Comparisons[0]
		assert.Equal(t, want, c.Verdict, "%+v", c)
	}
	swapped := ofGroups(t, rising(10, 120, 0.1), base).Comparisons[0]
	c := ofGroups(t, base, rising(10, 120, 0.1)).Comparisons[0]
	assert.Equal(t, Improved, swapped.Verdict)
	assert.InDelta(t, c.P, swapped.P, 0)
	assert.InDelta(t, 1, (1+c.Estimate)*(1+swapped.Estimate), 1e-12)
}

func TestUnpairedDifferences(t *testing.T) {
	q, samples := groups([]string{"a", "b"}, rising(8, -3, 1), rising(8, 20, 1))
	q.Metrics[0].Scale, q.Metrics[0].Better = results.Difference, results.Neutral
	a, err := AnalyzeSamples(q, "", samples, Options{})
	require.NoError(t, err)
	c := a.Comparisons[0]
	assert.InDelta(t, 23, c.Estimate, 1e-12, "in the unit")
	assert.InDelta(t, 23, c.T.Value, 1e-12)
	assert.Equal(t, Changed, c.Verdict)
	assert.NotEmpty(t, a.Unpaired)
}

func TestUnpairedNotes(t *testing.T) {
	cases := map[string]struct {
		x, y []float64
		want []string
	}{
		"unequal":       {rising(8, 10, 1), rising(9, 10, 1), []string{"unequal numbers of values: 8 of the baseline, 9 of the candidate"}},
		"constant":      {[]float64{1, 1, 1, 1, 1}, []float64{1, 1, 1, 1, 1}, []string{"all values of both sides are the same"}},
		"constants":     {[]float64{1, 1, 1, 1, 1}, []float64{2, 2, 2, 2, 2}, []string{"the values of each side are all the same"}},
		"one constant":  {[]float64{1, 1, 1, 1, 1}, rising(5, 2, 1), []string{"all values of the baseline are the same"}},
		"the candidate": {rising(5, 2, 1), []float64{1, 1, 1, 1, 1}, []string{"all values of the candidate are the same"}},
		"few":           {[]float64{1, 2, 3}, []float64{4, 5, 6}, []string{"3 values against 3 can never be significant: the smallest p is 0.1"}},
		"zero":          {[]float64{0, 2, 3}, []float64{4, 5, 6}, []string{"no ratio: there are values of 0 or below (0)"}},
		"nothing":       {[]float64{1, 2}, nil, []string{"nothing to compare: 2 values of the baseline, 0 of the candidate"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := ofGroups(t, tc.x, tc.y).Comparisons[0]
			assert.Equal(t, tc.want, c.Notes)
			if name != "constants" && name != "one constant" && name != "the candidate" {
				assert.False(t, c.Significant)
			}
		})
	}
}

func TestTooFewSamples(t *testing.T) {
	a := ofGroups(t, rising(4, 1, 1), rising(4, 10, 1), rising(4, 20, 1))
	require.Len(t, warned(a, WarnFewValues), 1)
	assert.Equal(t, "no comparison can be significant: with so few values and a family of 2 comparisons the smallest adjusted p is 0.0571",
		warned(a, WarnFewValues)[0].Text)
	assert.Empty(t, a.Comparisons[0].Notes, "4 against 4 alone could be")
	assert.Empty(t, warned(ofGroups(t, rising(4, 1, 1), rising(4, 10, 1)), WarnFewValues))
	for _, n := range []int{1, 2, 3, 5, 8} {
		x, y := stats.Count(rising(n, 0, 1)), stats.Count(rising(n+1, 100, 1))
		assert.InDelta(t, stats.RankSum(x, y).P, leastRankSumP(n, n+1), 1e-12, "%d against %d", n, n+1)
	}
}

// TestManyValues holds that millions of values are cheap, are not listed, and are
// taken for what they are.
func TestManyValues(t *testing.T) {
	c := stats.Counts{Values: rising(1000, 1, 1), Times: make([]int64, 1000)}
	for i := range c.Times {
		c.Times[i] = 5000
	}
	q, _ := groups([]string{"a", "b"})
	double := stats.Counts{Values: rising(1000, 3, 1), Times: c.Times}
	a, err := AnalyzeSamples(q, "", []Sample{
		{Treatment: ofGroup("a"), Metric: "time", Counts: c}, {Treatment: ofGroup("b"), Metric: "time", Counts: double},
	}, Options{})
	require.NoError(t, err)
	s := a.Treatments[0].Values["time"]
	assert.Equal(t, 5_000_000, s.N)
	assert.Empty(t, s.Values)
	assert.InDelta(t, 500.5, s.Median, 0.5)
	assert.Less(t, s.Low, s.High)
	assert.Equal(t, TestRankSumNormal, a.Comparisons[0].Test)
	assert.Equal(t, 5_000_000, a.Comparisons[0].NCandidate)
	assert.Equal(t, Regressed, a.Comparisons[0].Verdict)
	require.Len(t, warned(a, WarnManyValues), 2)
	assert.Equal(t, "time, group a", warned(a, WarnManyValues)[0].About)
	assert.Contains(t, warned(a, WarnManyValues)[0].Text, "5000000 values look like single requests, not runs")
	assert.Len(t, warned(a, WarnUnlisted), 2)

	few := ofGroups(t, rising(1000, 1, 1), rising(1001, 1, 1))
	require.Len(t, warned(few, WarnManyValues), 1, "more than 1,000")
	assert.Empty(t, warned(few, WarnUnlisted))
	assert.Len(t, few.Treatments[1].Values["time"].Values, 1001)
}

func TestHostileSamplesStayFinite(t *testing.T) {
	extremes := []float64{-1e308, -1, 0, 5e-324, 1e-300, 1, 1e308, math.MaxFloat64}
	for _, scale := range []results.Scale{results.Ratio, results.Difference} {
		for i, x := range extremes {
			for _, y := range extremes[i:] {
				q, samples := groups([]string{"a", "b"}, []float64{x, y, x}, []float64{y, 1, y, y})
				q.Metrics[0].Scale = scale
				a, err := AnalyzeSamples(q, "", samples, Options{})
				require.NoError(t, err)
				marshals(t, a)
			}
		}
	}
}
