package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/results"
)

// workloadSchema is what every workload may hold beside what its kind accepts.
func workloadSchema() *hcl.BodySchema {
	return &hcl.BodySchema{
		Attributes: []hcl.AttributeSchema{{Name: "role"}, {Name: "zone", Required: true}, {Name: "slo"}},
		Blocks:     []hcl.BlockHeaderSchema{{Type: "load", LabelNames: []string{"kind"}}},
	}
}

// loadSchema is what every load may hold beside what its kind accepts.
func loadSchema() *hcl.BodySchema {
	return &hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "zone", Required: true}}}
}

// workloadBlock takes a workload and its load apart.
func (l *loader) workloadBlock(b *hcl.Block) {
	kind, ok := l.kind(b, "workload", l.opts.Kinds.Workloads)
	if !ok {
		l.name(b, 1, nameRule())
		return
	}
	it := l.item(b, kind.New, workloadSchema())
	it.kind, it.spec = kind.Name, kind
	for _, lb := range it.content.Blocks {
		if it.load != nil {
			l.fail(lb.DefRange.Ptr(), "Second load block", "A workload has one load. Remove the others.")
			continue
		}
		loadKind, ok := l.kind(lb, "load", l.opts.Kinds.Loads)
		if !ok {
			it.broken = true
			it.load = &item{rng: lb.DefRange, broken: true, content: &hcl.BodyContent{}, config: newNothing}
			continue
		}
		it.load = l.item(lb, loadKind.New, loadSchema())
		it.load.kind, it.load.name, it.load.spec = loadKind.Name, it.name, loadKind
	}
	l.named(&l.tree.workloads, b, nameRule(), it)
	l.loadFits(it)
}

// kind looks up the kind that the first label of a block names.
func (l *loader) kind(b *hcl.Block, what string, kinds map[string]Kind) (Kind, bool) {
	kind, ok := kinds[b.Labels[0]]
	if !ok {
		l.partial = true
		l.fail(b.LabelRanges[0].Ptr(), "Unknown kind of "+what,
			config.Sentence(fmt.Sprintf("there is no %s %q%s", what, b.Labels[0],
				config.DidYouMean(b.Labels[0], slices.Sorted(maps.Keys(kinds))))))
	}
	return kind, ok
}

// loadFits holds the load of a workload against what its kind asks for.
func (l *loader) loadFits(it *item) {
	switch {
	case it.spec.NeedsLoad && it.load == nil:
		it.broken, l.partial = true, true
		l.fail(it.rng.Ptr(), "No load", fmt.Sprintf(
			"%q does nothing until a load asks it to. Give it a load block of one of the kinds %s.",
			it.name, strings.Join(slices.Sorted(maps.Keys(l.opts.Kinds.Loads)), ", ")))
	case !it.spec.NeedsLoad && it.load != nil && it.spec.Role != results.RoleBE:
		l.fail(it.load.rng.Ptr(), "Load that nothing serves", fmt.Sprintf(
			"A workload of kind %q works by itself and takes no load. Remove the load block.", it.kind))
	}
}
