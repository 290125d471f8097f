// Package sine is a CPU load that rises and falls as a sine does. It decides
// how much CPU time each slice of the window wants, and measures how much it
// got. Who runs it beside what is the business of its callers.
package sine

import (
	"fmt"
	"math"
)

// Config says what a load wants. Plain data: it survives JSON. At t ns of the
// measured window each thread wants Mean + Amplitude·sin(2πt/Period) of a CPU.
type Config struct {
	Period    int64   `json:"period"`    // ns, MinPeriod or more
	Mean      float64 `json:"mean"`      // share of a CPU
	Amplitude float64 `json:"amplitude"` // share of a CPU; Mean ± Amplitude is in 0…1
	Threads   int     `json:"threads"`   // 1 or more, which rise and fall together
}

const (
	// slice is how long the wanted share is held: a thread works for its share of
	// that and sleeps until the next, ns.
	slice = int64(10e6)
	// MinPeriod is the shortest period that slices can follow, ns.
	MinPeriod = 10 * slice
	// readings is how many bins of the result a period has, where they are not
	// shorter than a slice or longer than maxBin.
	readings = 50
	maxBin   = 10 * slice
)

// check says what is wrong.
func (c Config) check() error {
	switch {
	case c.Period < MinPeriod:
		return fmt.Errorf("period %d ns: write 100 ms or more", c.Period)
	case !(c.Mean > 0), !(c.Amplitude >= 0), c.Mean-c.Amplitude < -tolerance, c.Mean+c.Amplitude > 1+tolerance:
		return fmt.Errorf("mean %g and amplitude %g: the share of a CPU has to stay between 0 and 1", c.Mean, c.Amplitude)
	case c.Threads < 1:
		return fmt.Errorf("%d threads: write 1 or more", c.Threads)
	}
	return nil
}

// tolerance is what rounding may add to a share: 0.7 + 0.3 is a little more than
// 1, say.
const tolerance = 1e-9

// Wanted returns the share of a CPU that a thread wants at t ns of the measured
// window; t is negative before it.
func (c Config) Wanted(t int64) float64 {
	share := c.Mean + c.Amplitude*math.Sin(2*math.Pi*float64(t)/float64(c.Period))
	return min(max(share, 0), 1)
}

// bin returns the length of a bin of the result, ns: a number of slices.
func (c Config) bin() int64 {
	return min(max(c.Period/readings/slice*slice, slice), maxBin)
}
