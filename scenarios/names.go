package scenarios

import (
	"fmt"
	"regexp"

	"github.com/hashicorp/hcl/v2"
)

// rule is what a name has to look like.
type rule struct {
	pattern string
	why     string
}

// nameRule is for names that become folder names and parts of metric names.
func nameRule() rule {
	return rule{`^[a-z][a-z0-9-]*$`, "Write a lower-case letter first, then letters, digits and dashes: it becomes the name of a folder."}
}

// symbolRule is for names that are only referred to.
func symbolRule() rule {
	return rule{`^[a-z][a-z0-9_-]*$`, "Write a lower-case letter first, then letters, digits, dashes and underscores."}
}

// maxName bounds names, in bytes, so that they fit into paths.
const maxName = 64

// name holds label i of a block against a rule.
func (l *loader) name(b *hcl.Block, i int, r rule) {
	l.nameAt(b.Labels[i], b.LabelRanges[i], r)
}

func (l *loader) nameAt(name string, rng hcl.Range, r rule) {
	if len(name) > maxName || !regexp.MustCompile(r.pattern).MatchString(name) {
		l.fail(&rng, "Bad name", fmt.Sprintf("%q cannot be a name. %s It has at most %d characters.", name, r.why, maxName))
	}
}
