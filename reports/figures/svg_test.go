package figures_test

import (
	"encoding/xml"
	"errors"
	"io"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
)

// needCommand skips a test that needs a program which is not installed.
func needCommand(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		testneed.Met(t, host.Missing{Key: "command:" + name, What: name + " is not installed", Remedy: "apt-get install poppler-utils"})
	}
}

// svgText is one text of an SVG: its base line begins at x and y, both from the
// upper left corner.
type svgText struct {
	words       string
	x, y, width float64
	turned      bool
}

type svgPath struct {
	data, fill, stroke, width string
}

type parsedSVG struct {
	width, height float64
	texts         []svgText
	paths         []svgPath
	hints         []svgHint
}

// svgHint is an invisible area with what it says.
type svgHint struct {
	text                     string
	left, top, right, bottom float64
}

func hintOf(t *testing.T, d *xml.Decoder, e xml.StartElement) svgHint {
	t.Helper()
	var content struct {
		Title string `xml:"title"`
	}
	require.NoError(t, d.DecodeElement(&content, &e))
	h := svgHint{text: content.Title, left: number(t, attribute(e, "x")), top: number(t, attribute(e, "y"))}
	h.right, h.bottom = h.left+number(t, attribute(e, "width")), h.top+number(t, attribute(e, "height"))
	return h
}

func (s parsedSVG) words() []string {
	var words []string
	for _, t := range s.texts {
		words = append(words, t.words)
	}
	return words
}

// parseSVG reads an SVG as strictly as XML is read.
func parseSVG(t *testing.T, svg string) parsedSVG {
	t.Helper()
	var s parsedSVG
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return s
		}
		require.NoError(t, err)
		switch e := token.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "svg":
				box := strings.Fields(attribute(e, "viewBox"))
				require.Len(t, box, 4)
				s.width, s.height = number(t, box[2]), number(t, box[3])
			case "path":
				s.paths = append(s.paths, svgPath{attribute(e, "d"), attribute(e, "fill"), attribute(e, "stroke"), attribute(e, "stroke-width")})
			case "text":
				var words string
				require.NoError(t, d.DecodeElement(&words, &e))
				text := svgText{words: words, width: number(t, attribute(e, "textLength"))}
				if text.turned = attribute(e, "transform") != ""; !text.turned {
					text.x, text.y = number(t, attribute(e, "x")), number(t, attribute(e, "y"))
				}
				s.texts = append(s.texts, text)
			case "rect":
				s.hints = append(s.hints, hintOf(t, d, e))
			}
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	require.NoError(t, err)
	return v
}

// assertTidy wants every text, path and hint inside the figure, and no two texts
// on top of each other.
func assertTidy(t *testing.T, s parsedSVG) {
	t.Helper()
	point := regexp.MustCompile(`(-?[0-9.e+-]+),(-?[0-9.e+-]+)`)
	for _, p := range s.paths {
		for _, m := range point.FindAllStringSubmatch(strings.ReplaceAll(p.data, "A", " A"), -1) {
			x, y := number(t, m[1]), number(t, m[2])
			assert.True(t, x >= -0.01 && x <= s.width+0.01 && y >= -0.01 && y <= s.height+0.01, "path leaves the figure at %g,%g", x, y)
		}
	}
	for _, h := range s.hints {
		inside := h.left >= 0 && h.top >= 0 && h.right <= s.width+0.02 && h.bottom <= s.height+0.02
		assert.True(t, inside && h.left < h.right && h.top < h.bottom, "hint %+v", h)
		assert.NotContains(t, h.text, "NaN")
	}
	for i, a := range s.texts {
		if a.turned {
			continue
		}
		assert.True(t, a.x >= 0 && a.x+a.width <= s.width+0.1, "%q spans %g to %g in a figure %g wide", a.words, a.x, a.x+a.width, s.width)
		assert.True(t, a.y-6 >= 0 && a.y <= s.height, "%q stands at %g in a figure %g high", a.words, a.y, s.height)
		for _, b := range s.texts[:i] {
			apart := b.turned || a.x+a.width <= b.x || b.x+b.width <= a.x || a.y-6 >= b.y+1.5 || b.y-6 >= a.y+1.5
			assert.True(t, apart, "%q and %q overlap", a.words, b.words)
		}
	}
}
