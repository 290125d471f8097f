package results

// StoppedAfter returns the block after which the precision rule ended the run;
// 0 where it did not.
func (r Run) StoppedAfter() int {
	if n := len(r.Stopping); n > 0 && r.Stopping[n-1].Stop {
		return r.Stopping[n-1].Block
	}
	return 0
}

// Due returns how many trials the run takes: those of its plan, up to the block
// after which the precision rule ended it.
func (r Run) Due() int {
	after := r.StoppedAfter()
	if after == 0 {
		return len(r.Plan)
	}
	n := 0
	for _, p := range r.Plan {
		if p.Block <= after {
			n++
		}
	}
	return n
}
