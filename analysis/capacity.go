package analysis

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/analysis/stats/resample"
	"github.com/czbench/czbench/results"
)

// WarnCapacity says why the capacity that the scenario asks for is not known.
const WarnCapacity = "capacity"

const (
	capacityLevel     = 0.95
	capacityResamples = 2000
	// minCapacityBlocks is the least number of blocks for an interval: below it a
	// resample is too often one block again and again.
	minCapacityBlocks = 5
	// minCarried is the share of the offered load below which a service did not
	// carry it.
	minCarried = 0.99
)

// Capacities answers what the largest load is at which an SLO holds in the run
// in f, for each combination of the other factors. What want leaves open is
// taken from the run's own goal, or found as CapacityGoal.Complete says. An
// error names what the run lacks for an answer.
func Capacities(f *results.Folder, want results.CapacityGoal) ([]Capacity, error) {
	trials, err := f.Trials()
	if err != nil {
		return nil, fmt.Errorf("capacity of run %s: %w", f.Run().ID, err)
	}
	all, err := newTable(f.Run(), trials).capacities(want)
	if err != nil {
		return nil, fmt.Errorf("capacity of run %s: %w", f.Run().ID, err)
	}
	return all, nil
}

// warnCapacity sets the capacities that the scenario asks for, or says why there
// are none.
func (t *table) warnCapacity(a *Analysis) []Warning {
	if t.run.Capacity == nil {
		return nil
	}
	all, err := t.capacities(results.CapacityGoal{})
	if err != nil {
		return []Warning{{Code: WarnCapacity, Text: err.Error()}}
	}
	a.Capacity = all
	return nil
}

func (t *table) capacities(want results.CapacityGoal) ([]Capacity, error) {
	goal, err := inherit(want, t.run.Capacity).Complete(t.run)
	if err != nil {
		return nil, err
	}
	if len(t.blocks) == 0 {
		return nil, errors.New("no block of it is whole: resume the run, or look at its trials")
	}
	ramps := t.ramps(goal)
	if len(ramps) == 0 {
		return nil, fmt.Errorf("no trial that could be used gives %s.%s and %s.%s", goal.Workload, goal.Metric, goal.Workload, rateMetric)
	}
	all := make([]Capacity, len(ramps))
	for i, r := range ramps {
		all[i] = t.capacity(r, goal)
	}
	for i, r := range ramps {
		if base := t.baselineRamp(ramps, r); base >= 0 && base != i {
			t.capacityRatio(&all[i], all[base], [2]*ramp{r, ramps[base]})
		}
	}
	return all, nil
}

// inherit fills in what want leaves open and own says of the same thing: the
// bound of one metric is none of another.
func inherit(want results.CapacityGoal, own *results.CapacityGoal) results.CapacityGoal {
	if own == nil {
		return want
	}
	want.Factor = cmp.Or(want.Factor, own.Factor)
	want.Workload = cmp.Or(want.Workload, own.Workload)
	if want.Workload != own.Workload {
		return want
	}
	want.Metric = cmp.Or(want.Metric, own.Metric)
	if want.Metric == own.Metric {
		want.Bound = cmp.Or(want.Bound, own.Bound)
	}
	return want
}

// capacity answers for one ramp.
func (t *table) capacity(r *ramp, goal results.CapacityGoal) Capacity {
	c := Capacity{Label: r.label, Goal: goal, Blocks: len(t.blocks), Notes: r.notes}
	fit := r.fit(everyBlock(len(t.blocks)))
	for i, l := range r.levels {
		value := stats.QuantileInterval(l.value, 0.5, capacityLevel)
		c.Points = append(c.Points, CapacityPoint{
			Level: l.name, Achieved: stats.Median(l.achieved), Value: math.Exp(fit.value[i]), Fitted: math.Exp(fit.fitted[i]),
			Interval: Interval{Low: math.Exp(value.Low), High: math.Exp(value.High), Level: value.Level},
		})
	}
	load, censored := fit.crossing(r.bound)
	c.Censored = censored
	c.Load = Estimate{Value: load, Interval: Interval{Low: load, High: load}, P: 1}
	c.Notes = append(c.Notes, r.remarks(fit, censored)...)
	if len(t.blocks) < minCapacityBlocks {
		c.Notes = append(c.Notes, fmt.Sprintf("no interval: it takes %d blocks, there are %d", minCapacityBlocks, len(t.blocks)))
		return c
	}
	lowest, highest := fit.achieved[0], fit.achieved[len(fit.achieved)-1]
	c.Load.Interval = t.bootstrap(len(t.blocks), func(blocks []int) float64 {
		switch load, censored := r.fit(blocks).crossing(r.bound); censored {
		case CensoredAbove:
			return highest
		case CensoredBelow:
			return lowest
		default:
			return min(max(load, lowest), highest)
		}
	})
	c.LowCensored, c.HighCensored = ends(c.Load.Interval, lowest, highest)
	return c
}

// ends says which ends of an interval are where the tested loads end, so that
// the interval may go on beyond them.
func ends(i Interval, lowest, highest float64) (low, high string) {
	at := func(end float64) string {
		switch {
		case end <= lowest:
			return CensoredBelow
		case end >= highest:
			return CensoredAbove
		}
		return ""
	}
	return at(i.Low), at(i.High)
}

// capacityRatio compares a capacity with the baseline's, over the same resampled
// blocks.
func (t *table) capacityRatio(c *Capacity, base Capacity, ramps [2]*ramp) {
	if c.Censored != "" || base.Censored != "" {
		c.Notes = append(c.Notes, fmt.Sprintf("no ratio to %s: one of the two capacities is only a bound", base.Label))
		return
	}
	of := func(blocks []int) float64 {
		own, _ := ramps[0].fit(blocks).crossing(ramps[0].bound)
		other, _ := ramps[1].fit(blocks).crossing(ramps[1].bound)
		return own/other - 1
	}
	value := of(everyBlock(len(t.blocks)))
	c.Ratio = &Estimate{Value: value, Interval: Interval{Low: value, High: value}, P: 1}
	switch {
	case c.Load.Level == 0:
	case c.LowCensored+c.HighCensored+base.LowCensored+base.HighCensored != "":
		c.Notes = append(c.Notes, fmt.Sprintf(
			"no interval of the ratio to %s: one of the two intervals ends where the tested loads end", base.Label))
	default:
		c.Ratio.Interval = t.bootstrap(len(t.blocks), of)
	}
}

// bootstrap returns the percentile interval of a statistic over some blocks,
// drawn whole and with replacement. The draws follow from the seed of the run
// and are the same for every statistic. A bootstrap is narrow by √((n−1)/n),
// because it measures spread around the sample's own centre; the percentiles
// lie further out by that (Hesterberg 2015, 3.3).
func (t *table) bootstrap(blocks int, of func(blocks []int) float64) Interval {
	rng := rand.New(rand.NewPCG(t.run.Seed, capacityResamples))
	d := resample.Bootstrap([]int{blocks}, capacityResamples, func(drawn [][]int) float64 { return of(drawn[0]) }, rng)
	n := float64(blocks)
	out := distuv.UnitNormal.Quantile((1+capacityLevel)/2) * math.Sqrt(n/(n-1))
	i := d.Percentile(2*distuv.UnitNormal.CDF(out) - 1)
	return Interval{Low: i.Low, High: i.High, Level: capacityLevel}
}

func everyBlock(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// baselineRamp returns the index of the ramp that has the baseline level of the
// compared factor and otherwise the levels of r, or −1.
func (t *table) baselineRamp(ramps []*ramp, r *ramp) int {
	want := maps.Clone(r.factors)
	if _, compared := want[t.run.Compare.Factor]; !compared {
		return -1
	}
	want[t.run.Compare.Factor] = t.run.Compare.Baseline
	return slices.IndexFunc(ramps, func(o *ramp) bool { return maps.Equal(o.factors, want) && o.fidelity == r.fidelity })
}
