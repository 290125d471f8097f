package sine

// Result is what the slices of the measured window gave. It survives JSON.
type Result struct {
	Seconds float64   `json:"seconds"` // length of the measured window
	Bin     float64   `json:"bin"`     // s, of one entry of Wanted and Achieved; the last may be shorter
	Wanted  []float64 `json:"wanted"`  // share of a CPU that a thread wanted, mean of each bin
	Threads []Thread  `json:"threads"`
	Stopped bool      `json:"stopped,omitempty"` // before the end
}

// Thread is what one thread got in the measured window.
type Thread struct {
	CPUSeconds float64   `json:"cpu_seconds"` // of work
	Achieved   []float64 `json:"achieved"`    // share of a CPU, mean of each bin
}

// Achieved returns the share of a CPU that a thread got in each bin, the mean
// over the threads.
func (r *Result) Achieved() []float64 {
	sum := make([]float64, len(r.Wanted))
	for _, t := range r.Threads {
		for i, v := range t.Achieved {
			sum[i] += v / float64(len(r.Threads))
		}
	}
	return sum
}

// CPUSeconds returns the CPU time of the work of all threads.
func (r *Result) CPUSeconds() float64 {
	sum := 0.0
	for _, t := range r.Threads {
		sum += t.CPUSeconds
	}
	return sum
}

// Mean returns the mean of bins over the window, the last one by its length.
func (r *Result) Mean(bins []float64) float64 {
	sum := 0.0
	for i, v := range bins {
		sum += v * (min(r.Seconds, float64(i+1)*r.Bin) - float64(i)*r.Bin)
	}
	return sum / r.Seconds
}

// binned turns CPU time by slice of the measured window, ns, into the share of a
// CPU in each bin.
func binned(slices []int64, bin, window int64) []float64 {
	shares := make([]float64, (window+bin-1)/bin)
	for i, ns := range slices {
		shares[int64(i)*slice/bin] += float64(ns)
	}
	for i := range shares {
		shares[i] /= float64(min(bin, window-int64(i)*bin))
	}
	return shares
}
