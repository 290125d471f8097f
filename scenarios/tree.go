package scenarios

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/czbench/czbench/internal/config"
)

// tree is the scenario as written: every block taken apart, nothing evaluated.
type tree struct {
	scenario, matrix, controls, collect, compare *item // nil when absent
	capacity, report                             *item // nil when absent
	precision                                    *item // of the scenario block; nil when absent

	variables, locals                        []*item
	zones, workloads, strategies, collectors []*item
	kernels, phases                          []*item
	figures                                  []*item // of the report block
}

// item is one block.
type item struct {
	kind, name string
	rng        hcl.Range // its header
	content    *hcl.BodyContent
	config     func() any // what its own attributes are decoded into
	broken     bool       // its content is not what its kind asks for
	load       *item
	schedExt   *item  // of a strategy
	spec       Kind   // of a workload, load or collector
	role       string // of a workload; empty when it is wrong
}

func rootSchema() *hcl.BodySchema {
	return &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
		{Type: "scenario", LabelNames: []string{"name"}},
		{Type: "variable", LabelNames: []string{"name"}},
		{Type: "locals"},
		{Type: "kernel", LabelNames: []string{"name"}},
		{Type: "zone", LabelNames: []string{"name"}},
		{Type: "workload", LabelNames: []string{"kind", "name"}},
		{Type: "strategy", LabelNames: []string{"name"}},
		{Type: "phase", LabelNames: []string{"name"}},
		{Type: "matrix"},
		{Type: "controls"},
		{Type: "collect"},
		{Type: "compare"},
		{Type: "capacity"},
		{Type: "report"},
	}}
}

// structure takes the blocks apart.
func (l *loader) structure(body hcl.Body) {
	content, diags := config.Content(body, rootSchema())
	l.add(diags...)
	for _, b := range content.Blocks {
		l.block(b)
	}
	if l.tree.scenario == nil && !diags.HasErrors() {
		l.fail(content.MissingItemRange.Ptr(), "No scenario block", `Name the scenario: scenario "my-scenario" {}.`)
	}
	if l.tree.matrix == nil && len(l.tree.strategies) > 1 && !l.strategiesPlaced() {
		l.fail(l.tree.strategies[1].rng.Ptr(), "Several strategies and no matrix",
			"Say which of them are compared: matrix { strategy = [\"…\", \"…\"] }.")
	}
}

// block takes one top-level block apart.
func (l *loader) block(b *hcl.Block) {
	t := &l.tree
	switch b.Type {
	case "scenario":
		l.name(b, 0, nameRule())
		l.single(&t.scenario, b, func() *item { return l.scenarioBlock(b) })
	case "matrix":
		l.single(&t.matrix, b, func() *item { return l.matrixBlock(b) })
	case "controls":
		l.single(&t.controls, b, func() *item { return l.item(b, newControlsSettings, nil) })
	case "compare":
		l.single(&t.compare, b, func() *item { return l.item(b, newCompareSettings, nil) })
	case "capacity":
		l.single(&t.capacity, b, func() *item { return l.item(b, newCapacitySettings, capacitySchema()) })
	case "report":
		l.single(&t.report, b, func() *item { return l.reportBlock(b) })
	case "collect":
		l.single(&t.collect, b, func() *item { return l.collectBlock(b) })
	case "locals":
		content, diags := justAttributes(b.Body)
		l.add(diags...)
		t.locals = append(t.locals, &item{rng: b.DefRange, content: content})
	case "variable":
		l.named(&t.variables, b, symbolRule(), l.item(b, newVariableSettings, variableSchema()))
	case "kernel":
		l.named(&t.kernels, b, nameRule(), l.item(b, func() any { return l.opts.Kinds.Kernel(b.Labels[0]) }, nil))
	case "phase":
		l.named(&t.phases, b, nameRule(), l.item(b, newPhaseSettings, phaseSchema()))
	case "zone":
		l.named(&t.zones, b, nameRule(), l.item(b, l.opts.Kinds.Zone, nil))
	case "strategy":
		l.named(&t.strategies, b, nameRule(), l.strategyBlock(b))
	case "workload":
		l.workloadBlock(b)
	}
}

// item takes a block apart that may hold the attributes of what newConfig
// returns, and extra.
func (l *loader) item(b *hcl.Block, newConfig func() any, extra *hcl.BodySchema) *item {
	content, diags := config.Content(b.Body, config.Schema(newConfig(), extra))
	l.add(diags...)
	it := &item{rng: b.DefRange, content: content, config: newConfig, broken: diags.HasErrors()}
	if len(b.Labels) > 0 {
		it.name = b.Labels[len(b.Labels)-1]
	}
	return it
}

// single sets the only item of a type.
func (l *loader) single(dst **item, b *hcl.Block, take func() *item) {
	if *dst != nil {
		l.fail(b.DefRange.Ptr(), fmt.Sprintf("Second %s block", b.Type),
			fmt.Sprintf("A scenario has one; the first is at %s. Merge them.", (*dst).rng))
		return
	}
	*dst = take()
}

// named adds an item whose last label is a name of its own.
func (l *loader) named(dst *[]*item, b *hcl.Block, rule rule, it *item) {
	l.name(b, len(b.Labels)-1, rule) // a bad name can still be referred to
	for _, other := range *dst {
		if other.name == it.name {
			l.fail(b.LabelRanges[len(b.Labels)-1].Ptr(), fmt.Sprintf("Second %s named %q", b.Type, it.name),
				fmt.Sprintf("The first is at %s. Give one of them another name.", other.rng))
			return
		}
	}
	*dst = append(*dst, it)
}
