package stats

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
)

// question is one R expression and our answer to it.
type question struct {
	name      string
	r         string // an expression that gives as many numbers
	answer    []float64
	tolerance float64 // relative to the answer where that is larger than 1
}

// Data that the fixtures do not have, drawn at random, are put to R and to this
// package alike.
func TestAgainstLiveR(t *testing.T) {
	rscript, err := exec.LookPath("Rscript")
	if err != nil {
		testneed.Met(t, host.Missing{Key: "command:Rscript", What: "Rscript is not installed", Remedy: "apt-get install r-base-core"})
	}
	r := rand.New(rand.NewPCG(20260101, 4))
	var asked []question
	for range 12 {
		asked = append(asked, aboutTwoSamples(r)...)
		asked = append(asked, aboutPairs(r)...)
		asked = append(asked, aboutBlocks(r)...)
		asked = append(asked, aboutProportions(r)...)
		asked = append(asked, aboutQuantiles(r)...)
		asked = append(asked, aboutFamilies(r)...)
	}
	asked = append(asked, aboutMany())
	var script strings.Builder
	script.WriteString("has <- function(name) suppressPackageStartupMessages(requireNamespace(name, quietly = TRUE))\n")
	for _, q := range asked {
		fmt.Fprintf(&script, "cat(sprintf('%%.17g', suppressWarnings(local({%s}))), '\\n')\n", q.r)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, rscript, "--vanilla", "-")
	command.Dir = t.TempDir()
	command.Stdin = strings.NewReader(script.String())
	out, err := command.Output()
	require.NoError(t, err, "%s says %s", filepath.Base(rscript), out)
	lines := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
	require.Len(t, lines, len(asked))
	for i, q := range asked {
		fields := strings.Fields(lines[i])
		require.Len(t, fields, len(q.answer), "%s\n%s", q.name, q.r)
		for j, field := range fields {
			if field == "NA" { // R lacks the package
				continue
			}
			want, err := strconv.ParseFloat(field, 64)
			require.NoError(t, err, q.name)
			assert.InDelta(t, want, q.answer[j], q.tolerance*max(1, math.Abs(want)), "%s, answer %d\n%s", q.name, j, q.r)
		}
	}
}

// vector writes numbers as R reads them back without loss.
func vector(x []float64) string {
	words := make([]string, len(x))
	for i, v := range x {
		words[i] = strconv.FormatFloat(v, 'g', -1, 64)
	}
	return "c(" + strings.Join(words, ",") + ")"
}

func interval(i Interval) []float64 { return []float64{i.Low, i.High} }

// draw returns n values, on a grid of the given width (0: untied).
func draw(r *rand.Rand, n int, centre, grid float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = centre + 20*r.NormFloat64()*(1+r.Float64())
		if grid > 0 {
			x[i] = math.Round(x[i]/grid) * grid
		}
	}
	return x
}

func aboutTwoSamples(r *rand.Rand) []question {
	largest := []int{8, 30, 49}[r.IntN(3)]
	a, b := draw(r, 2+r.IntN(largest-1), 100, 0), draw(r, 2+r.IntN(largest-1), 100+20*r.Float64(), 0)
	x, y := Count(a), Count(b)
	free := "x <- " + vector(a) + "; y <- " + vector(b) + "; "
	w, shift, welch := RankSum(x, y), HodgesLehmannShift(x, y, 0.95, 0.8), Welch(x, y, 0.95)
	asked := []question{
		{
			"rank-sum, untied", free + "c(wilcox.test(y, x)$statistic, sapply(c('t','l','g'), function(a) wilcox.test(y, x, alternative=a)$p.value))",
			[]float64{w.W, w.P, w.Less, w.Greater},
			exact,
		},
		{"shift", free + "median(outer(y, x, '-'))", []float64{shift.Estimate}, exact},
		{
			"Welch", free + "w <- t.test(y, x); c(w$statistic, w$parameter, w$p.value, w$conf.int)",
			append([]float64{welch.T, welch.DF, welch.P}, interval(welch.Interval)...), exact,
		},
	}
	if shift.Interval.Level >= 0.95 {
		asked = append(asked, question{"shift interval", free + "wilcox.test(y, x, conf.int=TRUE)$conf.int", interval(shift.Interval), exact})
		asked = append(asked, question{"shift interval at 80 %", free + "wilcox.test(y, x, conf.int=TRUE, conf.level=0.8)$conf.int", interval(shift.Narrow), exact})
	}
	return append(asked, aboutTies(r)...)
}

func aboutTies(r *rand.Rand) []question {
	grid := []float64{1, 5, 20}[r.IntN(3)]
	a, b := draw(r, 4+r.IntN(20), 100, grid), draw(r, 4+r.IntN(20), 105, grid)
	x, y := Count(a), Count(b)
	tied := "x <- " + vector(a) + "; y <- " + vector(b) + "; "
	w, rest := RankSum(x, y), rank(x, y)
	normal := rest.normal()
	big, large := draw(r, 50+r.IntN(300), 100, grid), draw(r, 80+r.IntN(300), 101, grid)
	wide, welch := RankSum(Count(big), Count(large)), Welch(Count(big), Count(large), 0.9)
	shift := HodgesLehmannShift(Count(big), Count(large), 0.95, 0.9)
	many := "x <- " + vector(big) + "; y <- " + vector(large) + "; "
	return []question{
		{"rank-sum, tied and exact", tied + "if (!has('coin')) NA else {d <- data.frame(v=c(x,y), f=factor(rep(1:2, c(length(x), length(y)))));" +
			" as.numeric(coin::pvalue(coin::wilcox_test(v ~ f, d, distribution='exact')))}", []float64{w.P}, exact},
		{
			"rank-sum, tied and normal", tied + "sapply(c('t','l','g'), function(a) wilcox.test(y, x, alternative=a, exact=FALSE)$p.value)",
			[]float64{normal.P, normal.Less, normal.Greater},
			exact,
		},
		{
			"rank-sum, large", many + "c(wilcox.test(y, x)$statistic, sapply(c('t','l','g'), function(a) wilcox.test(y, x, alternative=a)$p.value))",
			[]float64{wide.W, wide.P, wide.Less, wide.Greater},
			exact,
		},
		{"shift, large", many + "median(outer(y, x, '-'))", []float64{shift.Estimate}, exact},
		{"Welch, large", many + "w <- t.test(y, x, conf.level=0.9); c(w$p.value, w$conf.int)", append([]float64{welch.P}, interval(welch.Interval)...), exact},
		{
			"TOST, rank-sum", many + "c(wilcox.test(y, x, mu=-7, alternative='g')$p.value, wilcox.test(y, x, mu=7, alternative='l')$p.value)",
			[]float64{TOSTRankSum(Count(big), Count(large), 7, 0.05).Lower, TOSTRankSum(Count(big), Count(large), 7, 0.05).Upper},
			exact,
		},
	}
}

// A million values a side, which R is given as the counts that we have.
func aboutMany() question {
	x := Counts{Values: []float64{1, 2, 3.5}, Times: []int64{400_000, 300_000, 300_000}}
	y := Counts{Values: []float64{1, 2, 3.5}, Times: []int64{399_000, 300_900, 300_100}}
	welch, w := Welch(x, y, 0.95), RankSum(x, y)
	return question{
		"a million values", "x <- rep(c(1,2,3.5), c(4e5,3e5,3e5)); y <- rep(c(1,2,3.5), c(399e3,300900,300100)); " +
			"t <- t.test(y, x); w <- wilcox.test(y, x); c(t$statistic, t$parameter, t$p.value, t$conf.int, w$statistic, w$p.value)",
		append(append([]float64{welch.T, welch.DF, welch.P}, interval(welch.Interval)...), w.W, w.P), exact,
	}
}

func aboutPairs(r *rand.Rand) []question {
	d := draw(r, 6+r.IntN(40), 5, 0)
	rounded := draw(r, 6+r.IntN(40), 5, 4)
	free, tied := "d <- "+vector(d)+"; ", "d <- "+vector(rounded)+"; "
	w, shift, student := SignedRank(d), HodgesLehmann(d, 0.95, 0.9), PairedT(rounded, 0.99)
	moved, tost := TOSTSignedRank(d, 6, 0.05), TOSTPairedT(rounded, 6, 0.05)
	return []question{
		{
			"signed-rank", free + "c(wilcox.test(d)$statistic, sapply(c('t','l','g'), function(a) wilcox.test(d, alternative=a)$p.value))",
			[]float64{w.V, w.P, w.Less, w.Greater},
			exact,
		},
		{
			"signed-rank interval", free + "w <- wilcox.test(d, conf.int=TRUE); c(w$estimate, w$conf.int)",
			append([]float64{shift.Estimate}, interval(shift.Interval)...), exact,
		},
		{"signed-rank, tied and exact", tied + "if (has('exactRankTests')) exactRankTests::wilcox.exact(d, exact=TRUE)$p.value else NA", []float64{SignedRank(rounded).P}, exact},
		{
			"paired t", tied + "w <- t.test(d, conf.level=0.99); c(w$statistic, w$p.value, w$conf.int)",
			append([]float64{student.T, student.P}, interval(student.Interval)...), exact,
		},
		{
			"TOST, signed-rank", free + "c(wilcox.test(d, mu=-6, alternative='g')$p.value, wilcox.test(d, mu=6, alternative='l')$p.value)",
			[]float64{moved.Lower, moved.Upper},
			exact,
		},
		{
			"TOST, paired t", tied + "c(t.test(d, mu=-6, alternative='g')$p.value, t.test(d, mu=6, alternative='l')$p.value)",
			[]float64{tost.Lower, tost.Upper},
			exact,
		},
	}
}

func aboutBlocks(r *rand.Rand) []question {
	blocks := make([][]float64, 3+r.IntN(10))
	treatments, grid := 2+r.IntN(5), []float64{0, 5, 20}[r.IntN(3)]
	for i := range blocks {
		blocks[i] = draw(r, treatments, 100, grid)
		blocks[i][0] += 2 * max(grid, 5)
	}
	matrix := fmt.Sprintf("m <- matrix(%s, ncol=%d, byrow=TRUE); ", vector(slices.Concat(blocks...)), treatments)
	friedman, quade := Friedman(blocks), Quade(blocks)
	return []question{
		{"Friedman", matrix + "w <- friedman.test(m); c(w$statistic, w$p.value)", []float64{friedman.Chi2, friedman.P}, exact},
		{
			"Quade", matrix + "w <- quade.test(m); c(if (is.nan(w$statistic)) 0 else w$statistic, w$p.value)",
			[]float64{quade.F, quade.P},
			exact,
		},
	}
}

func aboutProportions(r *rand.Rand) []question {
	n := int64(1 + r.IntN([]int{20, 1000, 1e6}[r.IntN(3)]))
	k := r.Int64N(n + 1)
	if r.IntN(2) == 0 {
		k = max(n-r.Int64N(4), 0)
	}
	level := []float64{0.9, 0.95, 0.99}[r.IntN(3)]
	return []question{
		{
			"Clopper–Pearson", fmt.Sprintf("binom.test(%d, %d, conf.level=%g)$conf.int", k, n, level),
			interval(ClopperPearson(k, n, level)), exact,
		},
		{
			"Wilson", fmt.Sprintf("prop.test(%d, %d, conf.level=%g, correct=FALSE)$conf.int", k, n, level),
			interval(Wilson(k, n, level)), exact,
		},
	}
}

func aboutQuantiles(r *rand.Rand) []question {
	x := draw(r, 1+r.IntN(200), 0, []float64{0, 7}[r.IntN(2)])
	p := r.Float64()
	var answers []float64
	for _, kind := range []QuantileType{Type1, Type6, Type7, Type8} {
		answers = append(answers, Quantile(x, p, kind), Count(x).Quantile(p, kind))
	}
	return []question{{
		"quantiles", fmt.Sprintf("x <- %s; sapply(rep(c(1,6,7,8), each=2), function(k) quantile(x, %.17g, type=k))", vector(x), p),
		answers, exact,
	}}
}

func aboutFamilies(r *rand.Rand) []question {
	p := make([]float64, 1+r.IntN(30))
	for i := range p {
		p[i] = math.Round(100*math.Pow(r.Float64(), 3)) / 100
	}
	return []question{
		{"Holm", "p.adjust(" + vector(p) + ", 'holm')", Holm(p), exact},
		{"Benjamini–Hochberg", "p.adjust(" + vector(p) + ", 'BH')", BenjaminiHochberg(p), exact},
	}
}
