package results

// Metrics of a workload of the kind "sine" that have a series as well as a value:
// the share of a CPU that a thread wanted, and the one that it got. A reading
// stands at the begin of what it is the mean of.
const (
	SineWanted   = "wanted"
	SineAchieved = "achieved"
)
