// Package periodic is a task that wakes up at fixed points in time, does the
// same work every time and goes back to sleep, as controllers, audio and video
// do. It decides when each period begins, and measures how late the task wakes
// up and how late its work ends. What that means for a service is the business
// of its callers.
package periodic

import "fmt"

// Config says what a task does. Plain data: it survives JSON.
type Config struct {
	Period  int64 `json:"period"`  // ns, 1 µs or more
	Work    int64 `json:"work"`    // CPU time of the work in each period, ns, as measured at start-up; 0 or more
	Threads int   `json:"threads"` // 1 or more, which wake up at the same points
}

// check says what is wrong.
func (c Config) check() error {
	switch {
	case c.Period < 1000:
		return fmt.Errorf("period %d ns: write 1 µs or more", c.Period)
	case c.Work < 0:
		return fmt.Errorf("work %d ns: write 0 or more", c.Work)
	case c.Threads < 1:
		return fmt.Errorf("%d threads: write 1 or more", c.Threads)
	}
	return nil
}
