package czyaml

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/zclconf/go-cty/cty"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/kernel"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/zones"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

func readFile(t *testing.T, path string) File {
	t.Helper()
	data, err := os.Open(path)
	require.NoError(t, err)
	defer func() { _ = data.Close() }()
	f, err := Read(data)
	require.NoError(t, err)
	return f
}

func TestRead(t *testing.T) {
	assert.Equal(t, File{
		Meta: Meta{Name: "controlzone01", Workdir: "/var/lib/cz", ShareFolder: "/var/lib/cz/share"},
		OS: OS{
			Kernel: "kernels/bzImage", InitramFS: "/var/lib/cz/initramfs", RootFS: "/var/lib/cz/images/root.qcow2",
			KCmdline: "vmlinuz-virt initrd=initramfs-virt root=LABEL=root rootfstype=ext4 console=ttyS0 preempt=full nohz_full=3-5 mitigations=off",
		},
		Resource: Resource{
			CPUSet: units.NewCPUSet(2, 3, 4, 5), Memory: 4096,
			StaticNet: &StaticNet{Address: "192.0.2.10", Netmask: "255.255.255.0", Gateway: "192.0.2.1"},
		},
	}, readFile(t, "testdata/controlzone.yaml"))
}

// TestReadWrong holds that every problem is told, with its line.
func TestReadWrong(t *testing.T) {
	const head = "meta: {name: a}\nos: {kernel: /k}\n"
	for text, want := range map[string]string{
		"":                                      "the file is empty",
		"- a\n- b\n":                            "line 1: a control zone holds keys with values",
		"meta: {name: a}\n":                     "os.kernel is missing",
		"os: {kernel: /k}\n":                    "meta.name is missing",
		"meta:\nos: {kernel: /k}\n":             "meta.name is missing",
		"a: [":                                  "read control zone: yaml: line 1",
		head + "resorce: {}\n":                  `line 3: resorce is not known; did you mean "resource"?`,
		head + "resource: {memroy: 5}\n":        `line 3: resource.memroy is not known; did you mean "memory"?`,
		head + "resource:\n  memory: 4GiB\n":    "line 4: resource.memory is a whole number of MB, such as 4096",
		head + "resource: {memory: 0}\n":        "resource.memory is a whole number of MB",
		head + "resource: {memory: [5]}\n":      "resource.memory is a whole number of MB",
		head + "resource: {cpuset: a-b}\n":      "line 3: resource.cpuset is a CPU list such as 0-3,8",
		head + "resource: {cpuset: [1, 2]}\n":   "resource.cpuset is a CPU list",
		head + "resource: {static_net: here}":   "line 3: resource.static_net holds keys with values",
		head + "os: {kernel: /l}\n":             "line 3: os stands twice; remove one of them",
		"meta: {name: [a]}\nos: {kernel: /k}":   "line 1: meta.name is a text",
		"meta: &m {name: a}\nos: *m\n":          "line 2: os holds keys with values",
		"meta: {nam: a}\nos: {kern: /k}\n":      `line 2: os.kern is not known`,
		strings.Repeat("# long\n", maxFile/7+1): "more than 1048576 bytes",
	} {
		_, err := Read(strings.NewReader(text))
		require.ErrorContains(t, err, want, "%.60q", text)
	}
	_, err := Read(strings.NewReader("meta: {nam: a}\nos: {kern: /k}\n"))
	assert.ErrorContains(t, err, "line 1: meta.nam is not known", "all of them at once")
}

func TestHCL(t *testing.T) {
	text, lost := readFile(t, "testdata/controlzone.yaml").HCL()
	golden(t, "testdata/controlzone.hcl", text)
	assert.Len(t, lost, 6)
	for _, sentence := range lost {
		assert.Contains(t, string(text), "# "+sentence+"\n")
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"controlzone01": "controlzone01", "CZ_1": "cz-1", "1st zone": "st-zone", "": "cz", "42": "cz", "-a": "a", strings.Repeat("a", 70): strings.Repeat("a", 64),
	} {
		assert.Equal(t, want, zoneName(name))
		if want != name {
			_, lost := File{Meta: Meta{Name: name}}.HCL()
			assert.Equal(t, name != "", len(lost) == 1, "%q: a name that is changed is told", name)
		}
	}
}

// TestExport holds that a zone becomes a description, and what is lost is told.
func TestExport(t *testing.T) {
	f, lost := New(
		zones.Spec{
			Name: "cz", Driver: zones.DriverVM, Kernel: "hz250", VCPUs: 3, CPUs: units.NewCPUSet(0, 1), Clock: zones.ClockVirtual,
			Strategy: "lcfirst", CPUWeight: 10, CPUMax: 0.5, Tools: []string{"redis-cli"},
		},
		kernel.Spec{Name: "hz250", HZ: 250, Preempt: "none", Cmdline: []string{"nohz_full=1", "mitigations=off"}}, "/k/bzImage")
	var text bytes.Buffer
	require.NoError(t, f.Write(&text))
	golden(t, "testdata/export.yaml", text.Bytes())
	for i, part := range []string{
		"memory 512MiB is written as 537 MB", "vcpus 3", `clock "virtual"`, `strategy "lcfirst"`, "cpu_weight 10", "cpu_max 0.5", "redis-cli", "no disk",
	} {
		assert.Contains(t, lost[i], part)
	}
	_, lost = New(zones.Spec{Name: "cz", Driver: zones.DriverVM, Memory: 512e6}, kernel.Spec{}, "/k")
	require.Len(t, lost, 2)
	assert.Contains(t, lost[0], "the zone runs on any CPU")
}

// decoded reads the blocks that HCL writes.
func decoded(t *testing.T, text []byte) (zones.Spec, kernel.Spec) {
	t.Helper()
	file, diags := hclsyntax.ParseConfig(text, "x.hcl", hcl.InitialPos)
	require.False(t, diags.HasErrors(), "%s\n%s", diags, text)
	content, diags := file.Body.Content(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
		{Type: "kernel", LabelNames: []string{"name"}}, {Type: "zone", LabelNames: []string{"name"}},
	}})
	require.False(t, diags.HasErrors(), diags.Error())
	require.Len(t, content.Blocks, 2)
	name := content.Blocks[0].Labels[0]
	ctx := &hcl.EvalContext{Variables: map[string]cty.Value{"kernel": cty.ObjectVal(map[string]cty.Value{name: cty.StringVal(name)})}}
	k, z := kernel.Spec{Name: name}, zones.Spec{Name: content.Blocks[1].Labels[0]}
	_ = config.Decode(content.Blocks[0].Body, ctx, &k) // rules beyond types may not hold
	_ = config.Decode(content.Blocks[1].Body, ctx, &z)
	return z, k
}

func roundTrip(t *testing.T, f File) {
	t.Helper()
	first, _ := f.HCL()
	z, k := decoded(t, first)
	assert.Equal(t, zones.DriverVM, z.Driver)
	assert.Equal(t, f.path(f.OS.Kernel), k.Image)
	assert.Equal(t, z.Name, z.Kernel, "the zone runs the kernel beside it")
	assert.Equal(t, f.Resource.CPUSet, z.CPUs)

	again, _ := New(z, k, k.Image)
	var text bytes.Buffer
	require.NoError(t, again.Write(&text))
	back, err := Read(&text)
	require.NoError(t, err)
	if f.Resource.Memory == 0 {
		back.Resource.Memory = 0 // what was left out is written out
	}
	second, _ := back.HCL()
	zAgain, kAgain := decoded(t, second)
	assert.Equal(t, z, zAgain)
	assert.Equal(t, k, kAgain)
}

// TestRoundTrip holds that import, export and import again keep what both can
// say.
func TestRoundTrip(t *testing.T) {
	roundTrip(t, readFile(t, "testdata/controlzone.yaml"))
}

// FuzzRead holds that no text makes Read panic, and that whatever it reads
// becomes HCL that says the same.
func FuzzRead(f *testing.F) {
	seed, err := os.ReadFile("testdata/controlzone.yaml")
	require.NoError(f, err)
	f.Add(seed)
	f.Add([]byte("meta: {name: a}\nos: {kernel: \"${x}\\n}\", kcmdline: \"a=%{b} \\\"c d\\\"\"}\nresource: {cpuset: 0, memory: 1}\n"))
	f.Add([]byte("meta: {name: \"\\n#\", workdir: \"a\\n}\"}\nos: {kernel: k, rootfs: \"\\u2028x\"}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		roundTrip(t, file)
	})
}
