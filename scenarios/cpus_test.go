package scenarios_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/scenarios"
)

// zoneCPUs loads a scenario with zones a, b, c… whose cpus are the expressions
// given, and returns what they got.
func zoneCPUs(t *testing.T, m machine, expressions ...string) ([]string, hcl.Diagnostics) {
	t.Helper()
	var text strings.Builder
	text.WriteString(strings.Replace(minimal(""), `  cpus   = "0"`+"\n", "", 1))
	for i, e := range expressions {
		name := string(rune('a' + i))
		fmt.Fprintf(&text, "zone %q {\n  driver = \"cgroup\"\n  cpus = %s\n}\n", name, e)
		fmt.Fprintf(&text, "workload \"avx\" %q {\n  zone = zone.%s\n}\n", "in-"+name, name)
	}
	if strings.Contains(text.String(), "local.two") {
		text.WriteString("locals {\n  two = cpus_take(2)\n}\n")
	}
	o := options()
	o.Topology = m
	s, diags := loadText(t, text.String(), o)
	if diags.HasErrors() {
		return nil, diags
	}
	var got []string
	for _, z := range s.Treatments[0].Zones[1:] {
		got = append(got, z.Config.(*zoneConfig).CPUs.String())
	}
	return got, diags
}

func TestCPUFunctions(t *testing.T) {
	plain, smt := machine{cpus: 8}, machine{cpus: 8, smt: true} // with smt 0 and 4, 1 and 5… share a core
	for name, tc := range map[string]struct {
		machine     machine
		expressions []string
		want        []string
	}{
		"lowest first":                     {plain, []string{"cpus_take(2)", "cpus_take(1)"}, []string{"0-1", "2"}},
		"whole cores apart":                {smt, []string{"cpus_take(1)", "cpus_take(2)"}, []string{"0", "1-2"}},
		"siblings when no core is left":    {smt, []string{"cpus_take(3)", "cpus_take(2)"}, []string{"0-2", "3-4"}},
		"rest":                             {plain, []string{"cpus_take(2)", "cpus_rest()"}, []string{"0-1", "2-7"}},
		"rest before take":                 {plain, []string{"cpus_rest()", "cpus_take(2)"}, []string{"2-7", "0-1"}},
		"rest leaves siblings out":         {smt, []string{"cpus_take(2)", "cpus_rest()"}, []string{"0-1", "2-3,6-7"}},
		"two zones share the rest":         {plain, []string{"cpus_take(6)", "cpus_rest()", "cpus_rest()"}, []string{"0-5", "6-7", "6-7"}},
		"written out CPUs are taken":       {plain, []string{"cpus_take(2)", `"1"`, "cpus_rest()"}, []string{"0,2", "1", "3-7"}},
		"siblings of a list":               {smt, []string{`cpu_siblings("0-1")`}, []string{"0-1,4-5"}},
		"siblings of what was taken":       {smt, []string{"cpu_siblings(cpus_take(1))", "cpus_rest()"}, []string{"0,4", "1-3,5-7"}},
		"node":                             {plain, []string{"numa_cpus(0)"}, []string{"0-7"}},
		"a local takes once":               {plain, []string{"local.two", "local.two", "cpus_rest()"}, []string{"0-1", "0-1", "2-7"}},
		"an expression over what it takes": {plain, []string{`"${cpus_take(1)},7"`, "cpus_rest()"}, []string{"0,7", "1-6"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, diags := zoneCPUs(t, tc.machine, tc.expressions...)
			require.Empty(t, diags)
			assert.Equal(t, tc.want, got)
		})
	}
}

func TestRestOfSiblingsWarns(t *testing.T) {
	got, diags := zoneCPUs(t, machine{cpus: 2, smt: true}, "cpus_take(1)", "cpus_rest()")
	assert.Equal(t, []string{"0", "1"}, got)
	require.Len(t, diags, 1)
	assert.Equal(t, hcl.DiagWarning, diags[0].Severity)
	assert.Contains(t, diags[0].Detail, "Only SMT siblings")
}

// TestMachineLacks holds that what the machine lacks can be told from faults.
func TestMachineLacks(t *testing.T) {
	_, diags := zoneCPUs(t, machine{cpus: 2}, "cpus_take(3)")
	require.Len(t, diags, 1)
	assert.Equal(t, scenarios.MachineLacks{
		Key: "cpus:3", What: "the machine has 2 CPUs; 3 were asked for", Remedy: "take fewer CPUs, let zones share them, or use a larger machine",
	}, diags[0].Extra)
	assert.True(t, scenarios.OnlyMachineLacks(diags))

	_, diags = zoneCPUs(t, machine{cpus: 1}, "cpus_take(2)", "zone.shard")
	assert.False(t, scenarios.OnlyMachineLacks(diags), "a fault beside it is a fault")
	assert.False(t, scenarios.OnlyMachineLacks(nil))

	for _, bad := range []string{"cpus_take(0)", "cpus_take(1.5)", "cpus_take(-1)", "numa_cpus(-1)", `cpu_siblings("x")`} {
		_, diags := zoneCPUs(t, machine{cpus: 2}, bad)
		require.True(t, diags.HasErrors(), bad)
		assert.False(t, scenarios.OnlyMachineLacks(diags), bad)
	}
}
