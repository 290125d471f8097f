package schedulers

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/schedulers/scx"
)

func parse(t *testing.T, text string) (Spec, hcl.Diagnostics) {
	t.Helper()
	file, diags := hclparse.NewParser().ParseHCL([]byte(text), "s.hcl")
	require.False(t, diags.HasErrors(), "%s", diags)
	s, diags := decode(file.Body)
	s.Name = "s"
	return s, diags
}

// decode takes a strategy block with its sched_ext block, as a scenario does.
func decode(body hcl.Body) (Spec, hcl.Diagnostics) {
	var s Spec
	blocks := &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "sched_ext", LabelNames: []string{"scheduler"}}}}
	content, diags := config.Content(body, config.Schema(&s, blocks))
	for _, b := range content.Blocks {
		s.SchedExt = &scx.Spec{Scheduler: b.Labels[0]}
		inner, innerDiags := config.Content(b.Body, config.Schema(s.SchedExt, nil))
		diags = slices.Concat(diags, innerDiags, config.Attributes(inner, nil, s.SchedExt))
	}
	diags = append(diags, config.Attributes(content, nil, &s)...)
	if !diags.HasErrors() {
		diags = config.Check(content, &s)
	}
	return s, diags
}

func TestCheckFindsWhatCannotWork(t *testing.T) {
	for text, want := range map[string]string{
		`be = { nice = 20 }`:                                       "20 is not a nice value",
		`be = { policy = "btach" }`:                                `did you mean "batch"?`,
		`be = { policy = "idle", nice = 5 }`:                       "does not look at nice",
		`lc = { policy = "fifo" }`:                                 "needs a priority",
		`lc = { policy = "rr", priority = 100 }`:                   "needs a priority",
		`lc = { priority = 3 }`:                                    "only the policies",
		`lc = { slice = "1us" }`:                                   "slices of",
		`lc = { slice = "1ms", policy = "idle" }`:                  "a slice belongs to",
		`be = { cpu_weight = 10001 }`:                              "10001 is not a weight",
		`be = { cpu_weight = 10, cpu_idle = true }`:                "has no weight",
		`be = { cpu_max = 0.001 }`:                                 "is not a quota",
		`be = { cpu_max = 0.2, nice = 19 }`:                        "works against itself",
		"lc = { cpu_weight = 500 }\nbe = { policy = \"idle\" }":    "works against itself",
		`workloads = { avx = { nice = -21 } }`:                     "Settings of avx: -21 is not",
		`be = { weight = 3 }`:                                      `"weight" is not expected here`,
		`be = { slice = 100 }`:                                     "without a unit",
		"workloads = { a = { nice = 1 } }\nlc = { cpu_idle=true }": "works against itself",

		`sched_ext "lcfist" {}`:                                      `did you mean "lcfirst"?`,
		`sched_ext "external" {}`:                                    "rite the command that loads it",
		`be = { policy = "ext" }`:                                    `"ext" is not a policy`,
		"be = { policy = \"idle\" }\nsched_ext \"lcfirst\" {}":       "takes the tasks away",
		"lc = { slice = \"1ms\" }\nsched_ext \"fifo\" {}":            "slice in the sched_ext block",
		"be = { nice = 19 }\nsched_ext \"fifo\" {}":                  "does not look at nice",
		"be = { nice = 19 }\nsched_ext \"vtime\" { partial = true }": "also ranks tasks outside",
		"be = { cpu_weight = 1 }\nsched_ext \"vtime\" {}":            "does not look at cpu_weight",
	} {
		t.Run(text, func(t *testing.T) {
			_, diags := parse(t, text)
			require.Len(t, diags, 1)
			assert.Contains(t, diags.Error(), want)
		})
	}
}

func TestSpecsThatWork(t *testing.T) {
	for _, c := range []struct {
		text  string
		split bool
		rt    bool
	}{
		{``, false, false},
		{`be = { nice = 19 }`, false, false},
		{`lc = { nice = -20, slice = "100us" }`, false, false},
		{`lc = { policy = "fifo", priority = 10 }`, false, true},
		{`be = { cpu_weight = 1 }`, true, false},
		{`be = { cpu_idle = true }`, true, false},
		{"lc = { policy = \"rr\", priority = 1 }\nbe = { cpu_max = 0.2 }", true, true},
		{`be = { cpus = "1" }`, false, false},
		{"lc = { cpus = \"1\" }\nsched_ext \"lcfirst\" { be_share = 0.1 }", false, false},
		{"be = { nice = 19 }\nsched_ext \"vtime\" { slice = \"1ms\" }", false, false},
		{"be = { cpu_weight = 1, cpu_max = 0.5 }\nsched_ext \"external\" { command = [\"scx_flatcg\"] }", true, false},
	} {
		t.Run(c.text, func(t *testing.T) {
			s, diags := parse(t, c.text)
			require.Empty(t, diags)
			assert.Equal(t, c.split, s.SplitsGroups())
			assert.Equal(t, c.rt, s.NeedsRT())
			text, err := json.Marshal(s)
			require.NoError(t, err)
			var again Spec
			require.NoError(t, json.Unmarshal(text, &again))
			assert.Equal(t, s, again, "a spec survives JSON")
		})
	}
}

// Every page of the documentation shows a strategy that works and says of itself
// what it needs.
func TestDocumentedExamples(t *testing.T) {
	pages, err := filepath.Glob("../docs/strategies/*.md")
	require.NoError(t, err)
	require.Len(t, pages, 17)
	block := regexp.MustCompile("(?s)```hcl\n(.*?)```")
	for _, page := range pages {
		t.Run(filepath.Base(page), func(t *testing.T) {
			text, err := os.ReadFile(page)
			require.NoError(t, err)
			examples := block.FindAllStringSubmatch(string(text), -1)
			require.NotEmpty(t, examples)
			for _, example := range examples {
				file, diags := hclparse.NewParser().ParseHCL([]byte(example[1]), page)
				require.Empty(t, diags)
				schema := &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "strategy", LabelNames: []string{"name"}}}}
				content, diags := file.Body.Content(schema)
				require.Empty(t, diags)
				require.NotEmpty(t, content.Blocks)
				for _, b := range content.Blocks {
					_, diags := decode(b.Body)
					assert.Empty(t, diags)
				}
			}
		})
	}
}

func TestNamedSettingsBeatRoles(t *testing.T) {
	be, own := &Settings{Nice: ptr(19)}, &Settings{Nice: ptr(1)}
	s := Spec{BE: be, Workloads: map[string]*Settings{"avx": own}}
	assert.Same(t, own, s.of("avx", results.RoleBE))
	assert.Same(t, be, s.of("npb", results.RoleBE))
	assert.Nil(t, s.of("kv", results.RoleLC))
}

func TestMissingNamesWhatTheUserLacks(t *testing.T) {
	where := []Place{
		{Workload: "kv", Role: results.RoleLC, Driver: zones.DriverHost},
		{Workload: "avx", Role: results.RoleBE, Driver: zones.DriverHost},
	}
	modern := Facts{Slices: true, GroupIdle: true, Online: units.NewCPUSet(0, 1)}
	limits := modern
	limits.MinNice, limits.MaxRT = -5, 20
	root := modern
	root.CapSysNice, root.CapSysAdmin = true, true
	zoneKernel := root
	zoneKernel.SchedExt = true
	old := root
	old.Slices, old.GroupIdle = false, false
	slice := units.Duration(time.Millisecond)
	for _, c := range []struct {
		name  string
		facts Facts
		spec  Spec
		keys  []string
	}{
		{"nobody may be nice", modern, Spec{BE: &Settings{Nice: ptr(19)}}, nil},
		{"nobody may idle", modern, Spec{BE: &Settings{Policy: "idle"}}, nil},
		{"nobody may batch", modern, Spec{BE: &Settings{Policy: "batch"}}, nil},
		{"nobody may shorten slices", modern, Spec{LC: &Settings{Slice: slice}}, nil},
		{"nobody may bind", modern, Spec{LC: &Settings{CPUs: units.NewCPUSet(1)}}, nil},
		{"negative nice", modern, Spec{LC: &Settings{Nice: ptr(-1)}}, []string{"privilege:nice"}},
		{"within RLIMIT_NICE", limits, Spec{LC: &Settings{Nice: ptr(-5)}}, nil},
		{"beyond RLIMIT_NICE", limits, Spec{LC: &Settings{Nice: ptr(-6)}}, []string{"privilege:nice"}},
		{"real-time", modern, Spec{LC: &Settings{Policy: "fifo", Priority: 1}}, []string{"privilege:rtprio"}},
		{"within RLIMIT_RTPRIO", limits, Spec{LC: &Settings{Policy: "rr", Priority: 20}}, nil},
		{"root", root, Spec{LC: &Settings{Nice: ptr(-20)}, BE: &Settings{Policy: "fifo", Priority: 99}}, nil},
		{"groups in a host zone", root, Spec{BE: &Settings{CPUWeight: 1}}, []string{"cgroup:cpu"}},
		{"old kernel", old, Spec{LC: &Settings{Slice: slice}, BE: &Settings{Policy: "batch"}}, []string{"kernel:6.12"}},
		{"older kernel", old, Spec{BE: &Settings{CPUIdle: true}}, []string{"kernel:5.15", "cgroup:cpu"}},
		{"no sched_ext", root, Spec{SchedExt: &scx.Spec{Scheduler: scx.External}}, []string{"kernel:sched_ext"}},
		{"nobody may load", modern, Spec{SchedExt: &scx.Spec{Scheduler: scx.External}}, []string{"kernel:sched_ext", "root"}},
		{"sched_ext in a host zone", zoneKernel, Spec{SchedExt: &scx.Spec{Scheduler: scx.FIFO}}, []string{"cgroup:v2", "cgroup:v2"}},
		{"external in a host zone", zoneKernel, Spec{SchedExt: &scx.Spec{Scheduler: scx.External}}, nil},
		{"too few CPUs", root, Spec{BE: &Settings{CPUs: units.NewCPUSet(1, 2)}}, []string{"cpu:2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var keys []string
			for _, m := range c.spec.Missing(c.facts, where) {
				keys = append(keys, m.Key)
				assert.NotEmpty(t, m.Remedy)
			}
			assert.Equal(t, c.keys, keys)
		})
	}
}

func TestReadFacts(t *testing.T) {
	read := func(proc string) Facts {
		m, err := host.Open(host.Roots{Proc: proc})
		require.NoError(t, err)
		f, err := ReadFacts(m)
		require.NoError(t, err)
		return f
	}
	f := read("testdata/proc-user")
	assert.False(t, f.CapSysNice)
	assert.False(t, f.Slices)
	assert.True(t, f.GroupIdle)
	f = read("testdata/proc-root")
	assert.True(t, f.CapSysNice)
	assert.True(t, f.Slices)
}

func TestOnlyAnExternalSchedulerNeedsAGroupOfItsOwn(t *testing.T) {
	assert.Empty(t, Spec{}.Helpers())
	assert.Empty(t, Spec{SchedExt: &scx.Spec{Scheduler: scx.LCFirst}}.Helpers())
	assert.Equal(t, []string{helper}, Spec{SchedExt: &scx.Spec{Scheduler: scx.External}}.Helpers())
}
