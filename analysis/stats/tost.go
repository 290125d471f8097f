package stats

// EquivalenceTest is the result of two one-sided tests (TOST; Schuirmann 1987)
// of whether a shift lies inside ±margin.
type EquivalenceTest struct {
	Lower float64 // one-sided p against a shift of at most −margin
	Upper float64 // one-sided p against a shift of at least +margin
	P     float64 // the larger of the two: at most alpha shows equivalence
	// Interval is that of the shift at the level 1−2·alpha, the one that Equivalence
	// holds against the margin.
	Interval Interval
}

func equivalence(lower, upper float64, interval Interval) EquivalenceTest {
	return EquivalenceTest{Lower: lower, Upper: upper, P: max(lower, upper), Interval: interval}
}

// TOSTPairedT tests the mean of the differences d, as PairedT. With fewer than
// two of them every p is 1.
func TOSTPairedT(d []float64, margin, alpha float64) EquivalenceTest {
	return studentOf(Count(d)).equivalence(margin, alpha)
}

// TOSTWelch tests the mean of y minus that of x, as Welch. With fewer than two
// values on a side every p is 1.
func TOSTWelch(x, y Counts, margin, alpha float64) EquivalenceTest {
	return welch(x, y).equivalence(margin, alpha)
}

func (s student) equivalence(margin, alpha float64) EquivalenceTest {
	return equivalence(s.greater(-margin), s.less(margin), s.interval(1-2*alpha))
}

// TOSTSignedRank tests the centre of the differences d by SignedRank of the
// differences moved by the margin. A difference that is the margin but for
// rounding is one of 0 there, and is dropped.
func TOSTSignedRank(d []float64, margin, alpha float64) EquivalenceTest {
	from := func(edge float64) SignedRankTest {
		moved := make([]float64, len(d))
		for i, v := range d {
			if !tied(v, edge) {
				moved[i] = v - edge
			}
		}
		return SignedRank(moved)
	}
	return equivalence(from(-margin).Greater, from(margin).Less, HodgesLehmann(d, 1-2*alpha, 1-2*alpha).Interval)
}

// TOSTRankSum tests the shift of y against x by RankSum of y against x moved by
// the margin. The ties of the moved values are their own.
func TOSTRankSum(x, y Counts, margin, alpha float64) EquivalenceTest {
	from := func(edge float64) RankSumTest {
		return RankSum(x.Map(func(v float64) float64 { return v + edge }), y)
	}
	return equivalence(from(-margin).Greater, from(margin).Less, HodgesLehmannShift(x, y, 1-2*alpha, 1-2*alpha).Interval)
}
