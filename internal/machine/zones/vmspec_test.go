package zones

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/config"
)

// decodeZone decodes the arguments of a zone block and returns what is wrong.
func decodeZone(t *testing.T, src string) (Spec, string) {
	t.Helper()
	f, diags := hclsyntax.ParseConfig([]byte(src), "zone.hcl", hcl.InitialPos)
	require.False(t, diags.HasErrors(), diags.Error())
	var s Spec
	var said strings.Builder
	for _, d := range config.Decode(f.Body, nil, &s) {
		said.WriteString(d.Error() + "\n")
	}
	return s, said.String()
}

func TestCheckVM(t *testing.T) {
	for _, good := range []string{
		`kernel = "a"`,
		"kernel = \"a\"\nvcpus = 64\nmemory = \"128MiB\"\naccel = \"kvm\"\nclock = \"real\"\nvia = \"libvirt\"\nreuse = false\ntools = [\"redis-cli\"]",
		"kernel = \"a\"\nclock = \"virtual\"\naccel = \"tcg\"\nips = 500e6\nstrategy = \"x\"",
		"kernel = \"a\"\nclock = \"virtual\"\naccel = \"auto\"\nips = 976562.5",
		"kernel = \"a\"\ncpus = \"0\"\ncpu_weight = 10\ncpu_max = 0.5",
	} {
		_, said := decodeZone(t, "driver = \"vm\"\n"+good)
		assert.Empty(t, said, good)
	}
	for bad, want := range map[string]string{
		``:                                         `1,1-1: VM zone without a kernel; Say which kernel it runs: kernel = kernel.mine, and declare kernel "mine" {}.`,
		"vcpus = 65":                               "2,9-11: Number of vCPUs out of range; Write 1 to 64.",
		"vcpus = -1":                               "Number of vCPUs out of range",
		"memory = \"100MiB\"":                      `2,10-18: Memory of a VM too small; A guest does not start in 100MiB; write at least "128MiB", or leave it out for 512MiB.`,
		"accel = \"tgc\"":                          `2,9-14: Unknown accel; "tgc" is not known; did you mean "tcg"?`,
		"clock = \"virtua\"":                       `did you mean "virtual"?`,
		"via = \"docker\"":                         `"docker" is not known; known are libvirt, qemu.`,
		"clock = \"virtual\"\naccel = \"kvm\"":     `3,9-14: Virtual clock on real hardware; Only an emulator can count instructions: leave accel out, or write clock = "real".`,
		"ips = 1e9":                                `2,7-10: Instruction rate of a real clock; Only a virtual clock counts instructions: write clock = "virtual", or leave ips out.`,
		"clock = \"virtual\"\nips = 300e6":         "3,7-12: Instruction rate out of range; A virtual CPU executes 1e9 instructions a second divided by a power of two, down to 976562.5; 300000000 is not one of them: write 250000000 or 500000000.",
		"clock = \"virtual\"\nips = 2e9":           "2000000000 is not one of them: write 1000000000.",
		"clock = \"virtual\"\nips = 1000":          "1000 is not one of them: write 976562.5.",
		"clock = \"virtual\"\nips = -5":            "Instruction rate out of range",
		"clock = \"virtual\"\nreuse = true":        `Every trial of a virtual clock starts in a new VM, so that it is exact: leave reuse out, or write clock = "real".`,
		"in = \"other\"":                           "VM zone inside another zone; A VM runs on this machine: leave in out; only a cgroup zone can be inside a VM zone.",
		"cpu_weight = 20000":                       "2,14-19: CPU weight out of range",
		"cpu_max = 0.001":                          "CPU quota out of range",
		"clock = \"virtual\"\nips = 3\nvcpus = 65": "Number of vCPUs out of range",
	} {
		_, said := decodeZone(t, "driver = \"vm\"\n"+bad)
		assert.Contains(t, said, want, bad)
	}
}

// TestArgumentsOfAVMElsewhere holds that nothing is ignored silently.
func TestArgumentsOfAVMElsewhere(t *testing.T) {
	for _, driver := range []string{DriverHost, DriverCgroup} {
		for _, argument := range []string{
			`kernel = "a"`, `vcpus = 1`, `accel = "auto"`, `clock = "real"`, `via = "qemu"`, `ips = 1`, `reuse = true`, `strategy = "a"`, `tools = ["sh"]`,
		} {
			name, _, _ := strings.Cut(argument, " ")
			_, said := decodeZone(t, "driver = \""+driver+"\"\n"+argument)
			assert.Contains(t, said, "Argument of a VM zone; A "+driver+" zone has no "+name+`: write driver = "vm", or leave `+name+" out.")
		}
	}
	_, said := decodeZone(t, "driver = \"cgroup\"\nin = \"cz\"\ncpus = \"0\"\nmemory = \"2MiB\"\ncpu_weight = 5\ncpu_max = 0.5")
	assert.Empty(t, said)
	_, said = decodeZone(t, "driver = \"host\"\nin = \"cz\"")
	assert.Contains(t, said, `A host zone is on this machine; Only a cgroup zone can be inside a VM zone: write driver = "cgroup", or leave in out.`)
	_, said = decodeZone(t, `driver = "vmm"`)
	assert.Contains(t, said, `did you mean "vm"?`)
}

func TestComplete(t *testing.T) {
	plain := Spec{Driver: DriverVM, Kernel: "a"}.Complete()
	assert.Equal(t, Spec{
		Driver: DriverVM, Kernel: "a", VCPUs: 1, Memory: 512 << 20, Accel: AccelAuto, Clock: ClockReal, Via: ViaQEMU,
	}, plain)
	virtual := Spec{Driver: DriverVM, Kernel: "a", Clock: ClockVirtual, Memory: 1 << 30}.Complete()
	assert.Equal(t, Spec{
		Driver: DriverVM, Kernel: "a", VCPUs: 1, Memory: 1 << 30, Accel: AccelTCG, Clock: ClockVirtual, Via: ViaQEMU, IPS: 1e9,
	}, virtual)
	assert.Equal(t, Spec{Driver: DriverCgroup}, Spec{Driver: DriverCgroup}.Complete())
}

// TestIPS holds that each rate is allowed at which an instruction takes a power
// of two of nanoseconds, and no other.
func TestIPS(t *testing.T) {
	for n := range maxShift + 1 {
		s := Spec{Driver: DriverVM, Kernel: "a", Clock: ClockVirtual, IPS: 1e9 / float64(int(1)<<n)}
		assert.Empty(t, s.Check(), "2^%d ns", n)
		s.IPS++
		assert.NotEmpty(t, s.Check(), "beside 2^%d ns", n)
	}
}

func TestRebaseTools(t *testing.T) {
	s := Spec{Tools: []string{"redis-cli", "./mine", "bin/other", "/usr/bin/env"}}
	s.Rebase("/lab")
	assert.Equal(t, []string{"redis-cli", "/lab/mine", "/lab/bin/other", "/usr/bin/env"}, s.Tools)
}
