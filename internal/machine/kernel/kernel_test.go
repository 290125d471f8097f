package kernel

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCheck(t *testing.T) {
	for name, tc := range map[string]struct {
		spec  Spec
		field string // at fault; empty is none
		says  string
	}{
		"nothing":             {spec: Spec{}},
		"everything":          {spec: Spec{HZ: 300, Preempt: "full", Source: "linux", Config: []string{"CONFIG_SWAP=y", `CONFIG_LOCALVERSION="-a"`}, Cmdline: []string{"nohz_full=1"}}},
		"an image":            {spec: Spec{HZ: 1000, Image: "bzImage", Cmdline: []string{"quiet"}}},
		"a tick":              {Spec{HZ: 500}, "hz", "not 500 times"},
		"a model":             {Spec{Preempt: "lazy"}, "preempt", `"lazy" is none of`},
		"image and source":    {Spec{Image: "bzImage", Source: "linux"}, "source", "leave out source or image"},
		"image and config":    {Spec{Image: "bzImage", Config: []string{"CONFIG_SWAP=y"}}, "config", "leave out config or image"},
		"no option":           {Spec{Config: []string{"SWAP=y"}}, "config", `"SWAP=y" does not set an option`},
		"two lines in one":    {Spec{Config: []string{"CONFIG_A=y\nCONFIG_B=y"}}, "config", "does not set an option"},
		"a comment":           {Spec{Config: []string{"# CONFIG_SWAP is not set"}}, "config", "does not set an option"},
		"the tick as a line":  {Spec{Config: []string{"CONFIG_HZ_1000=y"}}, "config", "write hz = 1000"},
		"parameters in one":   {Spec{Cmdline: []string{"quiet nosmp"}}, "cmdline", "each parameter is a text of its own"},
		"an empty parameter":  {Spec{Cmdline: []string{""}}, "cmdline", "each parameter"},
		"a parameter of two ": {Spec{Cmdline: []string{"quiet\nnosmp"}}, "cmdline", "each parameter"},
	} {
		t.Run(name, func(t *testing.T) {
			problems := tc.spec.Check()
			if tc.field == "" {
				assert.Empty(t, problems)
				return
			}
			require.Len(t, problems, 1)
			assert.Equal(t, tc.field, problems[0].Field)
			assert.Contains(t, problems[0].Detail, tc.says)
		})
	}
}

func TestParams(t *testing.T) {
	assert.Empty(t, Spec{}.Params())
	assert.Equal(t, []string{"preempt=none", "nohz_full=1"}, Spec{Preempt: "none", Cmdline: []string{"nohz_full=1"}}.Params())
}

func TestParseLine(t *testing.T) {
	for text, want := range map[string]line{
		"CONFIG_HZ=250":              {"CONFIG_HZ", "250"},
		"CONFIG_SWAP=n":              {"CONFIG_SWAP", "n"},
		`CONFIG_LOCALVERSION=""`:     {"CONFIG_LOCALVERSION", `""`},
		`CONFIG_CMDLINE="quiet a=b"`: {"CONFIG_CMDLINE", `"quiet a=b"`},
	} {
		got, ok := parseLine(text)
		assert.True(t, ok, text)
		assert.Equal(t, want, got)
	}
	for _, text := range []string{
		"", "CONFIG_HZ", "CONFIG_HZ=", "HZ=250", "# CONFIG_SWAP is not set", "CONFIG_A =y", "CONFIG_A=y y",
		`CONFIG_A="`, `CONFIG_A="a"b"`, "CONFIG_A=\"a\nb\"", "CONFIG_A=y\n",
	} {
		_, ok := parseLine(text)
		assert.False(t, ok, "%q", text)
	}
}

func TestWanted(t *testing.T) {
	value := func(s Spec, name string) (values []string) {
		for _, l := range wanted(s) {
			if l.name == name {
				values = append(values, l.value)
			}
		}
		return values
	}
	assert.Equal(t, []string{"250"}, value(Spec{}, "CONFIG_HZ"), "what Debian has")
	assert.Equal(t, []string{"y"}, value(Spec{HZ: 1000}, "CONFIG_HZ_1000"))
	assert.Equal(t, []string{"y"}, value(Spec{}, "CONFIG_SCHED_CLASS_EXT"), "the fragment is there")
	assert.Equal(t, []string{"n"}, value(Spec{}, "CONFIG_SWAP"))
	assert.Equal(t, []string{"y"}, value(Spec{Config: []string{"CONFIG_SWAP=y"}}, "CONFIG_SWAP"), "a line of the spec overrules")
}

func TestFragmentIsWellFormed(t *testing.T) {
	for _, l := range wanted(Spec{}) {
		_, ok := parseLine(l.String())
		assert.True(t, ok, l)
	}
	for i, text := range strings.Split(fragment, "\n") {
		_, ok := parseLine(text)
		assert.True(t, ok || text == "" || text[0] == '#', "line %d: %s", i+1, text)
	}
}

func TestLost(t *testing.T) {
	want := []line{{"CONFIG_A", "y"}, {"CONFIG_B", "n"}, {"CONFIG_C", "8"}, {"CONFIG_D", "n"}}
	assert.Empty(t, lost(want, map[string]string{"CONFIG_A": "y", "CONFIG_C": "8"}))
	assert.Equal(t, []string{"CONFIG_A=y", "CONFIG_C=8", "CONFIG_D=n"}, lost(want, map[string]string{"CONFIG_C": "7", "CONFIG_D": "y"}))
}
