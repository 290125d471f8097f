package figures

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// diverging gives colours to ratios of which more than 1 is worse: blue below 1,
// white at 1, vermilion above, by the logarithm. A factor and its reciprocal are
// equally strong.
type diverging struct {
	limit float64 // the factor that gets the full colour, at least 2
	scale scale   // of the colour bar: it includes 1
}

// divergingOver returns the colours of ratios, all of which are positive.
func divergingOver(ratios []float64) diverging {
	low, high := 1.0, 1.0
	for _, r := range ratios {
		low, high = min(low, r), max(high, r)
	}
	s := scale{low: 1 / ceil125(1/low), high: ceil125(high), log: true}
	if s.low == s.high {
		s.high = 2
	}
	return diverging{limit: max(2, s.high, 1/s.low), scale: s}
}

// ceil125 returns the smallest 1, 2 or 5 times a power of ten that is at least v.
func ceil125(v float64) float64 {
	power := math.Pow10(int(math.Floor(math.Log10(v))))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= v*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// color returns the colour of a ratio.
func (d diverging) color(ratio float64) color.RGBA {
	share := math.Log(ratio) / math.Log(d.limit)
	full := color.RGBA{R: 0xD5, G: 0x5E, B: 0x00, A: 0xFF} // vermilion
	if share < 0 {
		full = color.RGBA{R: 0x00, G: 0x72, B: 0xB2, A: 0xFF} // blue
	}
	share = min(math.Abs(share), 1)
	mix := func(v uint8) uint8 { return uint8(math.Round(0xFF - share*float64(0xFF-v))) }
	return color.RGBA{R: mix(full.R), G: mix(full.G), B: mix(full.B), A: 0xFF}
}

// inkOn returns black or white, whichever can be read better on a colour (WCAG
// 2.1, relative luminance).
func inkOn(paint color.RGBA) color.Color {
	linear := func(v uint8) float64 {
		s := float64(v) / 0xFF
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	luminance := 0.2126*linear(paint.R) + 0.7152*linear(paint.G) + 0.0722*linear(paint.B)
	if (luminance+0.05)/0.05 >= 1.05/(luminance+0.05) {
		return color.Gray{}
	}
	return color.Gray{Y: 0xFF}
}

// barHeight is the height of a colour bar without its axis.
const barHeight vg.Length = 8

// colorBar draws the colours of d into area, with an axis below it.
func (c *Canvas) colorBar(d diverging, area vg.Rectangle, title string) {
	const shades = 96
	f := frame{area: area, x: d.scale}
	ticks := ruler{width: c.Width, length: area.Size().X, label: ratioLabel}.logTicks(f.x)
	c.xAxis(f, ticks)
	for i := range shades {
		at := float64(i) / shades
		rest := area // to the end, so that no seam shows
		rest.Min.X += vg.Length(at) * area.Size().X
		c.fill(rest, d.color(f.x.low*math.Pow(f.x.high/f.x.low, at+0.5/shades)))
	}
	c.SetLineStyle(solid(ink(), 0.5))
	c.Stroke(area.Path())
	c.xTitle(f, title, results.Lower)
}

// ratioLabel writes a ratio on an axis.
func ratioLabel(v float64) string {
	if v >= 1e6 || v < 1e-4 {
		return quantity.Ratio(v)
	}
	return "×" + quantity.Plain(v)
}
