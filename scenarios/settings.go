package scenarios

import (
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/results"
)

// Defaults and limits of the scenario block.
const (
	defaultWarmup   = units.Duration(2 * time.Second)
	defaultMeasure  = units.Duration(5 * time.Second)
	defaultInterval = units.Duration(100 * time.Millisecond)
	minInterval     = units.Duration(time.Millisecond)
	defaultBlocks   = 10
	maxBlocks       = 10000
	// maxSeed is the largest number that every JSON reader keeps exact.
	maxSeed = 1<<53 - 1
)

// scenarioSettings is scenario "name" { … }.
type scenarioSettings struct {
	Title      string         `hcl:"title,optional"`
	Warmup     units.Duration `hcl:"warmup,optional"`
	Measure    units.Duration `hcl:"measure,optional"`
	Blocks     int            `hcl:"blocks,optional"`
	Seed       *uint64        `hcl:"seed,optional"`
	MaxDropped float64        `hcl:"max_dropped,optional"`
}

func newScenarioSettings() any {
	return &scenarioSettings{Warmup: defaultWarmup, Measure: defaultMeasure, Blocks: defaultBlocks, MaxDropped: 0.1}
}

// Check implements config.Checker.
func (s *scenarioSettings) Check() []config.Problem {
	var p []config.Problem
	if s.Measure == 0 {
		p = append(p, config.Problem{Field: "measure", Summary: "Empty measured window", Detail: `write a duration above 0, such as "5s"`})
	}
	if s.Blocks < 1 || s.Blocks > maxBlocks {
		p = append(p, config.Problem{Field: "blocks", Summary: "Number of blocks out of range", Detail: "write 1 to " + strconv.Itoa(maxBlocks)})
	}
	if s.Seed != nil && *s.Seed > maxSeed {
		p = append(p, config.Problem{Field: "seed", Summary: "Seed out of range", Detail: "write 0 to 9007199254740991"})
	}
	if s.MaxDropped < 0 || s.MaxDropped > 1 {
		p = append(p, config.Problem{Field: "max_dropped", Summary: "Share out of range", Detail: "write a share of the trials, 0 to 1"})
	}
	return p
}

// controlsSettings is controls { … }.
type controlsSettings struct {
	LCAlone bool `hcl:"lc_alone,optional"`
	BEAlone bool `hcl:"be_alone,optional"`
	LCMax   bool `hcl:"lc_max,optional"`
	AA      bool `hcl:"aa,optional"`
}

func newControlsSettings() any { return &controlsSettings{} }

// collectSettings is the part of collect { … } that is no collector.
type collectSettings struct {
	Interval units.Duration `hcl:"interval,optional"`
}

func newCollectSettings() any { return &collectSettings{Interval: defaultInterval} }

// Check implements config.Checker.
func (c *collectSettings) Check() []config.Problem {
	if c.Interval >= minInterval {
		return nil
	}
	return []config.Problem{{Field: "interval", Summary: "Interval too short", Detail: "write at least " + strconv.Quote(minInterval.String())}}
}

// settings evaluates what holds for the whole run.
func (l *loader) settings(s *Scenario) {
	s.Interval = defaultInterval
	if it := l.tree.collect; it != nil {
		block := newCollectSettings().(*collectSettings)
		l.decode(it, l.static(), block)
		s.Interval = block.Interval
	}
	it := l.tree.scenario
	if it == nil {
		return
	}
	block := newScenarioSettings().(*scenarioSettings)
	l.decode(it, l.static(), block)
	s.Name, s.Title = it.name, block.Title
	s.Warmup, s.Measure, s.Blocks, s.MaxDropped = block.Warmup, block.Measure, block.Blocks, block.MaxDropped
	if block.Seed != nil {
		s.Seed = *block.Seed
	} else {
		s.Seed = l.drawSeed()
	}
	if l.opts.Blocks != 0 {
		s.Blocks = l.opts.Blocks
	}
	if l.opts.Measure != nil {
		s.Measure = *l.opts.Measure
	}
	l.phaseSettings(s)
	if l.opts.Blocks < 0 || l.opts.Blocks > maxBlocks {
		l.fail(nil, "Number of blocks out of range", "Write --blocks 1 to "+strconv.Itoa(maxBlocks)+".")
	}
	if l.opts.Measure != nil && *l.opts.Measure == 0 {
		l.fail(nil, "Empty measured window", "Write a duration above 0, such as --measure 5s.")
	}
}

// drawSeed draws the seed of a scenario that gives none, once for all versions.
func (l *loader) drawSeed() uint64 {
	if l.version != nil {
		return l.version.seed
	}
	return rand.Uint64N(maxSeed + 1)
}

// decode decodes an item into dst and has dst check itself.
func (l *loader) decode(it *item, ctx *hcl.EvalContext, dst any) bool {
	diags := config.Attributes(it.content, ctx, dst)
	if !diags.HasErrors() && !it.broken {
		diags = append(diags, config.Check(it.content, dst)...)
	}
	l.add(diags...)
	return !diags.HasErrors() && !it.broken
}

// overrides records what the command line replaced.
func (l *loader) overrides() []results.Variable {
	var vars []results.Variable
	if l.opts.Blocks != 0 {
		vars = append(vars, results.Variable{Name: "scenario.blocks", Value: strconv.Itoa(l.opts.Blocks), Source: "--blocks"})
	}
	if l.opts.Measure != nil {
		vars = append(vars, results.Variable{Name: "scenario.measure", Value: l.opts.Measure.String(), Source: "--measure"})
	}
	return vars
}
