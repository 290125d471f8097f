package host

import (
	"bytes"
	"compress/gzip"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFactsOfABareMachineAreUnknown(t *testing.T) {
	roots := rootsFrom(t, "guest")
	m, err := Open(roots)
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(roots.Proc))
	require.NoError(t, os.RemoveAll(roots.Boot))
	require.NoError(t, os.RemoveAll(roots.Etc))
	facts := m.Facts()
	for _, key := range []string{
		"cpu.model", "cpu.flags", "cpu.microcode", "mem.total", "kernel.cmdline", "kernel.hz", "kernel.preempt",
		"kernel.sched.autogroup_enabled", "cgroup.layout", "os.release",
	} {
		assert.Equal(t, unknown, facts[key], key)
	}
}

func TestKernelConfigFromProcComesFirst(t *testing.T) {
	roots := rootsFrom(t, "guest")
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write([]byte("CONFIG_HZ=100\nCONFIG_PREEMPT_RT=y\n"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, os.WriteFile(filepath.Join(roots.Proc, "config.gz"), packed.Bytes(), 0o644))
	m, err := Open(roots)
	require.NoError(t, err)
	facts := m.Facts()
	assert.Equal(t, "100", facts["kernel.hz"])
	assert.Equal(t, "rt", facts["kernel.preempt"])
}

func TestPreempt(t *testing.T) {
	dynamic := map[string]string{"PREEMPT_VOLUNTARY": "y", "PREEMPT_DYNAMIC": "y"}
	cases := []struct {
		name, debugfs, realtime, cmdline string
		config                           map[string]string
		want                             string
	}{
		{name: "debugfs", debugfs: "none (voluntary) full", cmdline: "preempt=full", config: dynamic, want: "voluntary"},
		{name: "realtime", realtime: "1", want: "rt"},
		{name: "command line", cmdline: "quiet preempt=full", config: dynamic, want: "full"},
		{name: "command line of a fixed kernel", cmdline: "preempt=full", config: map[string]string{"PREEMPT_NONE": "y"}, want: "none"},
		{name: "configuration", cmdline: "quiet", config: dynamic, want: "voluntary"},
		{name: "full in the configuration", config: map[string]string{"PREEMPT": "y"}, want: "full"},
		{name: "nothing known", want: unknown},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			sys := t.TempDir()
			for path, text := range map[string]string{"kernel/debug/sched/preempt": c.debugfs, "kernel/realtime": c.realtime} {
				if text != "" {
					require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(sys, path)), 0o755))
					require.NoError(t, os.WriteFile(filepath.Join(sys, path), []byte(text+"\n"), 0o644))
				}
			}
			m := &Machine{roots: Roots{Sys: sys}}
			assert.Equal(t, c.want, m.preempt(c.cmdline, c.config))
		})
	}
}

func TestTurboFromBoost(t *testing.T) {
	sys := t.TempDir()
	path := filepath.Join(sys, "devices/system/cpu/cpufreq/boost")
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	for text, want := range map[string]string{"1\n": "on", "0\n": "off", "x\n": unknown} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		f := facts{}
		(&Machine{roots: Roots{Sys: sys}}).frequencyFacts(f)
		assert.Equal(t, want, f["cpu.turbo"])
	}
}

func TestFingerprint(t *testing.T) {
	base := map[string]string{
		"cpu.model": "A", "kernel.release": "6.1", "tool.redis-server": "7.0", "czbench.commit": "abc",
		"czbench.version": "1", "mem.total": "100", "kernel.version": "#1",
	}
	cases := []struct {
		key     string
		differs bool
	}{
		{"cpu.model", true},
		{"kernel.release", true},
		{"tool.redis-server", true},
		{"cpu.mitigations.meltdown", true},
		{"cgroup.layout", true},
		{"clock.source", true},
		{"os.release", true},
		{"czbench.commit", false},
		{"czbench.version", false},
		{"mem.total", false},
		{"kernel.version", false},
	}
	for _, c := range cases {
		t.Run(c.key, func(t *testing.T) {
			changed := maps.Clone(base)
			changed[c.key] = "other"
			assert.Equal(t, c.differs, Fingerprint(changed) != Fingerprint(base))
			var want []string
			if c.differs {
				want = []string{c.key}
			}
			assert.Equal(t, want, Differing(base, changed))
			assert.Equal(t, want, Differing(changed, base))
		})
	}
	assert.Regexp(t, `^[0-9a-f]{16}$`, Fingerprint(base))
}

func FuzzParseConfig(f *testing.F) {
	f.Add([]byte("CONFIG_HZ=250\n# CONFIG_HZ_300 is not set\nCONFIG_DEFAULT_HOSTNAME=\"(none)\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for name, value := range parseConfig(data) {
			assert.Contains(t, string(data), "CONFIG_"+name+"=")
			assert.Contains(t, string(data), value)
		}
	})
}

func BenchmarkFacts(b *testing.B) {
	m, err := Open(Roots{})
	require.NoError(b, err)
	for b.Loop() {
		m.Facts()
	}
}
