package config

import (
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/zclconf/go-cty/cty"
)

func body(t *testing.T, src string) hcl.Body {
	t.Helper()
	f, diags := hclsyntax.ParseConfig([]byte(src), "x.hcl", hcl.InitialPos)
	require.False(t, diags.HasErrors(), diags.Error())
	return f.Body
}

func TestContentListsWhatIsKnown(t *testing.T) {
	schema := Schema(&inner{}, &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "load"}}})
	for src, want := range map[string]string{
		"nize = 1":   `Did you mean "nice"?`,
		"colour = 1": `An argument named "colour" is not expected here. Known are nice, slice.`,
		"loadd {}":   `Did you mean "load"?`,
		"kernel {}":  `Blocks of type "kernel" are not expected here. Known are load.`,
	} {
		_, diags := Content(body(t, src), schema)
		require.Len(t, diags, 1, src)
		assert.Contains(t, diags[0].Detail, want)
	}
	_, diags := Content(body(t, "kernel {}"), Schema(&inner{}, nil))
	require.Len(t, diags, 1)
	assert.Contains(t, diags[0].Detail, "No block may stand here.")
}

func TestAttributesLeaveTheOthersAlone(t *testing.T) {
	content, diags := Content(body(t, "nice = 3\nzone = \"a\""), Schema(&inner{}, &hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "zone"}}}))
	require.Empty(t, diags)
	var got inner
	require.Empty(t, Attributes(content, nil, &got))
	require.NotNil(t, got.Nice)
	assert.Equal(t, 3, *got.Nice)
	assert.Contains(t, content.Attributes, "zone")
	assert.Empty(t, Check(content, &got), "a struct without rules has no problems")
}

type withBlock struct{}

func (withBlock) Check() []Problem { return []Problem{{Field: "load", Summary: "Too much"}} }

func TestProblemOfANestedBlockPointsAtIt(t *testing.T) {
	content, diags := Content(body(t, "\nload {}"), &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "load"}}})
	require.Empty(t, diags)
	diags = Check(content, withBlock{})
	require.Len(t, diags, 1)
	assert.Equal(t, 2, diags[0].Subject.Start.Line)
}

func TestUnknownValueIsMarked(t *testing.T) {
	content, diags := Content(body(t, "nice = x"), Schema(&inner{}, nil))
	require.Empty(t, diags)
	ctx := &hcl.EvalContext{Variables: map[string]cty.Value{"x": cty.DynamicVal}}
	diags = Attributes(content, ctx, &inner{})
	require.Len(t, diags, 1)
	assert.Equal(t, Unknown{}, diags[0].Extra)
}

func TestSentence(t *testing.T) {
	for in, want := range map[string]string{"": "", "über alles": "Über alles.", "Done.": "Done.", "this?": "This?"} {
		assert.Equal(t, want, Sentence(in))
	}
}
