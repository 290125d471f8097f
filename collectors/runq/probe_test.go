package runq

import (
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/pid1"
	"github.com/czbench/czbench/internal/machine/vmtest"
	"github.com/czbench/czbench/internal/testneed"
	"github.com/czbench/czbench/workloads/gate"
)

// open opens a probe with a window from now to the end of time.
func open(t testing.TB, workloads ...Workload) *Probe {
	t.Helper()
	p, err := Open(Options{Workloads: workloads, Proc: "/proc"})
	require.NoError(t, err)
	require.NoError(t, p.Measure(gate.Now(), 1<<62))
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

// read reads what p counted up to now. A reading that was held up, as by the host
// of an emulated CPU, counts what came after now too: it is taken again.
func read(t testing.TB, p *Probe) (s Snapshot, now int64) {
	t.Helper()
	for range 100 {
		s, now = Snapshot{}, gate.Now()
		require.NoError(t, p.Read(now, &s))
		if gate.Now()-now < 500_000 {
			break
		}
	}
	if pid1.Running() {
		require.Zero(t, s.Lost, "a kernel of our own hides nothing")
	}
	return s, now
}

// pair makes a cgroup each for an LC and a BE workload of one zone.
func pair(t testing.TB) (lc, be Workload) {
	t.Helper()
	top := hierarchy(t, "")
	if top == "" {
		testneed.Met(t, host.Missing{Key: "cgroup:v2", What: "no cgroup v2 is mounted", Remedy: "mount it"})
	}
	return Workload{Zone: "z", Cgroup: group(t, top, "lc")}, Workload{Zone: "z", BestEffort: true, Cgroup: group(t, top, "be")}
}

func TestProbe(t *testing.T) {
	probed(t)
	probe(t)
}

func TestProbeInAGuest(t *testing.T) {
	if vmtest.Inside(t, vmtest.Options{VCPUs: 2, Limit: 3 * time.Minute, Tools: []string{"sh"}}) {
		probe(t)
	}
}

// probe is what holds on every kernel.
func probe(t *testing.T) {
	t.Run("BE before LC", breaksExclusion)
	t.Run("LC before BE", keepsExclusion)
	t.Run("BE beside a waiting LC", ranBeside)
	t.Run("threads that were there before", startsInTheMiddle)
	t.Run("distribution against run delay", agreesWithRunDelay)
	t.Run("only the window's longest", longestOfTheWindow)
}

const rounds = 20

// A BE that is always first, beside an LC that always wants to run: each time
// that it is given the CPU, and as long as it has it, the LC waits.
func breaksExclusion(t *testing.T) {
	lc, be := pair(t)
	p := open(t, lc, be)
	worker := start(t, burst(300), be.Cgroup).first()
	worker.tell()
	worker.sleeps()
	start(t, spin, lc.Cgroup).tell()

	before, _ := read(t, p)
	cpu0, _, times0 := worker.schedstat()
	voluntary0 := worker.voluntary()
	for range rounds {
		worker.tell()
		worker.sleeps()
	}
	after, _ := read(t, p)
	cpu1, _, times1 := worker.schedstat()

	was, is := before.Workloads[1], after.Workloads[1]
	waits := is.Waits.Minus(&was.Waits)
	lost := float64(after.Lost)
	assert.GreaterOrEqual(t, times1-times0, uint64(rounds))
	assert.InDelta(t, times1-times0, after.Starts-before.Starts, lost, "every time that the BE was given the CPU")
	assert.InDelta(t, times1-times0, waits.Count(), lost)
	assert.Equal(t, worker.voluntary()-voluntary0, is.Voluntary-was.Voluntary)
	assert.Equal(t, is.OnCPU-was.OnCPU, after.Overlap-before.Overlap, "all the time that the BE ran")
	assert.InEpsilon(t, cpu1-cpu0, after.Overlap-before.Overlap, 0.3, "against the kernel's own account")

	spinner, was := after.Workloads[0], before.Workloads[0]
	assert.Equal(t, spinner.Involuntary-was.Involuntary, spinner.Preemptions-was.Preemptions, "it has one thread")
	assert.Equal(t, was.Voluntary, spinner.Voluntary, "it never waits for anything")
	if pid1.Running() { // nothing else takes the CPU from the worker
		assert.Greater(t, spinner.Preemptions, was.Preemptions)
	}
}

// An LC that is always first, beside a BE that always wants to run: the BE is
// never given a CPU while the LC waits, and runs on for as long as it takes to
// be preempted.
func keepsExclusion(t *testing.T) {
	lc, be := pair(t)
	p := open(t, lc, be)
	worker := start(t, burst(300), lc.Cgroup).first()
	worker.tell()
	worker.sleeps()
	start(t, spin, be.Cgroup).tell()

	before, _ := read(t, p)
	for range rounds {
		worker.tell()
		worker.sleeps()
	}
	after, _ := read(t, p)

	waits := after.Workloads[0].Waits.Minus(&before.Workloads[0].Waits)
	assert.GreaterOrEqual(t, waits.Count()+after.Lost, uint64(rounds))
	assert.Equal(t, before.Starts, after.Starts)
	assert.LessOrEqual(t, after.Overlap-before.Overlap, waits.sum(), "the LC has one thread")
	assert.Positive(t, after.Workloads[1].known()-before.Workloads[1].known(), "the BE wanted to run")
}

// Of two LC that want one CPU one always waits, anywhere in the zone: so all the
// time that a BE has on another CPU is overlap.
func ranBeside(t *testing.T) {
	if runtime.NumCPU() < 2 {
		testneed.Met(t, host.Missing{Key: "cpus:2", What: "the machine has one CPU", Remedy: "use one with two"})
	}
	lc, be := pair(t)
	start(t, spin, lc.Cgroup).tell()
	start(t, spin, lc.Cgroup).tell()
	start(t, spin, be.Cgroup).on(1).tell()
	p := open(t, lc, be)
	first, t0 := read(t, p)
	last, t1 := overlapped(t, p, first)
	overlap := last.Overlap - first.Overlap
	assert.InDelta(t, last.Workloads[1].OnCPU-first.Workloads[1].OnCPU, overlap, 1e6)
	assert.LessOrEqual(t, overlap, uint64(t1-t0)+1e6)
}

// overlapped waits until a BE has run while an LC waited.
func overlapped(t *testing.T, p *Probe, first Snapshot) (last Snapshot, now int64) {
	t.Helper()
	require.Eventually(t, func() bool {
		last, now = read(t, p)
		return last.Overlap > first.Overlap
	}, 20*time.Second, 50*time.Millisecond)
	return last, now
}

// known is the time in which a workload ran or wanted to, in ns.
func (c *Counts) known() uint64 { return c.OnCPU + c.Stalled }

// sum returns what the lengths can add up to at most, in ns.
func (h *Histogram) sum() (ns uint64) {
	for i, n := range h {
		ns += n * upperEdge(i)
	}
	return ns
}

// Two spinners share a CPU and a third process sleeps, all from before the
// probe: from its first moment each spinner either runs or waits.
func startsInTheMiddle(t *testing.T) {
	lc, be := pair(t)
	start(t, spin, lc.Cgroup).tell()
	start(t, spin, be.Cgroup).tell()
	asleep := Workload{Zone: "y", Cgroup: group(t, hierarchy(t, ""), "asleep")}
	start(t, spin, asleep.Cgroup)

	p := open(t, lc, be, asleep)
	first, t0 := read(t, p)
	for i := range 2 {
		var w programWorkload
		require.NoError(t, p.objects.Workloads.Lookup(uint32(i), &w))
		assert.Equal(t, int32(1), w.Running+w.Waiting, "workload %d", i)
	}
	last, t1 := overlapped(t, p, first)
	for i := range 2 {
		known := last.Workloads[i].known() - first.Workloads[i].known()
		assert.InDelta(t, t1-t0, known, 1e6, "workload %d: it runs or it waits", i)
	}
	assert.Equal(t, Counts{}, last.Workloads[2])
	assert.True(t, p.Exclusive())
}

// Waits of many lengths add up to what the kernel accounts as run delay.
func agreesWithRunDelay(t *testing.T) {
	lc, be := pair(t)
	worker := start(t, burst(500), lc.Cgroup)
	start(t, spin, be.Cgroup).tell()
	p := open(t, lc, be)
	_, delay0, times0 := worker.schedstat()
	for range rounds {
		worker.tell()
	}
	worker.sleeps()
	_, delay1, times1 := worker.schedstat()
	s, _ := read(t, p)
	waits := s.Workloads[0].Waits
	assert.InDelta(t, times1-times0, waits.Count(), float64(s.Lost))
	assert.InEpsilon(t, delay1-delay0, waits.sum(), 0.2)
	assert.InEpsilon(t, s.Workloads[0].Longest, waits.Quantile(1)*1e9, 0.13, "the last bucket holds the longest")
}

// The longest wait is that of the window.
func longestOfTheWindow(t *testing.T) {
	lc, _ := pair(t)
	p, err := Open(Options{Workloads: []Workload{lc}, Proc: "/proc"})
	require.NoError(t, err)
	require.NoError(t, p.Measure(1, 2))
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	start(t, burst(1), lc.Cgroup).tell()
	s, _ := read(t, p)
	assert.Positive(t, s.Workloads[0].Waits.Count())
	assert.Zero(t, s.Workloads[0].Longest)
	assert.False(t, p.Exclusive(), "there is no BE")
}

// With a virtual clock two guests count the same, to the nanosecond.
func TestProbeTwiceInVirtualTime(t *testing.T) {
	counted := regexp.MustCompile(`counted=.*`)
	var runs []string
	for range 2 {
		inside, said := vmtest.Heard(t, vmtest.Options{Virtual: true, Limit: 3 * time.Minute, Tools: []string{"sh"}})
		if inside {
			fmt.Printf("counted=%s\n", countForAWhile(t))
			return
		}
		runs = append(runs, counted.FindString(said))
	}
	require.NotEmpty(t, runs[0])
	t.Log(runs[0])
	assert.Equal(t, runs[0], runs[1])
}

// countForAWhile reads a probe every 20 ms for a fifth of a second and returns
// the hash of all readings.
func countForAWhile(t *testing.T) string {
	lc, be := pair(t)
	worker := start(t, burst(200), lc.Cgroup)
	start(t, spin, be.Cgroup).tell()
	p := open(t, lc, be)
	hash := fnv.New64a()
	begin := gate.Now()
	var s Snapshot
	for i := range int64(10) {
		require.True(t, gate.SleepUntil(nil, begin+i*20e6))
		require.NoError(t, p.Read(begin+i*20e6, &s))
		_, err := fmt.Fprintf(hash, "%v\n", s)
		require.NoError(t, err)
		worker.tell()
	}
	waits := s.Workloads[0].Waits
	require.Positive(t, waits.Count())
	return fmt.Sprintf("%x waits %d p99 %g s, longest %d ns, %d starts, overlap %d ns",
		hash.Sum64(), waits.Count(), waits.Quantile(0.99), s.Workloads[0].Longest, s.Starts, s.Overlap)
}

// Where cgroup v2 is not mounted, workloads have groups of a v1 controller.
func TestProbeOnCgroupV1(t *testing.T) {
	probed(t)
	top := hierarchy(t, "freezer")
	if top == "" {
		testneed.Met(t, host.Missing{Key: "cgroup:v1", What: "cgroup v1's freezer is not mounted", Remedy: "mount it"})
	}
	inside, outside := group(t, top, "lc"), group(t, top, "other")
	p := open(t, Workload{Zone: "z", Cgroup: inside})
	start(t, burst(10), outside).tell()
	s, _ := read(t, p)
	assert.Zero(t, s.Workloads[0].Waits.Count())
	start(t, burst(10), inside).tell()
	s, _ = read(t, p)
	assert.Positive(t, s.Workloads[0].Waits.Count())
}

func TestOpenRefuses(t *testing.T) {
	probed(t)
	nowhere := t.TempDir()
	v2 := hierarchy(t, "")
	cases := []struct {
		name      string
		workloads []Workload
		want      string
	}{
		{"nothing to follow", nil, "no workload to follow"},
		{"no cgroup", []Workload{{Cgroup: nowhere}}, nowhere + " is not in a cgroup file system"},
		{"a cgroup that is gone", []Workload{{Cgroup: filepath.Join(v2, "gone")}}, "find cgroup"},
		{"two hierarchies", []Workload{{Cgroup: v2}, {Cgroup: nowhere}}, "not in one hierarchy"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Open(Options{Workloads: c.workloads, Proc: "/proc"})
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func TestMissing(t *testing.T) {
	roots := host.Roots{Proc: t.TempDir(), Sys: t.TempDir()}
	require.NoError(t, os.Symlink("/sys/devices", filepath.Join(roots.Sys, "devices")))
	require.NoError(t, os.MkdirAll(filepath.Join(roots.Proc, "sys/kernel"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(roots.Proc, "sys/kernel/osrelease"), []byte("5.10.0\n"), 0o644))
	m, err := host.Open(roots)
	require.NoError(t, err)
	var keys []string
	for _, missing := range Missing(m) {
		keys = append(keys, missing.Key)
	}
	assert.Subset(t, keys, []string{"kernel:5.14", "kernel:btf"})
}
