package runner

import "time"

// pace predicts the remaining time of a run from the plan and from how far it
// came until now.
type pace struct {
	plan    Plan
	began   time.Time
	planned time.Duration // length, by the plan, of the trials that ended
}

func newPace(p Plan) *pace { return &pace{plan: p, began: time.Now()} }

// ended takes note of the end of trial i.
func (p *pace) ended(i int) { p.planned += p.plan.length(p.plan.Trials[i]) }

// remaining predicts how long the trials from i on take.
func (p *pace) remaining(i int) time.Duration {
	left := p.plan.Estimate(i)
	if p.planned == 0 {
		return left
	}
	return time.Duration(float64(left) * float64(time.Since(p.began)) / float64(p.planned))
}
