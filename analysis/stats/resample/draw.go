package resample

import (
	"math"
	"math/bits"
	"math/rand/v2"
)

// lot draws from 0…n−1.
type lot struct {
	n    uint64
	each int // indices out of a 64-bit word
}

// newLot returns a lot of n indices, of one where n is less. Its words serve as
// many indices as leave each of their combinations at its probability within a
// relative 2⁻³².
func newLot(n int) lot {
	n = max(n, 1)
	each := 1
	for product := n; product <= math.MaxUint32/n && each < 32; each++ {
		product *= n
	}
	return lot{n: uint64(n), each: each}
}

// lots returns a lot for each size.
func lots(sizes []int) []lot {
	all := make([]lot, len(sizes))
	for i, n := range sizes {
		all[i] = newLot(n)
	}
	return all
}

// fill draws all of into independently and uniformly.
//
// A 64-bit word is taken as a fraction of 1: times n, its whole part is one
// index and its fraction the randomness for the next (Brackett-Rozinsky &
// Lemire 2024, without their rejection).
func (l lot) fill(into []int, rng *rand.Rand) {
	for len(into) > 0 {
		word := rng.Uint64()
		some := into[:min(l.each, len(into))]
		for i := range some {
			index, rest := bits.Mul64(word, l.n)
			some[i], word = int(index), rest
		}
		into = into[len(some):]
	}
}
