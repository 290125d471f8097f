package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/results"
)

const (
	precisionType = "precision"
	// minPrecisionBlocks is the least number of blocks after which a run may end
	// because its intervals are narrow: those of fewer are too often so by chance.
	minPrecisionBlocks = 10
	// maxPrecisionBlocks is how many blocks the analysis takes, which looks after
	// each of them.
	maxPrecisionBlocks = 1000
)

// precisionSettings is precision { … } in the scenario block.
type precisionSettings struct {
	Metric    string  `hcl:"metric"`
	HalfWidth float64 `hcl:"half_width"`
	MaxBlocks int     `hcl:"max_blocks"`
}

func newPrecisionSettings() any { return &precisionSettings{} }

// Check implements config.Checker.
func (p *precisionSettings) Check() []config.Problem {
	var problems []config.Problem
	if p.HalfWidth <= 0 {
		problems = append(problems, config.Problem{
			Field: "half_width", Summary: "Half width out of range",
			Detail: "write half of the interval's width, above 0: 0.05 is ±5 % of a latency or rate",
		})
	}
	if p.MaxBlocks > maxPrecisionBlocks {
		problems = append(problems, config.Problem{
			Field: "max_blocks", Summary: "Number of blocks out of range", Detail: "write at most " + strconv.Itoa(maxPrecisionBlocks),
		})
	}
	return problems
}

// scenarioSchema is what a scenario block holds beside its arguments.
func scenarioSchema() *hcl.BodySchema {
	return &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: precisionType}}}
}

// scenarioBlock takes scenario "name" { … } apart.
func (l *loader) scenarioBlock(b *hcl.Block) *item {
	it := l.item(b, newScenarioSettings, scenarioSchema())
	for _, pb := range it.content.Blocks {
		l.single(&l.tree.precision, pb, func() *item { return l.item(pb, newPrecisionSettings, nil) })
	}
	return it
}

// precision evaluates the rule by which the run may end early. The scenario's
// blocks are then the least, and those of the plan the most. A number of blocks
// on the command line is meant to be that number, and switches the rule off.
func (l *loader) precision(s *Scenario) {
	it := l.tree.precision
	if it == nil {
		return
	}
	block := newPrecisionSettings().(*precisionSettings)
	if !l.decode(it, l.static(), block) {
		return
	}
	l.precisionMetric(s, block)
	if l.opts.Blocks != 0 {
		l.warn(it.rng.Ptr(), "Precision rule switched off", fmt.Sprintf(
			"--blocks asks for %s, however wide the intervals are. Leave it out, and this block decides.", count(l.opts.Blocks, "block")))
		return
	}
	l.precisionBlocks(s.Blocks, block)
	s.Precision = &results.Precision{
		Metric: block.Metric, HalfWidth: block.HalfWidth, MinBlocks: s.Blocks, MaxBlocks: block.MaxBlocks,
	}
	s.Blocks = block.MaxBlocks
}

// precisionBlocks checks the least and the largest number of blocks.
func (l *loader) precisionBlocks(least int, block *precisionSettings) {
	if least < minPrecisionBlocks {
		rng := l.tree.scenario.rng.Ptr()
		if attr := l.tree.scenario.content.Attributes["blocks"]; attr != nil {
			rng = attr.Expr.Range().Ptr()
		}
		l.fail(rng, "Too few blocks for a precision rule", fmt.Sprintf(
			"The intervals of %s are too often narrow by chance. Write blocks = %d or more, or remove the precision block.",
			count(least, "block"), minPrecisionBlocks))
	}
	if block.MaxBlocks < least {
		l.fail(l.tree.precision.content.Attributes["max_blocks"].Expr.Range().Ptr(), "Fewer blocks at most than at least", fmt.Sprintf(
			"The scenario has blocks = %d, which is the least that is run. Write max_blocks = %d or more.", least, max(least, minPrecisionBlocks)))
	}
}

// precisionMetric checks that there will be comparisons of the metric.
func (l *loader) precisionMetric(s *Scenario, block *precisionSettings) {
	attributes := l.tree.precision.content.Attributes
	rng := attributes["metric"].Expr.Range().Ptr()
	m, known := s.metric(block.Metric)
	compared := l.pairs(s.Compare.Factor, s.Compare.Baseline) > 0
	switch missing := s.missingControls(block.Metric); {
	case !known && l.partial:
	case !known:
		l.unknownMetric(s, rng, block.Metric)
	case !compared && l.diags.HasErrors(): // the matrix may be wrong
	case !compared:
		l.fail(l.tree.precision.rng.Ptr(), "No interval to be precise about",
			"Nothing is compared. Give the matrix two or more strategies, or another factor and compare { factor = … }; or remove the block.")
	case !slices.Contains(s.Compare.Metrics, block.Metric):
		l.fail(rng, "Metric that is not compared", fmt.Sprintf(
			"Only comparisons have the interval that is meant. Compared are %s: write one of these, or add %s to the metrics of compare.",
			strings.Join(s.Compare.Metrics, ", "), block.Metric))
	case len(missing) > 0:
		l.fail(rng, "Metric without its control", fmt.Sprintf(
			"%s is relative to %s, and so it never has an interval. Add to controls: %s.", block.Metric, strings.Join(missing, " and "), asAttributes(missing)))
	}
	if known && m.Scale == results.Ratio && block.HalfWidth >= 1 {
		l.fail(attributes["half_width"].Expr.Range().Ptr(), "Half width out of range", fmt.Sprintf(
			"For %s it is relative, between 0 and 1: write 0.05 for ±5 %%.", block.Metric))
	}
}
