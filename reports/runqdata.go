package reports

import (
	"cmp"
	"slices"

	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/results"
)

// waitsOf returns the distributions by workload, merged over trials.
func waitsOf(f *results.Folder, trials []int) (map[string][]figures.Bucket, error) {
	counts := map[string]map[figures.Bucket]float64{}
	for _, number := range trials {
		err := f.EachWaits(number, func(w results.Waits) {
			if counts[w.Workload] == nil {
				counts[w.Workload] = map[figures.Bucket]float64{}
			}
			counts[w.Workload][figures.Bucket{Low: float64(w.Low) / 1e9, High: float64(w.High) / 1e9}] += w.Count
		})
		if err != nil {
			return nil, err
		}
	}
	merged := map[string][]figures.Bucket{}
	for workload, buckets := range counts {
		for b, n := range buckets {
			b.Count = n
			merged[workload] = append(merged[workload], b)
		}
		slices.SortFunc(merged[workload], func(a, b figures.Bucket) int { return cmp.Compare(a.High, b.High) })
	}
	return merged, nil
}
