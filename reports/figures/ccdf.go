package figures

import (
	"math"
	"strconv"

	"github.com/HdrHistogram/hdrhistogram-go"
	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// CCDF shows for every latency which share of the requests took longer, both
// axes logarithmic: one line for each distribution, over the interval of these
// shares.
type CCDF struct {
	Label      string // of the latency: "latency of kv"
	Lines      []Distribution
	References []Reference // in seconds
	Note       string      // n and what was merged
}

// Distribution is one line of a CCDF.
type Distribution struct {
	Label string
	Mark  Mark
	Hist  *hdrhistogram.Histogram // microseconds; nil or empty when nothing was measured
	Band  []BandPoint             // by ascending latency, on the line; empty for none
}

var _ Drawing = CCDF{}

// survival is one point of a CCDF: the share of requests that took longer than
// latency seconds.
type survival struct {
	latency float64
	share   float64
	count   int64 // requests that took longer
}

// survivals returns the CCDF of h, one point for each occupied bin, at the upper
// end of the bin.
func survivals(h *hdrhistogram.Histogram) []survival {
	if h == nil || h.TotalCount() == 0 {
		return nil
	}
	total := h.TotalCount()
	left := total
	var out []survival
	for _, bar := range h.Distribution() {
		if bar.Count == 0 {
			continue
		}
		left -= bar.Count
		out = append(out, survival{
			latency: float64(bar.To) / 1e6,
			share:   float64(left) / float64(total),
			count:   left,
		})
	}
	return out
}

// Omission says so when no distribution has a request.
func (d CCDF) Omission() string {
	for _, l := range d.Lines {
		if l.Hist != nil && l.Hist.TotalCount() > 0 {
			return ""
		}
	}
	return "no latency was recorded in any used trial"
}

// entries returns the legend: what has no request is named and says so.
func (d CCDF) entries() []entry {
	var out []entry
	for _, l := range d.Lines {
		name := l.Label
		if l.Hist == nil || l.Hist.TotalCount() == 0 {
			name += " (no requests)"
		}
		out = append(out, entry{name: name, sample: func(c *Canvas, from, to vg.Point) {
			c.line(l.Mark.line(1.3), from, to)
			c.DrawGlyphNoClip(l.Mark.glyph(2.4), vg.Point{X: (from.X + to.X) / 2, Y: from.Y})
		}})
	}
	return out
}

// Height returns how high the figure is.
func (d CCDF) Height(t Type, width vg.Length) vg.Length {
	l := layOut(t, d.entries(), width)
	plot := max(0.42*width, 2*vg.Inch, l.height())
	return plot + axisDepth + referenceHeight(d.References) + l.below() + vg.Length(len(t.wrap(d.Note, width)))*lineHeight + lineHeight/2
}

// Draw draws the figure.
func (d CCDF) Draw(c *Canvas) {
	l := layOut(c.Type, d.entries(), c.Size().X)
	notes := c.wrap(d.Note, c.Size().X)
	bottom := c.Min.Y + vg.Length(len(notes))*lineHeight + lineHeight/2 + l.below()
	f := frame{
		area: vg.Rectangle{
			Min: vg.Point{Y: bottom + axisDepth},
			Max: vg.Point{X: c.Max.X - l.right() - textSize, Y: c.Max.Y - referenceHeight(d.References)},
		},
		x: d.latencies(),
		y: d.shares(),
	}
	upright := func(string) vg.Length { return capHeight }
	shares := ruler{width: upright, length: f.area.Size().Y, label: shareLabel}.logTicks(f.y)
	f.area.Min.X = c.Min.X + lineHeight + c.widestLabel(shares) + tickLength + 2
	factor, unit := quantity.Scale(f.x.high, "s")
	label := func(v float64) string { return quantity.Plain(v * factor) }
	c.xAxis(f, ruler{width: c.Width, length: f.area.Size().X, label: label}.logTicks(f.x))
	c.yAxis(f, shares)
	c.writeUp("requests that took longer", vg.Point{X: c.Min.X + capHeight, Y: f.middle().Y}, ink())
	c.xTitle(f, d.Label+" ("+unit+")", results.Lower)
	c.bands(f, d.Lines)
	c.referenceLines(f, d.References)
	for _, line := range d.Lines {
		c.survivalLine(f, line)
	}
	l.draw(c, legendCorner(c, f, l, bottom))
	c.notes(notes, c.Min.X)
}

// legendCorner returns where a legend begins: right of the frame or below it.
func legendCorner(c *Canvas, f frame, l legend, bottom vg.Length) vg.Point {
	if l.beside {
		return vg.Point{X: f.area.Max.X + columnGap, Y: f.area.Max.Y}
	}
	return vg.Point{X: c.Min.X, Y: bottom - lineHeight/4}
}

// latencies returns the x axis: from the latency that all but 0.1 % of the
// requests of some line exceed, to the longest one.
func (d CCDF) latencies() scale {
	low, high := math.Inf(1), 0.0
	for _, l := range d.Lines {
		if l.Hist == nil || l.Hist.TotalCount() == 0 {
			continue
		}
		low = min(low, max(1, float64(l.Hist.ValueAtQuantile(0.1)))/1e6)
		high = max(high, float64(max(1, l.Hist.Max()))/1e6)
	}
	for _, r := range d.References {
		if r.Value > 0 {
			low, high = min(low, r.Value), max(high, r.Value)
		}
	}
	return logScale(low, high)
}

// shares returns the y axis: whole decades from 1 down to a single request of
// the largest line, but never below one in ten million.
func (d CCDF) shares() scale {
	var most int64 = 10
	for _, l := range d.Lines {
		if l.Hist != nil {
			most = max(most, l.Hist.TotalCount())
		}
	}
	decades := min(7, math.Ceil(math.Log10(float64(most))))
	return scale{low: math.Pow(10, -decades), high: 1, log: true}
}

// shareLabel writes a share of requests in per cent.
func shareLabel(v float64) string {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v*100, 'e', 2, 64), 64) // it is a number
	return strconv.FormatFloat(rounded, 'f', -1, 64) + " %"
}

// survivalLine draws one distribution as steps, without those too small to see.
// The last one goes down to the axis: no request took longer.
func (c *Canvas) survivalLine(f frame, d Distribution) {
	points := survivals(d.Hist)
	if len(points) == 0 {
		return
	}
	const visible = 0.5 // points of length
	level := f.area.Max.Y
	path := []vg.Point{{X: f.area.Min.X, Y: level}}
	for _, p := range points {
		x := min(max(f.X(p.latency), f.area.Min.X), f.area.Max.X)
		y := f.area.Min.Y
		if p.share > f.y.low {
			y = f.Y(p.share)
		}
		last := path[len(path)-1]
		if x-last.X < visible && level-y < visible && p.count > 0 {
			continue
		}
		path = append(path, vg.Point{X: x, Y: level}, vg.Point{X: x, Y: y})
		level = y
		if y == f.area.Min.Y {
			break
		}
	}
	c.StrokeLines(d.Mark.line(1.3), path)
	c.markers(f, d, points)
	c.survivalHints(f, d, points)
}

// markedShares returns the shares at which a line has its mark.
func markedShares() []float64 { return []float64{0.5, 0.1, 0.01, 0.001, 0.0001} }

// markers puts the mark of a line at each decade of the share that it reaches.
func (c *Canvas) markers(f frame, d Distribution, points []survival) {
	for _, share := range markedShares() {
		p, reached := exceeding(points, share)
		if reached && share > f.y.low && p.latency >= f.x.low {
			c.DrawGlyphNoClip(d.Mark.glyph(2.4), vg.Point{X: f.X(p.latency), Y: f.Y(share)})
		}
	}
}

// Rows returns every occupied bin of every distribution: its upper end, and the
// count and share of the requests that took longer; and the points of its band,
// with the ends of that share's interval.
func (d CCDF) Rows() [][]string {
	rows := [][]string{{"series", "latency_s", "requests_longer", "share_longer", "share_low", "share_high"}}
	for _, l := range d.Lines {
		for _, p := range survivals(l.Hist) {
			rows = append(rows, []string{
				l.Label, formatRaw(p.latency), strconv.FormatInt(p.count, 10), formatRaw(p.share), "", "",
			})
		}
		for _, b := range l.Band {
			rows = append(rows, []string{l.Label, formatRaw(b.Latency), "", formatRaw(b.Share), formatRaw(b.Low), formatRaw(b.High)})
		}
	}
	return rows
}
