package figures

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// Histograms shows how many lengths of time lie in each bucket, one histogram
// above the other over the same axes, all of which are logarithmic.
type Histograms struct {
	Label  string // of the time: "run-queue latency of kv"
	Noun   string // of what is counted: "wait"
	Series []Histogram
	Note   string // n and what was merged
}

// Histogram is one series of Histograms.
type Histogram struct {
	Label   string
	Mark    Mark
	Buckets []Bucket // by length
}

// Bucket counts lengths from Low, and less than High, in seconds.
type Bucket struct {
	Low, High float64
	Count     float64
}

var _ Drawing = Histograms{}

// Measures of one histogram.
const (
	histogramHeight vg.Length = 34
	histogramRow              = histogramHeight + lineHeight + 7
)

// total returns how many lengths were counted.
func (h Histogram) total() float64 {
	n := 0.0
	for _, b := range h.Buckets {
		n += b.Count
	}
	return n
}

// Quantile returns the upper end of the bucket that holds the q-quantile (0…1],
// by nearest rank, in seconds; 0 when nothing was counted.
func (h Histogram) Quantile(q float64) float64 {
	rank, below := max(1, math.Ceil(q*h.total())), 0.0
	for _, b := range h.Buckets {
		if below += b.Count; below >= rank {
			return b.High
		}
	}
	return 0
}

// Omission says so when nothing was counted.
func (d Histograms) Omission() string {
	for _, h := range d.Series {
		if h.total() > 0 {
			return ""
		}
	}
	return "no used trial has a distribution of the " + d.Label
}

// times returns the axis of the lengths: it holds every occupied bucket. A
// bucket that begins at 0 begins the axis at half of its end.
func (d Histograms) times() scale {
	low, high := math.Inf(1), 0.0
	for _, h := range d.Series {
		for _, b := range h.Buckets {
			if b.Count > 0 {
				low, high = min(low, max(b.Low, b.High/2)), max(high, b.High)
			}
		}
	}
	return logScale(low, high)
}

// shares returns the axis of the shares: whole decades from all down to a single
// length of the largest histogram, but never below one in a million.
func (d Histograms) shares() scale {
	most := 10.0
	for _, h := range d.Series {
		most = max(most, h.total())
	}
	return scale{low: math.Pow(10, -min(6, math.Ceil(math.Log10(most)))), high: 1, log: true}
}

// Height returns how high the figure is.
func (d Histograms) Height(t Type, width vg.Length) vg.Length {
	return vg.Length(len(d.Series))*histogramRow + axisDepth + vg.Length(len(t.wrap(d.Note, width)))*lineHeight + lineHeight/2
}

// Draw draws the figure.
func (d Histograms) Draw(c *Canvas) {
	notes := c.wrap(d.Note, c.Size().X)
	bottom := c.Min.Y + vg.Length(len(notes))*lineHeight + lineHeight/2 + axisDepth
	f := frame{x: d.times(), y: d.shares()}
	upright := func(string) vg.Length { return capHeight }
	shares := ruler{width: upright, length: histogramHeight, label: shareLabel}.logTicks(f.y)
	left := c.Min.X + lineHeight + 3 + c.widestLabel(shares) + tickLength + 2
	panel := func(i int) vg.Rectangle {
		base := bottom + vg.Length(len(d.Series)-1-i)*histogramRow
		return vg.Rectangle{Min: vg.Point{X: left, Y: base}, Max: vg.Point{X: c.Max.X - textSize, Y: base + histogramHeight}}
	}
	f.area = panel(max(0, len(d.Series)-1))
	lengths := ruler{width: c.Width, length: f.area.Size().X, label: timeLabel}.logTicks(f.x)
	for i, h := range d.Series {
		f.area = panel(i)
		if i == len(d.Series)-1 {
			c.xAxis(f, lengths)
		} else {
			c.xAxis(f, unlabelled(c, f, lengths))
		}
		c.yAxis(f, shares)
		c.histogram(f, h)
		c.histogramHead(f, h)
		c.histogramHints(f, d, h)
	}
	middle := (bottom + panel(0).Max.Y) / 2
	title := c.Fit("share of the "+d.Noun+"s in each bucket", panel(0).Max.Y-bottom)
	c.writeUp(title, vg.Point{X: c.Min.X + capHeight, Y: middle}, ink())
	c.xTitle(f, d.Label, results.Lower)
	c.notes(notes, c.Min.X)
}

// timeLabel writes a length of time on an axis that spans several units.
func timeLabel(v float64) string {
	factor, unit := quantity.Scale(v, "s")
	return quantity.Plain(v*factor) + " " + unit
}

// unlabelled draws the grid of an axis and returns its ticks without labels.
func unlabelled(c *Canvas, f frame, ticks []tick) []tick {
	for _, t := range ticks {
		if t.label != "" {
			x := f.X(t.at)
			c.line(solid(faint(), 0.5), vg.Point{X: x, Y: f.area.Min.Y}, vg.Point{X: x, Y: f.area.Max.Y})
		}
	}
	return bare(ticks)
}

// histogram draws the outline of h over a tint of its colour.
func (c *Canvas) histogram(f frame, h Histogram) {
	total, base := h.total(), f.area.Min.Y
	var path []vg.Point
	end := 0.0
	finish := func() {
		if len(path) == 0 {
			return
		}
		path = append(path, vg.Point{X: path[len(path)-1].X, Y: base})
		c.polygon(tint(h.Mark.Color), path...)
		c.StrokeLines(solid(h.Mark.Color, 0.8), path)
		path = nil
	}
	for _, b := range h.Buckets {
		if b.Count <= 0 {
			continue
		}
		from, to := f.X(f.x.clamp(b.Low)), f.X(f.x.clamp(b.High))
		y := f.Y(f.y.clamp(b.Count / total))
		if b.Low > end || len(path) == 0 {
			finish()
			path = []vg.Point{{X: from, Y: base}}
		}
		path = append(path, vg.Point{X: from, Y: y}, vg.Point{X: to, Y: y})
		end = b.High
	}
	finish()
}

// histogramHead names h above its frame and says its quantiles.
func (c *Canvas) histogramHead(f frame, h Histogram) {
	base := f.area.Max.Y + 4
	c.DrawGlyphNoClip(h.Mark.glyph(2.4), vg.Point{X: f.area.Min.X + 3, Y: base + capHeight/2})
	room := f.area.Size().X - 2*textSize
	words := c.fittingQuantiles(h, room-min(c.Width(h.Label), room/2))
	c.write(words, vg.Point{X: f.area.Max.X, Y: base}, 1, muted())
	c.write(c.Fit(h.Label, room-c.Width(words)), vg.Point{X: f.area.Min.X + textSize, Y: base}, 0, ink())
}

// fittingQuantiles writes as many quantiles of h as there is room for, of which
// the p99 is the last to go.
func (c *Canvas) fittingQuantiles(h Histogram, room vg.Length) string {
	if h.total() == 0 {
		return "none"
	}
	write := func(name string, q float64) string { return name + " " + quantity.Format(h.Quantile(q), "s") }
	p50, p99, p999 := write("p50", 0.5), write("p99", 0.99), write("p99.9", 0.999)
	for _, words := range []string{p50 + " · " + p99 + " · " + p999, p50 + " · " + p99} {
		if c.Width(words) <= room {
			return words
		}
	}
	return p99
}

// histogramHints tells count and share of each power of two of the time.
func (c *Canvas) histogramHints(f frame, d Histograms, h Histogram) {
	octave := func(b Bucket) int { return int(math.Floor(math.Log2(max(b.Low, b.High/2)*1e9) + 1e-9)) }
	for i := 0; i < len(h.Buckets); {
		from, n, to := h.Buckets[i].Low, 0.0, 0.0
		for k := octave(h.Buckets[i]); i < len(h.Buckets) && octave(h.Buckets[i]) == k; i++ {
			n, to = n+h.Buckets[i].Count, h.Buckets[i].High
		}
		if n <= 0 {
			continue
		}
		c.hintArea(vg.Rectangle{
			Min: vg.Point{X: f.X(f.x.clamp(from)), Y: f.area.Min.Y},
			Max: vg.Point{X: f.X(f.x.clamp(to)), Y: f.area.Max.Y},
		}, fmt.Sprintf("%s, %s to %s: %s, %s", h.Label, quantity.Format(from, "s"), quantity.Format(to, "s"),
			d.counted(n), shareLabel(n/h.total())))
	}
}

// counted writes a number of what is counted: "1 wait", "12 waits".
func (d Histograms) counted(n float64) string {
	if n == 1 {
		return "1 " + d.Noun
	}
	return strconv.FormatFloat(n, 'f', -1, 64) + " " + d.Noun + "s"
}

// Rows returns every bucket that counted something.
func (d Histograms) Rows() [][]string {
	rows := [][]string{{"series", "from_s", "to_s", d.Noun + "s", "share"}}
	for _, h := range d.Series {
		for _, b := range h.Buckets {
			if b.Count > 0 {
				rows = append(rows, []string{
					h.Label, formatRaw(b.Low), formatRaw(b.High), formatRaw(b.Count), formatRaw(b.Count / h.total()),
				})
			}
		}
	}
	return rows
}
