package results

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// threeRuns writes two runs of one scenario and one of another, a day apart.
func threeRuns(t *testing.T) (root string, dirs []string) {
	t.Helper()
	root = t.TempDir()
	for i, scenario := range []string{"redis-avx", "other", "redis-avx"} {
		run := sampleRun()
		run.Scenario, run.Started = scenario, begun().AddDate(0, 0, i)
		w, err := Create(root, run, nil)
		require.NoError(t, err)
		require.NoError(t, w.UpdateRun(func(r *Run) { r.Status = Complete }))
		require.NoError(t, w.Close())
		dirs = append(dirs, w.Dir())
	}
	return root, dirs
}

func TestListCountsTrials(t *testing.T) {
	root := filepath.Join(t.TempDir(), "odd [name] *")
	w := newRun(t, root)
	require.NoError(t, w.UpdateRun(func(r *Run) { r.Status = Complete }))
	runs, err := List(root)
	require.NoError(t, err)
	require.Len(t, runs, 1)
	assert.Equal(t, Listing{
		Dir: w.Dir(), ID: w.Run().ID, Scenario: "redis-avx", Title: "redis beside a vector-unit neighbour",
		Status: Complete, Started: begun(), Planned: 3, OK: 1, Invalid: 1, Failed: 1,
	}, runs[0])
}

func TestListIsByTimeAndShowsProblems(t *testing.T) {
	root, dirs := threeRuns(t)
	require.NoError(t, os.WriteFile(filepath.Join(dirs[1], runFile), []byte("{"), 0o644))
	runs, err := List(root)
	require.NoError(t, err)
	require.Len(t, runs, 3)
	for i, dir := range dirs {
		assert.Equal(t, dir, runs[i].Dir)
	}
	assert.Empty(t, runs[0].Problem)
	assert.Contains(t, runs[1].Problem, "run.json")

	none, err := List(filepath.Join(root, "nothing"))
	require.NoError(t, err)
	assert.Empty(t, none)
}

func TestFind(t *testing.T) {
	root, dirs := threeRuns(t)
	id := filepath.Base(dirs[0])
	cases := map[string]struct{ name, want string }{
		"path":               {dirs[1], dirs[1]},
		"path with a slash":  {dirs[1] + "/", dirs[1]},
		"latest":             {"latest", dirs[2]},
		"latest of one":      {"other/latest", dirs[1]},
		"ID":                 {id, dirs[0]},
		"beginning of ID":    {"20260302", dirs[1]},
		"scenario and ID":    {"redis-avx/" + id, dirs[0]},
		"scenario, one run":  {"other", dirs[1]},
		"beginning with day": {"redis-avx/20260303", dirs[2]},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Find(root, c.name)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
	for _, name := range []string{"", "nope", "nope/latest", "20270101"} {
		_, err := Find(root, name)
		require.ErrorIs(t, err, ErrNoRun, "%q", name)
	}
	_, err := Find(root, "redis-avx/")
	assert.ErrorContains(t, err, "fits 2 runs")
}

func TestFindLatestSkipsWhatCannotBeRead(t *testing.T) {
	root, dirs := threeRuns(t)
	require.NoError(t, os.WriteFile(filepath.Join(dirs[2], runFile), []byte("{"), 0o644))
	got, err := Find(root, "latest")
	require.NoError(t, err)
	assert.Equal(t, dirs[1], got)
}

func TestTwoRunsInOneSecond(t *testing.T) {
	root := t.TempDir()
	ids := map[string]bool{}
	for range 5 {
		run := sampleRun()
		run.Started = time.Time{}
		w, err := Create(root, run, nil)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		assert.WithinDuration(t, time.Now(), w.Run().Started, time.Minute)
		ids[w.Run().ID] = true
	}
	assert.Len(t, ids, 5)
}
