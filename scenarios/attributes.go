package scenarios

import (
	"cmp"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// justAttributes takes a body apart whose attribute names are free.
func justAttributes(body hcl.Body) (*hcl.BodyContent, hcl.Diagnostics) {
	attrs, diags := body.JustAttributes()
	return &hcl.BodyContent{Attributes: attrs, MissingItemRange: body.MissingItemRange()}, diags
}

// attributesAnd takes a body apart that may hold blocks of one type beside
// attributes whose names are free.
func attributesAnd(blockType string, body hcl.Body) (*hcl.BodyContent, hcl.Diagnostics) {
	schema := &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: blockType}}}
	content, rest, diags := body.PartialContent(schema)
	if native, ok := body.(*hclsyntax.Body); ok {
		// What hclsyntax leaves over refuses to give its attributes when the
		// body has any block, taken or not.
		others := slices.DeleteFunc(slices.Clone(native.Blocks), func(b *hclsyntax.Block) bool { return b.Type == blockType })
		rest = &hclsyntax.Body{Attributes: native.Attributes, Blocks: others, SrcRange: native.SrcRange, EndRange: native.EndRange}
	}
	attrs, moreDiags := rest.JustAttributes()
	content.Attributes = attrs
	return content, append(diags, moreDiags...)
}

// inOrder returns attributes as the source has them.
func inOrder(attrs hcl.Attributes) []*hcl.Attribute {
	return slices.SortedFunc(maps.Values(attrs), func(a, b *hcl.Attribute) int {
		return cmp.Or(cmp.Compare(a.Range.Filename, b.Range.Filename), cmp.Compare(a.Range.Start.Byte, b.Range.Start.Byte))
	})
}
