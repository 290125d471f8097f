package tabular

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/results"
)

func bench(t *testing.T, name, text string) *Bench {
	t.Helper()
	b, err := ReadBench(strings.NewReader(text), name)
	require.NoError(t, err)
	return b
}

// repeat writes a benchmark line for each value of a unit.
func repeat(name, unit string, values ...float64) string {
	var b strings.Builder
	for _, v := range values {
		fmt.Fprintf(&b, "Benchmark%s 	 100 	 %v %s\n", name, v, unit)
	}
	return b.String()
}

func TestReadBench(t *testing.T) {
	file, err := os.Open("testdata/old.txt")
	require.NoError(t, err)
	defer file.Close() //nolint:errcheck // it was only read
	b, err := ReadBench(file, "old.txt")
	require.NoError(t, err)
	assert.Equal(t, []string{"example.org/join"}, b.packages)
	assert.Equal(t, "linux", b.settings["goos"])
	key := benchKey{b.packages[0], "Join/n=100-2", "sec/op"}
	require.Len(t, b.values[key], 10)
	assert.Equal(t, results.Lower, b.better["sec/op"])
	for _, v := range b.values[key] {
		assert.Greater(t, v, 1e-6)
		assert.Less(t, v, 1.0, "values come in seconds")
	}
}

func TestReadBenchErrors(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"empty":      {"", "x.txt: there is no benchmark result: give it what go test -bench prints"},
		"no results": {"PASS\nok  \tx\t1.2s\n", "x.txt: there is no benchmark result"},
		"a fault":    {"BenchmarkX many 1 ns/op\n", "x.txt: there is no benchmark result: give it what go test -bench prints (x.txt:1: parsing iteration count: invalid syntax)"},
		"NaN":        {"BenchmarkX 1 2 ns/op\nBenchmarkX 1 NaN ns/op\n", "x.txt:2: sec/op of X is not a finite number"},
		"long line":  {"BenchmarkX 1 1 ns/op\n" + strings.Repeat("x", 1<<17), "x.txt:1: bufio.Scanner: token too long"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadBench(strings.NewReader(test.text), "x.txt")
			assert.ErrorContains(t, err, test.want)
		})
	}
}

func TestCompareBench(t *testing.T) {
	old := "goos: linux\ncpu: A\n" + repeat("X-2", "ns/op", 10, 11, 12, 13, 14, 15) + repeat("X-2", "MB/s", 1, 2, 3, 4, 5, 6) + repeat("Gone-2", "ns/op", 1)
	now := "goos: linux\ncpu: B\n" + repeat("X-2", "ns/op", 20, 21, 22, 23, 24, 25) + repeat("X-2", "MB/s", 7, 8, 9, 10, 11, 12) + repeat("X-2", "rows/s", 3) + "BenchmarkBad 1\n"
	a, err := CompareBench(bench(t, "old.txt", old), bench(t, "new.txt", now), Question{})
	require.NoError(t, err)
	assert.Equal(t, "file", a.Factor)
	assert.Equal(t, "old.txt", a.Baseline)
	assert.Equal(t, "benchmark output has no blocks", a.Unpaired)
	assert.Equal(t, 2, a.Family)
	require.Len(t, a.Comparisons, 2)
	time, speed := a.Comparisons[0], a.Comparisons[1]
	assert.Equal(t, "sec/op", time.Metric)
	assert.Equal(t, map[string]string{"file": "new.txt", "benchmark": "X-2"}, time.Candidate.Factors)
	assert.Equal(t, analysis.Regressed, time.Verdict)
	assert.InDelta(t, 2.0/924, time.P, 1e-12)
	assert.Equal(t, 6, time.N)
	assert.Equal(t, "B/s", speed.Metric)
	assert.Equal(t, analysis.Improved, speed.Verdict)
	assert.Equal(t, "s", a.Metrics[0].Unit)
	var texts []string
	for _, w := range a.Warnings {
		texts = append(texts, w.About+" "+w.Text)
	}
	all := strings.Join(texts, "\n")
	assert.Contains(t, all, `old.txt only this file has "Gone-2", which is not compared`)
	assert.Contains(t, all, `new.txt only this file has "X-2 in rows/s", which is not compared`)
	assert.Contains(t, all, `the files differ in more than what is compared: cpu is "A" and "B"`)
	assert.Contains(t, all, "new.txt:16: missing measurements; the line is left out")
}

// Zero allocations have no ratio, and one more of them is a regression.
func TestCompareBenchZeros(t *testing.T) {
	old := repeat("X", "allocs/op", 0, 0, 0, 0, 0, 0) + repeat("Y", "allocs/op", 4, 4, 4, 4, 4, 4) + repeat("Z", "allocs/op", 0, 0, 0, 0, 0, 0) + repeat("X", "ns/op", 0, 1)
	now := repeat("X", "allocs/op", 1, 1, 1, 1, 1, 1) + repeat("Y", "allocs/op", 8, 8, 8, 8, 8, 8) + repeat("Z", "allocs/op", 0, 0, 0, 0, 0, 0) + repeat("X", "ns/op", 0, 1)
	a, err := CompareBench(bench(t, "old", old), bench(t, "new", now), Question{Alpha: 0.1})
	require.NoError(t, err)
	verdicts := map[string]string{}
	for _, c := range a.Comparisons {
		if c.N > 0 {
			verdicts[c.Candidate.Factors["benchmark"]+" "+c.Metric] = fmt.Sprintf("%s %.3g", c.Verdict, c.Estimate)
		}
	}
	assert.Equal(t, map[string]string{
		"X allocs/op": "regressed 1",
		"Y allocs/op": "regressed 4",
		"Z allocs/op": "equivalent 0",
		"X sec/op":    "inconclusive 0",
	}, verdicts)
	assert.Contains(t, warned(a, analysis.WarnScale), "differences are compared and not ratios")
}

func TestCompareBenchDirections(t *testing.T) {
	one := func(name, text string) *Bench { return bench(t, name, text) }
	widgets := repeat("X", "widgets/op", 1, 2, 3)
	for name, test := range map[string]struct {
		a, b string
		want results.Direction
	}{
		"unknown":       {"", "", results.Neutral},
		"one says it":   {"", "Unit widgets/op better=higher\n", results.Higher},
		"other says it": {"Unit widgets/op better=lower\n", "", results.Lower},
		"contradiction": {"Unit widgets/op better=lower\n", "Unit widgets/op better=higher\n", results.Neutral},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := CompareBench(one("a", test.a+widgets), one("b", test.b+widgets), Question{})
			require.NoError(t, err)
			assert.Equal(t, test.want, a.Metrics[0].Better)
			assert.Equal(t, "widgets", a.Metrics[0].Unit)
		})
	}
}

func TestCompareBenchPackages(t *testing.T) {
	one := "pkg: p\n" + repeat("X", "ns/op", 1, 2, 3)
	two := one + "pkg: q\n" + repeat("X", "ns/op", 7, 8, 9)
	a, err := CompareBench(bench(t, "a", two), bench(t, "b", two), Question{})
	require.NoError(t, err)
	require.Len(t, a.Comparisons, 2)
	assert.Equal(t, "p.X", a.Comparisons[0].Candidate.Factors["benchmark"])

	a, err = CompareBench(bench(t, "a", one), bench(t, "b", strings.Replace(one, "pkg: p", "pkg: moved", 1)), Question{})
	require.NoError(t, err)
	require.Len(t, a.Comparisons, 1)
	assert.Equal(t, "X", a.Comparisons[0].Candidate.Factors["benchmark"])
	assert.Contains(t, warned(a, WarnSetting), `pkg is "p" and "moved"`)
}

func TestCompareBenchErrors(t *testing.T) {
	x, y := repeat("X-2", "ns/op", 1), repeat("X-4", "ns/op", 1)
	_, err := CompareBench(bench(t, "a", x), bench(t, "b", y), Question{})
	require.EqualError(t, err, "a and b have no benchmark in common: the names, with the number of CPUs at their end, and the units must be the same")
	_, err = CompareBench(bench(t, "a", "fidelity: real\n"+x), bench(t, "b", "fidelity: virtual\n"+x), Question{})
	require.EqualError(t, err, `a has the fidelity "real" and b "virtual": trials of different fidelity are never compared`)
	_, err = ReadBench(strings.NewReader("fidelity: real\n"+x+"fidelity: virtual\n"+x), "mixed.txt")
	require.ErrorContains(t, err, `the fidelity is "virtual" from here on and "real" before`)
	_, err = CompareBench(bench(t, "a", x), bench(t, "a", x), Question{})
	assert.EqualError(t, err, "a: it is compared with itself: name two files")
}

// FuzzReadBench reads two files: what they have in common is compared, or
// refused with the name of a file.
func FuzzReadBench(f *testing.F) {
	for _, seed := range []string{
		"BenchmarkX-2 10 5 ns/op 3 B/op 0 allocs/op\n", "Unit ns/op better=lower\nBenchmarkX 1 1e300 ns/op", "BenchmarkX 1 -0 MB/s\nBenchmarkX", "goos: x\n\npkg: a\nBenchmarkX 1 0 ns/op\npkg: b\nBenchmarkX 1 1 ns/op", "Benchmark 1 1 1",
	} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, one, other string) {
		a, errA := ReadBench(strings.NewReader(one), "one.txt")
		b, errB := ReadBench(strings.NewReader(other), "other.txt")
		if errA != nil || errB != nil {
			require.ErrorContains(t, fmt.Errorf("%w %w", errA, errB), ".txt")
			return
		}
		result, err := CompareBench(a, b, Question{})
		if err != nil {
			require.ErrorContains(t, err, "one.txt")
			return
		}
		require.NotEmpty(t, result.Comparisons)
	})
}

func TestBaseUnit(t *testing.T) {
	for unit, want := range map[string]string{
		"sec/op": "s", "kv.latency.p99-sec": "s", "B/op": "B", "heap-bytes": "B", "B/s": "B/s", "allocs/op": "allocs", "kv.rate-1/s": "1/s",
		"burn.rate-FLOP/s": "FLOP/s", "hit-ratio": "", "kv.slo.attained": "", "rows/s": "rows/s",
	} {
		assert.Equal(t, want, baseUnit(unit), unit)
	}
}
