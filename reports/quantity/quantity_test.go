package quantity_test

import (
	"fmt"
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

func TestFormat(t *testing.T) {
	for _, c := range []struct {
		v    float64
		unit string
		want string
	}{
		{0.00413, "s", "4.13 ms"},
		{0.000534, "s", "534 µs"},
		{0.0009996, "s", "1.00 ms"},
		{9.7e-9, "s", "9.70 ns"},
		{312, "s", "312 s"},
		{0, "s", "0 s"},
		{60000, "1/s", "60.0 k/s"},
		{1.45e6, "1/s", "1.45 M/s"},
		{12, "1/s", "12.0/s"},
		{3.21e10, "FLOP/s", "32.1 GFLOP/s"},
		{512 << 20, "B", "512 MiB"},
		{0.48, "1", "0.480"},
		{-9.012, "1", "−9.01"},
		{0.012, "s/s", "12.0 ms/s"},
		{9990, "", "9990"},
		{12050, "", "12.1 k"},
		{999000, "1", "999 k"},
		{1.2e6, "", "1.20 M"},
		{1.15e308, "", "1.15e+299 G"},
		{math.NaN(), "s", "–"},
		{math.Inf(1), "1/s", "–"},
	} {
		assert.Equal(t, c.want, quantity.Format(c.v, c.unit), "%g %s", c.v, c.unit)
	}
}

// TestHalvesGoTheSameWayInEveryUnit: the median of an even number of values often
// lies half way between two roundings.
func TestHalvesGoTheSameWayInEveryUnit(t *testing.T) {
	delay := results.Metric{Unit: "s", Scale: results.Difference}
	for i := 100; i < 999; i++ {
		v, want := (float64(i)+0.5)*1e-6, strconv.Itoa(i+1) // s
		assert.Equal(t, want+" µs", quantity.Format(v, "s"))
		assert.Equal(t, "−"+want+" µs", quantity.Format(-v, "s"))
		assert.Equal(t, want[:1]+"."+want[1:], quantity.Number(v*1e4), "however it is scaled")
		assert.Equal(t, want, quantity.Number(math.Exp(math.Log(v))*1e6), "and whatever it went through")
		assert.Equal(t, fmt.Sprintf("+%d.%d ms", (i+1)/10, (i+1)%10), quantity.Estimate(delay, (float64(i)+0.5)*1e-4))
	}
	assert.Equal(t, "99.57 %", quantity.Value(results.Metric{Unit: "1", Scale: results.Difference}, 0.9957))
	assert.Equal(t, "99.99 %", quantity.Value(results.Metric{Unit: "1", Scale: results.Difference}, 1-1e-15))
	assert.Equal(t, "0.013", quantity.P(0.0125))
	assert.Equal(t, "×1.3", quantity.Ratio(1.25))
	assert.Equal(t, "1.8e+308", quantity.Number(math.MaxFloat64))
}

func TestValueOfShareIsPercent(t *testing.T) {
	share := results.Metric{Unit: "1", Scale: results.Difference}
	assert.Equal(t, "99.30 %", quantity.Value(share, 0.993))
	assert.Equal(t, "99.99 %", quantity.Value(share, 0.99999))
	assert.Equal(t, "97.3 %", quantity.Value(share, 0.9732))
	assert.Equal(t, "100 %", quantity.Value(share, 1))
	assert.Equal(t, "–", quantity.Value(share, math.NaN()))
	assert.Equal(t, "9.01", quantity.Value(results.Metric{Unit: "1", Scale: results.Ratio}, 9.01))
}

func TestEffect(t *testing.T) {
	ratio := results.Metric{Unit: "s", Scale: results.Ratio}
	share := results.Metric{Unit: "1", Scale: results.Difference}
	delay := results.Metric{Unit: "s", Scale: results.Difference}
	for _, c := range []struct {
		m              results.Metric
		est, low, high float64
		want           string
	}{
		{ratio, -0.873, -0.881, -0.86, "−87.3 % [−88.1, −86.0]"},
		{ratio, 0.004, -0.01, 0.02, "+0.4 % [−1.0, +2.0]"},
		{ratio, 2.5, 2.4, 2.6, "+250 % [+240, +260]"},
		{ratio, 9.87, 9.3, 10.4, "×10.9 [×10.3, ×11.4]"},
		{ratio, 0.00001, 0, 0, "0.0 % [0.0, 0.0]"},
		{share, 0.123, 0.1, 0.15, "+12.3 pp [+10.0, +15.0]"},
		{delay, -0.0031, -0.004, 0.0002, "−3.1 ms [−4.0, +0.2]"},
		{ratio, 0.1, -0.2, math.Inf(1), "+10.0 % [−20.0, +inf]"},
		{ratio, math.NaN(), math.NaN(), math.NaN(), "–"},
	} {
		assert.Equal(t, c.want, quantity.Effect(c.m, c.est, c.low, c.high))
	}
	assert.Equal(t, "−87.3 %", quantity.Estimate(ratio, -0.873))
	assert.Equal(t, "−87.3 % exact", quantity.Exact(ratio, -0.873))
	assert.Equal(t, "–", quantity.Exact(ratio, math.NaN()))
	assert.Equal(t, "×2.69 [×2.51, ×2.88]", quantity.Versus(ratio, 1.69, 1.51, 1.88))
	assert.Equal(t, "+12.3 pp [+10.0, +15.0]", quantity.Versus(share, 0.123, 0.1, 0.15))
	assert.Equal(t, "×0.502 exact", quantity.VersusExact(ratio, -0.498))
	assert.Equal(t, "+12.3 pp exact", quantity.VersusExact(share, 0.123))
	assert.Equal(t, "[−88.1, −86.0]", quantity.Interval(ratio, -0.873, -0.881, -0.86))
}

func TestRatio(t *testing.T) {
	for v, want := range map[float64]string{
		1: "×1.0", 1.849: "×1.8", 0.9312: "×0.93", 0.0521: "×0.052", 9.96: "×10", 12.4: "×12", 4170: "×4200",
		0: "×0", 3.2e9: "×3.2e+09", 1e-9: "×1.0e-09", -2: "×−2.0", math.Inf(1): "–",
	} {
		assert.Equal(t, want, quantity.Ratio(v), "%g", v)
	}
	assert.Equal(t, "–", quantity.Ratio(math.NaN()))
}

func TestPAndPercent(t *testing.T) {
	assert.Equal(t, "< 0.001", quantity.P(0.0001))
	assert.Equal(t, "0.012", quantity.P(0.0117))
	assert.Equal(t, "–", quantity.P(math.NaN()))
	assert.Equal(t, "97.9 %", quantity.Percent(0.9785156))
	assert.Equal(t, "95 %", quantity.Percent(0.95))
}

func TestAxisNotation(t *testing.T) {
	assert.Equal(t, "0", quantity.Plain(math.Copysign(0, -1)))
	assert.Equal(t, "0.3", quantity.Plain(0.30000000000000004))
	assert.Equal(t, "−2", quantity.Step(-2))
	assert.Equal(t, "+0.5", quantity.Step(0.5))
	assert.Equal(t, "0", quantity.Step(0))
	factor, unit := quantity.AxisScale(results.Metric{Unit: "1/s"}, 60000)
	assert.InDelta(t, 1e-3, factor, 1e-15)
	assert.Equal(t, "k/s", unit)
	_, unit = quantity.AxisScale(results.Metric{Unit: "1/s"}, 12)
	assert.Equal(t, "1/s", unit)
	factor, unit = quantity.EffectScale(results.Metric{Unit: "1", Scale: results.Difference}, 1)
	assert.InDelta(t, 100, factor, 1e-15)
	assert.Equal(t, " pp", unit)
}

func FuzzNumber(f *testing.F) {
	f.Add(0.0009996)
	f.Add(-1e300)
	f.Add(5e-324)
	f.Fuzz(func(t *testing.T, v float64) {
		s := quantity.Number(v)
		assert.NotEmpty(t, s)
		if math.Abs(v) < 1e14 {
			assert.NotContains(t, s, "e")
		}
		assert.NotContains(t, s, "-")
	})
}
