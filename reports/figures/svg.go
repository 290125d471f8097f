package figures

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Words are the title of a figure and what it shows, for those who cannot see
// it.
type Words struct {
	Title string
	Alt   string // the finding in one or two sentences
}

// family names the font of an SVG and, for machines without it, fonts of the
// same widths.
const family = "'Liberation Sans', Arial, Helvetica, sans-serif"

// WriteSVG draws d to w as an SVG that is width wide, on white. It holds no
// style sheet and no style attribute, so that it can stand in a page with a
// strict content security policy.
func WriteSVG(w io.Writer, t Type, d Drawing, width vg.Length, words Words) error {
	high := height(t, d, width)
	page := vgsvg.New(width, high)
	page.SetColor(paper())
	page.Fill(vg.Rectangle{Max: vg.Point{X: width, Y: high}}.Path())
	d.Draw(newCanvas(page, t, width, high))
	var raw bytes.Buffer
	if _, err := page.WriteTo(&raw); err != nil {
		return fmt.Errorf("write SVG: %w", err)
	}
	_, body, found := strings.Cut(raw.String(), "<g ")
	if !found {
		return fmt.Errorf("write SVG: no drawing in %d bytes", raw.Len())
	}
	head := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%.6gpt" height="%.6gpt" viewBox="0 0 %.6g %.6g"`+
		` role="img" aria-label="%s" font-family="%s" font-size="%g">`+"\n<title>%s</title>\n<desc>%s</desc>\n<g ",
		width.Points(), high.Points(), width.Points(), high.Points(), html.EscapeString(words.Title+". "+words.Alt),
		html.EscapeString(family), textSize.Points(), html.EscapeString(words.Title), html.EscapeString(words.Alt))
	if _, err := io.WriteString(w, head+t.fixedWidths(plainAttributes(body))); err != nil {
		return fmt.Errorf("write SVG: %w", err)
	}
	return nil
}

// plainAttributes turns style attributes into presentation attributes. Those of
// the font are the same for the whole figure and stand on its root.
func plainAttributes(svg string) string {
	style := regexp.MustCompile(`\s+style="([^"]*)"`)
	return style.ReplaceAllStringFunc(svg, func(attribute string) string {
		var b strings.Builder
		for declaration := range strings.SplitSeq(style.FindStringSubmatch(attribute)[1], ";") {
			name, value, _ := strings.Cut(declaration, ":")
			if value == "" || strings.HasPrefix(name, "font-") {
				continue
			}
			fmt.Fprintf(&b, ` %s="%s"`, name, value)
		}
		return b.String()
	})
}

// fixedWidths gives every text the width that the figure was laid out for, so
// that it keeps its place where another font stands in.
func (t Type) fixedWidths(svg string) string {
	text := regexp.MustCompile(`<text ([^>]*)>([^<]*)</text>`)
	return text.ReplaceAllStringFunc(svg, func(element string) string {
		parts := text.FindStringSubmatch(element)
		return fmt.Sprintf(`<text %s textLength="%.4g" lengthAdjust="spacingAndGlyphs">%s</text>`,
			parts[1], t.Width(html.UnescapeString(parts[2])).Points(), parts[2])
	})
}
