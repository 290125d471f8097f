// Package vmtest runs a test inside a virtual machine with a zone kernel, for
// what the kernel under the test machine cannot do: cgroup v2 controllers,
// sched_ext, another HZ. The guest's first process is the test binary itself.
package vmtest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/initramfs"
	"github.com/czbench/czbench/internal/machine/pid1"
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
		fmt.Println("set guest up:", err)
	} else {
		os.Args = []string{os.Args[0], "-test.v", "-test.run", "^" + pid1.Parameter("czbench.test") + "$"}
		status = m.Run()
	}
	fmt.Println(ended + strconv.Itoa(status))
	if err := pid1.PowerOff(); err != nil {
		fmt.Println("power off:", err)
	}
	select {}
}

// Inside reports whether the test runs in a guest. Elsewhere it boots one, has
// it run this very test, and fails the test as it fails there. So a test
// begins with "if !vmtest.Inside(t, …) { return }".
func Inside(t *testing.T, o Options) bool {
	t.Helper()
	if pid1.Running() {
		return true
	}
	said := boot(t, o)
	require.Contains(t, said, "--- PASS: "+t.Name(), "the guest said:\n%s", said)
	require.Contains(t, said, ended+"0", "the guest said:\n%s", said)
	return false
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
	cmd := exec.CommandContext(ctx, "qemu-system-x86_64", arguments(image, initrd, t.Name(), o)...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(bytes.ReplaceAll(out, []byte("\r"), nil))
}

func arguments(image, initrd, test string, o Options) []string {
	params := "console=ttyS0 quiet panic=-1 czbench.test=" + test + " " + strings.Join(o.Args, " ")
	args := []string{
		"-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-m", "512M", "-cpu", "max",
		"-smp", strconv.Itoa(max(1, o.VCPUs)), "-serial", "stdio", "-kernel", image, "-initrd", initrd,
	}
	if o.Virtual {
		args = append(args, "-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off", "-rtc", "clock=vm,base=2026-01-01", "-seed", "1")
		params += " nokaslr norandmaps random.trust_cpu=off tsc=reliable"
	} else {
		args = append(args, "-accel", "tcg")
	}
	return append(args, "-append", params)
}

// kernelImage finds the kernel that tests use.
func kernelImage(t *testing.T) string {
	t.Helper()
	path := os.Getenv("CZBENCH_TEST_KERNEL")
	_, err := exec.LookPath("qemu-system-x86_64")
	testneed.Met(t, missing(err != nil, host.Missing{
		Key: "command:qemu-system-x86_64", What: "qemu-system-x86_64 is not installed", Remedy: "apt-get install qemu-system-x86",
	})...)
	testneed.Met(t, missing(path == "", host.Missing{
		Key: "kernel:hz1000", What: "no zone kernel is built", Remedy: "make kernels",
	})...)
	return path
}

func missing(is bool, m host.Missing) []host.Missing {
	if is {
		return []host.Missing{m}
	}
	return nil
}

// pack writes an initramfs with this test binary as init and its testdata.
func pack(t *testing.T, tools []string) string {
	t.Helper()
	a := initramfs.New()
	exe, err := os.Executable()
	require.NoError(t, err)
	binary, err := os.ReadFile(exe)
	require.NoError(t, err)
	a.File("/init", binary, 0o755)
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
