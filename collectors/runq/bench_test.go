package runq

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/workloads/gate"
)

// benched makes a cgroup each for an LC and a BE workload.
func benched(b *testing.B) []Workload {
	probed(b)
	lc, be := pair(b)
	return []Workload{lc, be}
}

// BenchmarkProbe has two shells on one CPU pass a line to and fro, which is a
// wakeup and a switch each time, by turns with and without a probe that follows
// them as LC and BE. It reports the CPU time per switch without it, by how much
// it is more with it, and what each program takes per run by the kernel's clock
// (BPF_ENABLE_STATS).
func BenchmarkProbe(b *testing.B) {
	workloads := benched(b)
	shells := pingPong(b, workloads)
	const turn = 50 * time.Millisecond
	var with, without cost
	for b.Loop() {
		without.add(shells, turn)
		p, err := Open(Options{Workloads: workloads, Proc: "/proc"})
		require.NoError(b, err)
		with.add(shells, turn)
		require.NoError(b, p.Close())
	}
	b.ReportMetric(without.perSwitch(), "cpu-ns/switch")
	b.ReportMetric(with.perSwitch()-without.perSwitch(), "cpu-ns-more/switch")

	stats, err := ebpf.EnableStats(unix.BPF_STATS_RUN_TIME)
	require.NoError(b, err)
	defer func() { require.NoError(b, stats.Close()) }()
	p := open(b, workloads...)
	time.Sleep(4 * turn)
	for program, metric := range map[*ebpf.Program]string{
		p.objects.SchedWakeup: "ns/sched_wakeup", p.objects.SchedSwitch: "ns/sched_switch",
	} {
		ran, err := program.Stats()
		require.NoError(b, err)
		b.ReportMetric(float64(ran.Runtime.Nanoseconds())/float64(ran.RunCount), metric)
	}
}

// pingPong starts two shells, each of which answers the other.
func pingPong(b *testing.B, workloads []Workload) (shells []*shell) {
	var r, w [2]*os.File
	for i := range 2 {
		var err error
		r[i], w[i], err = os.Pipe()
		require.NoError(b, err)
	}
	for i := range 2 {
		cmd := exec.Command("sh", "-c", burst(0))
		cmd.Stdin, cmd.Stdout = r[i], w[1-i]
		shells = append(shells, launch(b, cmd, workloads[i].Cgroup))
	}
	_, err := w[0].WriteString("\n")
	require.NoError(b, err)
	return shells
}

// cost is CPU time in ns, and switches in it.
type cost struct{ cpu, switches uint64 }

// add lets the shells work for a while.
func (c *cost) add(shells []*shell, d time.Duration) {
	for _, s := range shells {
		cpu, _, times := s.schedstat()
		c.cpu -= cpu
		c.switches -= times
	}
	time.Sleep(d)
	for _, s := range shells {
		cpu, _, times := s.schedstat()
		c.cpu += cpu
		c.switches += times
	}
}

func (c *cost) perSwitch() float64 { return float64(c.cpu) / float64(c.switches) }

// BenchmarkRead reads two workloads once.
func BenchmarkRead(b *testing.B) {
	p := open(b, benched(b)...)
	var s Snapshot
	b.ReportAllocs()
	for b.Loop() {
		require.NoError(b, p.Read(gate.Now(), &s))
	}
}

// BenchmarkOpen opens and closes a probe.
func BenchmarkOpen(b *testing.B) {
	workloads := benched(b)
	for b.Loop() {
		p, err := Open(Options{Workloads: workloads, Proc: "/proc"})
		require.NoError(b, err)
		require.NoError(b, p.Close())
	}
}
