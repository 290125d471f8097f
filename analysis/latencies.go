package analysis

import (
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/czbench/czbench/results"
)

// latencyShares returns the shares of the requests at which a distribution of
// latencies is summarised: nine in ten, then 1-2-5 from one half to one in 100,000.
func latencyShares() []float64 {
	return []float64{
		0.9, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001, 0.00005, 0.00002, 0.00001,
	}
}

// pools holds the latencies of all used trials merged, by the key of their
// treatment and by LC.
type pools map[string]map[string]*pool

// pool is the latency of one LC in one treatment.
type pool struct {
	bins   *results.Bins
	points []LatencyPoint
	blocks map[int]exceedance
}

// exceedance is how many requests an LC had in one block, and how many of them
// took longer than each point of its pool.
type exceedance struct {
	total  int64
	longer []int64
}

// add merges the latencies of one trial, by LC.
func (p pools) add(treatment string, sums map[string]*results.Bins) error {
	if p[treatment] == nil {
		p[treatment] = map[string]*pool{}
	}
	for lc, sum := range sums {
		if p[treatment][lc] == nil {
			p[treatment][lc] = &pool{bins: results.NewBins(), blocks: map[int]exceedance{}}
		}
		if err := p[treatment][lc].bins.Add(sum); err != nil {
			return err
		}
	}
	return nil
}

// choosePoints sets the points of p, without their intervals: at each of
// latencyShares the first latency that no more requests exceed. A share with less
// than minExceeding requests on either side has none.
func (p *pool) choosePoints() {
	total := float64(p.bins.Total())
	for _, share := range latencyShares() {
		if total*min(share, 1-share) < minExceeding*(1-rounding) {
			continue
		}
		latency, longer := p.bins.Exceeded(share)
		if n := len(p.points); longer == 0 || n > 0 && p.points[n-1].Latency == latency {
			continue // one bin holds the whole tail, or two of the shares
		}
		p.points = append(p.points, LatencyPoint{Share: float64(longer) / total, Latency: latency})
	}
}

// count notes how many requests of one block took longer than each point.
func (p *pool) count(block int, sum *results.Bins) {
	e := exceedance{total: sum.Total(), longer: make([]int64, len(p.points))}
	for i, point := range p.points {
		e.longer[i] = sum.Longer(point.Latency)
	}
	if e.total > 0 {
		p.blocks[block] = e
	}
}

// latencies returns the distribution of each LC in each treatment. The logs are
// read once more, now that it is known which latencies to count at.
func (t *table) latencies(f *results.Folder, merged pools) []Latency {
	for _, byLC := range merged {
		for _, p := range byLC {
			p.choosePoints()
		}
	}
	_ = t.eachMerged(f, func(obs *observation, sums map[string]*results.Bins) error {
		for lc, sum := range sums {
			if p := merged[obs.trial.Treatment.Key()][lc]; p != nil {
				p.count(obs.trial.Block, sum)
			}
		}
		return nil
	}) // what could not be read has been said
	var all []Latency
	for _, tr := range t.treatments {
		for _, lc := range t.workloads(results.RoleLC) {
			if p := merged[tr.Key()][lc]; p != nil && len(p.points) > 0 {
				all = append(all, Latency{Treatment: tr.Treatment, Label: tr.label, Workload: lc, Points: t.shares(tr, p)})
			}
		}
	}
	return all
}

// shares returns the points of p with their intervals: of the share of all
// requests that exceed the latency, by drawing whole blocks.
func (t *table) shares(tr *treatment, p *pool) []LatencyPoint {
	var blocks []exceedance
	for _, b := range tr.blocks {
		if e, has := p.blocks[b]; has {
			blocks = append(blocks, e)
		}
	}
	points := slices.Clone(p.points)
	for i := range points {
		points[i].N = len(blocks)
		points[i].Interval = Interval{Low: points[i].Share, High: points[i].Share}
		if len(blocks) < minCapacityBlocks {
			continue
		}
		points[i].Interval = t.bootstrap(len(blocks), func(drawn []int) float64 {
			var longer, total int64
			for _, b := range drawn {
				longer += blocks[b].longer[i]
				total += blocks[b].total
			}
			return float64(longer) / float64(total)
		})
	}
	return points
}

// eachMerged reads the used trials in parallel and gives the latencies of each,
// merged by LC, to yield, one trial at a time and in no order; no more than one
// histogram an LC and CPU is held. A trial that cannot be read is left out; the
// error is that of the first such trial, or the first of yield.
func (t *table) eachMerged(f *results.Folder, yield func(*observation, map[string]*results.Bins) error) error {
	used, lcs := t.used(), t.workloads(results.RoleLC)
	errs := make([]error, len(used))
	var one sync.Mutex
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, obs := range used {
		group.Go(func() error {
			sums, err := mergedBins(f, obs.trial.Number, lcs)
			if err == nil {
				one.Lock()
				defer one.Unlock()
				err = yield(obs, sums)
			}
			errs[i] = err
			return nil
		})
	}
	_ = group.Wait() // errs holds them
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		return errs[i]
	}
	return nil
}

// mergedBins returns the latencies of the window of one trial, by LC.
func mergedBins(f *results.Folder, number int, lcs []string) (map[string]*results.Bins, error) {
	sums := map[string]*results.Bins{}
	err := f.EachBins(number, func(workload string, iv results.BinnedInterval) error {
		if !slices.Contains(lcs, workload) {
			return nil
		}
		if sums[workload] == nil {
			sums[workload] = results.NewBins()
		}
		return sums[workload].Add(iv.Bins)
	})
	if err != nil {
		return nil, err
	}
	return sums, nil
}
