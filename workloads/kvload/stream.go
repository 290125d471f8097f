package kvload

import (
	"math/rand/v2"
)

// stream gives the operations and keys of one thread, in the order in which the
// thread sends them. It is a function of the seed alone.
type stream struct {
	rng     *rand.Rand
	turn    int // position within the cycle of sets + gets
	sets    int
	cycle   int
	pattern [ops]byte
	low     [ops]int64 // first key of each operation
	span    [ops]int64 // how many keys it has
	next    [ops]int64 // S and P: offset of the next key
}

// newStream returns the stream of one of cfg.Threads threads. cfg has passed
// Check.
func newStream(cfg Config, thread int) *stream {
	s := &stream{rng: newRand(cfg.Seed, thread, 0)}
	sets, gets, _ := parseRatio(cfg.Ratio)
	s.sets, s.cycle = sets, sets+gets
	s.turn = s.rng.IntN(s.cycle)
	s.pattern, _ = parsePattern(cfg.KeyPattern)
	keys := cfg.KeyMax - cfg.KeyMin + 1
	for op := range ops {
		s.low[op], s.span[op] = cfg.KeyMin, keys
		if s.pattern[op] == 'P' && keys >= int64(cfg.Threads) {
			part := keys / int64(cfg.Threads)
			s.low[op] += part * int64(thread)
			s.span[op] = part
			if thread == cfg.Threads-1 {
				s.span[op] = keys - part*int64(thread)
			}
		}
	}
	return s
}

// newRand returns one of the generators of a thread: 0 for operations and keys,
// 1 for arrivals, so that neither disturbs the other.
func newRand(seed uint64, thread, purpose int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(thread)<<1|uint64(purpose)))
}

// draw returns the next operation and the number of its key.
func (s *stream) draw() (op int, key int64) {
	op = opGet
	if s.turn < s.sets {
		op = opSet
	}
	if s.turn++; s.turn == s.cycle {
		s.turn = 0
	}
	if s.pattern[op] == 'R' {
		return op, s.low[op] + s.rng.Int64N(s.span[op])
	}
	key = s.low[op] + s.next[op]
	if s.next[op]++; s.next[op] == s.span[op] {
		s.next[op] = 0
	}
	return op, key
}

// schedule gives the intended send times of one thread of an open loop. Several
// Poisson threads together are one Poisson process of the whole rate; several
// uniform threads interleave evenly.
type schedule struct {
	rng  *rand.Rand // nil for uniform arrivals
	gap  float64    // mean, ns
	at   float64    // next intended send time, ns after start
	from int64      // CLOCK_MONOTONIC ns
}

func newSchedule(cfg Config, thread int, start int64) *schedule {
	s := &schedule{gap: 1e9 * float64(cfg.Threads) / cfg.Rate, from: start}
	if cfg.Arrivals == Uniform {
		s.at = s.gap * float64(thread) / float64(cfg.Threads)
		return s
	}
	s.rng = newRand(cfg.Seed, thread, 1)
	s.advance()
	return s
}

// due returns the next intended send time, CLOCK_MONOTONIC ns.
func (s *schedule) due() int64 { return s.from + int64(s.at) }

// advance goes on to the request after that.
func (s *schedule) advance() {
	if s.rng == nil {
		s.at += s.gap
		return
	}
	s.at += s.gap * s.rng.ExpFloat64()
}
