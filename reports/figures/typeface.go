package figures

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/reports/escape"
)

// placeholder stands for a character that no font has.
const placeholder = '□'

// Type is the typeface of figures at its one size: Liberation Sans, and a
// fallback font for the characters that it lacks. It may be used concurrently.
type Type struct {
	*typeface
}

// typeface finds the glyphs of characters and remembers them.
type typeface struct {
	sans   *sfnt.Font
	named  *sfnt.Font        // by the user; nil for none
	search func() *sfnt.Font // for an installed font, only when it is needed; nil when there is none

	mu      sync.Mutex
	buffer  sfnt.Buffer
	glyphs  map[rune]glyph
	lacking []rune
}

// glyph is the sign of a character in one of the fonts.
type glyph struct {
	font    *sfnt.Font
	index   sfnt.GlyphIndex
	advance vg.Length
}

// NewType returns Liberation Sans at 8 points. Its metrics are those of Arial
// and Helvetica. Characters that it lacks come from the first installed font of
// those in usual places, which is looked for when a text needs it.
func NewType() Type { return newType(nil, fallbackFiles()) }

// NewTypeWith returns the same with the font in the file path, TrueType,
// OpenType or a collection of them, before the installed ones. It is an error
// when path holds no such font.
func NewTypeWith(path string) (Type, error) {
	named, err := readFont(path)
	if err != nil {
		return Type{}, fmt.Errorf("read font: %w", err)
	}
	return newType(named, fallbackFiles()), nil
}

func newType(named *sfnt.Font, installed []string) Type {
	sans, err := sfnt.Parse(liberationsansregular.TTF)
	if err != nil {
		panic(fmt.Sprintf("figures: parse the built-in font: %v", err))
	}
	return Type{&typeface{
		sans: sans, named: named, glyphs: map[rune]glyph{},
		search: sync.OnceValue(func() *sfnt.Font { return firstFont(installed) }),
	}}
}

// Width returns how wide s is.
func (t Type) Width(s string) vg.Length {
	var w vg.Length
	for _, r := range legible(s) {
		w += t.glyph(r).advance
	}
	return w
}

// Lacking returns the distinct characters that were asked for and that no font
// has, in the order of Unicode.
func (t Type) Lacking() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(slices.Sorted(slices.Values(t.lacking)))
}

// legible returns s as figures show it: without control characters, which an
// SVG must not hold and which could turn the direction of the text.
func legible(s string) string { return escape.Terminal(s, true) }

// glyph returns the glyph of r, that of the placeholder when no font has it.
func (t *typeface) glyph(r rune) glyph {
	t.mu.Lock()
	defer t.mu.Unlock()
	g, known := t.glyphs[r]
	if known {
		return g
	}
	g, found := t.find(r)
	if !found {
		t.lacking = append(t.lacking, r)
		g, _ = t.in(t.sans, placeholder)
	}
	t.glyphs[r] = g
	return g
}

// find looks for r in the fonts, one after the other.
func (t *typeface) find(r rune) (g glyph, found bool) {
	if g, found = t.in(t.sans, r); found {
		return g, true
	}
	if g, found = t.in(t.named, r); found {
		return g, true
	}
	return t.in(t.search(), r)
}

// in looks for r in one font, which may be nil.
func (t *typeface) in(f *sfnt.Font, r rune) (g glyph, found bool) {
	if f == nil {
		return glyph{}, false
	}
	index, err := f.GlyphIndex(&t.buffer, r)
	if err != nil || index == 0 {
		return glyph{}, false
	}
	advance, err := f.GlyphAdvance(&t.buffer, index, em(f), 0)
	if err != nil {
		return glyph{}, false
	}
	return glyph{font: f, index: index, advance: inType(f, advance)}, true
}

// em returns the size at which the units of f are whole pixels.
func em(f *sfnt.Font) fixed.Int26_6 { return fixed.I(int(f.UnitsPerEm())) }

// inType returns v, a length at the size em, at the size of text.
func inType(f *sfnt.Font, v fixed.Int26_6) vg.Length {
	return textSize * vg.Length(v) / vg.Length(em(f))
}

// run is a piece of a text in one font.
type run struct {
	text  string
	own   bool // in Liberation Sans; the placeholder is
	left  vg.Length
	glyph []glyph
}

// runs divides s into pieces of one font.
func (t Type) runs(s string) []run {
	var out []run
	var at vg.Length
	for _, r := range legible(s) {
		g := t.glyph(r)
		own := g.font == t.sans
		if len(out) == 0 || out[len(out)-1].own != own {
			out = append(out, run{own: own, left: at})
		}
		last := &out[len(out)-1]
		if own && g == t.glyph(placeholder) {
			r = placeholder
		}
		last.text += string(r)
		last.glyph = append(last.glyph, g)
		at += g.advance
	}
	return out
}

// outline returns the outlines of glyphs, the first one with its origin at pt.
func (t *typeface) outline(glyphs []glyph, pt vg.Point) vg.Path {
	t.mu.Lock()
	defer t.mu.Unlock()
	var path vg.Path
	for _, g := range glyphs {
		segments, err := g.font.LoadGlyph(&t.buffer, g.index, em(g.font), nil)
		if err == nil { // a damaged glyph is left out
			path = appendOutline(path, g.font, segments, pt)
		}
		pt.X += g.advance
	}
	return path
}

func appendOutline(path vg.Path, f *sfnt.Font, segments sfnt.Segments, pt vg.Point) vg.Path {
	place := func(p fixed.Point26_6) vg.Point {
		return vg.Point{X: pt.X + inType(f, p.X), Y: pt.Y - inType(f, p.Y)}
	}
	for i, s := range segments {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			if i > 0 {
				path.Close()
			}
			path.Move(place(s.Args[0]))
		case sfnt.SegmentOpLineTo:
			path.Line(place(s.Args[0]))
		case sfnt.SegmentOpQuadTo:
			path.QuadTo(place(s.Args[0]), place(s.Args[1]))
		case sfnt.SegmentOpCubeTo:
			path.CubeTo(place(s.Args[0]), place(s.Args[1]), place(s.Args[2]))
		}
	}
	if len(segments) > 0 {
		path.Close()
	}
	return path
}

// widest returns the width of the widest of texts.
func (t Type) widest(texts []string) vg.Length {
	var w vg.Length
	for _, s := range texts {
		w = max(w, t.Width(s))
	}
	return w
}

// Fit returns s, shortened with an ellipsis where it is wider than room.
func (t Type) Fit(s string, room vg.Length) string {
	if t.Width(s) <= room {
		return s
	}
	end, w := 0, t.Width("…")
	for i, r := range s {
		end = i
		if w += t.Width(string(r)); w > room {
			break
		}
	}
	return s[:end] + "…"
}

// fitTitle is Fit for the title of an axis: its unit, in parentheses at the end,
// stays where there is room for it.
func (t Type) fitTitle(s string, room vg.Length) string {
	begin := strings.LastIndex(s, " (")
	if begin < 0 || !strings.HasSuffix(s, ")") || t.Width(s[begin:]) > room/2 {
		return t.Fit(s, room)
	}
	return t.Fit(s[:begin], room-t.Width(s[begin:])) + s[begin:]
}
