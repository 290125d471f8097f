package figures

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// svgPage draws the elements of an SVG. Its y axis points up, as that of vg;
// that of the file points down.
type svgPage struct {
	out   bytes.Buffer
	face  Type
	stack []svgState
}

// svgState is what Push keeps.
type svgState struct {
	paint  color.Color
	width  vg.Length
	dashes []vg.Length
	offset vg.Length
	place  matrix
}

var _ vg.Canvas = (*svgPage)(nil)

func newSVGPage(s sheet) *svgPage {
	p := &svgPage{face: s.face, stack: []svgState{{place: matrix{1, 0, 0, -1, 0, s.height.Points()}}}}
	vg.Initialize(p)
	return p
}

// matrix maps x to a·x + c·y + e and y to b·x + d·y + f.
type matrix [6]float64

// times returns the matrix that applies n and then m.
func (m matrix) times(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[2]*n[1], m[1]*n[0] + m[3]*n[1],
		m[0]*n[2] + m[2]*n[3], m[1]*n[2] + m[3]*n[3],
		m[0]*n[4] + m[2]*n[5] + m[4], m[1]*n[4] + m[3]*n[5] + m[5],
	}
}

// point writes where pt is.
func (m matrix) point(pt vg.Point) string {
	x, y := pt.X.Points(), pt.Y.Points()
	return short(m[0]*x+m[2]*y+m[4], 2) + "," + short(m[1]*x+m[3]*y+m[5], 2)
}

// short writes v with at most that many decimals.
func short(v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}

// decimal writes a length in points with at most two decimals.
func decimal(l vg.Length) string { return short(l.Points(), 2) }

func (p *svgPage) state() *svgState { return &p.stack[len(p.stack)-1] }

// SetLineWidth implements vg.Canvas.
func (p *svgPage) SetLineWidth(w vg.Length) { p.state().width = w }

// SetLineDash implements vg.Canvas.
func (p *svgPage) SetLineDash(pattern []vg.Length, offset vg.Length) {
	p.state().dashes, p.state().offset = pattern, offset
}

// SetColor implements vg.Canvas.
func (p *svgPage) SetColor(paint color.Color) { p.state().paint = paint }

// Rotate implements vg.Canvas.
func (p *svgPage) Rotate(angle float64) {
	sin, cos := math.Sincos(angle)
	p.state().place = p.state().place.times(matrix{cos, sin, -sin, cos, 0, 0})
}

// Translate implements vg.Canvas.
func (p *svgPage) Translate(by vg.Point) {
	p.state().place = p.state().place.times(matrix{1, 0, 0, 1, by.X.Points(), by.Y.Points()})
}

// Scale implements vg.Canvas.
func (p *svgPage) Scale(x, y float64) {
	p.state().place = p.state().place.times(matrix{x, 0, 0, y, 0, 0})
}

// Push implements vg.Canvas.
func (p *svgPage) Push() { p.stack = append(p.stack, *p.state()) }

// Pop implements vg.Canvas.
func (p *svgPage) Pop() { p.stack = p.stack[:len(p.stack)-1] }

// Stroke implements vg.Canvas.
func (p *svgPage) Stroke(path vg.Path) {
	s := p.state()
	if s.width <= 0 {
		return
	}
	hex, opacity := inks(s.paint, "stroke")
	fmt.Fprintf(&p.out, `<path d="%s" fill="none" stroke="%s"%s`, s.place.path(path), hex, opacity)
	if s.width != 1 {
		fmt.Fprintf(&p.out, ` stroke-width="%s"`, decimal(s.width))
	}
	if len(s.dashes) > 0 {
		lengths := make([]string, 0, len(s.dashes))
		for _, l := range s.dashes {
			lengths = append(lengths, decimal(l))
		}
		fmt.Fprintf(&p.out, ` stroke-dasharray="%s"`, strings.Join(lengths, ","))
		if s.offset != 0 {
			fmt.Fprintf(&p.out, ` stroke-dashoffset="%s"`, decimal(s.offset))
		}
	}
	p.out.WriteString("/>\n")
}

// Fill implements vg.Canvas.
func (p *svgPage) Fill(path vg.Path) {
	hex, opacity := inks(p.state().paint, "fill")
	fmt.Fprintf(&p.out, `<path d="%s" fill="%s"%s/>`+"\n", p.state().place.path(path), hex, opacity)
}

// inks returns paint as an attribute says it, and the attribute of its opacity
// where it is not opaque.
func inks(paint color.Color, attribute string) (hex, opacity string) {
	k := color.NRGBAModel.Convert(paint).(color.NRGBA)
	if k.A != 0xFF {
		opacity = fmt.Sprintf(` %s-opacity="%s"`, attribute, short(float64(k.A)/0xFF, 2))
	}
	return fmt.Sprintf("#%02X%02X%02X", k.R, k.G, k.B), opacity
}

// FillString implements vg.Canvas. A text has the width that the figure was laid
// out for, so that it keeps its place where another font stands in.
func (p *svgPage) FillString(_ font.Face, pt vg.Point, text string) {
	m := p.state().place
	x, y, _ := strings.Cut(m.point(pt), ",")
	place := fmt.Sprintf(`x="%s" y="%s"`, x, y)
	if m[0] != 1 || m[1] != 0 || m[2] != 0 || m[3] != -1 {
		place = fmt.Sprintf(`transform="matrix(%s,%s,%s,%s,%s,%s)"`, short(m[0], 4), short(m[1], 4), short(-m[2], 4), short(-m[3], 4), x, y)
	}
	hex, opacity := inks(p.state().paint, "fill")
	fmt.Fprintf(&p.out, `<text %s fill="%s"%s textLength="%s" lengthAdjust="spacingAndGlyphs">%s</text>`+"\n",
		place, hex, opacity, decimal(p.face.Width(text)), markup(text))
}

// DrawImage implements vg.Canvas; figures hold no images.
func (p *svgPage) DrawImage(vg.Rectangle, image.Image) {}

// path writes a path as the attribute d does.
func (m matrix) path(path vg.Path) string {
	var b strings.Builder
	begun := false
	for _, k := range path {
		switch k.Type {
		case vg.MoveComp:
			b.WriteString("M" + m.point(k.Pos))
		case vg.LineComp:
			b.WriteString("L" + m.point(k.Pos))
		case vg.ArcComp:
			m.arc(&b, k, begun)
		case vg.CurveComp:
			b.WriteByte(" QC"[len(k.Control)])
			for _, pt := range k.Control {
				b.WriteString(m.point(pt) + ",")
			}
			b.WriteString(m.point(k.Pos))
		case vg.CloseComp:
			b.WriteString("Z")
		}
		begun = true
	}
	return b.String()
}

// arc writes an arc, a whole circle as two. Circles stay circles: the matrices
// of figures scale both axes alike.
func (m matrix) arc(b *strings.Builder, k vg.PathComp, begun bool) {
	start := m.point(arcPoint(k, k.Start))
	if written := b.String(); !begun {
		b.WriteString("M" + start)
	} else if !strings.HasSuffix(written, "M"+start) {
		b.WriteString("L" + start)
	}
	radius := short(k.Radius.Points()*math.Hypot(m[0], m[1]), 2)
	turn := m[0]*m[3]-m[1]*m[2] > 0 == (k.Angle > 0)
	n := max(1, math.Ceil(math.Abs(k.Angle)/math.Pi-1e-9))
	for i := range int(n) {
		sweep := 0
		if turn {
			sweep = 1
		}
		end := m.point(arcPoint(k, k.Start+k.Angle*float64(i+1)/n))
		fmt.Fprintf(b, "A%s,%s 0 0 %d %s", radius, radius, sweep, end)
	}
}
