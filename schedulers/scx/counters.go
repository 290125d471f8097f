package scx

import (
	"fmt"

	"github.com/czbench/czbench/results"
)

// counter is one number, or a row of numbers, that a scheduler counts.
type counter struct {
	variable string // of the object
	names    []string
	help     []string
	better   results.Direction
}

// counters lists all; which of them a scheduler has is in its object.
func counters() []counter {
	return []counter{
		{
			variable: "dispatches",
			names:    []string{"scx.dispatches.system", "scx.dispatches.lc", "scx.dispatches.be"},
			help: []string{
				"tasks that are neither LC nor BE put into a queue of the BPF scheduler",
				"LC tasks put into a queue of the BPF scheduler", "BE tasks put into a queue of the BPF scheduler",
			},
		},
		{variable: "kicks", names: []string{"scx.kicks"}, help: []string{"CPUs that the BPF scheduler told to preempt what they ran"}},
		{variable: "be_starts", names: []string{"scx.be_starts"}, help: []string{"BE tasks given a CPU by lcfirst"}},
		{
			variable: "be_under_lc",
			names:    []string{"scx.be_under_lc.share", "scx.be_under_lc.affinity", "scx.be_under_lc.race"},
			help: []string{
				"BE tasks given a CPU while an LC task was runnable: their guaranteed share was due",
				"BE tasks given a CPU while an LC task was runnable that may not run on it",
				"BE tasks given a CPU just when an LC task became runnable; they are preempted at once",
			},
			better: results.Lower,
		},
	}
}

// Metrics declares what the schedulers count, by full names.
func Metrics() []results.Metric {
	var metrics []results.Metric
	for _, c := range counters() {
		for i, name := range c.names {
			metrics = append(metrics, results.Metric{
				Name: "machine." + name, Unit: "1/s", Better: c.better, Kind: results.Counter, Scale: results.Difference,
				Source: "BPF scheduler", Help: c.help[i],
			})
		}
	}
	return metrics
}

func (l *object) counters() (map[string]float64, error) {
	values := map[string]float64{}
	for _, c := range counters() {
		v := l.objects.Variables[c.variable]
		if v == nil {
			continue
		}
		row := make([]uint64, len(c.names))
		if err := v.Get(row); err != nil {
			return nil, fmt.Errorf("read counter %s: %w", c.variable, err)
		}
		for i, name := range c.names {
			values["machine."+name] = float64(row[i])
		}
	}
	return values, nil
}
