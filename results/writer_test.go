package results

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
)

func TestSeveralSourcesGoToAFolder(t *testing.T) {
	files := map[string][]byte{"s/a.hcl": []byte("a"), "s/b.hcl.json": []byte("{}")}
	w, err := Create(t.TempDir(), sampleRun(), files)
	require.NoError(t, err)
	defer func() { _ = w.Close() }()
	f, err := Open(w.Dir())
	require.NoError(t, err)
	sources, err := f.Sources()
	require.NoError(t, err)
	assert.Equal(t, map[string][]byte{"a.hcl": []byte("a"), "b.hcl.json": []byte("{}")}, sources)

	_, err = Create(t.TempDir(), sampleRun(), map[string][]byte{"x/a.hcl": nil, "y/a.hcl": nil})
	assert.ErrorContains(t, err, "two scenario files are named a.hcl")
}

func TestResume(t *testing.T) {
	w := newRun(t, t.TempDir())
	_, err := Resume(w.Dir())
	require.ErrorContains(t, err, "another process writes this run")
	require.NoError(t, w.UpdateRun(func(r *Run) { r.Status, r.Reason = Interrupted, "Ctrl-C" }))
	require.NoError(t, w.Close())
	path := filepath.Join(w.Dir(), journalFile)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, append(whole, `{"event":"star`...), 0o644))

	w, err = Resume(w.Dir())
	require.NoError(t, err)
	assert.Equal(t, Running, w.Run().Status)
	assert.Empty(t, w.Run().Reason)
	again := sampleTrial(w.Run().Plan[1])
	_, err = w.Begin(w.Run().Plan[1])
	require.NoError(t, err)
	f, err := Open(w.Dir())
	require.NoError(t, err, "the line that was cut off is gone")
	trials, err := f.Trials()
	require.NoError(t, err)
	assert.Len(t, trials, 2, "what was begun again is not whole")

	addTrial(t, w, again)
	require.NoError(t, w.Close())
	f, err = Open(w.Dir())
	require.NoError(t, err)
	trials, err = f.Trials()
	require.NoError(t, err)
	require.Len(t, trials, 3)
	assert.Equal(t, OK, trials[1].Verdict, "the later attempt counts")
	_, err = Resume(t.TempDir())
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestFinishWantsTheTrialItself(t *testing.T) {
	w, err := Create(t.TempDir(), sampleRun(), nil)
	require.NoError(t, err)
	defer func() { _ = w.Close() }()
	dir, err := w.Begin(planned(1, "eevdf"))
	require.NoError(t, err)
	_, err = w.Finish(planned(1, "eevdf"))
	require.ErrorIs(t, err, os.ErrNotExist, "no trial.json")
	require.NoError(t, WriteTrial(dir, sampleTrial(planned(2, "nice")), nil, nil))
	_, err = w.Finish(planned(1, "eevdf"))
	require.ErrorContains(t, err, "holds trial 2")

	again, err := w.Begin(planned(1, "eevdf"))
	require.NoError(t, err)
	assert.Equal(t, dir, again)
	assert.NoFileExists(t, filepath.Join(dir, trialFile), "a new attempt starts from nothing")
}

func TestSameTrialGivesTheSameBytes(t *testing.T) {
	var folders []string
	for range 2 {
		dir := filepath.Join(t.TempDir(), "trial")
		require.NoError(t, WriteTrial(dir, sampleTrial(planned(1, "eevdf")), sampleLatency(), sampleSeries()))
		folders = append(folders, dir)
	}
	for _, name := range []string{trialFile, latencyFile, seriesFile} {
		a, err := os.ReadFile(filepath.Join(folders[0], name))
		require.NoError(t, err)
		b, err := os.ReadFile(filepath.Join(folders[1], name))
		require.NoError(t, err)
		assert.Equal(t, a, b, name)
	}
	entries, err := os.ReadDir(folders[0])
	require.NoError(t, err)
	assert.Len(t, entries, 4, "nothing temporary is left")
	read, err := ReadTrial(folders[0])
	require.NoError(t, err)
	assert.Equal(t, 1, read.Number)
}

func TestWriteTrialRefuses(t *testing.T) {
	good := func() Trial { return sampleTrial(planned(1, "eevdf")) }
	nan := good()
	nan.Scalars["kv.rate"] = math.NaN()
	number, verdict := good(), good()
	number.Number, verdict.Verdict = 0, "fine"
	backwards, early := good(), good()
	backwards.Phases = []Phase{{Name: "calm", Start: 2, End: 1, Attached: 2}}
	early.Phases = []Phase{{Name: "calm", Start: 2, End: 3, Attached: 1}}
	outside := map[string][]Interval{"kv": {{Start: 2, End: 1, Hist: NewHistogram()}}}
	cases := map[string]struct {
		trial   Trial
		latency map[string][]Interval
		series  []Sample
		want    string
	}{
		"NaN":         {trial: nan, want: "scalar kv.rate is NaN"},
		"number":      {trial: number, want: "trial number 0"},
		"verdict":     {trial: verdict, want: `verdict "fine"`},
		"phase":       {trial: backwards, want: `phase "calm" from 2 s to 1 s, in effect at 2 s, is not a part of a window`},
		"early phase": {trial: early, want: "in effect at 1 s"},
		"interval":    {trial: good(), latency: outside, want: "not a part of a window"},
		"tag":         {trial: good(), latency: map[string][]Interval{"a,b": {}}, want: "not a name"},
		"NaN sample":  {trial: good(), series: []Sample{{Metric: "cpu", Workload: "kv", Value: math.NaN()}}, want: "not a number"},
		"a long year": {trial: Trial{Number: 1, Block: 1, Verdict: OK, Begin: time.Date(20_000, 1, 1, 0, 0, 0, 0, time.UTC)}, want: "begin"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "trial")
			require.ErrorContains(t, WriteTrial(dir, c.trial, c.latency, c.series), c.want)
			assert.NoFileExists(t, filepath.Join(dir, trialFile))
		})
	}
}

func TestCreateWantsAName(t *testing.T) {
	for _, name := range []string{"", "../x", "A", "a/b", "-a", strings.Repeat("a", 200)} {
		run := sampleRun()
		run.Scenario = name
		_, err := Create(t.TempDir(), run, nil)
		assert.Error(t, err, "%q", name)
	}
}

func TestDiskFullSaysWhatIsKept(t *testing.T) {
	if os.Geteuid() != 0 {
		testneed.Met(t, host.Missing{Key: "root", What: "mounting a small file system needs root"})
	}
	root := t.TempDir()
	require.NoError(t, unix.Mount("tmpfs", root, "tmpfs", 0, "size=600k"))
	t.Cleanup(func() { assert.NoError(t, unix.Unmount(root, unix.MNT_DETACH)) })
	w := newRun(t, root)
	p := planned(4, "fifo")
	dir, err := w.Begin(p)
	require.NoError(t, err)
	filler := filepath.Join(dir, RawDir, "filler")
	err = os.WriteFile(filler, make([]byte, 1<<20), 0o644)
	require.ErrorIs(t, err, unix.ENOSPC)

	require.ErrorIs(t, WriteTrial(dir, sampleTrial(p), sampleLatency(), nil), unix.ENOSPC)
	err = w.UpdateRun(func(r *Run) { r.Reason = strings.Repeat("long ", 20_000) })
	require.ErrorIs(t, err, unix.ENOSPC)
	require.ErrorContains(t, err, fmt.Sprintf("the disk is full; 3 trials are whole and kept in %s", w.Dir()))
	f, err := Open(w.Dir())
	require.NoError(t, err)
	trials, err := f.Trials()
	require.NoError(t, err)
	assert.Len(t, trials, 3)
	assert.Equal(t, OK, trials[0].Verdict)
}
