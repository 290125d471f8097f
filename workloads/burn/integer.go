package burn

import (
	"math"
	"runtime"
	"slices"

	"github.com/czbench/czbench/workloads/gate"
)

// Integers runs n iterations of three shifts and three exclusive-ors on x, each
// of which needs the one before, and returns what became of x: Marsaglia's
// xorshift generator, which touches no memory. The instructions are the same in
// every iteration.
//
//go:noinline
func Integers(n, x uint64) uint64 {
	for range n {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

// integers is the loop of Integers with the number that it works on.
type integers struct{ x uint64 }

// newIntegers begins with any number but 0.
func newIntegers() *integers { return &integers{x: 88172645463325252} }

//go:nosplit
func (i *integers) run(n uint64) { i.x = Integers(n, i.x) }

// IntegerCost returns how much CPU time an iteration of Integers takes here and
// now, in nanoseconds. Where time is a count of instructions it is their number,
// exactly: what is within 0.1 % of a whole number counts as that.
func IntegerCost() float64 {
	ns := cost(newIntegers())
	if whole := math.Round(ns); math.Abs(ns-whole) < 1e-3*whole {
		return whole
	}
	return ns
}

// cost returns how much CPU time an iteration of a loop takes, in nanoseconds.
// What reading the clock takes does not count.
func cost(l loop) float64 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for n := uint64(1 << 10); ; n *= 2 {
		if ns := typical(l, n) - typical(l, 0); ns >= chunk {
			return float64(ns) / float64(n)
		}
	}
}

// typical returns how much CPU time n iterations take, in nanoseconds: the lower
// quartile of a few tries, since interrupts and neighbours make many longer, and
// a passing boost of the clock a few shorter.
func typical(l loop, n uint64) int64 {
	var tries [21]int64
	for i := range tries {
		from := gate.CPUTime()
		l.run(n)
		tries[i] = gate.CPUTime() - from
	}
	slices.Sort(tries[:])
	return tries[len(tries)/4]
}
