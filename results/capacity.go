package results

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// GoalProblem is why a capacity goal cannot be asked of a run.
type GoalProblem struct {
	Field   string // of the goal: "factor", "workload", "metric" or "bound"
	Summary string // "Unknown factor"
	Detail  string // what it is about and what to do, in whole sentences
}

func (p *GoalProblem) Error() string {
	return strings.ToLower(p.Summary[:1]) + p.Summary[1:] + ": " + strings.TrimSuffix(p.Detail, ".")
}

// Complete returns the goal with what it leaves open: the factor is the only one
// whose levels are numbers, the workload the only LC, the metric the latency of
// its SLO, the bound that of the SLO. Of the run only factors, workloads and
// metrics matter. An error is a *GoalProblem.
func (g CapacityGoal) Complete(r Run) (CapacityGoal, error) {
	for _, step := range []func(*CapacityGoal, Run) *GoalProblem{
		(*CapacityGoal).settleFactor, (*CapacityGoal).settleWorkload, (*CapacityGoal).settleMetric, (*CapacityGoal).settleBound,
	} {
		if p := step(&g, r); p != nil {
			return g, p
		}
	}
	return g, nil
}

// numeric tells whether every level of a factor is a number.
func (f Factor) numeric() bool {
	return !slices.ContainsFunc(f.Levels, func(level string) bool {
		v, err := strconv.ParseFloat(level, 64)
		return err != nil || !finite(v)
	})
}

func (g *CapacityGoal) settleFactor(r Run) *GoalProblem {
	var names, numeric []string
	for _, f := range r.Factors {
		names = append(names, f.Name)
		if f.numeric() && len(f.Levels) > 1 {
			numeric = append(numeric, f.Name)
		}
	}
	const remedy = "Give the matrix a factor of loads, such as rate = [10000, 20000, 30000]."
	switch {
	case g.Factor == "" && len(numeric) == 1:
		g.Factor = numeric[0]
	case g.Factor == "" && len(numeric) == 0:
		return &GoalProblem{"factor", "No load factor", "No factor has several numbers as its levels. " + remedy}
	case g.Factor == "":
		return &GoalProblem{"factor", "Several factors could be the load", fmt.Sprintf("Name one as the factor: %s.", strings.Join(numeric, ", "))}
	}
	i := slices.Index(names, g.Factor)
	switch {
	case i < 0:
		known := "It has none."
		if len(names) > 0 {
			known = "It has " + strings.Join(names, ", ") + "."
		}
		return &GoalProblem{"factor", "Unknown factor", fmt.Sprintf("The matrix has no factor %q. %s", g.Factor, known)}
	case !r.Factors[i].numeric():
		return &GoalProblem{"factor", "Levels are not loads", fmt.Sprintf(
			"The levels of %q are not all numbers: %s. %s", g.Factor, strings.Join(r.Factors[i].Levels, ", "), remedy)}
	case len(r.Factors[i].Levels) < 2:
		return &GoalProblem{"factor", "Only one load", fmt.Sprintf(
			"Factor %q has the level %s alone, which tells whether the SLO holds there and not where it ends. Give it more levels, below and above.",
			g.Factor, r.Factors[i].Levels[0])}
	}
	return nil
}

func (g *CapacityGoal) settleWorkload(r Run) *GoalProblem {
	var lcs []string
	for _, w := range r.Workloads {
		if w.Role == RoleLC {
			lcs = append(lcs, w.Name)
		}
	}
	switch {
	case g.Workload == "" && len(lcs) == 1:
		g.Workload = lcs[0]
	case g.Workload == "" && len(lcs) > 1:
		return &GoalProblem{"workload", "Several LC workloads", fmt.Sprintf("Name the one whose SLO limits the load: %s.", strings.Join(lcs, ", "))}
	case len(lcs) == 0:
		return &GoalProblem{"workload", "No LC workload", `Capacity is that of an LC under its SLO. Give one workload role = "lc".`}
	case !slices.Contains(lcs, g.Workload):
		return &GoalProblem{"workload", "Not an LC workload", fmt.Sprintf("%q is none of the LC workloads: %s.", g.Workload, strings.Join(lcs, ", "))}
	}
	return nil
}

// slo returns the SLO of the goal's workload.
func (g *CapacityGoal) slo(r Run) map[string]float64 {
	i := slices.IndexFunc(r.Workloads, func(w Workload) bool { return w.Name == g.Workload })
	return r.Workloads[i].SLO
}

func (g *CapacityGoal) settleMetric(r Run) *GoalProblem {
	slo := g.slo(r)
	g.Metric = strings.TrimPrefix(g.Metric, g.Workload+".") // compare names it in full
	if g.Metric == "" {
		named := slices.Sorted(maps.Keys(slo))
		i := slices.IndexFunc(named, func(name string) bool {
			return strings.HasPrefix(name, "latency.") && g.declared(r, name).Better == Lower
		})
		if i < 0 {
			return &GoalProblem{"metric", "No SLO on a latency", fmt.Sprintf(
				`%q has no SLO on a latency. Give it one, slo = { "latency.p99" = "1ms" }, or name a metric and its bound.`, g.Workload)}
		}
		g.Metric = named[i]
	}
	switch m := g.declared(r, g.Metric); {
	case m.Name == "":
		return &GoalProblem{"metric", "Unknown metric", fmt.Sprintf("Nothing gives %s.%s.", g.Workload, g.Metric)}
	case m.Better != Lower:
		return &GoalProblem{"metric", "Metric does not bound the load", fmt.Sprintf(
			"A capacity needs a metric of which less is better and that grows with the load. Name a latency instead of %s.%s, such as latency.p99.",
			g.Workload, g.Metric)}
	}
	return nil
}

// declared returns the declaration of a metric of the goal's workload, empty
// without one.
func (g *CapacityGoal) declared(r Run, metric string) Metric {
	i := slices.IndexFunc(r.Metrics, func(m Metric) bool { return m.Name == g.Workload+"."+metric })
	if i < 0 {
		return Metric{}
	}
	return r.Metrics[i]
}

func (g *CapacityGoal) settleBound(r Run) *GoalProblem {
	if g.Bound == 0 {
		g.Bound = g.slo(r)[g.Metric]
	}
	switch {
	case g.Bound == 0:
		return &GoalProblem{"bound", "No bound", fmt.Sprintf("The SLO of %q has no %s. Give it one, or write the bound here.", g.Workload, g.Metric)}
	case g.Bound < 0 || !finite(g.Bound) || math.IsInf(1/g.Bound, 0):
		return &GoalProblem{"bound", "Bound out of range", "Write a bound above 0."}
	}
	return nil
}
