package figures

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/reports/quantity"
)

// BandPoint is the interval of the latency that a share of the requests exceed.
type BandPoint struct {
	Share     float64 // of the requests that took longer, above 0 and below 1
	Low, High float64 // s
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
func bandsOf(f frame, d Distribution) []BandPoint {
	var out []BandPoint
	for _, p := range d.Band {
		if p.Share > f.y.low && p.Share < 1 && p.Low > 0 && p.Low <= p.High && !math.IsInf(p.High, 0) {
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
	for _, p := range bandsOf(f, d) {
		if slices.Contains(markedShares(), p.Share) && p.High > f.x.low && p.Low < f.x.high {
			y := f.Y(p.Share)
			c.line(solid(d.Mark.Color, 0.8), vg.Point{X: f.X(f.x.clamp(p.Low)), Y: y}, vg.Point{X: f.X(f.x.clamp(p.High)), Y: y})
		}
	}
}

// bandEdges returns the edges of a band, none when it has less than two points.
// Between two points of the band the edges keep their ratio to the line, from
// the one to the other, and never turn back.
func bandEdges(f frame, d Distribution) (low, high []vg.Point) {
	points := survivals(d.Hist)
	band := besideLine(points, bandsOf(f, d))
	if len(band) < 2 {
		return nil, nil
	}
	const visible = 2 // points of length
	for _, p := range points {
		k := slices.IndexFunc(band, func(b besidePoint) bool { return b.Share <= p.share })
		if k < 0 { // the tail, for which there is no band
			break
		}
		between := band[k].BandPoint
		if k > 0 {
			between = mix(band[k-1], band[k], p)
		} else if between.Share < p.share {
			continue
		}
		y := f.Y(p.share)
		left := vg.Point{X: f.X(f.x.clamp(between.Low)), Y: y}
		if n := len(low); n > 0 && math.Hypot(float64(left.X-low[n-1].X), float64(y-low[n-1].Y)) < visible {
			continue
		}
		low, high = append(low, left), append(high, vg.Point{X: f.X(f.x.clamp(between.High)), Y: y})
	}
	if len(low) < 2 {
		return nil, nil
	}
	return low, high
}

// besidePoint is a point of a band with the latency of the line at its share.
type besidePoint struct {
	BandPoint
	latency float64
}

func besideLine(points []survival, band []BandPoint) []besidePoint {
	var out []besidePoint
	for _, b := range band {
		if p, reached := exceeding(points, b.Share); reached && p.latency > 0 {
			out = append(out, besidePoint{b, p.latency})
		}
	}
	return out
}

// mix returns the bounds at the point p of a line, which lies between a and b.
func mix(a, b besidePoint, p survival) BandPoint {
	t := math.Log(p.share/a.Share) / math.Log(b.Share/a.Share)
	at := func(from, to float64) float64 {
		v := p.latency * math.Pow(from/a.latency, 1-t) * math.Pow(to/b.latency, t)
		return min(max(v, min(from, to)), max(from, to))
	}
	return BandPoint{Share: p.share, Low: at(a.Low, b.Low), High: at(a.High, b.High)}
}

// survivalHints says the latency that each share of the requests exceeded.
func (c *Canvas) survivalHints(f frame, d Distribution, points []survival) {
	for _, share := range decades(f.y, -7, 0, 1, 1, 2, 5) {
		p, reached := exceeding(points, share)
		if !reached || share <= f.y.low || share >= 1 || p.latency < f.x.low {
			continue
		}
		text := fmt.Sprintf("%s: %s of the requests took longer than %s", d.Label, shareLabel(share), quantity.Format(p.latency, "s"))
		for _, b := range d.Band {
			if b.Share == share && b.Low < b.High {
				text += fmt.Sprintf(" (interval over the blocks: %s to %s)", quantity.Format(b.Low, "s"), quantity.Format(b.High, "s"))
			}
		}
		c.hint(vg.Point{X: f.X(p.latency), Y: f.Y(share)}, text)
	}
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
