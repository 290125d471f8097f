package stats

// Jain returns Jain's fairness index (Σx)² / (n·Σx²): 1 when all shares are
// equal, 1/n when one has everything (Jain, Chiu & Hawe 1984). Without data, or
// when all shares are 0, it is 1: nobody is worse off than anybody.
func Jain(x []float64) float64 {
	total, squares := 0.0, 0.0
	for _, v := range x {
		total += v
		squares += v * v
	}
	if squares == 0 {
		return 1
	}
	return total * total / (float64(len(x)) * squares)
}
