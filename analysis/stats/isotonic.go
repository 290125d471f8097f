package stats

// Isotonic returns the non-decreasing values closest to y by weighted least
// squares, Σ w·(y − fit)², by pooling adjacent violators (Barlow, Bartholomew,
// Bremner & Brunk 1972, 1.2): whenever a pool's mean is below its left
// neighbour's, they become one. It takes time in proportion to the length of y.
// Nil weights are all 1; otherwise there is one weight of at least 0 for each
// value, and values of weight 0 bend to the others. For the non-increasing fit,
// negate y and the result.
func Isotonic(y, weights []float64) []float64 {
	type pool struct {
		mean, weight float64
		n            int
	}
	pools := make([]pool, 0, len(y))
	for i, v := range y {
		last := pool{mean: v, weight: 1, n: 1}
		if weights != nil {
			last.weight = weights[i]
		}
		for len(pools) > 0 && pools[len(pools)-1].mean > last.mean {
			left := pools[len(pools)-1]
			pools = pools[:len(pools)-1]
			share := 0.5 // of two without weight either mean is as good
			if total := left.weight + last.weight; total > 0 {
				share = last.weight / total
			}
			last.mean = left.mean + share*(last.mean-left.mean)
			last.weight += left.weight
			last.n += left.n
		}
		pools = append(pools, last)
	}
	fit := make([]float64, 0, len(y))
	for _, p := range pools {
		for range p.n {
			fit = append(fit, p.mean)
		}
	}
	return fit
}
