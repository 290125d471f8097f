package host

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestExamine(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // the machines of testdata have no processes to watch
	cases := []struct {
		machine string
		want    map[string]string
	}{
		{"guest", map[string]string{
			"cgroups": Good, "frequency": Caution, "turbo": Caution, "SMT": Good, "autogroup": Caution,
			"PMU": Absent, "eBPF types": Absent, "sched_ext": Absent, "resctrl": Absent, "KVM": Absent, "load average": Good,
		}},
		{"server", map[string]string{
			"cgroups": Good, "frequency": Caution, "turbo": Caution, "SMT": Caution, "autogroup": Good,
			"eBPF types": Good, "sched_ext": Good, "resctrl": Good, "KVM": Absent, "load average": Caution,
		}},
	}
	for _, c := range cases {
		t.Run(c.machine, func(t *testing.T) {
			got := map[string]string{}
			var seen []string
			for _, f := range machineFrom(t, c.machine).Examine(ctx) {
				assert.NotEmpty(t, f.Text, f.Subject)
				seen = append(seen, f.Subject)
				if f.Status == Absent {
					assert.NotEmpty(t, f.Remedy, f.Subject)
				}
				if _, expected := c.want[f.Subject]; expected {
					got[f.Subject] = f.Status
				}
			}
			assert.Equal(t, c.want, got)
			assert.Subset(t, seen, []string{"qemu-system-x86_64", "libvirtd"})
		})
	}
}

func TestExamineCgroupsNamesWhatIsLacking(t *testing.T) {
	f := examineCgroups("v1: blkio pids; v2: cpu")
	assert.Equal(t, Absent, f.Status)
	assert.Contains(t, f.Text, "without the controllers cpuset, memory")
}

func TestExamineSaysWhatVMZonesNeed(t *testing.T) {
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	m := &Machine{}
	assert.Equal(t, "apt-get install qemu-system-x86", m.examineCommand("qemu-system-x86_64", "good").Remedy)
	assert.Equal(t, "apt-get install libvirt-daemon libvirt-daemon-driver-qemu", m.examineCommand("libvirtd", "good").Remedy)
	require.NoError(t, os.WriteFile(filepath.Join(bin, "libvirtd"), nil, 0o700))
	assert.Equal(t, Finding{"libvirtd", Good, "good", ""}, m.examineCommand("libvirtd", "good"))
}

func TestExamineKVM(t *testing.T) {
	dev := t.TempDir()
	m := &Machine{roots: Roots{Dev: dev}}
	assert.Equal(t, Absent, m.examineKVM().Status)
	require.NoError(t, os.WriteFile(filepath.Join(dev, "kvm"), nil, 0o600))
	assert.Equal(t, Good, m.examineKVM().Status)
}

func TestExamineNamesABusyNeighbour(t *testing.T) {
	spin := exec.CommandContext(t.Context(), "sh", "-c", "while :; do :; done")
	require.NoError(t, spin.Start())
	t.Cleanup(func() {
		_ = spin.Process.Kill() // it may have ended with the context
		_ = spin.Wait()
	})
	m, err := Open(Roots{})
	require.NoError(t, err)
	f := m.examineNeighbours(t.Context())
	assert.Equal(t, Caution, f.Status)
	assert.Contains(t, f.Text, "busy, of one CPU: ")
}
