package scenarios

import (
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/results"
)

// phaseStrategy is the attribute of a phase that may differ between treatments.
const phaseStrategy = "strategy"

// phaseSettings is the part of phase "name" { … } that holds for the whole run.
type phaseSettings struct {
	Duration units.Duration `hcl:"duration"`
}

func newPhaseSettings() any { return &phaseSettings{} }

func phaseSchema() *hcl.BodySchema {
	return &hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: phaseStrategy, Required: true}}}
}

// Check implements config.Checker.
func (p *phaseSettings) Check() []config.Problem {
	if p.Duration > 0 && p.Duration.Std()%time.Second == 0 {
		return nil
	}
	return []config.Problem{{
		Field: "duration", Summary: "Unsuitable length of a phase",
		Detail: `latencies are kept by the second: write whole seconds, such as "2s"`,
	}}
}

// phaseSettings adds the phases up to the measured window and refuses what else
// would say how long it is, or which strategy is applied in it.
func (l *loader) phaseSettings(s *Scenario) {
	if len(l.tree.phases) == 0 {
		return
	}
	s.Measure = 0
	for _, it := range l.tree.phases {
		block := newPhaseSettings().(*phaseSettings)
		l.decode(it, l.static(), block)
		l.lengths[it.name] = block.Duration
		s.Measure += block.Duration
	}
	if len(l.tree.phases) == 1 {
		l.fail(l.tree.phases[0].rng.Ptr(), "Only one phase", "Phases show a change of strategy. Add another one, or remove it.")
	}
	if attr := l.tree.scenario.content.Attributes["measure"]; attr != nil {
		l.fail(attr.NameRange.Ptr(), "Measured window beside phases",
			"The window is as long as the phases together. Remove measure.")
	}
	if l.opts.Measure != nil {
		l.fail(nil, "Measured window beside phases",
			"The window is as long as the phases together. Remove --measure; let the durations depend on a variable, and use -var.")
	}
	if m := l.tree.matrix; m != nil && m.content.Attributes[results.StrategyFactor] != nil {
		l.fail(m.content.Attributes[results.StrategyFactor].NameRange.Ptr(), "Factor strategy beside phases",
			"Each phase says which strategy is applied. Give the factor another name, such as second, and write strategy = factor.second in a phase.")
	}
}

// phases evaluates the phases of a treatment.
func (l *loader) phases(st site, ctx *hcl.EvalContext) []Phase {
	var all []Phase
	for _, it := range l.tree.phases {
		p := Phase{Name: it.name, Duration: l.lengths[it.name], Strategy: Block{Config: l.opts.Kinds.Strategy()}}
		if attr := it.content.Attributes[phaseStrategy]; attr != nil {
			if name, ok := l.text(attr, ctx); ok && !l.unknownStrategy(attr, name) {
				p.Strategy = l.strategy(name, st, ctx)
			}
		}
		all = append(all, p)
	}
	return all
}

// phaseMetrics declares what a trial knows of a single phase: of a workload with
// latencies these, their rate and attainment, and whatever collectors sample.
func (l *loader) phaseMetrics(s *Scenario) {
	declared := s.Metrics
	for _, p := range l.tree.phases {
		for _, m := range declared {
			if s.inPhases(m) {
				m.Name = results.PhaseMetric(p.name, m.Name)
				s.addMetric("", m)
			}
		}
	}
}

func (s *Scenario) inPhases(m results.Metric) bool {
	if m.Kind != results.Scalar {
		return true
	}
	workload, name, _ := strings.Cut(m.Name, ".")
	_, latency := s.metric(workload + ".latency.p99")
	return latency && (name == "rate" || strings.HasPrefix(name, "latency.") || strings.HasPrefix(name, sloPrefix))
}
