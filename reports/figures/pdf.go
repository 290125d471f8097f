package figures

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgpdf"
)

// pdfDate stands in for the time of writing, so that the same input gives the
// same bytes. It has the length of the date that it replaces: offsets in the
// file stay right.
const pdfDate = "(D:20000101000000)"

// WritePDF draws d to w as one page that is width wide, with the font embedded.
// Text is limited to code page 1252; any other character becomes "?". The font
// is prepared in the folder for temporary files; where that cannot be written,
// the library panics, which WritePDF returns as an error.
func WritePDF(w io.Writer, t Type, d Drawing, width vg.Length) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("write PDF: %v", p)
		}
	}()
	high := height(t, d, width)
	page := pdfPage{vgpdf.New(width, high)}
	d.Draw(newCanvas(page, t, width, high))
	var raw bytes.Buffer
	if _, err := page.WriteTo(&raw); err != nil {
		return fmt.Errorf("write PDF: %w", err)
	}
	dates := regexp.MustCompile(`\(D:\d{14}\)`)
	if _, err := w.Write(dates.ReplaceAll(raw.Bytes(), []byte(pdfDate))); err != nil {
		return fmt.Errorf("write PDF: %w", err)
	}
	return nil
}

// pdfPage takes text as UTF-8 and gives it to vgpdf in the code page of its
// embedded font.
type pdfPage struct {
	*vgpdf.Canvas
}

// FillString draws s at pt.
func (p pdfPage) FillString(f font.Face, pt vg.Point, s string) {
	p.Canvas.FillString(f, pt, codePage(s))
}

// codePage returns s in code page 1252, the nearest sign for what it lacks.
func codePage(s string) string {
	var b strings.Builder
	near := map[rune]string{
		'−': "\x96", '–': "\x96", '—': "\x97", '…': "\x85", '’': "\x92", '“': "\x93", '”': "\x94",
		'•': "\x95", '€': "\x80", '≤': "<=", '≥': ">=", '≈': "~", '∞': "inf", '\u202f': "\xa0", 'μ': "\xb5",
	}
	for _, r := range s {
		sign, known := near[r]
		switch {
		case known:
			b.WriteString(sign)
		case r >= ' ' && r < 0x7F, r >= 0xA0 && r <= 0xFF:
			b.WriteByte(byte(r))
		default:
			b.WriteByte('?')
		}
	}
	return b.String()
}
