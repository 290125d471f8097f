package config

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
)

// Schema returns what a block may hold: the attributes that the tags of dst
// name, and what extra declares. Extra may be nil.
func Schema(dst any, extra *hcl.BodySchema) *hcl.BodySchema {
	schema, _ := gohcl.ImpliedBodySchema(dst)
	if extra != nil {
		schema.Attributes = append(schema.Attributes, extra.Attributes...)
		schema.Blocks = append(schema.Blocks, extra.Blocks...)
	}
	return schema
}

// Content takes body apart by schema. A complaint about an unknown argument or
// block for which HCL has no suggestion lists what may stand there.
func Content(body hcl.Body, schema *hcl.BodySchema) (*hcl.BodyContent, hcl.Diagnostics) {
	content, diags := body.Content(schema)
	for _, d := range diags {
		var known []string
		switch {
		case strings.Contains(d.Detail, "Did you mean"):
			continue
		case d.Summary == "Unsupported argument":
			for _, a := range schema.Attributes {
				known = append(known, a.Name)
			}
		case d.Summary == "Unsupported block type":
			for _, b := range schema.Blocks {
				known = append(known, b.Type)
			}
		}
		if len(schema.Blocks) == 0 && d.Summary == "Unsupported block type" {
			d.Detail += " No block may stand here."
		}
		if len(known) > 0 {
			slices.Sort(known)
			d.Detail += " Known are " + strings.Join(known, ", ") + "."
		}
	}
	return content, diags
}
