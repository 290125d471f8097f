package trial

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/kernel"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/schedulers"
	"github.com/czbench/czbench/schedulers/scx"
	"github.com/czbench/czbench/workloads"
	"github.com/czbench/czbench/workloads/gate"
)

func TestSplit(t *testing.T) {
	nice := 19
	s := Spec{
		Zones: []zones.Spec{
			{Name: "cz", Driver: zones.DriverVM, Kernel: "hz250", VCPUs: 2},
			{Name: "shared", Driver: zones.DriverCgroup, In: "cz"},
			{Name: "other", Driver: zones.DriverVM, Kernel: "hz250", Strategy: "own"},
			{Name: "unused", Driver: zones.DriverVM, Kernel: "hz250"},
			{Name: "here", Driver: zones.DriverHost},
		},
		Workloads: []WorkloadSpec{
			{Name: "kv", Zone: "shared", Load: &LoadSpec{Kind: "open", Zone: "cz"}},
			{Name: "hog", Zone: "cz"},
			{Name: "far", Zone: "other"},
		},
		Strategy:   schedulers.Spec{Name: "nice", BE: &schedulers.Settings{Nice: &nice}, SchedExt: &scx.Spec{Scheduler: scx.FIFO}},
		Strategies: map[string]schedulers.Spec{"own": {Name: "own"}},
		Kernels:    map[string]kernel.Spec{"hz250": {Name: "hz250", HZ: 250}},
		Collect:    []CollectorSpec{{Kind: "proc"}, {Kind: "vm"}},
		Planned:    results.Planned{Number: 17, Block: 3, Position: 2, Seed: 9, Treatment: results.Treatment{Factors: map[string]string{"a": "b"}}},
	}
	here, parts := s.split()

	require.Len(t, parts, 2, "a VM zone without a workload is not booted")
	cz, other := parts[0], parts[1]
	assert.Equal(t, 250, cz.Kernel.HZ)
	assert.Equal(t, []zones.Spec{{Name: "cz", Driver: zones.DriverCgroup}, {Name: "shared", Driver: zones.DriverCgroup}}, cz.Spec.Zones)
	assert.Len(t, cz.Spec.Workloads, 2)
	assert.Equal(t, "nice", cz.Spec.Strategy.Name)
	assert.Equal(t, []CollectorSpec{{Kind: "proc"}}, cz.Spec.Collect, "the guest cannot see itself from outside")
	assert.Equal(t, "own", other.Spec.Strategy.Name)
	assert.Equal(t, 17, other.Number)
	assert.Equal(t, results.Planned{Number: 1, Block: 1, Position: 1, Seed: 9}, other.Spec.Planned, "what of the plan does not matter there is not told")

	assert.Equal(t, []zones.Spec{{Name: "here", Driver: zones.DriverHost}}, here.Zones)
	assert.Empty(t, here.Workloads)
	assert.Equal(t, schedulers.Spec{Name: "nice"}, here.Strategy, "nothing here is what the strategy acts on")
	assert.Len(t, s.Zones, 5, "the trial itself is as it was")
}

// guestScript stands in for a virtual machine: it writes the trial folder that a
// guest would send home. Real ones are booted by the tests of cmd/czbench.
type guestScript struct {
	part   Part
	home   results.Trial
	about  About
	prepar error
	closed *int
}

func (g guestScript) Prepare(_ context.Context, p Part) (Guest, error) {
	g.part = p
	return g, g.prepar
}
func (g guestScript) Missing(Spec) []host.Missing   { return nil }
func (g guestScript) AtOnce(Spec) int               { return 1 }
func (g guestScript) Release(context.Context) error { return nil }
func (g guestScript) Reach(context.Context, int) (workloads.Endpoint, error) {
	return workloads.Endpoint{}, errors.New("not in this test")
}
func (g guestScript) About() About                { return g.about }
func (g guestScript) Close(context.Context) error { *g.closed++; return nil }

func (g guestScript) Run(context.Context, gate.Window) error {
	h := results.NewHistogram()
	if err := h.RecordValue(250); err != nil {
		return err
	}
	return results.WriteTrial(g.part.Dir, g.home,
		map[string][]results.Interval{"kv": {{End: 1, Hist: h}}}, []results.Sample{{Metric: "cpu", Workload: "machine", Value: 1}})
}

func playGuest(t *testing.T, g guestScript) (results.Trial, string) {
	t.Helper()
	closed := 0
	g.closed = &closed
	m, err := host.Open(host.Roots{})
	require.NoError(t, err)
	s := specOf(t, actorScript{}, actorScript{})
	s.Zones = []zones.Spec{{Name: "shared", Driver: zones.DriverVM, Clock: zones.ClockVirtual}}
	dir := t.TempDir()
	tr, err := ExecuteAlone(t.Context(), s, dir, Options{Machine: m, Guests: g})
	require.NoError(t, err)
	if g.prepar == nil {
		assert.Equal(t, 1, closed, "the machine is given back")
	}
	return tr, dir
}

func homeTrial(v results.Verdict, reason string) results.Trial {
	begin := time.Date(2026, 1, 1, 0, 0, 1, 0, time.UTC)
	return results.Trial{
		Number: 3, Block: 2, Verdict: v, Reason: reason, Begin: begin, End: begin.Add(time.Second), BeginMono: 7,
		Scalars: map[string]float64{"kv.latency.p99": 0.00025, "machine.cpu": 1}, Facts: map[string]string{"kv.server": "redis"},
		Warnings: []string{"late"},
	}
}

func TestTrialTakesInWhatItsGuestMeasured(t *testing.T) {
	tr, dir := playGuest(t, guestScript{
		home:  homeTrial(results.OK, ""),
		about: About{Fidelity: results.FidelityVirtual, Facts: map[string]string{"hz": "250"}, Scalars: map[string]float64{"boot": 2}},
	})
	assert.Equal(t, results.OK, tr.Verdict)
	assert.Equal(t, results.FidelityVirtual, tr.Fidelity)
	assert.Equal(t, map[string]float64{"kv.latency.p99": 0.00025, "machine.cpu": 1, "zone.shared.boot": 2}, tr.Scalars)
	assert.Equal(t, map[string]string{"kv.server": "redis", "shared.hz": "250"}, tr.Facts)
	assert.Equal(t, []string{"zone shared: late"}, tr.Warnings)
	assert.Equal(t, 2026, tr.Begin.Year(), "the virtual clock says when")
	assert.EqualValues(t, 7, tr.BeginMono)
	whole, err := results.ReadLone(dir)
	require.NoError(t, err)
	require.Len(t, whole.Latency["kv"], 1)
	assert.EqualValues(t, 1, whole.Latency["kv"][0].Hist.TotalCount())
	assert.Len(t, whole.Series, 1)
	assert.FileExists(t, filepath.Join(dir, ZonesDir, "shared", "trial.json"), "the guest's own folder is kept")
}

func TestVerdictsOfParts(t *testing.T) {
	for name, tt := range map[string]struct {
		guest   guestScript
		verdict results.Verdict
		reason  string
	}{
		"failed there": {
			guest:   guestScript{home: homeTrial(results.Failed, "the server died")},
			verdict: results.Failed, reason: "zone shared: the server died",
		},
		"invalid there": {
			guest:   guestScript{home: homeTrial(results.Invalid, "ejected")},
			verdict: results.Invalid, reason: "zone shared: ejected",
		},
		"another kernel": {
			guest:   guestScript{home: homeTrial(results.OK, ""), about: About{Invalid: "the image has HZ 250"}},
			verdict: results.Invalid, reason: "zone shared: the image has HZ 250",
		},
		"no boot": {
			guest:   guestScript{prepar: errors.New("no boot")},
			verdict: results.Failed, reason: "zone shared: no boot",
		},
	} {
		t.Run(name, func(t *testing.T) {
			tr, _ := playGuest(t, tt.guest)
			assert.Equal(t, tt.verdict, tr.Verdict)
			assert.Equal(t, tt.reason, tr.Reason)
			assert.False(t, tr.InstrumentFault, "by a virtual clock another attempt gives the same")
		})
	}
}

func TestWorseFidelity(t *testing.T) {
	assert.Equal(t, results.FidelityVirtual, worse(results.FidelityReal, results.FidelityVirtual))
	assert.Equal(t, results.FidelityEmulated, worse(results.FidelityEmulated, results.FidelityReal))
	assert.Equal(t, results.FidelityReal, worse(results.FidelityReal, results.FidelityReal))
}

func TestPhasesAreThoseOfTheZonesThatHaveThem(t *testing.T) {
	phases := []results.Phase{{Name: "before", Strategy: "eevdf", End: 1}}
	st := &stage{home: []results.Trial{{Phases: phases}, {}}}
	assert.Equal(t, phases, st.trial(nil).Phases, "a zone with a strategy of its own has none")
}
