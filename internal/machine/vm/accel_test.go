package vm

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/vm/qemu"
	"github.com/czbench/czbench/internal/machine/vmtest"
	"github.com/czbench/czbench/internal/machine/zones"
)

func TestAccelWithoutADevice(t *testing.T) {
	p := Probe{Kernel: "none", Exe: "none", device: filepath.Join(t.TempDir(), "kvm")}
	accel, reason, err := Accel(t.Context(), zones.AccelTCG, p)
	require.NoError(t, err)
	assert.Equal(t, zones.AccelTCG, accel)
	assert.Contains(t, reason, "the scenario wants")

	accel, reason, err = Accel(t.Context(), zones.AccelAuto, p)
	require.NoError(t, err)
	assert.Equal(t, zones.AccelTCG, accel)
	assert.Contains(t, reason, "there is no hardware virtualisation")

	_, _, err = Accel(t.Context(), zones.AccelKVM, p)
	var missing host.Missing
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, "kvm", missing.Key)
}

// The verdict is that of a real probe, whatever this machine can do; a second
// question is answered from memory.
func TestAccelBootsAProbeOnce(t *testing.T) {
	p := Probe{Kernel: vmtest.Kernel(t), Exe: os.Args[0], Cache: t.TempDir(), device: "/dev/null"}
	accel, reason, err := Accel(t.Context(), zones.AccelAuto, p)
	require.NoError(t, err)
	t.Log(accel, reason)
	verdicts, err := filepath.Glob(filepath.Join(p.Cache, "probes", "kvm-*"))
	require.NoError(t, err)
	require.Len(t, verdicts, 1)
	text, err := os.ReadFile(verdicts[0])
	require.NoError(t, err)
	if accel == zones.AccelKVM {
		assert.Equal(t, "\n", string(text))
	} else {
		assert.Equal(t, reason+"\n", string(text))
		assert.Contains(t, reason, "a probe guest did not ")
	}

	require.NoError(t, os.WriteFile(verdicts[0], []byte("\n"), 0o600))
	accel, _, err = Accel(t.Context(), zones.AccelAuto, p)
	require.NoError(t, err)
	assert.Equal(t, zones.AccelKVM, accel)
	require.NoError(t, os.WriteFile(verdicts[0], []byte("it did not\n"), 0o600))
	_, _, err = Accel(t.Context(), zones.AccelKVM, p)
	assert.ErrorContains(t, err, "KVM does not work here: it did not")
}

// What shows that KVM works shows it of emulation, which works everywhere.
func TestProbeGuestComesToLife(t *testing.T) {
	dir := t.TempDir()
	m := qemu.Machine{
		Name: "probe", Kernel: vmtest.Kernel(t), Initrd: filepath.Join(dir, "initramfs"), Params: []string{ProbeParameter},
		VCPUs: 1, Memory: probeMemory, Console: filepath.Join(dir, "console"),
	}
	require.NoError(t, Probe{Exe: os.Args[0]}.pack(m.Initrd))
	said, _ := runProbe(t.Context(), m)
	assert.Empty(t, said)
	text, err := tail(m.Console)
	require.NoError(t, err)
	assert.Contains(t, text, ProbeOK)
}
