package vm

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
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

	"github.com/czbench/czbench/internal/machine/pid1"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/vm/libvirttest"
	"github.com/czbench/czbench/internal/machine/vmtest"
	"github.com/czbench/czbench/internal/machine/zones"
)

// viaLibvirt is a machine that runs the calling test as its first process.
func viaLibvirt(t *testing.T, clock string) (Spec, Options) {
	t.Helper()
	dir, err := os.MkdirTemp("", "vm") //nolint:usetesting // a socket's path must be short, and t.TempDir's holds the test's name
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	name, _, _ := strings.Cut(t.Name(), "/")
	s := Spec{
		Name: "cz", Kernel: vmtest.Kernel(t), Initrd: vmtest.Pack(t), Args: []string{"czbench.test=" + name},
		VCPUs: 1, Memory: 512 << 20, CPUs: units.NewCPUSet(1), Accel: zones.AccelTCG, Clock: clock, Via: zones.ViaLibvirt,
	}
	o := Options{Dir: dir, Console: filepath.Join(dir, "console")}
	if clock == zones.ClockVirtual {
		o.Output = filepath.Join(dir, "output")
	}
	return s, o
}

// start starts a machine that is closed, and has ended, when the test does.
func start(t *testing.T, s Spec, o Options) *VM {
	t.Helper()
	vm, err := Start(t.Context(), s, o)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, vm.Close(t.Context())) })
	return vm
}

func TestLibvirtRealClock(t *testing.T) {
	if pid1.Running() {
		guestAtAgentPort(t)
		return
	}
	libvirttest.Start(t)
	s, o := viaLibvirt(t, zones.ClockReal)
	s.VCPUs, s.CPUs = 2, units.NewCPUSet(0, 1)
	vm := start(t, s, o)
	agent := bufio.NewReader(vm.Agent())
	hello, err := agent.ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "hello from 2 CPUs\n", hello)

	before, err := vm.Usage()
	require.NoError(t, err)
	require.Len(t, before, 2)
	assert.Positive(t, before[0].CPU, "it booted")
	fmt.Fprintln(vm.Agent(), "spin")
	_, err = agent.ReadString('\n')
	require.NoError(t, err)
	after, err := vm.Usage()
	require.NoError(t, err)
	assert.GreaterOrEqual(t, after[0].RunDelay, before[0].RunDelay)
	used := after[0].CPU + after[1].CPU - before[0].CPU - before[1].CPU
	assert.Greater(t, used, 0.05, "it spun for 0.3 s")

	require.NoError(t, vm.Pause(t.Context()))
	assert.Equal(t, "paused", status(t, vm))
	require.NoError(t, vm.Resume(t.Context()))
	assert.Equal(t, "running", status(t, vm))
	port, err := vm.Forward(t.Context(), 80)
	require.NoError(t, err)
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	require.NoError(t, err, "the emulator listens for the guest")
	require.NoError(t, conn.Close())
	_, err = vm.backend.monitor(t.Context(), "no-such-command", map[string]int{"a": 1})
	require.ErrorContains(t, err, "no-such-command")

	require.NoError(t, vm.Close(t.Context()))
	require.NoError(t, vm.Err())
	said, err := os.ReadFile(o.Console)
	require.NoError(t, err)
	assert.Contains(t, string(said), "RUN   TestLibvirtRealClock")
}

// status asks the emulator whether the guest runs.
func status(t *testing.T, vm *VM) string {
	t.Helper()
	answer, err := vm.backend.monitor(t.Context(), "query-status", nil)
	require.NoError(t, err)
	var s struct{ Status string }
	require.NoError(t, json.Unmarshal(answer, &s))
	return s.Status
}

// guestAtAgentPort is the guest's part: it says hello, spins when it is told to
// and says so.
func guestAtAgentPort(t *testing.T) {
	names, err := filepath.Glob("/sys/class/virtio-ports/*/name")
	require.NoError(t, err)
	require.Len(t, names, 1)
	name, err := os.ReadFile(names[0])
	require.NoError(t, err)
	require.Equal(t, AgentPort, strings.TrimSpace(string(name)))
	port, err := os.OpenFile("/dev/"+filepath.Base(filepath.Dir(names[0])), os.O_RDWR, 0)
	require.NoError(t, err)
	cpus, err := filepath.Glob("/sys/devices/system/cpu/cpu[0-9]")
	require.NoError(t, err)
	fmt.Fprintf(port, "hello from %d CPUs\n", len(cpus))
	_, err = bufio.NewReader(port).ReadString('\n')
	require.NoError(t, err)
	for begin := time.Now(); time.Since(begin) < 300*time.Millisecond; {
	}
	fmt.Fprintln(port, "done")
	time.Sleep(time.Minute) // until it is destroyed
}

func TestLibvirtVirtualClockRepeatsItself(t *testing.T) {
	if pid1.Running() {
		guestAtSecondSerialLine(t)
		return
	}
	libvirttest.Start(t)
	s, o := viaLibvirt(t, zones.ClockVirtual)
	s.VCPUs, s.CPUs = 2, units.NewCPUSet(0, 1)
	var outputs [2]string
	for i := range outputs {
		vm := start(t, s, o)
		assert.Nil(t, vm.Agent())
		<-vm.Done()
		require.NoError(t, vm.Err())
		output, err := os.ReadFile(o.Output)
		require.NoError(t, err)
		outputs[i] = string(output)
	}
	require.Equal(t, 41, strings.Count(outputs[0], "\n"), outputs[0])
	assert.Equal(t, outputs[0], outputs[1])
}

// guestAtSecondSerialLine is the guest's part: it writes the times at which it
// woke up.
func guestAtSecondSerialLine(t *testing.T) {
	line, err := os.OpenFile("/dev/ttyS1", os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	var out bytes.Buffer
	for range 40 {
		time.Sleep(time.Millisecond)
		fmt.Fprintln(&out, time.Now().UnixNano())
	}
	fmt.Fprintln(&out, "end")
	_, err = line.Write(out.Bytes())
	require.NoError(t, err)
	require.NoError(t, line.Close())
}

// A process that is killed has no time to destroy its machines.
func TestLibvirtMachineDiesWithItsClient(t *testing.T) {
	if pid1.Running() {
		time.Sleep(time.Minute)
		return
	}
	if os.Getenv("CZBENCH_TEST_CLIENT") != "" { // the client to be killed
		s, o := viaLibvirt(t, zones.ClockReal)
		start(t, s, o)
		fmt.Println("the machine runs")
		time.Sleep(time.Minute)
		return
	}
	vmtest.Kernel(t)
	daemon := libvirttest.Start(t)
	client := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	client.Env = append(os.Environ(), "CZBENCH_TEST_CLIENT=1", "TMPDIR="+t.TempDir())
	out, err := client.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, client.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "the machine runs" {
	}
	require.Equal(t, "the machine runs", lines.Text())
	require.Len(t, daemon.Emulators(), 1)
	require.NoError(t, client.Process.Kill())
	require.Error(t, client.Wait())
	assert.Eventually(t, func() bool { return len(daemon.Emulators()) == 0 }, 20*time.Second, 20*time.Millisecond)
}

func TestLibvirtEndOfTheDaemonIsToldAndEndsTheMachine(t *testing.T) {
	if pid1.Running() {
		time.Sleep(time.Minute)
		return
	}
	daemon := libvirttest.Start(t)
	s, o := viaLibvirt(t, zones.ClockReal)
	vm := start(t, s, o)
	require.Len(t, daemon.Emulators(), 1)
	daemon.Kill()
	<-vm.Done()
	require.ErrorContains(t, vm.Err(), "libvirtd ended")
	assert.Eventually(t, func() bool { return len(daemon.Emulators()) == 0 }, 20*time.Second, 20*time.Millisecond)
	_, err := vm.Usage()
	require.Error(t, err)
}

func TestLibvirtTellsHowTheMachineEnded(t *testing.T) {
	if pid1.Running() {
		if pid1.Parameter("czbench.end") != "" {
			os.Exit(3) // no kernel lives on without its first process
		}
		time.Sleep(time.Minute)
		return
	}
	daemon := libvirttest.Start(t)
	cases := []struct {
		name string
		args []string
		end  func(vm *VM)
		want string
	}{
		{"panicked", []string{"czbench.end=panic"}, func(*VM) {}, "kernel panicked"},
		{"destroyed", nil, func(vm *VM) {
			m := vm.backend.(*libvirtVM)
			require.NoError(t, m.daemon.DomainDestroy(m.domain))
		}, "destroyed"},
		{"killed", nil, func(*VM) {
			for _, pid := range daemon.Emulators() {
				require.NoError(t, unix.Kill(pid, unix.SIGKILL))
			}
		}, "emulator died"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, o := viaLibvirt(t, zones.ClockReal)
			s.Args = append(s.Args, c.args...)
			vm := start(t, s, o)
			c.end(vm)
			<-vm.Done()
			assert.ErrorContains(t, vm.Err(), c.want)
		})
	}
}

func TestLibvirtTellsWhatItWasRefused(t *testing.T) {
	libvirttest.Start(t)
	cases := []struct {
		name  string
		spoil func(s *Spec)
		want  string
	}{
		{"kernel", func(s *Spec) { s.Kernel = "/no/such/kernel" }, "could not open kernel file '/no/such/kernel'"},
		{"CPU", func(s *Spec) { s.CPUs = units.NewCPUSet(4000) }, "CPU affinity"},
		{"memory", func(s *Spec) { s.Memory = 1 << 50 }, "guest memory"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, o := viaLibvirt(t, zones.ClockReal)
			c.spoil(&s)
			_, err := Start(t.Context(), s, o)
			require.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}
