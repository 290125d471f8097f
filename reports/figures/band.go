package figures

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/reports/quantity"
)

// BandPoint is the interval of the share of the requests that take longer than a
// latency.
type BandPoint struct {
	Latency   float64 // s
	Share     float64 // of the line there, above 0 and below 1
	Low, High float64
}

// fullBands is up to how many lines of a CCDF have an area for their interval.
// Areas of more lines would hide each other: these have bars.
const fullBands = 4

// Intervals names how the intervals of the lines are drawn, for the note.
func (d CCDF) Intervals() string {
	if len(d.Lines) <= fullBands {
		return "Band"
	}
	return "Bars"
}

// bandsOf returns the points of a line's band that have a place on the axes of f.
// An end of 0 is where the axis ends.
func bandsOf(f frame, d Distribution) []BandPoint {
	var out []BandPoint
	for _, p := range d.Band {
		if p.Latency > 0 && !math.IsInf(p.Latency, 0) && p.Share > f.y.low && p.Share < 1 && p.Low >= 0 && p.Low <= p.High && p.High <= 1 {
			p.Low, p.High = f.y.clamp(p.Low), f.y.clamp(p.High)
			out = append(out, p)
		}
	}
	return out
}

// bands draws the intervals of all lines, which lie below the lines themselves.
// Edges are drawn last, so that no area hides them.
func (c *Canvas) bands(f frame, lines []Distribution) {
	if len(lines) > fullBands {
		for _, d := range lines {
			c.bandBars(f, d)
		}
		return
	}
	lows, highs := make([][]vg.Point, len(lines)), make([][]vg.Point, len(lines))
	for i, d := range lines {
		lows[i], highs[i] = bandEdges(f, d)
		around := slices.Clone(highs[i])
		slices.Reverse(around)
		c.polygon(tint(d.Mark.Color), append(slices.Clone(lows[i]), around...)...)
	}
	for i, d := range lines {
		c.StrokeLines(solid(d.Mark.Color, 0.3), lows[i], highs[i])
	}
}

// bandBars draws the intervals at the markers of a line.
func (c *Canvas) bandBars(f frame, d Distribution) {
	points := survivals(d.Hist)
	for _, share := range markedShares() {
		p, reached := exceeding(points, share)
		if b, has := d.bandAt(p.latency); reached && has && f.x.holds(b.Latency) {
			c.whisker(f, d.Mark, f.X(b.Latency), b.Low, b.High)
		}
	}
}

// bandAt returns the point of a band at a latency of its line: in the same
// microsecond, which is what latencies are counted in.
func (d Distribution) bandAt(latency float64) (b BandPoint, has bool) {
	for _, b := range d.Band {
		if math.Abs(b.Latency-latency) < 0.5e-6 {
			return b, true
		}
	}
	return BandPoint{}, false
}

// bandEdges returns the edges of a band, none when it has less than two points.
// They are steps where the line has its own, and between two points of the band
// as far on the way, by the logarithm, as the line is.
func bandEdges(f frame, d Distribution) (low, high []vg.Point) {
	band := bandsOf(f, d)
	if len(band) < 2 {
		return nil, nil
	}
	const visible = 1 // point of length
	var last BandPoint
	for _, p := range survivals(d.Hist) {
		k := slices.IndexFunc(band, func(b BandPoint) bool { return b.Latency > p.latency-0.5e-6 })
		if k < 0 { // the tail, for which there is no band
			break
		}
		at := band[k]
		if k > 0 {
			at = mix(band[k-1], band[k], p)
		} else if at.Latency > p.latency+0.5e-6 {
			continue
		}
		x, bottom, top := f.X(f.x.clamp(p.latency)), f.Y(at.Low), f.Y(at.High)
		if n := len(low); n > 0 {
			if x-low[n-1].X < visible && f.Y(last.Low)-bottom < visible && f.Y(last.High)-top < visible {
				continue
			}
			low, high = append(low, vg.Point{X: x, Y: f.Y(last.Low)}), append(high, vg.Point{X: x, Y: f.Y(last.High)})
		}
		low, high = append(low, vg.Point{X: x, Y: bottom}), append(high, vg.Point{X: x, Y: top})
		last = at
	}
	if len(low) < 2 {
		return nil, nil
	}
	return low, high
}

// mix returns the bounds at the point p of a line, which lies between a and b.
func mix(a, b BandPoint, p survival) BandPoint {
	t := 1.0
	if a.Share > b.Share && p.share > b.Share {
		t = max(math.Log(p.share/a.Share)/math.Log(b.Share/a.Share), 0)
	}
	at := func(from, to float64) float64 { return from * math.Pow(to/from, t) }
	return BandPoint{Latency: p.latency, Share: p.share, Low: at(a.Low, b.Low), High: at(a.High, b.High)}
}

// survivalHints says the latency that each share of the requests exceeded.
func (c *Canvas) survivalHints(f frame, d Distribution, points []survival) {
	for _, share := range decades(f.y, -7, 0, 1, 1, 2, 5) {
		p, reached := exceeding(points, share)
		if !reached || share <= f.y.low || share >= 1 || p.latency < f.x.low {
			continue
		}
		text := fmt.Sprintf("%s: %s of the requests took longer than %s", d.Label, shareText(p.share), quantity.Format(p.latency, "s"))
		if b, has := d.bandAt(p.latency); has && b.Low < b.High {
			text += fmt.Sprintf(" (block-bootstrap interval: %s to %s)", shareText(b.Low), shareText(b.High))
		}
		c.hint(vg.Point{X: f.X(p.latency), Y: f.Y(share)}, text)
	}
}

// shareText writes a share of requests in per cent with two significant digits:
// bins are not finer than that where few requests lie beyond them.
func shareText(v float64) string {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'e', 1, 64), 64) // it is a number
	return shareLabel(rounded)
}

// exceeding returns the first point at which at most share of the requests took
// longer.
func exceeding(points []survival, share float64) (p survival, reached bool) {
	for _, p := range points {
		if p.share <= share {
			return p, true
		}
	}
	return survival{}, false
}
