package scenarios

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// collectBlock takes collect { … } and the collectors in it apart: one block a
// kind.
func (l *loader) collectBlock(b *hcl.Block) *item {
	schema := &hcl.BodySchema{}
	for _, kind := range slices.Sorted(maps.Keys(l.opts.Kinds.Collectors)) {
		schema.Blocks = append(schema.Blocks, hcl.BlockHeaderSchema{Type: kind})
	}
	it := l.item(b, newCollectSettings, schema)
	l.partial = l.partial || it.broken
	for _, cb := range it.content.Blocks {
		if slices.ContainsFunc(l.tree.collectors, func(c *item) bool { return c.kind == cb.Type }) {
			l.fail(cb.DefRange.Ptr(), "Second "+cb.Type+" collector", "One is enough. Remove the others.")
			continue
		}
		spec := l.opts.Kinds.Collectors[cb.Type]
		c := l.item(cb, spec.New, nil)
		c.kind, c.spec = spec.Name, spec
		l.tree.collectors = append(l.tree.collectors, c)
	}
	return it
}
