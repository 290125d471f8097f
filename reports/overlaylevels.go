package reports

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/czbench/czbench/results"
)

// levels returns the x of the series that each level of a factor is, NaN where it
// is none, and says why the factor is something else than the x. It is given as the
// figure calls it.
func (o *overlaid) levels(shown string) (xs []float64, omission string) {
	i := slices.IndexFunc(o.d.Run.Factors, func(f results.Factor) bool { return o.d.label(f.Name) == shown })
	byLoad := o.s.X.Load() || o.s.X.Rate()
	if i < 0 || (byLoad && !o.asksLoad(o.d.Run.Factors[i])) || (!byLoad && o.s.X.Name != o.d.Run.Factors[i].Name) {
		return nil, o.s.Name + " is by " + o.s.X.Name + ", not by " + shown
	}
	f := o.d.Run.Factors[i]
	o.factor = f.Name
	for _, level := range f.Levels {
		x, share := levelNumber(level)
		switch {
		case share && o.s.X.Load():
			o.shares = true
		case share:
			x = math.NaN()
		case o.s.X.Load() && !(o.c.FullLoad > 0):
			return nil, o.lacksFullLoad()
		case o.s.X.Load():
			x /= o.c.FullLoad
		}
		xs = append(xs, x)
	}
	return xs, ""
}

// levelNumber reads a level as a number, NaN where it is none; one in per cent is a
// share.
func levelNumber(level string) (v float64, share bool) {
	text, share := strings.CutSuffix(level, "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	switch {
	case err != nil:
		return math.NaN(), share
	case share:
		return v / 100, true
	}
	return v, false
}

// asksLoad says whether the levels of f are loads of the workload in the figure:
// what is asked of it grows with them, and is about as much as the lowest one says
// where that is no share.
func (o *overlaid) asksLoad(f results.Factor) bool {
	const about = 0.1
	var levels []string
	for _, l := range f.Levels {
		if v, _ := levelNumber(l); v > 0 && o.asked(f.Name, l) > 0 {
			levels = append(levels, l)
		}
	}
	if len(levels) < 2 {
		return false
	}
	slices.SortStableFunc(levels, func(a, b string) int {
		v, _ := levelNumber(a)
		w, _ := levelNumber(b)
		return cmp.Compare(v, w)
	})
	least, share := levelNumber(levels[0])
	low, high := o.asked(f.Name, levels[0]), o.asked(f.Name, levels[len(levels)-1])
	return high >= leastGrowth*low && (share || math.Abs(low-least) <= about*least)
}

// asked returns how many requests/s are asked of the workload in the figure at a
// level, at most: what it achieves where its generator offers no rate.
func (o *overlaid) asked(factor, level string) float64 {
	lc, most := workloadOf(o.metric.Name), 0.0
	for _, t := range o.d.Analysis.Treatments {
		if t.Control == "" && hasLevels(t.Treatment, map[string]string{factor: level}) {
			most = max(most, cmp.Or(t.Values[lc+".offered"].Median, t.Values[lc+".rate"].Median))
		}
	}
	return most
}
