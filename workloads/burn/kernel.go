package burn

import (
	"fmt"
	"unsafe"

	"github.com/czbench/czbench/internal/machine/host"
)

// Precisions of a loop.
const (
	Double = "double" // 64-bit IEEE 754
	Single = "single" // 32-bit IEEE 754
)

// accumulators is how many vectors a loop holds; the generator in gen uses the
// same number.
const accumulators = 12

// constant is c of x = x·x + c. The map is chaotic and maps [-1.9, 1.71] into
// itself: values never overflow, the rounding of x·x + c keeps them far from
// denormal, which would slow the loop, and all mantissa bits keep toggling, as
// they do in real work.
const constant = -1.9

// Widths returns the vector widths for which loops exist, in bits, ascending.
func Widths() []int { return []int{128, 256, 512} }

// Missing says what this CPU lacks for loops of the given width in bits; 0 is
// the widest that the CPU has, and then any width will do.
func Missing(width int) []host.Missing { return detect().missing(width) }

// Widest returns the widest vector width in bits that this CPU and its operating
// system support, and 0 when there is none.
func Widest() int { return detect().widest() }

// features is what of the CPU the loops depend on.
type features struct {
	fma    bool // fused multiply-add on 128 and 256 bits
	avx512 bool
	arch   string // GOARCH
}

func (f features) widest() int {
	switch {
	case f.avx512:
		return 512
	case f.fma:
		return 256
	}
	return 0
}

func (f features) missing(width int) []host.Missing {
	switch {
	case width <= f.widest() && f.fma:
		return nil
	case width == 512 && f.fma:
		return []host.Missing{{
			Key:    "cpu:avx512f",
			What:   "this CPU has no 512-bit vectors (AVX-512F), or its operating system does not enable them",
			Remedy: "set width = 256, or leave it out for the widest that there is",
		}}
	}
	return []host.Missing{{
		Key:    "cpu:fma",
		What:   "this CPU (" + f.arch + ") has no x86 fused multiply-add on vectors (AVX, FMA3)",
		Remedy: "run the vector workload on an x86-64 machine from 2013 or later",
	}}
}

// float is the element type of a loop.
type float interface{ float32 | float64 }

// step runs n iterations of a loop over the vectors at x.
type step[T float] func(n uint64, x, c *T)

// loop is something to do over and over. It is used by one thread, whose
// processor run must not give the Go scheduler an occasion to take away.
type loop interface{ run(n uint64) }

// kernel is one loop with what it computes.
type kernel struct {
	loop

	flops uint64 // per iteration; 0 of integers
}

// vectors is a loop over vectors with the values that it works on.
type vectors[T float] struct {
	step step[T]
	x    []T
	c    T
}

//go:nosplit
func (v *vectors[T]) run(n uint64) { v.step(n, &v.x[0], &v.c) }

// newKernel returns the loop of cfg, which must be complete.
func newKernel(cfg Config) (kernel, error) {
	if cfg.Integer {
		return kernel{loop: newIntegers()}, nil
	}
	switch cfg.Precision {
	case Double:
		return bind(cfg.Width, double(cfg.Width), values[float64](cfg.Width)), nil
	case Single:
		return bind(cfg.Width, single(cfg.Width), values[float32](cfg.Width)), nil
	}
	return kernel{}, fmt.Errorf("precision %q: write %q or %q", cfg.Precision, Double, Single)
}

func bind[T float](width int, s step[T], x []T) kernel {
	return kernel{flops: flops[T](width), loop: &vectors[T]{step: s, x: x, c: constant}}
}

// flops returns the exact number of operations of one iteration: a multiply and
// an add on every element.
func flops[T float](width int) uint64 { return uint64(2 * len(values[T](width))) }

// values returns distinct start values in (0, 1) for every element of a loop.
func values[T float](width int) []T {
	var t T
	x := make([]T, accumulators*width/8/int(unsafe.Sizeof(t)))
	for i := range x {
		x[i] = T(i+1) / T(len(x)+1)
	}
	return x
}
