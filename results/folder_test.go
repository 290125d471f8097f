package results

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func begun() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 250_000_000, time.UTC) }

func planned(number int, strategy string) Planned {
	return Planned{
		Number: number, Block: 1, Position: number, Seed: 7,
		Treatment: Treatment{Factors: map[string]string{"strategy": strategy}},
	}
}

func sampleRun() Run {
	return Run{
		Scenario: "redis-avx", Title: "redis beside a vector-unit neighbour", Seed: 20240301,
		Started: begun(), Warmup: 2, Measure: 5, Blocks: 1,
		Factors: []Factor{{Name: "strategy", Levels: []string{"eevdf", "nice"}}},
		Plan:    []Planned{planned(1, "eevdf"), planned(2, "nice"), planned(3, "idle")},
	}
}

func sampleTrial(p Planned) Trial {
	return Trial{
		Number: p.Number, Block: p.Block, Position: p.Position, Treatment: p.Treatment, Seed: p.Seed,
		Fidelity: FidelityReal, Begin: begun(), End: begun().Add(5 * time.Second), Verdict: OK,
		Scalars: map[string]float64{"kv.latency.p99": 0.00413},
		Phases: []Phase{
			{Name: "calm", Strategy: "eevdf", End: 2},
			{Name: "strict", Strategy: "lcfirst", Start: 2, End: 5, Attached: 2.0413},
		},
		Applied: []Applied{{Workload: "burn", Setting: "policy", Want: "ext", Got: "ext", Source: "/proc/1/sched", Phase: "strict"}},
	}
}

func sampleLatency() map[string][]Interval {
	var intervals []Interval
	for i := range 3 {
		h := NewHistogram()
		for v := int64(1); v < 2000; v++ {
			_ = h.RecordValue(v * v % 5_000_000)
		}
		intervals = append(intervals, Interval{Start: float64(i), End: float64(i + 1), Hist: h})
	}
	intervals[2].End = 2.123457
	return map[string][]Interval{"kv": intervals, "other": {{Start: 0, End: 1, Hist: NewHistogram()}}}
}

func sampleSeries() []Sample {
	series := make([]Sample, 0, 10_000)
	for i := range 10_000 {
		series = append(series, Sample{
			Time: float64(i)*0.1 - 2, Metric: []string{"cpu", "run_delay"}[i%2], Workload: "kv", Value: float64(i * i),
		})
	}
	return series
}

// newRun writes a run with one ok, one invalid and one failed trial.
func newRun(t testing.TB, root string) *Writer {
	t.Helper()
	w, err := Create(root, sampleRun(), map[string][]byte{"lib/redis-avx.hcl": []byte("scenario \"redis-avx\" {}\n")})
	require.NoError(t, err)
	t.Cleanup(func() { _ = w.Close() })
	for _, p := range w.Run().Plan[:2] {
		dir, err := w.Begin(p)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, RawDir, "redis.log"), []byte("ready\n"), 0o644))
		trial := sampleTrial(p)
		if p.Number == 2 {
			trial.Verdict, trial.Reason = Invalid, "generator could not keep up"
		}
		require.NoError(t, WriteTrial(dir, trial, sampleLatency(), sampleSeries()))
		_, err = w.Finish(p)
		require.NoError(t, err)
	}
	failed := sampleTrial(w.Run().Plan[2])
	failed.Verdict, failed.Reason, failed.Scalars = Failed, "redis-server died: signal: killed", nil
	addTrial(t, w, failed)
	return w
}

// addTrial takes a trial without latency and series into a run.
func addTrial(t testing.TB, w *Writer, trial Trial) {
	t.Helper()
	p := Planned{Number: trial.Number, Block: trial.Block, Treatment: trial.Treatment}
	dir, err := w.Begin(p)
	require.NoError(t, err)
	require.NoError(t, WriteTrial(dir, trial, nil, nil))
	_, err = w.Finish(p)
	require.NoError(t, err)
}

func TestRunFolderRoundTrip(t *testing.T) {
	root := t.TempDir()
	w := newRun(t, root)
	assert.Regexp(t, `/redis-avx/20260301T120000Z-[0-9a-f]{4}$`, w.Dir())
	require.NoError(t, w.UpdateRun(func(r *Run) { r.Status, r.Finished, r.ID = Complete, begun().Add(time.Minute), "x" }))
	require.NoError(t, w.Close())

	f, err := Open(w.Dir())
	require.NoError(t, err)
	assert.Equal(t, w.Run(), f.Run())
	assert.Equal(t, filepath.Base(w.Dir()), f.Run().ID, "an update keeps the ID")
	sources, err := f.Sources()
	require.NoError(t, err)
	assert.Equal(t, map[string][]byte{"scenario.hcl": []byte("scenario \"redis-avx\" {}\n")}, sources)

	trials, err := f.Trials()
	require.NoError(t, err)
	require.Len(t, trials, 3)
	want := sampleTrial(w.Run().Plan[0])
	want.Schema = SchemaVersion
	assert.Equal(t, want, trials[0])
	assert.Equal(t, Invalid, trials[1].Verdict)
	assert.Equal(t, "redis-server died: signal: killed", trials[2].Reason)
	assert.Equal(t, "idle", trials[2].Treatment.Factors["strategy"])

	series, err := f.Series(1)
	require.NoError(t, err)
	assert.Equal(t, sampleSeries(), series)
	requireSameLatency(t, sampleLatency(), latencyOf(t, f, 1))
	assert.Empty(t, latencyOf(t, f, 3), "a failed trial has no latency")
	raw, err := os.ReadFile(filepath.Join(f.Dir(), f.TrialDir(1), RawDir, "redis.log"))
	require.NoError(t, err)
	assert.Equal(t, "ready\n", string(raw))
}

// TestSourcesAreBounded: the files of a scenario are bounded together, since few
// bytes on disk can stand for very long files.
func TestSourcesAreBounded(t *testing.T) {
	w := newRun(t, t.TempDir())
	require.NoError(t, w.Close())
	f, err := Open(w.Dir())
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Join(f.Dir(), scenarioDir), 0o755))
	sparse := func(name string, size int64) {
		path := filepath.Join(f.Dir(), scenarioDir, name)
		require.NoError(t, os.WriteFile(path, nil, 0o644))
		require.NoError(t, os.Truncate(path, size))
	}
	sparse("a.hcl", 8<<20)
	sparse("b.hcl", 7<<20)
	sources, err := f.Sources()
	require.NoError(t, err)
	assert.Len(t, sources["b.hcl"], 7<<20)
	sparse("b.hcl", 8<<20)
	_, err = f.Sources()
	assert.ErrorContains(t, err, "scenario.hcl: the scenario's files have more than 16 MiB")
}

// latencyOf returns every interval of the latency log of a trial, by workload.
func latencyOf(t *testing.T, f *Folder, number int) map[string][]Interval {
	t.Helper()
	latency := map[string][]Interval{}
	require.NoError(t, f.read(number, latencyFile, func(file *os.File, _ int64) error {
		return readLatency(file, func(workload string, iv Interval) error {
			latency[workload] = append(latency[workload], iv)
			return nil
		})
	}))
	return latency
}

func requireSameLatency(t *testing.T, want, got map[string][]Interval) {
	t.Helper()
	require.Len(t, got, len(want))
	for name, intervals := range want {
		require.Len(t, got[name], len(intervals))
		for i, iv := range intervals {
			assert.InDelta(t, iv.Start, got[name][i].Start, 1e-12)
			assert.InDelta(t, iv.End, got[name][i].End, 1e-12)
			assert.True(t, iv.Hist.Equals(got[name][i].Hist), "%s interval %d", name, i)
		}
	}
}

func TestMergedAddsTheIntervals(t *testing.T) {
	f, err := Open(newRun(t, t.TempDir()).Dir())
	require.NoError(t, err)
	merged, err := f.Merged(1)
	require.NoError(t, err)
	want, err := Merge(sampleLatency()["kv"])
	require.NoError(t, err)
	assert.True(t, want.Equals(merged["kv"]))
	assert.Equal(t, int64(3*1999), want.TotalCount())
}

func TestStatusOfARunThatIsGone(t *testing.T) {
	w := newRun(t, t.TempDir())
	f, err := Open(w.Dir())
	require.NoError(t, err)
	assert.Equal(t, Running, f.Run().Status, "the writer holds the journal")

	require.NoError(t, w.Close())
	f, err = Open(w.Dir())
	require.NoError(t, err)
	assert.Equal(t, Interrupted, f.Run().Status)
	assert.NotEmpty(t, f.Run().Reason)
}

// What the crash of a run can leave behind is never taken for a whole trial.
func TestHalfWrittenTrialsAreNotTrials(t *testing.T) {
	w := newRun(t, t.TempDir())
	p := planned(4, "fifo")
	dir, err := w.Begin(p)
	require.NoError(t, err)
	require.NoError(t, WriteTrial(dir, sampleTrial(p), nil, nil)) // written, not finished
	five := filepath.Join(w.Dir(), trialName(5))
	require.NoError(t, os.Mkdir(five, 0o755))
	require.NoError(t, WriteTrial(five, sampleTrial(planned(5, "fifo")), nil, nil)) // renamed, not journalled
	journal, err := os.OpenFile(filepath.Join(w.Dir(), journalFile), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = journal.WriteString(`{"event":"finished","trial":4,"chec`) // cut off
	require.NoError(t, err)
	require.NoError(t, journal.Close())

	f, err := Open(w.Dir())
	require.NoError(t, err)
	trials, err := f.Trials()
	require.NoError(t, err)
	assert.Len(t, trials, 3)
}

func TestDamagedTrialsAreReported(t *testing.T) {
	damage := map[string]func(t *testing.T, trial string){
		"a byte of raw output": func(t *testing.T, trial string) {
			require.NoError(t, os.WriteFile(filepath.Join(trial, RawDir, "redis.log"), []byte("Ready\n"), 0o644))
		},
		"a scalar": func(t *testing.T, trial string) {
			data, err := os.ReadFile(filepath.Join(trial, trialFile))
			require.NoError(t, err)
			data = []byte(strings.ReplaceAll(string(data), "0.00413", "0.00313"))
			require.NoError(t, os.WriteFile(filepath.Join(trial, trialFile), data, 0o644))
		},
		"a file more": func(t *testing.T, trial string) {
			require.NoError(t, os.WriteFile(filepath.Join(trial, "extra"), nil, 0o644))
		},
		"a file less": func(t *testing.T, trial string) { require.NoError(t, os.Remove(filepath.Join(trial, seriesFile))) },
		"all of it":   func(t *testing.T, trial string) { require.NoError(t, os.RemoveAll(trial)) },
		"a link out of the folder": func(t *testing.T, trial string) {
			require.NoError(t, os.Remove(filepath.Join(trial, latencyFile)))
			require.NoError(t, os.Symlink("/etc/hostname", filepath.Join(trial, latencyFile)))
		},
		"a pipe": func(t *testing.T, trial string) {
			require.NoError(t, unix.Mkfifo(filepath.Join(trial, RawDir, "pipe"), 0o644))
		},
	}
	for name, do := range damage {
		t.Run(name, func(t *testing.T) {
			w := newRun(t, t.TempDir())
			do(t, filepath.Join(w.Dir(), trialName(1)))
			f, err := Open(w.Dir())
			require.NoError(t, err)
			trials, err := f.Trials()
			require.NoError(t, err)
			require.Len(t, trials, 3)
			assert.Equal(t, Failed, trials[0].Verdict)
			assert.Contains(t, trials[0].Reason, "damaged on disk")
			assert.Equal(t, 1, trials[0].Block)
			assert.Equal(t, "eevdf", trials[0].Treatment.Factors["strategy"], "from the plan")
			assert.Empty(t, trials[0].Scalars)
			assert.Equal(t, Invalid, trials[1].Verdict, "the others are what they were")
		})
	}
}

func TestTrialMustBeThePlannedOne(t *testing.T) {
	w := newRun(t, t.TempDir())
	require.NoError(t, w.UpdateRun(func(r *Run) {
		r.Plan[0].Treatment = Treatment{Control: ControlLCAlone}
		r.Plan[1].Block = 2
	}))
	f, err := Open(w.Dir())
	require.NoError(t, err)
	trials, err := f.Trials()
	require.NoError(t, err)
	for _, trial := range trials[:2] {
		assert.Contains(t, trial.Reason, "not the planned one")
	}
}

func TestJournalAndTrialMustAgree(t *testing.T) {
	w := newRun(t, t.TempDir())
	path := filepath.Join(w.Dir(), journalFile)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	data = []byte(strings.Replace(string(data), `"invalid","trial":2`, `"finished","trial":2`, 1))
	require.NoError(t, os.WriteFile(path, data, 0o644))
	f, err := Open(w.Dir())
	require.NoError(t, err)
	trials, err := f.Trials()
	require.NoError(t, err)
	assert.Equal(t, Failed, trials[1].Verdict)
	assert.Contains(t, trials[1].Reason, "it is trial 2, invalid; the journal says trial 2, finished")
}

func TestLongReasonKeepsTheJournalReadable(t *testing.T) {
	w := newRun(t, t.TempDir())
	trial := sampleTrial(planned(4, "fifo"))
	trial.Verdict, trial.Reason = Failed, strings.Repeat("ä", 100_000)
	addTrial(t, w, trial)
	f, err := Open(w.Dir())
	require.NoError(t, err)
	trials, err := f.Trials()
	require.NoError(t, err)
	assert.Equal(t, trial.Reason, trials[3].Reason, "trial.json has all of it")
}

func TestOpenRefuses(t *testing.T) {
	edit := func(change func(map[string]any)) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			data, err := os.ReadFile(filepath.Join(dir, runFile))
			require.NoError(t, err)
			var run map[string]any
			require.NoError(t, json.Unmarshal(data, &run))
			change(run)
			data, err = json.Marshal(run)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(dir, runFile), data, 0o644))
		}
	}
	replace := func(name, content string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644))
		}
	}
	cases := map[string]struct {
		damage func(t *testing.T, dir string)
		want   string
	}{
		"a later schema":       {edit(func(r map[string]any) { r["schema"] = 2 }), "unknown schema version 2 (this czbench reads 1)"},
		"no schema":            {edit(func(r map[string]any) { delete(r, "schema") }), "unknown schema version 0"},
		"a path as scenario":   {edit(func(r map[string]any) { r["scenario"] = "../../etc" }), `scenario "../../etc" is not a name`},
		"trial 0":              {edit(func(r map[string]any) { r["plan"].([]any)[0].(map[string]any)["number"] = 0 }), "doubled or out of range"},
		"a trial twice":        {edit(func(r map[string]any) { r["plan"].([]any)[0].(map[string]any)["number"] = 2 }), "doubled or out of range"},
		"half a run.json":      {replace(runFile, `{"schema": 1, "scen`), "decode run.json"},
		"a broken journal":     {replace(journalFile, "{\"event\":\"started\",\"trial\":1}\nnonsense\n"), "journal line 2"},
		"an endless line":      {replace(journalFile, strings.Repeat("x", 1<<20)), "journal line 1"},
		"an impossible trial":  {replace(journalFile, "{\"event\":\"finished\",\"trial\":-3}\n"), "trial number -3"},
		"no journal":           {func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, journalFile))) }, "journal.jsonl"},
		"a link as run.json":   {linkTo(runFile), "not a regular file"},
		"a link as journal":    {linkTo(journalFile), "not a regular file"},
		"a folder as run.json": {folderAs(runFile), "not a regular file"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newRun(t, t.TempDir())
			require.NoError(t, w.Close())
			c.damage(t, w.Dir())
			_, err := Open(w.Dir())
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func TestOpenNamesTheSchema(t *testing.T) {
	w := newRun(t, t.TempDir())
	require.NoError(t, os.WriteFile(filepath.Join(w.Dir(), runFile), []byte(`{"schema":9}`), 0o644))
	_, err := Open(w.Dir())
	assert.ErrorIs(t, err, ErrSchema)
}

func linkTo(name string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.Rename(path, path+".real"))
		require.NoError(t, os.Symlink(path+".real", path))
	}
}

func folderAs(name string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		require.NoError(t, os.Remove(filepath.Join(dir, name)))
		require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o755))
	}
}
