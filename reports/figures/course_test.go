package figures_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/results"
)

// profile is HZ × strategy in virtual time, and nice without a value at one of
// them.
func profile() figures.Profile {
	d := figures.Profile{
		Metric: results.Metric{Name: "kv.latency.p99", Unit: "s", Better: results.Lower, Scale: results.Ratio},
		Factor: "kernel", Levels: []string{"hz100", "hz250", "hz1000"},
		Note: "n = 10 blocks. Points: medians; bars: their 97.9 % order-statistic intervals. Lines that do not run alike are an interaction.",
	}
	for i, s := range strategies() {
		line := figures.ProfileLine{Label: s.name, Mark: mark(i)}
		for k, f := range []float64{2.2, 1, 0.36} {
			if s.p99 < 1e-3 {
				f = []float64{1.1, 1, 0.96}[k]
			}
			p := figures.ProfilePoint{Median: s.p99 * f, Low: s.p99 * f * 0.94, High: s.p99 * f * 1.05}
			if s.name == "nice" && k == 0 {
				p = figures.ProfilePoint{Median: math.NaN(), Low: math.NaN(), High: math.NaN()}
			}
			line.Points = append(line.Points, p)
		}
		d.Lines = append(d.Lines, line)
	}
	return d
}

// timeline is a trial of 12 s that changes its strategy twice.
func timeline() figures.Timeline {
	phases := []results.Phase{
		{Name: "calm", Strategy: "eevdf", End: 4},
		{Name: "strict", Strategy: "lcfirst", Start: 4, End: 8, Attached: 4.21},
		{Name: "after", Strategy: "eevdf", Start: 8, End: 12, Attached: 8.02},
	}
	steps := func(level float64, wobble float64) []figures.Step {
		var out []figures.Step
		for i := range 12 {
			v := level * (1 + wobble*math.Sin(float64(3*i)))
			if i >= 4 && i < 8 {
				v *= 0.15
			}
			out = append(out, figures.Step{Start: float64(i), End: float64(i + 1), Value: v})
		}
		return out
	}
	curve := func(label string, i int, level float64) figures.Curve {
		return figures.Curve{Label: label, Mark: mark(i), All: steps(level, 0.05), Blocks: map[int][]figures.Step{
			1: steps(level*0.95, 0.08), 2: steps(level*1.06, 0.06),
		}}
	}
	return figures.Timeline{
		Phases: phases,
		Panels: []figures.TimePanel{
			{
				Metric: results.Metric{Name: "latency of kv", Unit: "s", Better: results.Lower, Scale: results.Ratio},
				Curves: []figures.Curve{curve("kv p50", 1, 0.3e-3), curve("kv p99", 2, 4e-3)},
			},
			{
				Metric: results.Metric{Name: "CPU time", Unit: "CPUs", Scale: results.Difference},
				Curves: []figures.Curve{curve("burn", 3, 0.8)},
			},
		},
		Note: "n = 2 blocks: thick, all of them; thin, each.",
	}
}

func TestProfileHasALineForEachLevel(t *testing.T) {
	d := profile()
	s := parseSVG(t, svgOf(t, d, figures.Page))
	assert.Subset(t, s.words(), []string{"eevdf", "fifo", "hz100", "hz1000", "kernel", "kv.latency.p99 (ms), lower is better", "10"})
	segments := map[string]int{}
	for _, p := range s.paths {
		if p.width == "1.3" {
			segments[p.stroke] = max(segments[p.stroke], strings.Count(p.data, "L"))
		}
	}
	assert.Equal(t, 2, segments["#0072B2"], "batch has three points")
	assert.Equal(t, 1, segments["#D55E00"], "nice lacks one")
	assert.Len(t, d.Rows(), 1+7*3-1)
	assert.Equal(t, []string{"series", "metric", "unit", "kernel", "median", "low", "high"}, d.Rows()[0])
}

func TestTimelineShowsPhases(t *testing.T) {
	d := timeline()
	s := parseSVG(t, svgOf(t, d, figures.Page))
	assert.Subset(t, s.words(), []string{
		"calm", "strict", "after", "eevdf", "lcfirst", "kv p50", "kv p99", "burn", "strategy in effect",
		"latency of kv (ms)", "CPU time (CPUs)", "12", "seconds of the measured window",
	})
	shaded := 0
	for _, p := range s.paths {
		if p.fill == "#ECECEC" {
			shaded++
		}
	}
	assert.Equal(t, 1, shaded, "every second phase")
	rows := d.Rows()
	assert.Len(t, rows, 1+3*3*12)
	assert.Equal(t, []string{"kv p50", "latency of kv", "s", "all", "4", "5", "strict", "lcfirst"}, rows[5][:8])
	assert.Equal(t, "2", rows[1+3*12-1][3])
}

func TestTimelineBreaksWhereNothingWasMeasured(t *testing.T) {
	d := timeline()
	d.Panels = d.Panels[:1]
	whole := d.Panels[0].Curves[0]
	whole.Blocks = nil
	lines := func(k figures.Curve) int {
		d.Panels[0].Curves = []figures.Curve{k}
		n := 0
		for _, p := range parseSVG(t, svgOf(t, d, figures.Page)).paths {
			if p.width == "1.3" && strings.Count(p.data, "L") > 3 {
				n++
			}
		}
		return n
	}
	assert.Equal(t, 1, lines(whole))
	gap := whole
	gap.All = slices.Delete(slices.Clone(whole.All), 5, 6)
	assert.Equal(t, 2, lines(gap))
}
