package scenarios

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// claims reports what two workloads of one trial both need for themselves.
func (l *loader) claims(ws []Workload) {
	owner := map[string]string{}
	for _, w := range ws {
		blocks := []Block{w.Block}
		if w.Load != nil {
			blocks = append(blocks, w.Load.Block)
		}
		for _, b := range blocks {
			c, ok := b.Config.(Claimer)
			if !ok {
				continue
			}
			for _, claim := range c.Claims() {
				if first, taken := owner[claim]; taken {
					l.fail(l.claimRange(b, claim), "Claimed twice", fmt.Sprintf(
						"Workloads %q and %q both want %s. Give one of them another.", first, w.Name, claim))
				}
				owner[claim] = w.Name
			}
		}
	}
}

// claimRange returns where a claim is made: the attribute that its first word
// names, else the block.
func (l *loader) claimRange(b Block, claim string) *hcl.Range {
	field, _, _ := strings.Cut(claim, " ")
	for _, it := range l.tree.workloads {
		for _, part := range []*item{it, it.load} {
			if part == nil || part.rng != b.Range {
				continue
			}
			if attr := part.content.Attributes[field]; attr != nil {
				return attr.Expr.Range().Ptr()
			}
		}
	}
	return b.Range.Ptr()
}
