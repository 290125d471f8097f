package vm

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/initramfs"
	"github.com/czbench/czbench/internal/machine/pid1"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/vmtest"
	"github.com/czbench/czbench/internal/machine/zones"
)

// viaQEMU is a machine that runs the calling test as its first process.
func viaQEMU(t testing.TB, clock string) (Spec, Options) {
	t.Helper()
	dir, err := os.MkdirTemp("", "vm") //nolint:usetesting // a socket's path is short, and t.TempDir names the test
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	name, _, _ := strings.Cut(t.Name(), "/")
	s := Spec{
		Name: "cz", Args: []string{"czbench.test=" + name},
		VCPUs: 1, Memory: 512 << 20, Accel: zones.AccelTCG, Clock: clock, Via: zones.ViaQEMU,
	}
	o := Options{Dir: dir, Console: filepath.Join(dir, "console"), Spawn: spawnHere(t, dir)}
	if clock == zones.ClockVirtual {
		o.Output = filepath.Join(dir, "output")
	}
	return s, o
}

// withGuest adds what a guest boots from.
func withGuest(t *testing.T, s Spec) Spec {
	t.Helper()
	s.Kernel, s.Initrd = vmtest.Kernel(t), vmtest.Pack(t)
	return s
}

// spawnHere starts emulators as a trial does: in a zone, noted in a journal.
func spawnHere(t testing.TB, dir string) func(context.Context, zones.Command) (*zones.Process, error) {
	t.Helper()
	undo, err := host.OpenUndo(filepath.Join(dir, "undo.jsonl"), filepath.Join(dir, "state"))
	require.NoError(t, err)
	spawner := zones.NewSpawner()
	zone, err := zones.Open(t.Context(), zones.Spec{Name: "cz", Driver: zones.DriverHost}, zones.Options{
		Undo: undo, Spawner: spawner, Workloads: []string{"vm"},
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx := context.Background()
		assert.NoError(t, errors.Join(zone.Close(ctx), undo.Close(ctx)))
		spawner.Close()
	})
	return func(ctx context.Context, c zones.Command) (*zones.Process, error) {
		c.Workload = "vm"
		return zone.Start(ctx, c)
	}
}

// boot starts a machine that is closed when the test ends.
func boot(t testing.TB, s Spec, o Options) *VM {
	t.Helper()
	vm, err := Start(t.Context(), s, o)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, vm.Close(context.Background())) })
	return vm
}

func emulator(vm *VM) *qemuVM { return vm.backend.(*qemuVM) }

func TestQEMURealClock(t *testing.T) {
	if pid1.Running() {
		guestWithNetwork(t)
		return
	}
	s, o := viaQEMU(t, zones.ClockReal)
	s = withGuest(t, s)
	s.VCPUs, s.CPUs = 2, units.NewCPUSet(0, 1)
	vm := boot(t, s, o)
	agent := bufio.NewReader(vm.Agent())
	hello, err := agent.ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "hello\n", hello)

	threads := emulator(vm).threads.ids
	require.Len(t, threads, 2)
	for i, id := range threads {
		var mask unix.CPUSet
		require.NoError(t, unix.SchedGetaffinity(id, &mask))
		assert.Equal(t, 1, mask.Count(), "vCPU %d", i)
		assert.True(t, mask.IsSet(i), "vCPU %d", i)
	}
	pauseStopsTheGuest(t, vm)

	port, err := vm.Forward(t.Context(), 7)
	require.NoError(t, err)
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	require.NoError(t, err)
	said, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	assert.Equal(t, "from inside", string(said))
	_, err = vm.Forward(t.Context(), 70000)
	require.ErrorContains(t, err, "forward port 70000 of VM cz: ")

	require.NoError(t, vm.Close(t.Context()))
	<-vm.Done()
	require.NoError(t, vm.Err())
	require.ErrorIs(t, unix.Kill(emulator(vm).process.PID(), 0), unix.ESRCH)
	require.ErrorContains(t, vm.Pause(t.Context()), "pause VM cz: ")
}

// pauseStopsTheGuest looks at the CPU time of a guest that spins.
func pauseStopsTheGuest(t *testing.T, vm *VM) {
	t.Helper()
	spent := func() float64 {
		before, err := vm.Usage()
		require.NoError(t, err)
		time.Sleep(300 * time.Millisecond)
		after, err := vm.Usage()
		require.NoError(t, err)
		return after[0].CPU + after[1].CPU - before[0].CPU - before[1].CPU
	}
	assert.Greater(t, spent(), 0.03)
	require.NoError(t, vm.Pause(t.Context()))
	assert.Less(t, spent(), 0.01)
	require.NoError(t, vm.Resume(t.Context()))
	assert.Greater(t, spent(), 0.03)
}

// guestWithNetwork is the guest's part: it says hello, spins, and answers at a
// TCP port.
func guestWithNetwork(t *testing.T) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	require.NoError(t, err)
	request, err := unix.NewIfreq("eth0")
	require.NoError(t, err)
	require.NoError(t, request.SetInet4Addr([]byte{10, 0, 2, 15}))
	require.NoError(t, unix.IoctlIfreq(fd, unix.SIOCSIFADDR, request))
	request.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	require.NoError(t, unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request))
	l, err := net.Listen("tcp", "10.0.2.15:7")
	require.NoError(t, err)
	go func() {
		for n := 0; ; n++ {
			_ = n
		}
	}()
	fmt.Fprintln(agentPort(t), "hello")
	for {
		conn, err := l.Accept()
		require.NoError(t, err)
		fmt.Fprint(conn, "from inside")
		require.NoError(t, conn.Close())
	}
}

// agentPort opens the port at which a guest is spoken to.
func agentPort(t *testing.T) *os.File {
	t.Helper()
	names, err := filepath.Glob("/sys/class/virtio-ports/*/name")
	require.NoError(t, err)
	require.Len(t, names, 1)
	port, err := os.OpenFile("/dev/"+filepath.Base(filepath.Dir(names[0])), os.O_RDWR, 0)
	require.NoError(t, err)
	return port
}

func TestQEMUVirtualClockRepeatsItself(t *testing.T) {
	if pid1.Running() {
		guestWithTimes(t)
		return
	}
	for _, vcpus := range []int{1, 2} {
		t.Run(strconv.Itoa(vcpus), func(t *testing.T) {
			s, o := viaQEMU(t, zones.ClockVirtual)
			s = withGuest(t, s)
			s.VCPUs, s.CPUs, s.Shift = vcpus, units.NewCPUSet(1), 1
			var outputs [2]string
			for i := range outputs {
				vm := boot(t, s, o)
				assert.Nil(t, vm.Agent())
				usage, err := vm.Usage()
				require.NoError(t, err)
				assert.Len(t, usage, 1)
				<-vm.Done()
				require.NoError(t, vm.Err())
				output, err := os.ReadFile(o.Output)
				require.NoError(t, err)
				outputs[i] = string(output)
			}
			require.Equal(t, 101, strings.Count(outputs[0], "\n"), outputs[0])
			assert.Equal(t, outputs[0], outputs[1])
		})
	}
}

// guestWithTimes is the guest's part: it writes when it woke up, beside a thread
// that spins, and how long some work took.
func guestWithTimes(t *testing.T) {
	line, err := os.OpenFile("/dev/ttyS1", os.O_WRONLY|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	go func() {
		for n := 0; ; n++ {
			_ = n
		}
	}()
	out := bufio.NewWriter(line)
	for range 100 {
		time.Sleep(time.Millisecond)
		fmt.Fprintln(out, time.Now().UnixNano())
	}
	fmt.Fprintln(out, "end")
	require.NoError(t, out.Flush())
	require.NoError(t, line.Close())
}

// A guest that ends without being asked says why on its console, or the
// emulator does.
func TestQEMUTellsWhyAMachineEnded(t *testing.T) {
	if pid1.Running() {
		if pid1.Parameter("czbench.end") == "panic" {
			os.Exit(3)
		}
		select {}
	}
	image := vmtest.Kernel(t)
	initrd := vmtest.Pack(t)
	cases := []struct {
		name   string
		change func(s *Spec)
		want   string
	}{
		{"panic", func(s *Spec) { s.Args = append(s.Args, "czbench.end=panic") }, "the guest's kernel panicked: Attempted to kill init! exitcode=0x00000300"},
		{"memory", func(s *Spec) { s.Initrd, s.Memory = tooLarge(t), 96<<20 }, "the guest's memory is too small for its files: "},
		{"no boot", func(s *Spec) { s.Kernel = cut(t, image) }, "the guest ended before its kernel said a word"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, o := viaQEMU(t, zones.ClockReal)
			s.Kernel, s.Initrd = image, initrd
			c.change(&s)
			vm := boot(t, s, o)
			<-vm.Done()
			require.ErrorContains(t, vm.Err(), "run VM cz: "+c.want)
			assert.ErrorContains(t, vm.Err(), "its console is in "+o.Console)
		})
	}
	t.Run("killed", func(t *testing.T) {
		s, o := viaQEMU(t, zones.ClockReal)
		s.Kernel, s.Initrd = image, initrd
		vm := boot(t, s, o)
		require.NoError(t, vm.Err())
		require.NoError(t, unix.Kill(emulator(vm).process.PID(), unix.SIGKILL))
		<-vm.Done()
		assert.ErrorContains(t, vm.Err(), "signal: killed")
	})
}

// tooLarge writes an initramfs that 96 MiB of memory cannot hold.
func tooLarge(t *testing.T) string {
	t.Helper()
	a := initramfs.New()
	a.File("/filler", make([]byte, 48<<20), 0o600)
	a.File(pid1.Init, nil, 0o755)
	path := filepath.Join(t.TempDir(), "initramfs")
	f, err := os.Create(path)
	require.NoError(t, err)
	_, err = a.WriteTo(f)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return path
}

// cut writes the first part of a file and returns its path.
func cut(t *testing.T, path string) string {
	t.Helper()
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	part := filepath.Join(t.TempDir(), "part")
	require.NoError(t, os.WriteFile(part, whole[:len(whole)/2], 0o600))
	return part
}

func TestQEMUTellsWhatItsEmulatorRefuses(t *testing.T) {
	vmtest.Kernel(t) // there is an emulator
	s, o := viaQEMU(t, zones.ClockReal)
	s.Kernel, s.Initrd = os.Args[0], "/no/such/initramfs"
	_, err := Start(t.Context(), s, o)
	require.ErrorContains(t, err, "start VM cz: ")
	assert.ErrorContains(t, err, "qemu-system-x86_64: ")
}

// A process that is killed has no time to end its machines.
func TestQEMUMachineDiesWithItsOwner(t *testing.T) {
	if pid1.Running() {
		select {}
	}
	if os.Getenv("CZBENCH_TEST_OWNER") != "" { // the owner to be killed
		s, o := viaQEMU(t, zones.ClockReal)
		vm := boot(t, withGuest(t, s), o)
		fmt.Println("emulator", emulator(vm).process.PID())
		time.Sleep(time.Minute)
		return
	}
	vmtest.Kernel(t)
	owner := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	owner.Env = append(os.Environ(), "CZBENCH_TEST_OWNER=1", "TMPDIR="+t.TempDir())
	out, err := owner.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, owner.Start())
	var pid int
	lines := bufio.NewScanner(out)
	for pid == 0 && lines.Scan() {
		_, _ = fmt.Sscanf(lines.Text(), "emulator %d", &pid) // the line comes
	}
	require.NoError(t, unix.Kill(pid, 0))
	require.NoError(t, owner.Process.Kill())
	require.Error(t, owner.Wait())
	assert.Eventually(t, func() bool { return errors.Is(unix.Kill(pid, 0), unix.ESRCH) }, 10*time.Second, 10*time.Millisecond)
}
