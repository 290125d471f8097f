package figures_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/results"
)

var update = flag.Bool("update", false, "write golden files anew")

// structure says what a figure consists of: its texts in their order, how many
// paths look alike, and the hints.
func structure(s parsedSVG) string {
	var b strings.Builder
	for _, t := range s.texts {
		fmt.Fprintf(&b, "text %s\n", t.words)
	}
	paths := map[string]int{}
	for _, p := range s.paths {
		look := "fill " + p.fill
		if p.stroke != "" {
			look = "line " + p.stroke + " " + p.width
		}
		paths[look]++
	}
	for _, look := range slices.Sorted(maps.Keys(paths)) {
		fmt.Fprintf(&b, "%d × %s\n", paths[look], look)
	}
	for _, h := range s.hints {
		fmt.Fprintf(&b, "hint %s\n", h.text)
	}
	return b.String()
}

func TestStructure(t *testing.T) {
	all := drawings(t)
	all["ccdf-band"] = withBands(t, ccdf(t), 2)
	for name, d := range all {
		for size, width := range map[string]vg.Length{"column": figures.Column, "page": figures.Page} {
			t.Run(name+" "+size, func(t *testing.T) {
				got := structure(parseSVG(t, svgOf(t, d, width)))
				path := filepath.Join("testdata", "structure", name+"-"+size+".txt")
				if *update {
					require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
					require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
				}
				want, err := os.ReadFile(path)
				require.NoError(t, err)
				assert.Equal(t, string(want), got)
			})
		}
	}
}

// withBands returns the first n lines of d, each with an interval around it.
func withBands(t testing.TB, d figures.CCDF, n int) figures.CCDF {
	t.Helper()
	d.Lines = slices.Clone(d.Lines[:n])
	for i, l := range d.Lines {
		for _, share := range []float64{0.9, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0001} {
			bins := results.NewBins()
			require.NoError(t, bins.AddHistogram(l.Hist))
			v, longer := bins.Exceeded(share)
			of := float64(longer) / float64(bins.Total())
			p := figures.BandPoint{Latency: v, Share: of, Low: 0.8 * of, High: min(1.3*of, 1)}
			if share < 0.001 {
				p.Low = 0
			}
			d.Lines[i].Band = append(d.Lines[i].Band, p)
		}
	}
	d.Note += " " + d.Intervals() + ": 95 % block-bootstrap interval of the share."
	return d
}

// tinted counts the areas of a figure in the thinned colour of the first series.
func tinted(s parsedSVG) int {
	n := 0
	for _, p := range s.paths {
		if p.fill == "#C7E0EF" {
			n++
		}
	}
	return n
}

func TestCCDFShowsIntervals(t *testing.T) {
	for name, c := range map[string]struct {
		lines, areas int
		bars         bool
		word         string
	}{
		"two lines":   {3, 1, false, "Band"}, // of batch
		"eight lines": {8, 0, true, "Bars"},
	} {
		t.Run(name, func(t *testing.T) {
			d := withBands(t, ccdf(t), c.lines)
			s := parseSVG(t, svgOf(t, d, figures.Column))
			assertTidy(t, s)
			assert.Equal(t, c.word, d.Intervals())
			assert.Equal(t, c.areas, tinted(s))
			bars := 0
			for _, p := range s.paths {
				if p.width == "0.8" && p.stroke == "#0072B2" {
					bars++
					ends := regexp.MustCompile(`^M([\d.]+),[\d.]+L([\d.]+),[\d.]+$`).FindStringSubmatch(p.data)
					require.Len(t, ends, 3, p.data)
					assert.Equal(t, ends[1], ends[2], "upright, so that lines at one share do not cover each other")
				}
			}
			assert.Equal(t, c.bars, bars > 0)
			var hints []string
			for _, h := range s.hints {
				hints = append(hints, h.text)
			}
			assert.Regexp(t, `batch: 1 % of the requests took longer than \S+ ms \(block-bootstrap interval: 0\.8 % to 1\.3 %\)`, strings.Join(hints, "\n"))
		})
	}
}

func TestOddBandsAreLeftOut(t *testing.T) {
	for name, band := range map[string][]figures.BandPoint{
		"one point":     {{Latency: 1e-4, Share: 0.5, Low: 0.4, High: 0.6}},
		"zero":          {{Latency: 0, Share: 0.5, Low: 0.4, High: 0.6}, {Latency: 2e-4, Share: 0, High: 0.6}},
		"upside down":   {{Latency: 1e-4, Share: 0.5, Low: 0.6, High: 0.4}, {Latency: 2e-4, Share: 0.1, Low: 0.2, High: 0.05}},
		"endless":       {{Latency: math.Inf(1), Share: 0.5, Low: 0.4, High: 0.6}, {Latency: 2e-4, Share: 0.1, Low: 0.05, High: math.Inf(1)}},
		"not a number":  {{Latency: 1e-4, Share: 0.5, Low: math.NaN(), High: math.NaN()}, {Latency: math.NaN(), Share: 0.1, Low: 0.05, High: 0.2}},
		"off the axis":  {{Latency: 1e-4, Share: 1e-9, High: 1e-8}, {Latency: 2e-4, Share: 1, Low: 1, High: 1}},
		"nothing there": nil,
	} {
		t.Run(name, func(t *testing.T) {
			d := ccdf(t)
			d.Lines = d.Lines[2:3]
			d.Lines[0].Band = band
			svg := svgOf(t, d, figures.Column)
			assert.NotContains(t, svg, "NaN")
			s := parseSVG(t, svg)
			assertTidy(t, s)
			assert.Zero(t, tinted(s))
		})
	}
}

func TestTitleStandsAbove(t *testing.T) {
	both(t, func(t *testing.T, d figures.Drawing, width vg.Length) {
		title := strings.Repeat("latency of the key-value store, ", 12)
		var b bytes.Buffer
		require.NoError(t, figures.WriteSVG(&b, figures.NewType(), d, figures.Layout{Width: width, Title: title}, figures.Words{}))
		s := parseSVG(t, b.String())
		assertTidy(t, s)
		assert.True(t, strings.HasPrefix(title, s.texts[0].words), s.texts[0].words)
		lines := 0
		for _, w := range s.texts {
			if w.y < 40 && strings.Contains(w.words, "latency of the key") {
				lines++
			}
		}
		assert.LessOrEqual(t, lines, 3)
		assert.Equal(t, width == figures.Column, strings.HasSuffix(s.texts[2].words, "…"), "%q", s.texts[2].words)
	})
}

func TestPDFKeepsEveryScript(t *testing.T) {
	needCommand(t, "pdftotext")
	d := points()
	d.Series[0].Label = "≤ ≥ ≈ ∞ − … µ ± ×"
	d.Series[1].Label = "Żółw Ωμέγα Ёж"
	d.Note = `<script> ../.. n = 10`
	path := filepath.Join(t.TempDir(), "figure.pdf")
	require.NoError(t, os.WriteFile(path, pdfOf(t, d), 0o600))
	text, err := exec.Command("pdftotext", path, "-").Output()
	require.NoError(t, err)
	for _, want := range []string{d.Series[0].Label, d.Series[1].Label, d.Note} { // spaces between signs may get lost
		assert.Contains(t, strings.ReplaceAll(string(text), " ", ""), strings.ReplaceAll(want, " ", ""))
	}
}

func TestNamesOfOtherScriptsAreTidy(t *testing.T) {
	names := []string{"调度策略比较实验的一个非常长的名字没有空格", "<script>alert(1)</script>", "../../etc/passwd", "Żółw-Ёж-Ω", "\u202eabc\x1b[31m", "\xff\xfe"}
	p, k := points(), ccdf(t)
	for i, name := range names {
		p.Series[i].Label, k.Lines[i].Label = name, name
	}
	for name, d := range map[string]figures.Drawing{"points": p, "ccdf": k} {
		for _, width := range []vg.Length{figures.Column, figures.Page} {
			t.Run(name, func(t *testing.T) {
				svg := svgOf(t, d, width)
				assert.NotContains(t, svg, "<script")
				assert.NotContains(t, svg, "\u202e")
				assertTidy(t, parseSVG(t, svg))
			})
		}
	}
}

func TestHintsSayTheValues(t *testing.T) {
	for name, c := range map[string]struct {
		d    figures.Drawing
		want []string
	}{
		"ccdf":     {ccdf(t), []string{"idle: 0.99 % of the requests took longer than "}},
		"points":   {points(), []string{"idle, block 3: ", "idle: median 280 µs, interval 272 µs to 288 µs"}},
		"forest":   {forest(), []string{"kv.latency.p99 against eevdf, nice: −87.2 % [−88.0, −86.4], improved"}},
		"profile":  {profile(), []string{"eevdf, kernel hz1000: 1.49 ms, interval 1.40 ms to 1.56 ms"}},
		"timeline": {timeline(), []string{"strict, strategy lcfirst: 4.00 s to 8.00 s, in effect from 4.21 s", "kv p50, 0 to 1 s: 300 µs"}},
	} {
		t.Run(name, func(t *testing.T) {
			var all []string
			for _, h := range parseSVG(t, svgOf(t, c.d, figures.Page)).hints {
				all = append(all, h.text)
			}
			assert.LessOrEqual(t, len(all), 250)
			for _, want := range c.want {
				assert.Contains(t, strings.Join(all, "\n")+"\n", want)
			}
		})
	}
}

func BenchmarkWriters(b *testing.B) {
	face, l := figures.NewType(), figures.Layout{Width: figures.Page}
	for name, d := range map[string]figures.Drawing{"ccdf": ccdf(b), "forest": forest()} {
		for format, write := range map[string]func(*bytes.Buffer) error{
			"svg": func(w *bytes.Buffer) error { return figures.WriteSVG(w, face, d, l, figures.Words{}) },
			"pdf": func(w *bytes.Buffer) error { return figures.WritePDF(w, face, d, l) },
			"png": func(w *bytes.Buffer) error { return figures.WritePNG(w, face, d, l) },
			"csv": func(w *bytes.Buffer) error { return figures.WriteCSV(w, d) },
		} {
			b.Run(name+"/"+format, func(b *testing.B) {
				size := 0
				for b.Loop() {
					var out bytes.Buffer
					require.NoError(b, write(&out))
					size = out.Len()
				}
				b.ReportMetric(float64(size), "B/file")
			})
		}
	}
}
