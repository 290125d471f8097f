package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
	"github.com/czbench/czbench/results"
)

// rCase draws a file that nobody has seen.
type rCase struct {
	name   string
	groups int
	n      int // values of the baseline; others have some more, without blocks
	blocks bool
	draw   func(r *rand.Rand, group int, block float64) float64
}

func rCases() []rCase {
	smooth := func(r *rand.Rand, group int, block float64) float64 {
		return 0.8e-3 * math.Exp(0.1*block+0.03*r.NormFloat64()+0.02*float64(group))
	}
	whole := func(r *rand.Rand, group int, block float64) float64 {
		return math.Round(800 + 8*block + 3*r.NormFloat64() + 2*float64(group))
	}
	signed := func(r *rand.Rand, group int, block float64) float64 {
		return block + 0.5*r.NormFloat64() + 0.3*float64(group)
	}
	fewSigned := func(r *rand.Rand, group int, block float64) float64 {
		return math.Round(2*block + 2*r.NormFloat64() + float64(group))
	}
	return []rCase{
		{"paired", 2, 12, true, smooth},
		{"paired-tied", 2, 14, true, whole},
		{"paired-negative", 2, 11, true, signed},
		{"paired-negative-tied", 3, 20, true, fewSigned},
		{"paired-four", 4, 10, true, smooth},
		{"unpaired", 2, 12, false, smooth},
		{"unpaired-tied", 2, 15, false, whole},
		{"unpaired-negative", 3, 9, false, signed},
		{"unpaired-negative-tied", 2, 13, false, fewSigned},
		{"unpaired-large", 2, 150, false, whole},
	}
}

// write writes the file of c. Rows are in random order, so that blocks and groups
// are found by their names only.
func (c rCase) write(t *testing.T, dir string, r *rand.Rand) string {
	var rows []string
	for block := range c.n {
		shared := r.NormFloat64()
		for group := range c.groups {
			for k := range 1 + group*(block%2) {
				if c.blocks && k > 0 {
					break
				}
				v := c.draw(r, group, shared)
				rows = append(rows, fmt.Sprintf("g%d,%s,%d", group, strconv.FormatFloat(v, 'g', -1, 64), block+1))
			}
		}
	}
	baseline := rows[0]
	r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	for i, row := range rows { // g0 comes first, which makes it the baseline in R
		if row == baseline {
			rows[0], rows[i] = rows[i], rows[0]
		}
	}
	header := "group,value,block"
	if !c.blocks {
		header = "group,value"
		for i, row := range rows {
			rows[i] = row[:strings.LastIndexByte(row, ',')]
		}
	}
	path := filepath.Join(dir, c.name+".csv")
	require.NoError(t, os.WriteFile(path, []byte(header+"\n"+strings.Join(rows, "\n")+"\n"), 0o644))
	return path
}

// askR returns what R says of files, by file, group and name of the number.
func askR(t *testing.T, rscript string, files []string) map[string]map[string]map[string]float64 {
	out, err := exec.CommandContext(t.Context(), rscript, append([]string{"--vanilla", "testdata/compare/check.R"}, files...)...).Output()
	require.NoError(t, err)
	said := map[string]map[string]map[string]float64{}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if words[0] == "missing" {
			testneed.Met(t, host.Missing{Key: "r-package:" + words[1], What: "the R package " + words[1] + " is not installed", Remedy: "apt-get install r-cran-" + strings.ToLower(words[1])})
		}
		require.Len(t, words, 4, lines.Text())
		v, err := strconv.ParseFloat(words[3], 64)
		require.NoError(t, err)
		file, group := words[0], words[1]
		if said[file] == nil {
			said[file] = map[string]map[string]float64{}
		}
		if said[file][group] == nil {
			said[file][group] = map[string]float64{}
		}
		said[file][group][words[2]] = v
	}
	return said
}

// numbers returns what R was asked of a comparison.
func numbers(c analysis.Comparison) map[string]float64 {
	return map[string]float64{
		"n": float64(c.N), "p": c.P, "p_adjusted": c.Adjusted, "estimate": c.Estimate, "low": c.Low, "high": c.High,
		"tost_low": c.TOST.Low, "tost_high": c.TOST.High,
		"t": c.T.Value, "t_p": c.T.P, "t_low": c.T.Low, "t_high": c.T.High, "cliff": c.Cliff.Delta,
	}
}

// TestCompareAgreesWithR draws files at random, compares their groups, and has R
// compare them too.
func TestCompareAgreesWithR(t *testing.T) {
	machine, err := host.Open(host.Roots{})
	require.NoError(t, err)
	rscript, missing := machine.Lookup("Rscript")
	if missing != nil {
		testneed.Met(t, *missing)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	var files []string
	blocks := map[string]bool{}
	for _, c := range rCases() {
		path := c.write(t, dir, random)
		files, blocks[path] = append(files, path), c.blocks
	}
	said := askR(t, rscript, files)
	require.Len(t, said, len(files))
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			a := compareJSON(t, "--csv", file, "--baseline", "g0")
			assert.Equal(t, blocks[file], a.Unpaired == "")
			require.Len(t, a.Comparisons, len(said[file]))
			for _, c := range a.Comparisons {
				group := c.Candidate.Factors["group"]
				ours := numbers(c)
				for name, want := range said[file][group] {
					assert.InDelta(t, want, ours[name], 1e-9*max(1, math.Abs(want)), "%s of %s (%s)", name, group, c.Test)
				}
			}
		})
	}
}

// compareJSON runs compare in this process.
func compareJSON(t *testing.T, args ...string) *analysis.Analysis {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), &process{args: append([]string{"compare", "--json"}, args...), stdin: strings.NewReader(""), stdout: &out, stderr: &errs})
	require.Equal(t, exitOK, code, errs.String())
	assert.Empty(t, errs.String())
	var a analysis.Analysis
	require.NoError(t, json.Unmarshal(out.Bytes(), &a))
	return &a
}

// fixedAnswers are R's of published and synthetic data: see
// analysis/stats/testdata. Ratios are candidate over baseline.
func fixedAnswers() []struct {
	set    string
	paired bool
	want   map[string]float64
} {
	return []struct {
		set    string
		paired bool
		want   map[string]float64
	}{
		{"sleep", false, map[string]float64{"p": 0.0658165364047717, "estimate": 1.35, "t_p": 0.0793941401873582, "cliff": 0.49}},
		{"sleep", true, map[string]float64{"p": 0.00390625, "estimate": 1.3, "t_p": 0.00283289019738427}},
		{"hw_permeability", false, map[string]float64{"p": 0.254412254412254, "estimate": 0.762330425678482 - 1, "cliff": -0.4}},
		{"scipy_mwu", false, map[string]float64{"p": 0.111111111111111, "estimate": 0.688576743024685 - 1, "cliff": -0.7}},
		{"p99_n10_ties", false, map[string]float64{"p": 0.0664660416982398, "estimate": 1.00985221674877 - 1}},
		{"p99_n5_separated", false, map[string]float64{"p": 0.00793650793650794, "estimate": 1.1639549436796 - 1, "cliff": 1}},
		{"p99_n30", false, map[string]float64{"estimate": 1.04883711938337 - 1, "cliff": 0.314444444444444}},
		{"airquality_may_aug", false, map[string]float64{"estimate": 2.78348124785184 - 1, "cliff": 0.622781065088757}},
		{"p99_n10_blocked", false, map[string]float64{"p": 0.118578016410834, "estimate": 1.06589238293421 - 1}},
		{"p99_n10_blocked", true, map[string]float64{"p": 0.001953125, "estimate": 1.07952495109402 - 1, "low": 1.04908683698396 - 1, "high": 1.10545511592834 - 1}},
		{"p99_paired_ties0", true, map[string]float64{"estimate": 1.00483678759138 - 1}},
		{"hw_depression", true, map[string]float64{"estimate": 0.722186526747961 - 1, "low": 0.503279238713241 - 1, "high": 1.00908392964803 - 1}},
		{"scipy_wilcoxon", true, map[string]float64{"p": 0.041259765625, "estimate": -25, "t_p": 0.0497029440218009}},
	}
}

// TestCompareGivesTheReferenceAnswers needs no R.
func TestCompareGivesTheReferenceAnswers(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "analysis", "stats", "testdata", "datasets.csv"))
	require.NoError(t, err)
	for _, test := range fixedAnswers() {
		t.Run(fmt.Sprintf("%s paired %t", test.set, test.paired), func(t *testing.T) {
			text := "group,block,value\n"
			for line := range strings.Lines(string(data)) {
				if rest, is := strings.CutPrefix(line, test.set+","); is {
					text += rest
				}
			}
			if !test.paired {
				text = strings.Replace(text, "block", "run", 1)
			}
			file := filepath.Join(t.TempDir(), "x.csv")
			require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
			a := compareJSON(t, "--csv", file, "--baseline", "x")
			require.Len(t, a.Comparisons, 1)
			ours := numbers(a.Comparisons[0])
			for name, want := range test.want {
				assert.InDelta(t, want, ours[name], 1e-9*max(1, math.Abs(want)), name)
			}
			wantScale := results.Ratio
			if test.set == "sleep" || test.set == "scipy_wilcoxon" {
				wantScale = results.Difference
			}
			assert.Equal(t, wantScale, a.Comparisons[0].Scale)
		})
	}
}
