package burn

import (
	"fmt"
	"math"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
)

// reference computes n times x = x·x + c with one rounding each, as a fused
// multiply-add does, in arithmetic that is exact before that rounding.
func reference[T float](x []T, n int, round func(*big.Float) T) {
	c := new(big.Float).SetFloat64(float64(T(constant)))
	for i, v := range x {
		for range n {
			b := new(big.Float).SetPrec(400).SetFloat64(float64(v))
			v = round(b.Add(b.Mul(b, b), c))
		}
		x[i] = v
	}
}

func roundDouble(b *big.Float) float64 { v, _ := b.Float64(); return v }
func roundSingle(b *big.Float) float32 { v, _ := b.Float32(); return v }

func TestLoopEqualsReference(t *testing.T) {
	for _, width := range Widths() {
		for _, n := range []int{0, 1, 2, 7, 500} {
			t.Run(fmt.Sprintf("double/%d/%d", width, n), func(t *testing.T) {
				testneed.Met(t, Missing(width)...)
				checkLoop(t, loopCase[float64]{width, n, double(width), roundDouble})
			})
			t.Run(fmt.Sprintf("single/%d/%d", width, n), func(t *testing.T) {
				testneed.Met(t, Missing(width)...)
				checkLoop(t, loopCase[float32]{width, n, single(width), roundSingle})
			})
		}
	}
}

type loopCase[T float] struct {
	width, n int
	loop     step[T]
	round    func(*big.Float) T
}

func checkLoop[T float](t *testing.T, c loopCase[T]) {
	t.Helper()
	want, got := values[T](c.width), append(values[T](c.width), 42) // 42 stands just behind the last value
	reference(want, c.n, c.round)
	constant := T(constant)
	c.loop(uint64(c.n), &got[0], &constant)
	assert.Equal(t, want, got[:len(want)])
	assert.Equal(t, T(42), got[len(want)], "the loop writes behind its values")
}

func TestValuesStayNormal(t *testing.T) {
	for _, width := range Widths() {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			testneed.Met(t, Missing(width)...)
			d, s := values[float64](width), values[float32](width)
			cd, cs := float64(constant), float32(constant)
			const smallestSingle = 0x1p-126
			for range 200 { // look now and then, over 2 million iterations
				double(width)(10_007, &d[0], &cd)
				single(width)(10_007, &s[0], &cs)
				for i := range d {
					require.Condition(t, func() bool { v := math.Abs(d[i]); return v >= 0x1p-1022 && v <= 1.9 }, "double: %g", d[i])
				}
				for i := range s {
					require.Condition(t, func() bool { v := math.Abs(float64(s[i])); return v >= smallestSingle && v <= 1.9000001 }, "single: %g", s[i])
				}
			}
			before := append([]float64(nil), d...)
			double(width)(1, &d[0], &cd)
			assert.NotEqual(t, before, d, "the values stand still")
		})
	}
}

func TestFLOPsAreExact(t *testing.T) {
	for _, c := range []struct {
		width          int
		double, single uint64
	}{
		{128, 12 * 2 * 2, 12 * 4 * 2},
		{256, 12 * 4 * 2, 12 * 8 * 2},
		{512, 12 * 8 * 2, 12 * 16 * 2},
	} {
		assert.Equal(t, c.double, flops[float64](c.width), "double %d", c.width)
		assert.Equal(t, c.single, flops[float32](c.width), "single %d", c.width)
	}
}

func TestMissing(t *testing.T) {
	old := features{arch: "amd64"}
	haswell := features{fma: true, arch: "amd64"}
	skylake := features{fma: true, avx512: true, arch: "amd64"}
	arm := features{arch: "arm64"}
	for _, c := range []struct {
		name  string
		cpu   features
		width int
		key   string // empty when nothing is missing
	}{
		{"256 on a CPU with FMA", haswell, 256, ""},
		{"512 on a CPU with FMA only", haswell, 512, "cpu:avx512f"},
		{"512 on a CPU with AVX-512", skylake, 512, ""},
		{"widest on a CPU with FMA only", haswell, 0, ""},
		{"128 on an old CPU", old, 128, "cpu:fma"},
		{"512 on an old CPU", old, 512, "cpu:fma"},
		{"widest on arm64", arm, 0, "cpu:fma"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var keys []string
			for _, m := range c.cpu.missing(c.width) {
				keys = append(keys, m.Key)
				assert.NotEmpty(t, m.Remedy)
			}
			if c.key == "" {
				assert.Empty(t, keys)
			} else {
				assert.Equal(t, []string{c.key}, keys)
			}
		})
	}
	assert.Equal(t, []int{0, 256, 512, 0}, []int{old.widest(), haswell.widest(), skylake.widest(), arm.widest()})
}

func TestGeneratedFilesAreCurrent(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		testneed.Met(t, host.Missing{Key: "command:go", What: "go is not in PATH"})
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "go", "run", "./gen",
		"-out", filepath.Join(dir, "fma_amd64.s"), "-stubs", filepath.Join(dir, "fma_amd64.go"), "-pkg", "burn")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, name := range []string{"fma_amd64.s", "fma_amd64.go"} {
		want, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		got, err := os.ReadFile(name)
		require.NoError(t, err)
		assert.Equal(t, body(want), body(got), "%s: run go generate ./workloads/burn", name)
	}
}

// body drops the first line, which names the command with its arguments.
func body(file []byte) string {
	for i, b := range file {
		if b == '\n' {
			return string(file[i:])
		}
	}
	return ""
}
