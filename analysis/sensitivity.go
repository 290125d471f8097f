package analysis

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

// minDoses is the least number of doses that make a curve.
const minDoses = 3

// sensitivities returns the curve of each LC over each factor that is a dose of
// interference: its levels are numbers, the BEs alone depend on it, and the LC
// alone does not. The controls tell which that is, as they keep only the factors
// that concern them; without both controls there is no curve.
func (t *table) sensitivities() []Sensitivity {
	var all []Sensitivity
	for _, f := range t.run.Factors {
		if !t.isDose(f) {
			continue
		}
		for _, g := range t.contextsBut(f.Name) {
			for _, lc := range t.workloads(results.RoleLC) {
				if s, ok := t.sensitivity(f.Name, lc, g); ok {
					all = append(all, s)
				}
			}
		}
	}
	return all
}

func (t *table) isDose(f results.Factor) bool {
	if len(f.Levels) < minDoses {
		return false
	}
	for _, level := range f.Levels {
		if _, err := strconv.ParseFloat(level, 64); err != nil {
			return false
		}
	}
	concerns := func(control string) (there, concerned bool) {
		for _, tr := range t.treatments {
			if tr.Control == control {
				_, concerned = tr.Factors[f.Name]
				return true, concerned
			}
		}
		return false, false
	}
	lc, concernsLC := concerns(results.ControlLCAlone)
	be, concernsBE := concerns(results.ControlBEAlone)
	return lc && be && concernsBE && !concernsLC
}

// dosed is the slowdown of an LC under one dose, by block.
type dosed struct {
	level     string
	dose      float64
	slowdowns []float64
}

// sensitivity returns one curve, over the blocks in which every dose has a
// slowdown. It takes three doses that differ.
func (t *table) sensitivity(factor, lc string, g context) (s Sensitivity, ok bool) {
	metric := lc + results.SlowdownSuffix
	cells := t.paired(&Inference{}, metric, g.treatments...)
	doses := t.doses(g.treatments)
	if len(cells.rows) == 0 || len(doses) < minDoses {
		return s, false
	}
	curve := make([]dosed, len(g.treatments))
	for i, tr := range g.treatments {
		curve[i] = dosed{level: tr.Factors[factor], dose: doses[i], slowdowns: cells.of(i)}
	}
	slices.SortStableFunc(curve, func(a, b dosed) int { return cmp.Compare(a.dose, b.dose) })
	if curve[0].dose == curve[len(curve)-1].dose {
		return s, false
	}
	s = Sensitivity{Label: g.label, Factor: factor, Workload: lc, Blocks: len(cells.rows)}
	for _, d := range curve {
		i := stats.QuantileInterval(d.slowdowns, 0.5, 1-t.settings.alpha)
		s.Points = append(s.Points, SensitivityPoint{
			Level: d.level, Dose: d.dose, Slowdown: stats.Median(d.slowdowns),
			Interval: Interval{Low: i.Low, High: i.High, Level: i.Level},
		})
	}
	shift := stats.HodgesLehmann(areas(curve), 1-t.settings.alpha, 1-2*t.settings.alpha)
	s.Area = Estimate{Value: shift.Estimate, P: 1, Interval: Interval{
		Low: shift.Interval.Low, High: shift.Interval.High, Level: shift.Interval.Level,
	}}
	return s, true
}

// areas returns, for each block, the mean slowdown over the range of doses less 1.
func areas(curve []dosed) []float64 {
	areas := make([]float64, len(curve[0].slowdowns))
	span := curve[len(curve)-1].dose - curve[0].dose
	for b := range areas {
		for i := 1; i < len(curve); i++ {
			low, high := curve[i-1], curve[i]
			areas[b] += (high.dose - low.dose) / span * (low.slowdowns[b]/2 + high.slowdowns[b]/2)
		}
		areas[b]--
	}
	return areas
}

// doses returns the dose of each treatment: the mean over the BEs of their median
// rate alone, each over its largest among the treatments. Where a rate is missing
// there are none.
func (t *table) doses(treatments []*treatment) []float64 {
	doses := make([]float64, len(treatments))
	bes := t.workloads(results.RoleBE)
	for _, be := range bes {
		rates := make([]float64, len(treatments))
		for i, tr := range treatments {
			var alone []float64
			for _, b := range t.blocks {
				if c := t.control(results.ControlBEAlone, tr, b); c != nil {
					if rate, has := c.values[be+"."+rateMetric]; has {
						alone = append(alone, rate)
					}
				}
			}
			if len(alone) == 0 {
				return nil
			}
			rates[i] = stats.Median(alone)
		}
		most := slices.Max(rates)
		if most <= 0 {
			return nil
		}
		for i := range doses {
			doses[i] += rates[i] / most / float64(len(bes))
		}
	}
	return doses
}
