package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

const runDelayMetric = "run_delay"

// warnRunDelay cross-checks each verdict on an LC's latency with the time that
// the LC waited for a CPU. A scheduling strategy changes latency through that
// wait; when the latency moved and the run delay did not move along (one-sided
// signed-rank test, or rank-sum test where unpaired, at alpha), the cause may be the client or the
// network. One warning a candidate and LC.
func (t *table) warnRunDelay(comparisons []Comparison) []Warning {
	var w []Warning
	at := map[string]int{}
	for _, c := range comparisons {
		lc := t.latencyOf(c.Metric)
		if lc == "" || !c.Significant {
			continue
		}
		p, known := t.runDelayMoved(lc, c)
		if !known || p <= t.settings.alpha {
			continue
		}
		key := lc + " " + c.Candidate.Key()
		if i, told := at[key]; told {
			w[i].Text += ", " + c.Metric + " too"
			continue
		}
		at[key] = len(w)
		w = append(w, Warning{Code: WarnRunDelay, About: c.Label, Text: fmt.Sprintf(
			"%s %s, but the run delay of %s did not move along (one-sided p = %.3g): look at the client before blaming the scheduler",
			c.Metric, c.Verdict, lc, p)})
	}
	return w
}

// latencyOf returns the LC that a metric is a latency of, or nothing.
func (t *table) latencyOf(metric string) string {
	for _, lc := range t.workloads(results.RoleLC) {
		if strings.HasPrefix(metric, lc+".latency.") || metric == lc+results.SlowdownSuffix {
			return lc
		}
	}
	return ""
}

// runDelayMoved returns the p-value of the run delay having moved in the
// direction of the comparison. Where that is exact, so is this: 0 or 1.
func (t *table) runDelayMoved(lc string, c Comparison) (p float64, known bool) {
	base, candidate := t.find(c.Baseline), t.find(c.Candidate)
	if t.unpaired != "" {
		return t.sampleMoved(base, candidate, lc+"."+runDelayMetric, c.rose)
	}
	cells := t.paired(&Inference{}, lc+"."+runDelayMetric, base, candidate)
	if len(cells.rows) == 0 {
		return 0, false
	}
	d := between(results.Difference, cells.of(0), cells.of(1)).values
	if !c.rose {
		for i := range d {
			d[i] = -d[i]
		}
	}
	if c.Exact {
		if slices.Min(d) > 0 {
			return 0, true
		}
		return 1, true
	}
	return stats.SignedRank(d).Greater, true
}

// sampleMoved is runDelayMoved of values that are not paired.
func (t *table) sampleMoved(base, candidate *treatment, metric string, rose bool) (p float64, known bool) {
	x, y := t.counts(base, metric), t.counts(candidate, metric)
	if x.N() == 0 || y.N() == 0 {
		return 0, false
	}
	test := stats.RankSum(x, y)
	if rose {
		return test.Greater, true
	}
	return test.Less, true
}

func (t *table) find(want results.Treatment) *treatment {
	for _, tr := range t.treatments {
		if tr.Key() == want.Key() {
			return tr
		}
	}
	return nil
}
