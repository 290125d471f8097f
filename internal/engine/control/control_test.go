package control

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/kernel"
	"github.com/czbench/czbench/internal/machine/proto"
	"github.com/czbench/czbench/internal/machine/vm"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/schedulers"
	"github.com/czbench/czbench/schedulers/scx"
)

// archive returns what a guest would send.
func archive(t *testing.T, headers ...tar.Header) *bytes.Buffer {
	t.Helper()
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	w := tar.NewWriter(zip)
	for _, h := range headers {
		content := "content of " + h.Name
		if h.Typeflag == tar.TypeReg {
			h.Size = int64(len(content))
		}
		h.Mode = 0o755
		require.NoError(t, w.WriteHeader(&h))
		if h.Typeflag == tar.TypeReg {
			_, err := w.Write([]byte(content))
			require.NoError(t, err)
		}
	}
	require.NoError(t, w.Close())
	require.NoError(t, zip.Close())
	return &out
}

func TestUnpackTakesFilesAndFolders(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, unpack(archive(t,
		tar.Header{Name: "raw/", Typeflag: tar.TypeDir},
		tar.Header{Name: "raw/kv/redis-log.txt", Typeflag: tar.TypeReg},
		tar.Header{Name: "raw/kv/link", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"},
		tar.Header{Name: "raw/kv/pipe", Typeflag: tar.TypeFifo},
	), dir))
	text, err := os.ReadFile(filepath.Join(dir, "raw/kv/redis-log.txt"))
	require.NoError(t, err)
	assert.Equal(t, "content of raw/kv/redis-log.txt", string(text))
	assert.NoFileExists(t, filepath.Join(dir, "raw/kv/link"))
	assert.NoFileExists(t, filepath.Join(dir, "raw/kv/pipe"))
}

// What a guest sends is not trusted.
func TestUnpackStaysInItsFolder(t *testing.T) {
	outside := t.TempDir()
	dir := filepath.Join(outside, "trial")
	require.NoError(t, os.Mkdir(dir, 0o755))
	for _, name := range []string{"../escaped", "a/../../escaped"} {
		require.Error(t, unpack(archive(t, tar.Header{Name: name, Typeflag: tar.TypeReg}), dir), name)
	}
	assert.NoFileExists(t, filepath.Join(outside, "escaped"))
	require.Error(t, unpack(strings.NewReader("no archive"), dir))
}

func FuzzUnpack(f *testing.F) {
	f.Add([]byte("\x1f\x8b"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		outside := t.TempDir()
		dir := filepath.Join(outside, "trial")
		require.NoError(t, os.Mkdir(dir, 0o755))
		_ = unpack(bytes.NewReader(sent), dir) // an error or not, it must not leave the folder
		entries, err := os.ReadDir(outside)
		require.NoError(t, err)
		assert.Len(t, entries, 1)
	})
}

func TestShift(t *testing.T) {
	for ips, want := range map[float64]int{1e9: 0, 5e8: 1, 250e6: 2, 1e9 / 1024: 10} {
		assert.Equal(t, want, shift(ips), "%g", ips)
	}
}

func planOf(t *testing.T) machinePlan {
	t.Helper()
	return machinePlan{
		part: trial.Part{
			Zone:   zones.Spec{Name: "cz", Driver: zones.DriverVM, Clock: zones.ClockVirtual}.Complete(),
			Kernel: kernel.Spec{Name: "k", HZ: 250}, Dir: t.TempDir(),
		},
		spec: vm.Spec{Accel: zones.AccelTCG},
	}
}

func TestAboutSaysWhatTheMachineWas(t *testing.T) {
	m := planOf(t)
	a := m.aboutGuest(proto.HelloBody{Release: "6.12.117", Uptime: 0.4, Kernel: kernel.Facts{HZ: 250}})
	assert.Equal(t, results.FidelityVirtual, a.Fidelity)
	assert.Equal(t, "6.12.117", a.Facts["kernel"])
	assert.Equal(t, "250", a.Facts["hz"])
	assert.InDelta(t, 0.4, a.Scalars["boot.guest"], 0)
	assert.Empty(t, a.Invalid)

	other := m.aboutGuest(proto.HelloBody{Kernel: kernel.Facts{HZ: 1000}})
	assert.Contains(t, other.Invalid, "HZ 1000", "the guest itself says which kernel runs, not the name of a file")

	m.part.Zone.Clock = zones.ClockReal
	assert.Equal(t, results.FidelityEmulated, m.about().Fidelity)
	m.spec.Accel = zones.AccelKVM
	assert.Equal(t, results.FidelityReal, m.about().Fidelity)
}

// output writes what a guest left on its serial line.
func output(t *testing.T, messages ...proto.Message) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	for _, m := range messages {
		require.NoError(t, proto.Write(&b, m))
	}
	return &b
}

func TestReceive(t *testing.T) {
	g := &virtualGuest{plan: planOf(t)}
	dir := g.plan.part.Dir
	hello := proto.Message{Kind: proto.Hello, Body: []byte(`{"release":"6.12.117"}`)}
	home := archive(t, tar.Header{Name: "trial.json", Typeflag: tar.TypeReg}).Bytes()
	require.NoError(t, g.receive(output(t, hello,
		proto.Message{ID: 1, Kind: proto.Data, Data: home[:10]}, proto.Message{ID: 1, Kind: proto.Data, Data: home[10:]},
		proto.Message{ID: 1, Kind: proto.Reply}), dir))
	assert.FileExists(t, filepath.Join(dir, "trial.json"))
	assert.Equal(t, "6.12.117", g.hello.Release)

	require.EqualError(t, g.receive(output(t, hello, proto.Message{ID: 1, Kind: proto.Fail, Error: "the zone lacks redis"}), dir), "the zone lacks redis")
	require.NoError(t, os.WriteFile(g.plan.console(), []byte("[ 0.5] czbench: read trial spec\r\n"), 0o644))
	assert.ErrorContains(t, g.receive(output(t, hello), dir), "console ends with: [ 0.5] czbench: read trial spec")
}

func TestMissingKernelIsTold(t *testing.T) {
	c := New(kernel.Cache{Dir: t.TempDir()}, "czbench")
	missing := c.Missing(trial.Spec{
		Zones:     []zones.Spec{{Name: "cz", Driver: zones.DriverVM, Kernel: "k"}},
		Workloads: []trial.WorkloadSpec{{Name: "hogs", Zone: "cz"}},
		Kernels:   map[string]kernel.Spec{"k": {Name: "k", HZ: 300}},
	})
	require.NotEmpty(t, missing)
	assert.Contains(t, missing[0].Remedy, "czbench kernel build")
	assert.Empty(t, c.Missing(trial.Spec{Zones: []zones.Spec{{Name: "here", Driver: zones.DriverHost}}}))
}

// The image here is nothing but its configuration, which is all that is read.
func TestKernelThatCannotTakeTheStrategy(t *testing.T) {
	image := filepath.Join(t.TempDir(), "vmlinux")
	var config bytes.Buffer
	zip := gzip.NewWriter(&config)
	_, err := zip.Write([]byte("CONFIG_HZ=250\n# CONFIG_SCHED_CLASS_EXT is not set\n"))
	require.NoError(t, err)
	require.NoError(t, zip.Close())
	require.NoError(t, os.WriteFile(image, append([]byte("\x7fELF then IKCFG_ST"), config.Bytes()...), 0o644))
	c := New(kernel.Cache{Dir: t.TempDir()}, "czbench")
	s := trial.Spec{
		Zones:     []zones.Spec{{Name: "cz", Driver: zones.DriverVM, Kernel: "k"}},
		Workloads: []trial.WorkloadSpec{{Name: "hogs", Zone: "cz"}},
		Kernels:   map[string]kernel.Spec{"k": {Name: "k", Image: image}},
		Strategy:  schedulers.Spec{Name: "lcfirst", SchedExt: &scx.Spec{Scheduler: scx.LCFirst}},
	}
	require.NotEmpty(t, c.Missing(s))
	assert.Contains(t, c.Missing(s)[0].What, "kernel k is built without sched_ext, which strategy lcfirst needs")
	s.Strategy.SchedExt = nil
	for _, m := range c.Missing(s) {
		assert.NotContains(t, m.What, "sched_ext")
	}
}
