package figures

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"gonum.org/v1/plot/vg"
)

// Words are the title of a figure and what it shows, for those who cannot see
// it.
type Words struct {
	Title string
	Alt   string // the finding in one or two sentences
}

// family names the font of an SVG and, for machines without it, fonts of the
// same widths; then the fallback fonts.
const family = "'Liberation Sans', Arial, Helvetica, 'Noto Sans CJK SC', 'Noto Sans SC', 'WenQuanYi Zen Hei', " +
	"'WenQuanYi Micro Hei', 'Droid Sans Fallback', sans-serif"

// WriteSVG draws d to w as an SVG on white. It holds no style sheet and no style
// attribute, so that it can stand in a page with a strict content security
// policy. Who points at a hint is told it.
func WriteSVG(w io.Writer, t Type, d Drawing, l Layout, words Words) error {
	s, err := l.layOut(t, d)
	if err != nil {
		return err
	}
	page := newSVGPage(s)
	page.SetColor(paper())
	page.Fill(vg.Rectangle{Max: vg.Point{X: s.width, Y: s.height}}.Path())
	c := s.draw(page)
	width, height := s.pageSize()
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%spt" height="%spt" viewBox="0 0 %s %s"`+
		` role="img" aria-label="%s" font-family="%s" font-size="%s">`+"\n<title>%s</title>\n<desc>%s</desc>\n",
		decimal(width), decimal(height), decimal(s.width), decimal(s.height), markup(words.Title+". "+words.Alt),
		markup(family), decimal(textSize), markup(words.Title), markup(words.Alt))
	b.Write(page.out.Bytes())
	writeHints(&b, c.hints, s)
	b.WriteString("</svg>\n")
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write SVG: %w", err)
	}
	return nil
}

// writeHints writes hints as invisible rectangles that lie above everything,
// with the text as their title. What is outside of the page is cut off.
func writeHints(b *bytes.Buffer, hints []hint, s sheet) {
	if len(hints) == 0 {
		return
	}
	b.WriteString(`<g class="hints" fill-opacity="0">` + "\n")
	for _, h := range hints {
		left, right := max(0, h.area.Min.X), min(s.width, h.area.Max.X)
		bottom, top := max(0, h.area.Min.Y), min(s.height, h.area.Max.Y)
		if left >= right || bottom >= top {
			continue
		}
		fmt.Fprintf(b, `<rect x="%s" y="%s" width="%s" height="%s"><title>%s</title></rect>`+"\n",
			decimal(left), decimal(s.height-top), decimal(right-left), decimal(top-bottom), markup(h.text))
	}
	b.WriteString("</g>\n")
}

// markup returns s as it stands in XML.
func markup(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(legible(s))) // a strings.Builder takes everything
	return b.String()
}
