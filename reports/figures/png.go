package figures

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image/png"
	"io"
	"math"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
)

// resolution of a PNG, in dots per inch of the page, and the most dots that one
// may have.
const (
	resolution = 300
	mostDots   = 100e6
)

// WritePNG draws d to w as an image on white with 300 dots per inch, which the
// file says.
func WritePNG(w io.Writer, t Type, d Drawing, l Layout) error {
	s, err := l.layOut(t, d)
	if err != nil {
		return err
	}
	width, height := s.pageSize()
	if dots := width.Dots(resolution) * height.Dots(resolution); dots > mostDots {
		return fmt.Errorf("write PNG: %.3g dots are too many: make it narrower", dots)
	}
	page := pngPage{vgimg.NewWith(vgimg.UseWH(s.width, s.height), vgimg.UseDPI(int(math.Round(resolution*s.scale)))), t}
	s.draw(page)
	var raw bytes.Buffer
	if err := png.Encode(&raw, page.Image()); err != nil {
		return fmt.Errorf("write PNG: %w", err)
	}
	if _, err := w.Write(withResolution(raw.Bytes())); err != nil {
		return fmt.Errorf("write PNG: %w", err)
	}
	return nil
}

// pngPage draws text as outlines.
type pngPage struct {
	*vgimg.Canvas
	face Type
}

// FillString draws text in the typeface of the page.
func (p pngPage) FillString(_ font.Face, pt vg.Point, text string) {
	for _, r := range p.face.runs(text) {
		p.Fill(p.face.outline(r.glyph, vg.Point{X: pt.X + r.left, Y: pt.Y}))
	}
}

// withResolution puts a pHYs chunk, in dots per metre, behind the header of a
// PNG (W3C, Portable Network Graphics, 11.3.5.3).
func withResolution(raw []byte) []byte {
	const header = 8 + 25 // signature and IHDR
	chunk := []byte("pHYs")
	perMetre := uint32(math.Round(resolution / 0.0254))
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = append(chunk, 1) // the unit is the metre
	out := append([]byte{}, raw[:header]...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(chunk)-4))
	out = append(out, chunk...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
	return append(out, raw[header:]...)
}
