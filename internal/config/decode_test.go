package config

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/units"
)

type inner struct {
	Nice  *int           `hcl:"nice,optional"`
	Slice units.Duration `hcl:"slice,optional"`
}

type sample struct {
	Port  int               `hcl:"port"`
	Wait  units.Duration    `hcl:"wait,optional"`
	Size  units.Bytes       `hcl:"size,optional"`
	Names []string          `hcl:"names,optional"`
	LC    *inner            `hcl:"lc,optional"`
	Tags  map[string]*inner `hcl:"tags,optional"`
}

func (s *sample) Check() []Problem {
	if s.Port > 65535 {
		return []Problem{{Field: "port", Summary: "Port out of range", Detail: "write 1 to 65535"}}
	}
	return nil
}

func decode(t *testing.T, src string) (sample, hcl.Diagnostics) {
	t.Helper()
	f, diags := hclsyntax.ParseConfig([]byte(src), "x.hcl", hcl.InitialPos)
	require.False(t, diags.HasErrors(), diags.Error())
	s := sample{Wait: units.Duration(time.Second)}
	return s, Decode(f.Body, nil, &s)
}

func TestDecode(t *testing.T) {
	f, _ := hclsyntax.ParseConfig([]byte(`
port = 7
size = "1MiB"
names = ["a", "b"]
lc = { nice = -5, slice = "100us" }
tags = { burn = { nice = 19 } }
`), "x.hcl", hcl.InitialPos)
	s := sample{Wait: units.Duration(time.Second)}
	require.Empty(t, Decode(f.Body, nil, &s))
	nice, burn := -5, 19
	assert.Equal(t, sample{
		Port: 7, Wait: units.Duration(time.Second), Size: 1 << 20, Names: []string{"a", "b"},
		LC: &inner{Nice: &nice, Slice: units.Duration(100 * time.Microsecond)}, Tags: map[string]*inner{"burn": {Nice: &burn}},
	}, s)
}

func TestDecodeProblems(t *testing.T) {
	for src, want := range map[string]string{
		`prot = 1`:                               `Did you mean "port"?`,
		"port = 1\nwait = 5":                     `A number without a unit: "5" has no unit: write "5s" or "5ms".`,
		"port = 1\nwait = \"5 apples\"":          `is not a duration`,
		"port = 1\nlc = { nize = 3 }":            `"nize" is not expected here; did you mean "nice"?`,
		"port = 1\nlc = 3":                       `An object { … } is required, not number.`,
		"port = 70000":                           `x.hcl:1,8-13: Port out of range; Write 1 to 65535.`,
		"port = 1\ntags = { a = { nice = [] } }": `A: nice: `,
	} {
		_, diags := decode(t, src)
		require.True(t, diags.HasErrors(), src)
		var all strings.Builder
		for _, d := range diags {
			fmt.Fprintln(&all, d)
		}
		assert.Contains(t, all.String(), want, src)
	}
}
