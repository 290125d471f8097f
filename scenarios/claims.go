package scenarios

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// claims reports what two workloads of one trial both need for themselves on one
// machine.
func (l *loader) claims(ws []Workload, st site) {
	type thing struct{ machine, claim string }
	owner := map[thing]string{}
	claim := func(b Block, machine, workload string) {
		c, ok := b.Config.(Claimer)
		if !ok {
			return
		}
		for _, text := range c.Claims() {
			t := thing{machine, text}
			if first, taken := owner[t]; taken {
				l.fail(l.claimRange(b, text), "Claimed twice", fmt.Sprintf(
					"Workloads %q and %q both want %s. Give one of them another.", first, workload, text))
			}
			owner[t] = workload
		}
	}
	for _, w := range ws {
		claim(w.Block, st.machine(w.Zone), w.Name)
		if w.Load != nil {
			claim(w.Load.Block, st.machine(w.Load.Zone), w.Name)
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
