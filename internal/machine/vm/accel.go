package vm

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/initramfs"
	"github.com/czbench/czbench/internal/machine/kernel"
	"github.com/czbench/czbench/internal/machine/pid1"
	"github.com/czbench/czbench/internal/machine/vm/qemu"
	"github.com/czbench/czbench/internal/machine/zones"
)

// What a guest is told so that it shows that it runs, and what it then says on
// its console before it ends.
const (
	ProbeParameter = pid1.ModeParameter + "=" + pid1.ModeProbe
	ProbeOK        = "czbench-probe-ok"
)

// Limits of a probe. A kernel that KVM can run says so within a second.
const (
	probeLimit  = 10 * time.Second
	probeMemory = 512 << 20 // bytes
	probePause  = 20 * time.Millisecond
)

// Probe is what is booted to find out whether KVM works: that its device opens
// proves nothing, because a hypervisor below may offer it and not be able to
// run a kernel in it.
type Probe struct {
	Kernel string // path of the image
	Exe    string // path of this program, which is the guest's first process
	Cache  string // folder in which verdicts are remembered; empty is the user's cache
	device string // empty is /dev/kvm
}

// Accel decides how virtual machines with the kernel of p run where a scenario
// wants want: zones.AccelKVM or zones.AccelTCG, and the reason in words. KVM that
// is wanted and does not work is a host.Missing.
func Accel(ctx context.Context, want string, p Probe) (accel, reason string, err error) {
	if want == zones.AccelTCG {
		return zones.AccelTCG, "emulation is what the scenario wants", nil
	}
	refusal, err := p.refusal(ctx)
	switch {
	case err != nil:
		return "", "", fmt.Errorf("probe KVM: %w", err)
	case refusal == "":
		return zones.AccelKVM, "a guest with this kernel boots with KVM", nil
	case want == zones.AccelKVM:
		return "", "", host.Missing{
			Key: "kvm", What: "KVM does not work here: " + refusal, Remedy: "set accel = \"tcg\", or use a machine with virtualisation",
		}
	}
	return zones.AccelTCG, refusal, nil
}

// refusal says why KVM does not work; empty is that it does.
func (p Probe) refusal(ctx context.Context) (string, error) {
	device := p.device
	if device == "" {
		device = kvmDevice
	}
	if m := missingKVM(device); m != nil {
		return m.What, nil
	}
	file, err := p.verdict(ctx)
	if err != nil {
		return "", err
	}
	known, err := os.ReadFile(file)
	if err == nil {
		return strings.TrimSpace(string(known)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	refusal, err := p.boot(ctx)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return "", err
	}
	return refusal, os.WriteFile(file, []byte(refusal+"\n"), 0o644)
}

// verdict names the file that remembers the refusal of everything that it
// depends on: the emulator, the guest's kernel and this machine's.
func (p Probe) verdict(ctx context.Context) (string, error) {
	h := sha256.New()
	version, err := exec.CommandContext(ctx, qemu.Command, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("ask for the version of %s: %w", qemu.Command, err)
	}
	h.Write(version)
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return "", err
	}
	h.Write(name.Release[:])
	image, err := os.Open(p.Kernel)
	if err != nil {
		return "", err
	}
	defer func() { _ = image.Close() }()
	if _, err := io.Copy(h, image); err != nil {
		return "", err
	}
	cache := p.Cache
	if cache == "" {
		cache = kernel.DefaultCache().Dir
	}
	return filepath.Join(cache, "probes", fmt.Sprintf("kvm-%x", h.Sum(nil)[:8])), nil
}

// boot boots a guest with KVM and says why it does not come to life; empty is
// that it does.
func (p Probe) boot(ctx context.Context) (_ string, err error) {
	dir, err := os.MkdirTemp("", "czbench-probe-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	m := qemu.Machine{
		Name: "probe", Kernel: p.Kernel, Initrd: filepath.Join(dir, "initramfs"), Params: []string{ProbeParameter},
		VCPUs: 1, Memory: probeMemory, KVM: true, Console: filepath.Join(dir, "console"),
	}
	if err := p.pack(m.Initrd); err != nil {
		return "", err
	}
	limited, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	said, ended := runProbe(limited, m)
	text, err := tail(m.Console)
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case err == nil && strings.Contains(text, ProbeOK):
		return "", nil
	case limited.Err() != nil:
		return fmt.Sprintf("a probe guest did not reach its first process within %s", probeLimit), nil
	case said != "":
		return "a probe guest did not boot: " + said, nil
	}
	return fmt.Sprintf("a probe guest did not boot: %v", diagnose(ended, text)), nil
}

// runProbe runs the emulator until it ends or the guest has come to life, and
// returns the last that the emulator said itself, and how it ended. It dies with
// this program.
func runProbe(ctx context.Context, m qemu.Machine) (said string, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	argv := m.Arguments()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	// The signal comes when the thread that forked ends, so it must not.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	go func() {
		for ctx.Err() == nil {
			if text, err := tail(m.Console); err == nil && strings.Contains(text, ProbeOK) {
				cancel()
			}
			time.Sleep(probePause)
		}
	}()
	err = cmd.Wait()
	return lastLine(out.String()), err
}

// pack writes an initramfs with this program as the first process.
func (p Probe) pack(path string) error {
	exe, err := os.ReadFile(p.Exe)
	if err != nil {
		return err
	}
	a := initramfs.New()
	a.File(pid1.Init, exe, 0o755)
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = a.WriteTo(f)
	return errors.Join(err, f.Close())
}
