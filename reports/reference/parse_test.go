package reference

import (
	"io/fs"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sample is a layout for the tests of the parser.
func sample() layout {
	return layout{
		columns: []string{"x", "ms", "who"}, x: field{"x", 0},
		lines: []lineLayout{{label: "one", y: field{"ms", -3}, where: "who", is: "a"}},
	}
}

func TestParseLines(t *testing.T) {
	lines, err := parseLines(strings.NewReader("x,ms,who\n2,2.30,a\n1,5,a\n1,7,b\n"), sample())
	require.NoError(t, err)
	assert.Equal(t, []Line{{"one", []Point{{1, 0.005}, {2, 0.0023}}}}, lines)
}

func TestParseLinesOfBadInput(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":          {"", "the header is not"},
		"other header":   {"x,s,who\n1,2,a\n", "the header is not"},
		"a column less":  {"x,ms,who\n1,2\n", "wrong number of fields"},
		"no number":      {"x,ms,who\n1,fast,a\n", `row 1: parse number "fast"`},
		"not finite":     {"x,ms,who\n1,NaN,a\n", `parse number "NaN"`},
		"hexadecimal":    {"x,ms,who\n0x1,2,a\n", `parse number "0x1"`},
		"negative":       {"x,ms,who\n-1,2,a\n", `parse number "-1"`},
		"too long":       {"x,ms,who\n1," + strings.Repeat("9", 400) + ",a\n", "not a plain decimal"},
		"an x twice":     {"x,ms,who\n1,2,a\n1,3,a\n", "x 1 occurs twice"},
		"no row of it":   {"x,ms,who\n1,2,b\n", `line "one": no rows`},
		"quotes astray":  {"x,ms,who\n\"1,2,a\n", "parse CSV"},
		"spaces matter":  {"x,ms,who\n 1,2,a\n", `parse number " 1"`},
		"a header again": {"x,ms,who\nx,ms,a\n", `parse number "x"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseLines(strings.NewReader(c.text), sample())
			require.ErrorContains(t, err, c.want)
		})
	}
}

func FuzzParseLines(f *testing.F) {
	for _, seed := range []string{"x,ms,who\n2,2.30,a\n1,5,a\n", "x,ms,who\n1,1e999,a\n", "x,ms,who\n\"\n", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines, err := parseLines(strings.NewReader(text), sample())
		if err != nil {
			return
		}
		for _, l := range lines {
			for i, p := range l.Points {
				assert.False(t, math.IsNaN(p.Y) || math.IsInf(p.Y, 0) || p.Y < 0)
				assert.True(t, i == 0 || l.Points[i-1].X < p.X, "points ascend")
			}
		}
	})
}

// TestEveryFileIsRead: no CSV file is embedded that nothing reads.
func TestEveryFileIsRead(t *testing.T) {
	read := map[string]bool{}
	for _, l := range layouts() {
		read[l.file] = true
	}
	files, err := fs.Glob(published, "*.csv")
	require.NoError(t, err)
	for _, file := range files {
		assert.True(t, read[file], file)
	}
	assert.Len(t, files, len(read))
}
