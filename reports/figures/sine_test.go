package figures_test

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/reports/figures"
)

// sineSteps are shares of a CPU in bins of 100 ms over 4 s, of which part was
// got.
func sineSteps(part float64) []figures.Step {
	var out []figures.Step
	for i := range 40 {
		v := 0.5 + 0.4*math.Sin(2*math.Pi*(float64(i)+0.5)/20)
		out = append(out, figures.Step{Start: float64(i) / 10, End: float64(i+1) / 10, Value: part * v})
	}
	return out
}

// sines has a panel for each of the parts that were got.
func sines(parts ...float64) figures.Sine {
	d := figures.Sine{Note: "n = 2 blocks. Grey: what each thread wanted; line: what it got, the mean over the blocks; thin: each block."}
	for i, part := range parts {
		label := strategies()[i].name
		d.Panels = append(d.Panels, figures.SinePanel{
			Label: label, Finding: "got " + strconv.Itoa(int(100*part)) + " %", Wanted: sineSteps(1),
			Got: figures.Curve{Mark: mark(i), All: sineSteps(part), Blocks: map[int][]figures.Step{1: sineSteps(0.97 * part), 2: sineSteps(1.03 * part)}},
		})
	}
	return d
}

func TestSineHasAPanelForEachTreatment(t *testing.T) {
	for name, c := range map[string]struct {
		drawing figures.Sine
		drawn   int
	}{
		"one": {sines(0.9), 1}, "two": {sines(0.9, 1), 2}, "three": {sines(0.9, 0.1, 0), 3},
		"six": {sines(0.9, 0.1, 0, 1, 0.5, 0.2), 6}, "too many": {sines(0.9, 0.1, 0, 1, 0.5, 0.2, 0.3), 6},
	} {
		for _, width := range []vg.Length{figures.Page, figures.Column} {
			t.Run(name+" "+strconv.Itoa(int(width)), func(t *testing.T) {
				s := parseSVG(t, svgOf(t, c.drawing, width))
				assertTidy(t, s)
				for i, p := range c.drawing.Panels {
					assert.Equal(t, i < c.drawn, slices.Contains(s.words(), p.Label), p.Label)
				}
				assert.Contains(t, s.words(), "got 90 %")
				areas, lines := 0, 0
				for _, p := range s.paths {
					if p.fill == "#ECECEC" {
						areas++
					}
					if p.width == "1.3" && strings.Count(p.data, "L") > 50 {
						lines++
					}
				}
				assert.Equal(t, c.drawn, areas, "what was wanted")
				assert.Equal(t, c.drawn, lines, "what was got")
			})
		}
	}
}

func TestSineWithBadInput(t *testing.T) {
	wild := sines(0.5, 0.5)
	wild.Panels[0].Label = strings.Repeat("中文 <script>", 40)
	wild.Panels[0].Got.All[3].Value = math.NaN()
	wild.Panels[0].Got.Blocks[1][0].Value = math.Inf(1)
	wild.Panels[1].Wanted = wild.Panels[1].Wanted[:1]
	svg := svgOf(t, wild, figures.Column)
	assertTidy(t, parseSVG(t, svg))
	assert.NotContains(t, svg, "NaN")
	assert.NotContains(t, svg, "<script")

	nothing := sines(0)
	for i := range nothing.Panels[0].Wanted {
		nothing.Panels[0].Wanted[i].Value = 0
	}
	assert.NotContains(t, svgOf(t, nothing, figures.Page), "NaN", "an axis of nothing")

	assert.Equal(t, "no used trial has readings over time", figures.Sine{}.Omission())
	empty := sines(0.5)
	empty.Panels[0].Got.All = nil
	assert.NotEmpty(t, empty.Omission())
	assert.Empty(t, sines(0.5).Omission())
}

func TestSineRowsHaveEveryBlock(t *testing.T) {
	rows := sines(0.5, 1).Rows()
	assert.Equal(t, []string{"series", "block", "start_s", "end_s", "wanted", "achieved"}, rows[0])
	assert.Len(t, rows, 1+2*3*40)
	assert.Equal(t, []string{"eevdf", "all", "0", "0.1"}, rows[1][:4])
	assert.Equal(t, "2", rows[120][1])
	lost := sines(0.5)
	lost.Panels[0].Wanted = nil
	assert.Empty(t, lost.Rows()[1][4], "nothing is known of what was wanted")
}
