package scenarios

import (
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/results"
)

// capacityBound is the argument whose unit is that of the metric.
const capacityBound = "bound"

// capacitySettings is capacity { … } but for the bound.
type capacitySettings struct {
	Factor   string `hcl:"factor"`
	Workload string `hcl:"workload,optional"`
	Metric   string `hcl:"metric,optional"`
}

func newCapacitySettings() any { return &capacitySettings{} }

func capacitySchema() *hcl.BodySchema {
	return &hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: capacityBound}}}
}

// capacity says what the largest load under an SLO is asked of. What the block
// leaves open is settled by CapacityGoal.Complete, which the analysis uses too.
func (l *loader) capacity(s *Scenario) {
	it := l.tree.capacity
	if it == nil {
		return
	}
	block := newCapacitySettings().(*capacitySettings)
	if !l.decode(it, l.static(), block) || l.diags.HasErrors() {
		return // the workloads or the matrix may be wrong
	}
	goal := results.CapacityGoal{Factor: block.Factor, Workload: block.Workload, Metric: block.Metric}
	run := results.Run{Factors: s.Factors, Workloads: s.Workloads, Metrics: s.Metrics}
	goal, err := goal.Complete(run)
	if attr := it.content.Attributes[capacityBound]; attr != nil && l.boundOf(&goal, attr, s) {
		goal, err = goal.Complete(run)
	}
	if l.diags.HasErrors() {
		return // the bound is not one
	}
	var problem *results.GoalProblem
	switch only := l.opts.Only[block.Factor]; {
	case err == nil:
		s.Capacity = &goal
	case errors.As(err, &problem) && problem.Field == "factor" && len(only) == 1:
		l.warn(it.rng.Ptr(), "No capacity of one load", fmt.Sprintf(
			"--only keeps the level %s of %s alone. Keep at least two, or leave the capacity for another run.", only[0], block.Factor))
	case errors.As(err, &problem):
		l.fail(attributeRange(it, problem.Field), problem.Summary, problem.Detail)
	}
}

// boundOf evaluates the bound in the unit of the goal's metric. It reports
// whether there is one to complete the goal with.
func (l *loader) boundOf(goal *results.CapacityGoal, attr *hcl.Attribute, s *Scenario) bool {
	m, known := s.metric(goal.Workload + "." + goal.Metric)
	if !known {
		return false
	}
	val, diags := attr.Expr.Value(l.static())
	l.add(diags...)
	if diags.HasErrors() || !val.IsWhollyKnown() {
		return false
	}
	val, _ = val.UnmarkDeep()
	bound, err := inBaseUnit(val, m.Unit)
	if err != nil {
		l.fail(attr.Expr.Range().Ptr(), "Unsuitable bound", config.Sentence(fmt.Sprintf("%q: %s", m.Name, err)))
	}
	goal.Bound = bound
	return err == nil
}

// attributeRange returns where the value of an attribute stands, else where the
// block begins.
func attributeRange(it *item, name string) *hcl.Range {
	if attr := it.content.Attributes[name]; attr != nil {
		return attr.Expr.Range().Ptr()
	}
	return it.rng.Ptr()
}
