package history

import (
	"math/rand/v2"
	"slices"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/analysis/stats/course"
)

// What the detector looks at. docs/nightly.md has what these give.
const (
	Window       = 40  // nights, the newest included
	MinSegment   = 4   // nights of a segment, least
	permutations = 999 // of E-divisive
	changeP      = 0.01
	// MinReference is how many nights a single one is held against.
	MinReference = 5
	// leastReference is the least that anything is held against.
	leastReference = 3
	// Fresh is for how many nights a change is nominated; then it is the past, and
	// what came after it is what later nights are held against.
	Fresh = 10
)

// Kinds of a suspicion.
const (
	// Step is a change point: the nights since then differ from those before.
	Step = "step"
	// Jump is a newest night, or several, worse than those before since the last
	// change point.
	Jump = "jump"
)

// Suspicion is what makes the newest nights suspect. It is a nomination and no
// verdict.
type Suspicion struct {
	Kind string // Step or Jump; empty for none
	// Values From up to At are the reference, those from At on are suspect.
	From, At int
	// Shift is the suspects' location less the reference's, on the scale of the
	// values: by Hodges–Lehmann for a step, of the medians for a jump.
	Shift float64
	P     float64 // of a step, by permutations; 1 for a jump, which is no test
	// Missing is how many nights the reference lacks to MinReference.
	Missing int
}

// Detect looks for a change for the worse at the end of values, one per night,
// oldest first, where greater is worse: logarithms of a latency, say. margin,
// 0 or more and on the same scale, is what a shift has to exceed.
//
// A step is the last change point of the newest Window nights by E-divisive on
// ranks (Matteson & James 2014), at most Fresh nights old. Where there is none, a
// jump is sought among the nights since the last change point: the newest night
// worse than all before it, or the newest up to Fresh nights each worse than all
// but a tenth of those before. Held against fewer than
// MinReference nights, a jump has to exceed the worst of them by the margin, and
// not only their median; fewer than three nights say nothing.
//
// improved is the shift of a fresh step for the better that exceeds the margin,
// as a number below 0; else 0. The same rng gives the same answer.
func Detect(values []float64, margin float64, rng *rand.Rand) (s Suspicion, improved float64) {
	offset := max(0, len(values)-Window)
	x := values[offset:]
	changes := changePoints(x, rng)
	begin := 0
	if n := len(changes); n > 0 {
		last := changes[n-1]
		s = Suspicion{Kind: Step, At: last.At, P: last.P}
		if n > 1 {
			s.From = changes[n-2].At
		}
		s.Shift = shift(x[s.From:s.At], x[s.At:])
		begin = s.At
		fresh := len(x)-s.At <= Fresh
		if fresh && s.Shift > margin {
			return s.moved(offset), 0
		}
		if fresh && s.Shift < -margin {
			improved = s.Shift
		}
	}
	return jump(x, begin, margin).moved(offset), improved
}

// changePoints are those of at most Window nights, oldest first.
func changePoints(x []float64, rng *rand.Rand) []course.Change {
	return course.EDivisive(x, course.Options{
		MinSegment: MinSegment, Permutations: permutations, P: changeP, Ranks: true,
	}, rng)
}

// shift is the Hodges–Lehmann shift of y against x.
func shift(x, y []float64) float64 {
	const level = 0.95 // of an interval that is not asked for
	return stats.HodgesLehmannShift(stats.Count(x), stats.Count(y), level, level).Estimate
}

// moved counts the places of s from an earlier beginning.
func (s Suspicion) moved(offset int) Suspicion {
	if s.Kind != "" {
		s.From, s.At = s.From+offset, s.At+offset
	}
	return s
}

// jump looks for the most newest values that are each worse than those from
// begin on before them: one night than all of them, several nights than all but
// the worst tenth, since one odd night must not hide a change for weeks.
func jump(x []float64, begin int, margin float64) Suspicion {
	for tail := Fresh; tail >= 1; tail-- {
		at := len(x) - tail
		if at-begin < leastReference {
			continue
		}
		reference, suspects := slices.Sorted(slices.Values(x[begin:at])), x[at:]
		worst := len(reference) - 1
		if tail > 1 {
			worst -= len(reference) / 10
		}
		least := slices.Min(suspects) - reference[worst]
		s := Suspicion{
			Kind: Jump, From: begin, At: at, P: 1,
			Shift: stats.Median(suspects) - stats.Median(reference), Missing: max(0, MinReference-len(reference)),
		}
		if least > 0 && s.Shift > margin && (s.Missing == 0 || least > margin) {
			return s
		}
	}
	return Suspicion{}
}
