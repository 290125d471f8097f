package scx

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
	"github.com/czbench/czbench/results"
)

func TestCheckFindsWhatCannotWork(t *testing.T) {
	for _, c := range []struct {
		spec  Spec
		field string
		want  string
	}{
		{Spec{Scheduler: "vtim"}, "", `did you mean "vtime"?`},
		{Spec{Scheduler: FIFO, BEShare: 0.1}, "be_share", "fifo has no be_share"},
		{Spec{Scheduler: LCFirst, CPU: 1}, "cpu", "lcfirst has no cpu"},
		{Spec{Scheduler: VTime, Command: []string{"scx_lavd"}}, "command", "vtime has no command"},
		{Spec{Scheduler: External, Command: []string{"scx_lavd"}, Slice: ms(1)}, "slice", "external has no slice"},
		{Spec{Scheduler: External}, "command", "write the command"},
		{Spec{Scheduler: FIFO, Slice: ms(1) / 20}, "slice", "50µs is not a slice"},
		{Spec{Scheduler: FIFO, Slice: ms(1001)}, "slice", "1.001s is not a slice"},
		{Spec{Scheduler: LCFirst, BEShare: 0.6}, "be_share", "0.6 is not a share"},
		{Spec{Scheduler: LCFirst, BEShare: -1}, "be_share", "-1 is not a share"},
		{Spec{Scheduler: Central, CPU: -1}, "cpu", "-1 is not a CPU"},
	} {
		t.Run(c.want, func(t *testing.T) {
			problems := c.spec.Check()
			require.Len(t, problems, 1)
			assert.Equal(t, c.field, problems[0].Field)
			assert.Contains(t, problems[0].Detail, c.want)
		})
	}
}

func TestSpecsThatWork(t *testing.T) {
	for _, s := range []Spec{
		{Scheduler: FIFO},
		{Scheduler: VTime, Slice: ms(1), Partial: true},
		{Scheduler: LCFirst, BEShare: 0.5},
		{Scheduler: Central, CPU: 3},
		{Scheduler: External, Command: []string{"scx_lavd", "--performance"}, Partial: true},
	} {
		assert.Empty(t, s.Check())
		text, err := json.Marshal(s)
		require.NoError(t, err)
		var again Spec
		require.NoError(t, json.Unmarshal(text, &again))
		assert.Equal(t, s, again, "a spec survives JSON")
	}
}

func TestDefaults(t *testing.T) {
	s := Spec{Scheduler: LCFirst}
	assert.Equal(t, 20*time.Millisecond, s.slice())
	assert.Equal(t, uint64(99000), s.waitPermille())
	s.BEShare = 0.5
	assert.Equal(t, uint64(1000), s.waitPermille())
}

// The schedulers and the kernel find the settings where the loader puts them.
func TestObjectsTakeTheirSettings(t *testing.T) {
	for _, name := range []string{FIFO, VTime, LCFirst, Central} {
		o, err := compiled(Spec{Scheduler: name, Slice: ms(3), BEShare: 0.1})
		require.NoError(t, err)
		var slice uint64
		require.NoError(t, o.Variables["slice_ns"].Get(&slice))
		assert.Equal(t, uint64(3_000_000), slice)
		plain := append([]byte(nil), o.Maps["ops"].Contents[0].Value.([]byte)...)
		require.NoError(t, addToOps(o, "flags", switchPartial))
		require.NoError(t, addToOps(o, "timeout_ms", 500))
		assert.NotEqual(t, plain, o.Maps["ops"].Contents[0].Value)
		assert.Contains(t, string(plain), opsName(name))
		require.ErrorContains(t, addToOps(o, "no_such", 1), "no such member")
	}
	_, err := compiled(Spec{Scheduler: "none"})
	require.ErrorContains(t, err, `no scheduler "none"`)
	_, err = compiled(Spec{Scheduler: Central, CPU: 1 << 20})
	var missing host.Missing
	assert.ErrorAs(t, err, &missing)
}

func TestWhoIsThereAlreadyIsNamed(t *testing.T) {
	dir := t.TempDir()
	c := class{dir: dir}
	var missing host.Missing
	require.ErrorAs(t, c.free(), &missing)
	assert.Equal(t, "kernel:sched_ext", missing.Key)

	write := func(name, text string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(c.file(name)), 0o755))
		require.NoError(t, os.WriteFile(c.file(name), []byte(text), 0o644))
	}
	write("state", "disabled\n")
	require.NoError(t, c.free())
	write("state", "enabled\n")
	write("root/ops", "lavd\n")
	assert.ErrorContains(t, c.free(), `scheduler "lavd" is in the kernel already (state enabled)`)
}

func TestKernelWithoutSchedExtIsMissing(t *testing.T) {
	if Supported("/sys") {
		testneed.Met(t, host.Missing{Key: "kernel:no-sched_ext", What: "this kernel has sched_ext"})
	}
	_, err := Attach(t.Context(), Spec{Scheduler: FIFO}, Target{})
	var missing host.Missing
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, "kernel:sched_ext", missing.Key)
}

func TestMetricsAreDeclaredOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range Metrics() {
		assert.False(t, seen[m.Name], m.Name)
		seen[m.Name] = true
		assert.True(t, strings.HasPrefix(m.Name, "machine.scx."), m.Name)
		assert.Equal(t, results.Counter, m.Kind)
		assert.NotEmpty(t, m.Help)
	}
	assert.Len(t, seen, 8)
}

func TestTailKeepsTheLastLines(t *testing.T) {
	out, in, err := os.Pipe()
	require.NoError(t, err)
	kept := &tail{from: out, ended: make(chan struct{})}
	go kept.read()
	for range 4000 {
		_, err = in.WriteString("chatter\n")
		require.NoError(t, err)
	}
	_, err = in.WriteString("the end\n")
	require.NoError(t, err)
	require.NoError(t, in.Close())
	<-kept.ended
	lines := strings.Split(kept.last(), "\n")
	assert.Len(t, lines, keptLines)
	assert.Equal(t, "the end", lines[len(lines)-1])
	assert.LessOrEqual(t, len(kept.said), keptBytes)
	kept.close()
}
