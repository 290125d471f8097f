package figures

import (
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"strings"
	"time"

	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"codeberg.org/go-pdf/fpdf"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// pdfFont is the name of the embedded font.
const pdfFont = "LiberationSans"

// WritePDF draws d to w as one page. Liberation Sans is embedded as far as it is
// used, with the characters of its glyphs, so that text can be searched and
// copied; characters of the fallback font are drawn as outlines.
func WritePDF(w io.Writer, t Type, d Drawing, l Layout) error {
	s, err := l.layOut(t, d)
	if err != nil {
		return err
	}
	page := newPDFPage(s, l.Title)
	s.draw(page)
	if err := page.doc.Output(w); err != nil {
		return fmt.Errorf("write PDF: %w", err)
	}
	return nil
}

// pdfPage draws on the one page of a PDF. It writes the operators of PDF itself
// (ISO 32000-1, 8.5): its axes are those of vg, and what is left to the library
// are text, fonts and the file.
type pdfPage struct {
	doc    *fpdf.Fpdf
	face   Type
	height vg.Length
	stack  []pdfState
}

// pdfState is what Push keeps beside the graphics state of the page.
type pdfState struct {
	width vg.Length
	alpha float64
}

var _ vg.Canvas = (*pdfPage)(nil)

func newPDFPage(s sheet, title string) *pdfPage {
	width, height := s.pageSize()
	doc := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: fpdf.SizeType{Wd: width.Points(), Ht: height.Points()}})
	// The same figure gives the same bytes, whenever it is drawn.
	doc.SetCatalogSort(true)
	doc.SetCreationDate(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))
	doc.SetModificationDate(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))
	doc.SetTitle(legible(title), true)
	doc.AddUTF8FontFromBytes(pdfFont, "", liberationsansregular.TTF)
	doc.AddPage()
	doc.SetFont(pdfFont, "", textSize.Points())
	p := &pdfPage{doc: doc, face: s.face, height: height, stack: []pdfState{{alpha: 1}}}
	p.operator("0 J")
	vg.Initialize(p)
	if s.scale != 1 {
		p.Scale(s.scale, s.scale)
	}
	return p
}

// operator writes an operator with its operands: text, and numbers.
func (p *pdfPage) operator(name string, operands ...float64) {
	var b strings.Builder
	for _, v := range operands {
		b.WriteString(short(v, 3))
		b.WriteByte(' ')
	}
	b.WriteString(name)
	p.doc.RawWriteStr(b.String())
}

func (p *pdfPage) state() *pdfState { return &p.stack[len(p.stack)-1] }

// SetLineWidth implements vg.Canvas.
func (p *pdfPage) SetLineWidth(w vg.Length) {
	p.state().width = w
	p.operator("w", w.Points())
}

// SetLineDash implements vg.Canvas.
func (p *pdfPage) SetLineDash(pattern []vg.Length, offset vg.Length) {
	lengths := make([]string, 0, len(pattern))
	for _, l := range pattern {
		lengths = append(lengths, short(l.Points(), 3))
	}
	p.doc.RawWriteStr("[" + strings.Join(lengths, " ") + "] " + short(offset.Points(), 3) + " d")
}

// SetColor implements vg.Canvas.
func (p *pdfPage) SetColor(paint color.Color) {
	k := color.NRGBAModel.Convert(paint).(color.NRGBA)
	r, g, b := int(k.R), int(k.G), int(k.B)
	p.doc.SetFillColor(r, g, b)
	p.doc.SetDrawColor(r, g, b)
	p.doc.SetTextColor(r, g, b)
	if alpha := float64(k.A) / 0xFF; alpha != p.state().alpha {
		p.state().alpha = alpha
		p.doc.SetAlpha(alpha, "Normal")
	}
}

// Rotate implements vg.Canvas.
func (p *pdfPage) Rotate(angle float64) {
	sin, cos := math.Sincos(angle)
	p.operator("cm", cos, sin, -sin, cos, 0, 0)
}

// Translate implements vg.Canvas.
func (p *pdfPage) Translate(by vg.Point) { p.operator("cm", 1, 0, 0, 1, by.X.Points(), by.Y.Points()) }

// Scale implements vg.Canvas.
func (p *pdfPage) Scale(x, y float64) { p.operator("cm", x, 0, 0, y, 0, 0) }

// Push implements vg.Canvas.
func (p *pdfPage) Push() {
	p.stack = append(p.stack, *p.state())
	p.operator("q")
}

// Pop implements vg.Canvas.
func (p *pdfPage) Pop() {
	p.stack = p.stack[:len(p.stack)-1]
	p.operator("Q")
}

// Stroke implements vg.Canvas.
func (p *pdfPage) Stroke(path vg.Path) {
	if p.state().width > 0 {
		p.path(path)
		p.operator("S")
	}
}

// Fill implements vg.Canvas.
func (p *pdfPage) Fill(path vg.Path) {
	p.path(path)
	p.operator("f")
}

// FillString implements vg.Canvas, in the typeface of the page.
func (p *pdfPage) FillString(_ font.Face, pt vg.Point, text string) {
	for _, r := range p.face.runs(text) {
		at := vg.Point{X: pt.X + r.left, Y: pt.Y}
		if r.own {
			p.doc.Text(at.X.Points(), (p.height - at.Y).Points(), r.text)
			continue
		}
		p.Fill(p.face.outline(r.glyph, at))
	}
}

// DrawImage implements vg.Canvas; figures hold no images.
func (p *pdfPage) DrawImage(vg.Rectangle, image.Image) {}

// path writes a path. Arcs become curves.
func (p *pdfPage) path(path vg.Path) {
	at := vg.Point{}
	for i, k := range path {
		switch k.Type {
		case vg.MoveComp:
			p.operator("m", k.Pos.X.Points(), k.Pos.Y.Points())
		case vg.LineComp:
			p.operator("l", k.Pos.X.Points(), k.Pos.Y.Points())
		case vg.ArcComp:
			start := arcPoint(k, k.Start)
			p.operator(lineOrMove(i), start.X.Points(), start.Y.Points())
			at = p.arc(k)
			continue
		case vg.CurveComp:
			p.curve(at, k.Control, k.Pos)
		case vg.CloseComp:
			p.operator("h")
		}
		at = k.Pos
	}
}

// curve writes a curve from the point at with one or two control points. PDF
// knows two only.
func (p *pdfPage) curve(at vg.Point, control []vg.Point, to vg.Point) {
	first, second := control[0], control[len(control)-1]
	if len(control) == 1 {
		first = at.Add(control[0].Sub(at).Scale(2.0 / 3))
		second = to.Add(control[0].Sub(to).Scale(2.0 / 3))
	}
	p.operator("c", first.X.Points(), first.Y.Points(), second.X.Points(), second.Y.Points(), to.X.Points(), to.Y.Points())
}

// lineOrMove returns how component i of a path gets to its start.
func lineOrMove(i int) string {
	if i == 0 {
		return "m"
	}
	return "l"
}

// arc writes an arc as curves of at most a quarter of a circle, and returns its
// end.
func (p *pdfPage) arc(k vg.PathComp) vg.Point {
	at := arcPoint(k, k.Start)
	n := max(1, math.Ceil(math.Abs(k.Angle)/(math.Pi/2)-1e-9))
	step := k.Angle / n
	reach := vg.Length(4.0 / 3 * math.Tan(step/4))
	for i := range int(n) {
		from, to := k.Start+float64(i)*step, k.Start+float64(i+1)*step
		end := arcPoint(k, to)
		p.curve(at, []vg.Point{tangent(k, at, from, reach), tangent(k, end, to, -reach)}, end)
		at = end
	}
	return at
}

// arcPoint returns the point of an arc at an angle.
func arcPoint(k vg.PathComp, angle float64) vg.Point {
	sin, cos := math.Sincos(angle)
	return vg.Point{X: k.Pos.X + k.Radius*vg.Length(cos), Y: k.Pos.Y + k.Radius*vg.Length(sin)}
}

// tangent returns the control point of an arc beside its point pt.
func tangent(k vg.PathComp, pt vg.Point, angle float64, reach vg.Length) vg.Point {
	sin, cos := math.Sincos(angle)
	return vg.Point{X: pt.X - reach*k.Radius*vg.Length(sin), Y: pt.Y + reach*k.Radius*vg.Length(cos)}
}
