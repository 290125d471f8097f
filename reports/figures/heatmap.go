package figures

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/czbench/czbench/reports/quantity"
)

// Heatmap shows slowdowns for each level of two factors: the colour of a cell
// says how far from 1 the slowdown is, its text says the number. A cell whose
// interval includes 1 has a dashed frame.
type Heatmap struct {
	Label    string           // of the slowdown: "slowdown of kv"
	Down     Levels           // one row each, from the top
	Across   Levels           // one column each, from the left
	Cells    [][]ProfilePoint // by row and column; the median NaN where nothing was measured
	Note     string           // n
	Interval string           // the kind of the intervals; empty without any
}

// Levels are those of a factor, in their order.
type Levels struct {
	Factor string
	Names  []string
}

var _ Drawing = Heatmap{}

// Rows and columns of a heat map at their least.
const (
	cellPadding  vg.Length = 2
	cellHeight   vg.Length = 15 // of one line of text
	labelHeight  vg.Length = 64 // of turned labels at most
	heatmapShare           = 0.3
)

// isRatio says whether v has a place on a log axis.
func isRatio(v float64) bool { return v > 0 && !math.IsInf(v, 1) }

// cell returns the cell at a row and a column.
func (d Heatmap) cell(row, column int) ProfilePoint {
	if row < len(d.Cells) && column < len(d.Cells[row]) && isRatio(d.Cells[row][column].Median) {
		return d.Cells[row][column]
	}
	return ProfilePoint{Median: math.NaN(), Low: math.NaN(), High: math.NaN()}
}

// medians returns every median that is one.
func (d Heatmap) medians() []float64 {
	var out []float64
	for r := range d.Down.Names {
		for k := range d.Across.Names {
			if p := d.cell(r, k); isRatio(p.Median) {
				out = append(out, p.Median)
			}
		}
	}
	return out
}

// Omission says so when there is no slowdown.
func (d Heatmap) Omission() string {
	if len(d.medians()) == 0 {
		return "no used trial has a " + d.Label
	}
	return ""
}

// cellText returns the lines of a cell: the median, and its interval where there
// is one.
func cellText(p ProfilePoint) (median, interval string) {
	if !isRatio(p.Median) {
		return quantity.None, ""
	}
	if isRatio(p.Low) && isRatio(p.High) {
		bare := func(v float64) string { return strings.TrimPrefix(quantity.Ratio(v), "×") }
		interval = "[" + bare(p.Low) + ", " + bare(p.High) + "]"
	}
	return quantity.Ratio(p.Median), interval
}

// grid is how the cells of a heat map are laid out.
type grid struct {
	left, width, height vg.Length // where cells begin; their size
	labels              vg.Length // height of the labels of columns
	turned              bool      // these labels run upwards
	every               int       // column that is labelled
	medians, intervals  bool      // cells have room for them
	upright             bool      // medians run upwards
	notes               []string
}

// grid lays the cells out for a figure that is width wide.
func (d Heatmap) grid(t Type, width vg.Length) grid {
	g := grid{left: lineHeight + min(t.widest(d.Down.Names), heatmapShare*width) + textSize/2, labels: lineHeight, height: cellHeight}
	g.width = (width - g.left) / vg.Length(max(1, len(d.Across.Names)))
	if widest := t.widest(d.Across.Names); widest > g.width-cellPadding {
		g.turned, g.labels = true, min(widest, labelHeight)+textSize/2
	}
	g.every = int(math.Ceil(float64((textSize + 1) / g.width)))
	var median, interval vg.Length // the widest
	for r := range d.Down.Names {
		for k := range d.Across.Names {
			m, i := cellText(d.cell(r, k))
			median, interval = max(median, t.Width(m)), max(interval, t.Width(i))
		}
	}
	room := g.width - 2*cellPadding - 1
	switch {
	case median <= room && interval <= room && interval > 0:
		g.medians, g.intervals = true, true
		g.height += lineHeight
	case median <= room:
		g.medians = true
	case g.width > textSize:
		g.medians, g.upright = true, true
		g.height = median + 2*cellPadding + 2
	}
	g.notes = t.wrap(d.small(g), width)
	return g
}

// small returns the note, extended by how cells are to be read.
func (d Heatmap) small(g grid) string {
	note := d.Note
	switch {
	case !g.medians:
		note += " Cells: medians, which the data of the figure has as numbers."
	case g.intervals:
		note += " Cells: median and, below it, " + d.Interval + "."
	default:
		note += " Cells: median."
	}
	missing, framed := 0, false
	for r := range d.Down.Names {
		for k := range d.Across.Names {
			p := d.cell(r, k)
			framed = framed || includesOne(p)
			if !isRatio(p.Median) {
				missing++
			}
		}
	}
	if framed && g.intervals {
		note += " Dashed frame: the interval includes ×1."
	} else if framed {
		note += " Dashed frame: " + d.Interval + " includes ×1."
	}
	if g.every > 1 {
		note += fmt.Sprintf(" One column in %d is labelled.", g.every)
	}
	if missing > 0 {
		note += " " + quantity.None + ": no value."
	}
	return strings.TrimSpace(note)
}

// includesOne says whether the interval of a cell includes 1.
func includesOne(p ProfilePoint) bool { return isRatio(p.Median) && p.Low <= 1 && p.High >= 1 }

// Height returns how high the figure is.
func (d Heatmap) Height(t Type, width vg.Length) vg.Length {
	g := d.grid(t, width)
	return lineHeight + g.labels + g.height*vg.Length(len(d.Down.Names)) + textSize + barHeight + axisDepth +
		vg.Length(len(g.notes))*lineHeight + lineHeight/2
}

// Draw draws the figure.
func (d Heatmap) Draw(c *Canvas) {
	g := d.grid(c.Type, c.Size().X)
	colors := divergingOver(d.medians())
	top := c.Max.Y - lineHeight - g.labels
	left := c.Min.X + g.left
	bottom := top - g.height*vg.Length(len(d.Down.Names))
	c.write(c.Fit(d.Across.Factor, c.Max.X-left), vg.Point{X: (left + c.Max.X) / 2, Y: c.Max.Y - capHeight - 1}, 0.5, muted())
	c.writeUp(c.Fit(d.Down.Factor, top-bottom), vg.Point{X: c.Min.X + capHeight/2, Y: (top + bottom) / 2}, muted())
	for k, name := range d.Across.Names {
		if k%g.every != 0 {
			continue
		}
		c.columnLabel(name, g, vg.Point{X: left + (vg.Length(k)+0.5)*g.width, Y: top})
	}
	for r, name := range d.Down.Names {
		y := top - vg.Length(r)*g.height
		c.write(c.Fit(name, g.left-lineHeight-textSize/2), vg.Point{X: left - textSize/2, Y: y - (g.height+capHeight)/2}, 1, ink())
		for k := range d.Across.Names {
			x := left + vg.Length(k)*g.width
			area := vg.Rectangle{Min: vg.Point{X: x, Y: y - g.height}, Max: vg.Point{X: x + g.width, Y: y}}
			c.heatCell(d.cell(r, k), g, area, colors)
			median, interval := cellText(d.cell(r, k))
			where := d.Down.Factor + " " + name + ", " + d.Across.Factor + " " + d.Across.Names[k]
			c.hintArea(area, strings.TrimSpace(where+": "+median+" "+interval))
		}
	}
	bar := vg.Rectangle{Min: vg.Point{X: left, Y: bottom - textSize - barHeight}, Max: vg.Point{X: c.Max.X - textSize, Y: bottom - textSize}}
	c.colorBar(colors, bar, d.Label)
	c.notes(g.notes, c.Min.X)
}

// columnLabel writes the label of a column above the point pt.
func (c *Canvas) columnLabel(name string, g grid, pt vg.Point) {
	if !g.turned {
		c.write(name, vg.Point{X: pt.X, Y: pt.Y + 3}, 0.5, ink())
		return
	}
	name = c.Fit(name, g.labels-textSize/2)
	c.writeUp(name, vg.Point{X: pt.X, Y: pt.Y + 3 + c.Width(name)/2}, ink())
}

// heatCell draws one cell.
func (c *Canvas) heatCell(p ProfilePoint, g grid, area vg.Rectangle, colors diverging) {
	median, interval := cellText(p)
	text := draw.LineStyle{Color: muted(), Width: 0.7, Dashes: []vg.Length{2, 1.5}}
	if isRatio(p.Median) {
		paint := colors.color(p.Median)
		c.fill(area, paint)
		text.Color = inkOn(paint)
	}
	c.SetLineStyle(solid(paper(), 1))
	c.Stroke(area.Path())
	if includesOne(p) {
		c.SetLineStyle(text)
		inner := vg.Rectangle{Min: area.Min.Add(vg.Point{X: 1.5, Y: 1.5}), Max: area.Max.Sub(vg.Point{X: 1.5, Y: 1.5})}
		c.Stroke(inner.Path())
	}
	middle := area.Min.Add(area.Max).Scale(0.5)
	base := middle.Y - capHeight/2
	if g.intervals && interval != "" {
		c.write(interval, vg.Point{X: middle.X, Y: base - lineHeight/2}, 0.5, text.Color)
		base += lineHeight / 2
	}
	switch {
	case g.upright:
		c.writeUp(median, middle, text.Color)
	case g.medians:
		c.write(median, vg.Point{X: middle.X, Y: base}, 0.5, text.Color)
	}
}

// Rows returns every cell that has a value.
func (d Heatmap) Rows() [][]string {
	rows := [][]string{{d.Down.Factor, d.Across.Factor, "median", "low", "high"}}
	for r, name := range d.Down.Names {
		for k, other := range d.Across.Names {
			if p := d.cell(r, k); isRatio(p.Median) {
				rows = append(rows, []string{name, other, formatRaw(p.Median), formatKnown(p.Low), formatKnown(p.High)})
			}
		}
	}
	return rows
}

// formatKnown writes v as formatRaw does, and nothing where it is no number.
func formatKnown(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return formatRaw(v)
}
