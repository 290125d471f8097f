package course

// MSERResult says how much of the beginning to leave out.
type MSERResult struct {
	Cut       int     // values, a multiple of the batch
	Statistic float64 // squared standard error of the mean of the rest, as of independent batches
	// Limit tells that the search ended at the largest cut that it allows, half of
	// the batches: the warm-up may be longer than that. It also tells that there
	// are too few values to cut any.
	Limit bool
}

// MSER returns the truncation that minimises the standard error of the mean of
// the rest (White 1997), over the means of batches of the given size; a batch
// of 5 values is MSER-5 (White, Cobb & Spratt 2000). With batch means b, of which
// d are cut and k are left, the statistic is
//
//	Σ (b − mean of the rest)² / k².
//
// At most half of the batches are cut, and two are left. Values beyond the last
// whole batch do not count. Of several least cuts it is the shortest: nothing is
// cut from constant values. It takes time in proportion to the length of x.
func MSER(x []float64, batch int) MSERResult {
	batch = max(batch, 1)
	n := len(x) / batch
	most := max(min(n/2, n-2), 0)
	r := MSERResult{Cut: most * batch}
	mean, squares, least := 0.0, 0.0, false
	for d := n - 1; d >= 0; d-- { // the sums of the rest, built from the end
		b, k := batchMean(x[d*batch:(d+1)*batch]), float64(n-d)
		delta := b - mean
		mean += delta / k
		squares += delta * (b - mean)
		if s := squares / (k * k); d <= most && (!least || s <= r.Statistic) {
			r.Cut, r.Statistic, least = d*batch, s, true
		}
	}
	r.Limit = r.Cut == most*batch
	return r
}

func batchMean(x []float64) float64 {
	mean := 0.0
	for i, v := range x {
		mean += (v - mean) / float64(i+1)
	}
	return mean
}
