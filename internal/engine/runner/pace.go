package runner

import "time"

// pace predicts the remaining time of a run from the plan and from how long
// trials took so far.
type pace struct {
	plan           Plan
	planned, spent time.Duration
}

func newPace(p Plan) *pace { return &pace{plan: p} }

// took takes note of how long trial i took.
func (p *pace) took(i int, d time.Duration) {
	p.planned += p.plan.length(p.plan.Trials[i])
	p.spent += d
}

// remaining predicts how long the trials from i on take.
func (p *pace) remaining(i int) time.Duration {
	left := p.plan.Estimate(i)
	if p.planned == 0 {
		return left
	}
	return time.Duration(float64(left) * float64(p.spent) / float64(p.planned))
}
