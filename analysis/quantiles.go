package analysis

import (
	"fmt"
	"slices"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

// WarnLatencyRead says that the latency log of some trials could not be read.
const WarnLatencyRead = "latency-unread"

// minExceeding is how many requests of a trial have to lie on either side of a
// quantile for it to be a value of that trial: with fewer it is little more than
// the longest latency seen.
const minExceeding = 5

// shiftShares returns the shares of the requests beyond the quantiles of a Shift,
// p50 to p99.99.
func shiftShares() []float64 { return []float64{0.5, 0.1, 0.01, 0.001, 0.0001} }

// tail is the latency of one LC over the window of one trial: the quantiles at
// shiftShares, in seconds, and which of them enough requests stand behind.
type tail struct {
	values []float64
	known  []bool
}

// tails are those of one trial, by LC.
type tails map[string]tail

func tailOf(b *results.Bins) tail {
	shares := shiftShares()
	t := tail{values: make([]float64, len(shares)), known: make([]bool, len(shares))}
	for i, share := range shares {
		if float64(b.Total())*min(share, 1-share) >= minExceeding*(1-rounding) {
			t.values[i], _, _ = b.Quantile(1 - share)
			t.known[i] = true
		}
	}
	return t
}

// warnLatencies reads the latency logs of all used trials, sets a.Latencies and
// a.Shifts, and says which trials could not be read.
func (t *table) warnLatencies(f *results.Folder, a *Analysis) []Warning {
	byTrial := map[*observation]tails{}
	merged := pools{}
	err := t.eachMerged(f, func(obs *observation, sums map[string]*results.Bins) error {
		byTrial[obs] = tails{}
		for lc, sum := range sums {
			byTrial[obs][lc] = tailOf(sum)
		}
		return merged.add(obs.trial.Treatment.Key(), sums)
	})
	a.Latencies = t.latencies(f, merged)
	a.Shifts = t.shifts(byTrial)
	if err != nil {
		return []Warning{{Code: WarnLatencyRead, Text: fmt.Sprintf("some latencies are not in the distributions: %v", err)}}
	}
	return nil
}

func (t tail) has(i int) bool { return i < len(t.known) && t.known[i] }

// shifts holds the quantiles of each candidate against the baseline's. Values
// that are not paired by block have none.
func (t *table) shifts(byTrial map[*observation]tails) []Shift {
	if t.unpaired != "" || t.run.Compare.Factor == "" {
		return nil
	}
	var all []Shift
	for _, c := range t.contexts() {
		base := c.baseline(t.run.Compare)
		for _, candidate := range c.comparable(t.run.Compare) {
			if candidate == base {
				continue
			}
			for _, lc := range t.workloads(results.RoleLC) {
				if points := t.shift(base, candidate, lc, byTrial); len(points) > 0 {
					all = append(all, Shift{Candidate: candidate.Treatment, Label: candidate.label, Workload: lc, Points: points})
				}
			}
		}
	}
	return all
}

// shift returns the quantiles that some block has on both sides. A latency of 0
// has no ratio, and its quantile is left out.
func (t *table) shift(base, candidate *treatment, lc string, byTrial map[*observation]tails) []ShiftPoint {
	var points []ShiftPoint
	for i, share := range shiftShares() {
		var x, y []float64
		for _, block := range t.blocks {
			from, to := byTrial[base.byBlock[block]][lc], byTrial[candidate.byBlock[block]][lc]
			if from.has(i) && to.has(i) {
				x, y = append(x, from.values[i]), append(y, to.values[i])
			}
		}
		if len(x) == 0 || slices.Min(x) <= 0 || slices.Min(y) <= 0 {
			continue
		}
		d := between(results.Ratio, x, y)
		d.virtual = base.fidelity == results.FidelityVirtual
		if p, ok := t.settings.shiftPoint(d); ok {
			p.Quantile = 1 - share
			points = append(points, p)
		}
	}
	return points
}

// shiftPoint estimates the change behind differences of logarithms, as a
// comparison does, without its test.
func (s settings) shiftPoint(d differences) (p ShiftPoint, ok bool) {
	in := Inference{N: len(d.values), Scale: results.Ratio}
	if d.virtual && d.same() {
		ok = s.exact(&in, d)
	} else {
		ok = s.shift(&in, stats.HodgesLehmann(d.values, 1-s.alpha, 1-2*s.alpha))
	}
	return ShiftPoint{N: in.N, Estimate: in.Estimate, Interval: Interval{Low: in.Low, High: in.High, Level: in.Level}}, ok
}
