// Package vmtest runs a test inside a virtual machine with a zone kernel, for
// what the kernel under the test machine cannot do: cgroup v2 controllers,
// sched_ext, another HZ. The guest's first process is the test binary itself.
package vmtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/initramfs"
	"github.com/czbench/czbench/internal/machine/kernel"
	"github.com/czbench/czbench/internal/machine/pid1"
	"github.com/czbench/czbench/internal/machine/vm/qemu"
	"github.com/czbench/czbench/internal/testneed"
)

// Options say what the guest is like.
type Options struct {
	VCPUs   int           // 0 is 1
	Virtual bool          // virtual clock
	Tools   []string      // programs to have inside, by name or path
	Args    []string      // further kernel parameters
	Limit   time.Duration // of wall time; 0 is a minute
}

// ended is what the guest says last on its console, with the exit status.
const ended = "czbench-test-status="

// Main is to be called by TestMain of a package that uses Inside: as the first
// process of a guest it runs the one test that was asked for and ends the
// machine; elsewhere it returns, for m.Run.
func Main(m *testing.M) {
	if !pid1.Running() {
		return
	}
	status := 2
	if err := pid1.Setup(); err != nil {
		fmt.Fprintln(os.Stdout, "set guest up:", err)
	} else {
		os.Args = []string{os.Args[0], "-test.v", "-test.run", "^" + pid1.Parameter("czbench.test") + "$"}
		status = m.Run()
	}
	fmt.Fprintln(os.Stdout, ended+strconv.Itoa(status))
	if err := pid1.PowerOff(); err != nil {
		fmt.Fprintln(os.Stdout, "power off:", err)
	}
	select {}
}

// Inside reports whether the test runs in a guest. Elsewhere it boots one, has
// it run this very test, and fails the test as it fails there. So a test
// begins with "if !vmtest.Inside(t, …) { return }".
func Inside(t *testing.T, o Options) bool {
	t.Helper()
	inside, _ := Heard(t, o)
	return inside
}

// Heard is Inside for a test that also looks, outside, at what the guest said.
func Heard(t *testing.T, o Options) (inside bool, said string) {
	t.Helper()
	if pid1.Running() {
		return true, ""
	}
	said = boot(t, o)
	require.Contains(t, said, "--- PASS: "+t.Name(), "the guest said:\n%s", said)
	require.Contains(t, said, ended+"0", "the guest said:\n%s", said)
	return false, said
}

// boot runs the test in a guest and returns what its console said.
func boot(t *testing.T, o Options) string {
	t.Helper()
	image := kernelImage(t)
	initrd := pack(t, o.Tools)
	limit := o.Limit
	if limit == 0 {
		limit = time.Minute
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	argv := arguments(image, initrd, t.Name(), o)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(bytes.ReplaceAll(out, []byte("\r"), nil))
}

// arguments returns the command of a guest whose console is the standard output.
func arguments(image, initrd, test string, o Options) []string {
	return qemu.Machine{
		Name: "test", Kernel: image, Initrd: initrd, Params: append([]string{"czbench.test=" + test}, o.Args...),
		VCPUs: max(1, o.VCPUs), Memory: 512 << 20, Virtual: o.Virtual, Console: "/dev/stdout",
	}.Arguments()
}

// kernelImage finds the kernel that tests use.
func kernelImage(t testing.TB) string {
	t.Helper()
	_, err := exec.LookPath(qemu.Command)
	testneed.Met(t, missing(err != nil, host.Missing{
		Key: "command:qemu-system-x86_64", What: "qemu-system-x86_64 is not installed", Remedy: "apt-get install qemu-system-x86",
	})...)
	if path := os.Getenv("CZBENCH_TEST_KERNEL"); path != "" {
		return path
	}
	image, err := kernel.DefaultCache().Find(kernel.Spec{Name: "hz1000", HZ: 1000})
	var lack host.Missing
	if errors.As(err, &lack) {
		testneed.Met(t, lack)
	}
	require.NoError(t, err)
	return image.Path
}

func missing(is bool, m host.Missing) []host.Missing {
	if is {
		return []host.Missing{m}
	}
	return nil
}

// pack writes an initramfs with this test binary as init and its testdata.
func pack(t testing.TB, tools []string) string {
	t.Helper()
	a := initramfs.New()
	exe, err := os.Executable()
	require.NoError(t, err)
	binary, err := os.ReadFile(exe)
	require.NoError(t, err)
	a.File(pid1.Init, binary, 0o755)
	for _, tool := range tools {
		path, err := exec.LookPath(tool)
		require.NoError(t, err)
		require.NoError(t, a.Program(path))
	}
	path := filepath.Join(t.TempDir(), "initramfs")
	f, err := os.Create(path)
	require.NoError(t, err)
	_, err = a.WriteTo(f)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return path
}
