package history_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis/history"
	"github.com/czbench/czbench/results"
)

// courses reads the courses as of the last of n nights, of which night i has the
// latency factor(i).
func courses(t testing.TB, n int, factor func(night int) float64) []history.Course {
	t.Helper()
	root := t.TempDir()
	var last *results.Folder
	for i := range n {
		wobble := 1 + 0.004*float64((i*i+3)%7-3)
		last = sample{night: i, blocks: 6, build: fmt.Sprintf("b%02d", i), values: scaled(factor(i) * wobble)}.write(t, root)
	}
	h, err := history.Read(root, last, options())
	require.NoError(t, err)
	all := h.Courses()
	again, err := history.Read(root, last, options())
	require.NoError(t, err)
	assert.Equal(t, all, again.Courses(), "the same runs give the same courses")
	return all
}

func TestCoursesHoldEveryNightAndItsChanges(t *testing.T) {
	all := courses(t, 24, func(night int) float64 {
		if night >= 12 {
			return 1.05
		}
		return 1
	})
	require.Len(t, all, 6, "three metrics of two strategies")
	c := all[0]
	assert.Equal(t, "kv.latency.p99", c.Metric.Name)
	assert.Equal(t, "eevdf", c.Label)
	require.Len(t, c.Nights, 24)
	assert.Equal(t, []int{12}, c.Changes)
	for i, n := range c.Nights {
		if i > 0 {
			assert.True(t, n.Started.After(c.Nights[i-1].Started), "oldest first")
		}
		assert.Less(t, n.Low, n.Value)
		assert.Greater(t, n.High, n.Value)
		assert.NotEmpty(t, n.Run)
	}
	assert.InDelta(t, 1e-3, c.Nights[0].Value, 2e-5)
	assert.InDelta(t, 1.05e-3, c.Nights[23].Value, 2e-5)
	assert.Equal(t, "burn.rate", all[2].Metric.Name)
	assert.Empty(t, all[2].Changes, "what stays has none")
}

func TestShortCoursesHaveNoChanges(t *testing.T) {
	for _, n := range []int{1, 7} {
		all := courses(t, n, func(night int) float64 { return 1 + float64(night) })
		require.Len(t, all, 6)
		assert.Len(t, all[0].Nights, n)
		assert.Empty(t, all[0].Changes, "%d nights are fewer than two segments", n)
	}
}

func TestCoursesSayWhatIsLeftOut(t *testing.T) {
	root := quiet(t, 3)
	sample{night: 5, build: "x", change: func(r *results.Run) { r.Facts["kernel.release"] = "6.2.0" }}.write(t, root)
	sample{night: 6, build: "x", change: func(r *results.Run) { r.Variables[1].Value = "2000" }}.write(t, root)
	sample{night: 7, build: "x", change: func(r *results.Run) { r.Status = results.Interrupted }}.write(t, root)
	h, err := history.Read(root, sample{night: 8, blocks: 1, build: "b"}.write(t, root), options())
	require.NoError(t, err)
	c := h.Courses()[0]
	var kinds []string
	for _, l := range c.LeftOut {
		kinds = append(kinds, l.Kind())
	}
	assert.Equal(t, []string{"fingerprint kernel.release", "variables rate", "status"}, kinds)
	require.Len(t, c.Nights, 4)
	assert.InDelta(t, 0.5, c.Nights[0].Level, 1e-9, "of two blocks")
	assert.InDelta(t, c.Nights[3].Value, c.Nights[3].High, 0, "one block has no interval")
	assert.Zero(t, c.Nights[3].Level)
	least, most := c.Levels()
	assert.InDelta(t, c.Nights[0].Level, least, 0)
	assert.InDelta(t, c.Nights[0].Level, most, 0)
}

// TestHistoryOfSomeRuns: what is not among the runs to choose from is not read.
func TestHistoryOfSomeRuns(t *testing.T) {
	root := quiet(t, 5)
	runs, err := results.List(root)
	require.NoError(t, err)
	require.NoError(t, os.Truncate(filepath.Join(runs[1].Dir, "journal.jsonl"), 64<<30))
	o := options()
	o.Runs = runs[:4]
	h, err := history.Read(root, sample{night: 8, build: "b"}.write(t, root), o)
	require.NoError(t, err)
	r := h.Judge()
	assert.Len(t, r.Nights, 4)
	require.Len(t, r.LeftOut, 1, "what has been damaged since it was listed is left out")
	assert.Contains(t, r.LeftOut[0].Reason, "unreadable: ")
}

func TestCoursesLeaveOutWhatHasNoValue(t *testing.T) {
	root := t.TempDir()
	zero := sample{night: 0, trial: func(trial *results.Trial) { trial.Scalars["kv.latency.p99"] = 0 }}
	zero.write(t, root)
	gone := sample{night: 1, aa: 1, trial: func(trial *results.Trial) { delete(trial.Scalars, "burn.rate") }}
	h, err := history.Read(root, gone.write(t, root), options())
	require.NoError(t, err)
	nights := map[string]int{}
	for _, c := range h.Courses() {
		assert.Empty(t, c.Treatment.Control)
		nights[c.Metric.Name+" "+c.Label] = len(c.Nights)
	}
	assert.Equal(t, map[string]int{
		"kv.latency.p99 eevdf": 1, "kv.latency.p99 idle": 1, // 0 has no ratio
		"burn.rate eevdf": 1, "burn.rate idle": 1, "kv.cpu eevdf": 2, "kv.cpu idle": 2,
	}, nights)
}
