package figures

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
)

// lines is a figure of texts, one below the other, with hints.
type lines struct {
	texts []string
	hints []hint
}

func (lines) Omission() string                   { return "" }
func (l lines) Height(Type, vg.Length) vg.Length { return vg.Length(max(1, len(l.texts))) * lineHeight }
func (lines) Rows() [][]string                   { return [][]string{{"text"}} }
func (l lines) Draw(c *Canvas) {
	for i, s := range l.texts {
		c.write(s, vg.Point{X: c.Min.X, Y: c.Max.Y - vg.Length(i)*lineHeight - capHeight - 1}, 0, ink())
	}
	c.hints = append(c.hints, l.hints...)
}

// cjk returns a type with an installed font for Chinese.
func cjk(t *testing.T) Type {
	t.Helper()
	face := NewType()
	if face.Width("延迟"); face.Lacking() != "" {
		testneed.Met(t, host.Missing{Key: "font:cjk", What: "no font for Chinese is installed", Remedy: "apt-get install fonts-noto-cjk"})
	}
	return face
}

func pngOf(t *testing.T, face Type, d Drawing, l Layout) image.Image {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, WritePNG(&b, face, d, l))
	img, err := png.Decode(&b)
	require.NoError(t, err)
	return img
}

// inked counts the dots of the upper part of an image that are not white.
func inked(img image.Image, height int) int {
	n := 0
	for y := range height {
		for x := range img.Bounds().Dx() {
			if r, _, _, _ := img.At(x, y).RGBA(); r < 0x8000 {
				n++
			}
		}
	}
	return n
}

func TestChineseIsDrawnWithTheFallback(t *testing.T) {
	face, bare := cjk(t), newType(nil, nil)
	title := Layout{Width: Column, Title: "延迟分布"}
	ours, placeholders := pngOf(t, face, lines{}, title), pngOf(t, bare, lines{}, title)
	assert.Greater(t, inked(ours, 50), 2*inked(placeholders, 50), "characters have more strokes than placeholders")
	assert.InDelta(t, 4*8, float64(face.Width("延迟分布")), 0.5, "each is as wide as it is high")
	var withIt, without bytes.Buffer
	require.NoError(t, WritePDF(&withIt, face, lines{}, title))
	require.NoError(t, WritePDF(&without, bare, lines{}, title))
	assert.Greater(t, withIt.Len(), without.Len(), "outlines are drawn")
	assert.Empty(t, face.Lacking())
}

func TestWithoutAFallbackThereArePlaceholders(t *testing.T) {
	face := newType(nil, []string{filepath.Join(t.TempDir(), "none.ttc")})
	assert.InDelta(t, float64(face.Width("□□")), float64(face.Width("延迟")), 1e-9)
	assert.Equal(t, []run{{text: "p99 □□", own: true}}, withoutGlyphs(face.runs("p99 延迟")))
	face.Width("迟x")
	assert.Equal(t, "延迟", face.Lacking())
	var b bytes.Buffer
	require.NoError(t, WriteSVG(&b, face, lines{texts: []string{"延迟"}}, Layout{Width: Column}, Words{}))
	assert.Contains(t, b.String(), ">延迟</text>", "an SVG leaves the choice of the font to who shows it")
	for _, d := range []lines{{}, {texts: []string{"延迟", "\x00\x1b[31m\u202e", "\xff\xfe", "\U0010FFFF"}}} {
		b.Reset()
		require.NoError(t, WritePDF(&b, face, d, Layout{Width: Column, Title: "延迟"}))
		assert.NotZero(t, inked(pngOf(t, face, d, Layout{Width: Column, Title: "延迟"}), 50))
	}
}

func withoutGlyphs(runs []run) []run {
	for i := range runs {
		runs[i].glyph = nil
	}
	return runs
}

func TestRunsChangeWithTheFont(t *testing.T) {
	face := cjk(t)
	runs := withoutGlyphs(face.runs("a延迟 b"))
	require.Len(t, runs, 3)
	assert.Equal(t, run{text: "延迟", left: face.Width("a")}, runs[1])
	assert.Equal(t, run{text: " b", own: true, left: face.Width("a延迟")}, runs[2])
}

func TestNamedFontIsUsed(t *testing.T) {
	cjk(t)
	installed := fallbackFiles()
	path := installed[slices.IndexFunc(installed, func(path string) bool { return firstFont([]string{path}) != nil })]
	named, err := readFont(path)
	require.NoError(t, err)
	face := newType(named, nil)
	assert.InDelta(t, 8, float64(face.Width("延")), 0.5)
	assert.Empty(t, face.Lacking())
	face, err = NewTypeWith(path)
	require.NoError(t, err)
	assert.Same(t, face.sans, face.glyph('p').font, "Liberation Sans comes first")
	assert.Same(t, face.named, face.glyph('延').font)
}

func TestBadFontFiles(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.ttf")
	require.NoError(t, os.WriteFile(text, []byte("not a font"), 0o600))
	for name, c := range map[string]struct{ path, want string }{
		"missing": {filepath.Join(dir, "none.ttf"), "no such file"},
		"folder":  {dir, "not a file"},
		"device":  {"/dev/zero", "not a file"},
		"text":    {text, "sfnt"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewTypeWith(c.path)
			require.ErrorContains(t, err, "read font: ")
			require.ErrorContains(t, err, c.want)
			assert.ErrorContains(t, err, c.path)
		})
	}
	_, err := NewTypeWith(filepath.Join(dir, "none.ttf"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestLackingWarning(t *testing.T) {
	assert.Empty(t, LackingWarning(""))
	assert.Equal(t, "no font has the characters 延迟, so that PDF and PNG show □ in their place: "+
		"install the Debian package fonts-noto-cjk, or name a font file: czbench figures --font FILE", LackingWarning("延迟"))
	assert.Contains(t, LackingWarning("क"), "install a font that has them and name its file: czbench figures --font FILE")
	assert.NotContains(t, LackingWarning("क"), "fonts-noto-cjk")
	assert.Contains(t, LackingWarning(strings.Repeat("字", 50)), strings.Repeat("字", 12)+"…")
}

func TestTypeMayBeUsedConcurrently(t *testing.T) {
	d := lines{texts: []string{"p99 ≤ 1 ms", "Жаα −…µ", "延迟"}}
	l := Layout{Width: Column, Title: "延迟 title"}
	write := func(face Type) []byte {
		var b bytes.Buffer
		assert.NoError(t, WritePDF(&b, face, d, l))
		assert.NoError(t, WriteSVG(&b, face, d, l, Words{}))
		assert.NoError(t, WritePNG(&b, face, d, l))
		return b.Bytes()
	}
	want := write(NewType())
	shared := NewType()
	got := make([][]byte, 8)
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() { got[i] = write(shared) })
	}
	all.Wait()
	for _, b := range got {
		assert.True(t, bytes.Equal(want, b), "the same figure has other bytes")
	}
}

func TestHintsAreEscapedAndStayOnThePage(t *testing.T) {
	d := lines{hints: []hint{
		{area: vg.Rectangle{Min: vg.Point{X: -50, Y: -50}, Max: vg.Point{X: 9999, Y: 5}}, text: `<script>alert("x")</script>` + "\x00"},
		{area: vg.Rectangle{Min: vg.Point{X: 5000, Y: 0}, Max: vg.Point{X: 5010, Y: 5}}, text: "outside"},
	}}
	var b bytes.Buffer
	require.NoError(t, WriteSVG(&b, NewType(), d, Layout{Width: Column}, Words{}))
	assert.Contains(t, b.String(), `<g class="hints" fill-opacity="0">`+"\n"+
		`<rect x="0" y="10" width="239.76" height="5"><title>&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; </title></rect>`+"\n</g>\n</svg>")
	assert.NotContains(t, b.String(), "outside")
	b.Reset()
	require.NoError(t, WriteSVG(&b, NewType(), lines{}, Layout{Width: Column}, Words{}))
	assert.NotContains(t, b.String(), "hints")
}

func TestScaleEnlargesEverything(t *testing.T) {
	d, face := lines{texts: []string{"words"}}, NewType()
	small, large := Layout{Width: Column}, Layout{Width: 2 * Column, Scale: 2}
	var one, two bytes.Buffer
	require.NoError(t, WriteSVG(&one, face, d, small, Words{}))
	require.NoError(t, WriteSVG(&two, face, d, large, Words{}))
	assert.Equal(t, strings.Replace(one.String(), `width="239.76pt" height="15pt"`, `width="479.52pt" height="30pt"`, 1), two.String())
	a, b := pngOf(t, face, d, small), pngOf(t, face, d, large)
	assert.InDelta(t, 2*a.Bounds().Dx(), b.Bounds().Dx(), 1)
	assert.InDelta(t, 2*a.Bounds().Dy(), b.Bounds().Dy(), 1)
	assert.InEpsilon(t, 4*inked(a, a.Bounds().Dy()), inked(b, b.Bounds().Dy()), 0.1)
	two.Reset()
	require.NoError(t, WritePDF(&two, face, d, large))
	assert.Contains(t, two.String(), "/MediaBox [0 0 479.52 30.00]")
}

func TestLayoutsThatCannotBeMeantAreErrors(t *testing.T) {
	for name, c := range map[string]struct {
		l    Layout
		want string
	}{
		"no width":       {Layout{}, "lay out figure: a width of 0 in at a scale of 1 is not between 2.5 in and 40 in"},
		"narrow":         {Layout{Width: 2 * vg.Inch}, "a width of 2 in"},
		"scaled":         {Layout{Width: 4 * vg.Inch, Scale: 2}, "a width of 4 in at a scale of 2 is not between 5 in and 40 in"},
		"wide":           {Layout{Width: 41 * vg.Inch}, "a width of 41 in"},
		"not a number":   {Layout{Width: vg.Length(math.NaN())}, "a width of NaN in"},
		"tiny":           {Layout{Width: Page, Scale: 0.5}, "a scale of 0.5 is not between 1 and 8"},
		"negative scale": {Layout{Width: Page, Scale: -1}, "a scale of -1"},
		"huge":           {Layout{Width: Page, Scale: 9}, "a scale of 9"},
		"no scale":       {Layout{Width: Page, Scale: math.NaN()}, "a scale of NaN"},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			require.ErrorContains(t, WriteSVG(&b, NewType(), lines{}, c.l, Words{}), c.want)
			require.ErrorContains(t, WritePDF(&b, NewType(), lines{}, c.l), c.want)
			require.ErrorContains(t, WritePNG(&b, NewType(), lines{}, c.l), c.want)
			assert.Empty(t, b.Bytes())
		})
	}
}

func TestPNGWithTooManyDotsIsAnError(t *testing.T) {
	d := lines{texts: make([]string, 5000)}
	assert.ErrorContains(t, WritePNG(&bytes.Buffer{}, NewType(), d, Layout{Width: 12 * vg.Inch}), "are too many")
}

func TestPNGSaysItsResolution(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, WritePNG(&b, NewType(), lines{}, Layout{Width: Page}))
	at := bytes.Index(b.Bytes(), []byte("pHYs"))
	require.Equal(t, 8+25+4, at, "behind the header")
	assert.Equal(t, uint32(11811), binary.BigEndian.Uint32(b.Bytes()[at+4:]), "300 dots an inch")
	img, err := png.Decode(&b)
	require.NoError(t, err)
	assert.Equal(t, 2100, img.Bounds().Dx())
	assert.Equal(t, color.NRGBAModel.Convert(color.White), color.NRGBAModel.Convert(img.At(2099, 0)))
}

func TestWrap(t *testing.T) {
	face := NewType()
	for name, c := range map[string]struct {
		text  string
		width vg.Length
		want  []string
	}{
		"nothing":      {"", 50, nil},
		"spaces only":  {" \n\t ", 50, nil},
		"words":        {"one two  three", face.Width("one two"), []string{"one two", "three"}},
		"a long word":  {"abcdefgh", face.Width("abcd"), []string{"abcd", "efgh"}},
		"no spaces":    {"比较调度器", face.Width("比较调"), []string{"比较调", "度器"}},
		"per cent":     {"all 95 %, n", face.Width("95 %, n"), []string{"all", "95 %, n"}},
		"percent only": {"% a", 500, []string{"% a"}},
		"mixed":        {"p99 比较ab", face.Width("p99 比"), []string{"p99 比", "较ab"}},
		"no room":      {"ab c", 1, []string{"a", "b", "c"}},
		"kept hyphens": {"a-b", 500, []string{"a-b"}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, face.wrap(c.text, c.width)) })
	}
	many := strings.Repeat("words ", 60)
	lines := face.wrapTo(many, 100, 3)
	require.Len(t, lines, 3)
	assert.True(t, strings.HasSuffix(lines[2], "…"), lines[2])
	assert.LessOrEqual(t, face.widest(lines), vg.Length(100))
}

func TestFit(t *testing.T) {
	face := NewType()
	assert.Equal(t, "kv.lat… (ms)", face.fitTitle("kv.latency.p99 (ms)", face.Width("kv.lat… (ms)")))
	assert.Equal(t, "kv.latency.p99 (ms)", face.fitTitle("kv.latency.p99 (ms)", 500))
	assert.Equal(t, "…", face.Fit("words", 1))
	assert.Equal(t, "w…", face.Fit("words", face.Width("w…")))
	assert.Equal(t, "\xffw…", face.Fit("\xffwords", face.Width("\xffw…")))
	assert.Empty(t, face.Fit("", 0))
}
