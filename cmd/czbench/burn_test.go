package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
	"github.com/czbench/czbench/workloads/burn"
)

// burnWith runs `czbench burn` with the given arguments.
func burnWith(ctx context.Context, args ...string) (string, error) {
	var out bytes.Buffer
	cmd := newBurnCommand(&process{stdout: &out})
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(ctx)
	return out.String(), err
}

func TestBurnPrintsALineForEachThread(t *testing.T) {
	testneed.Met(t, burn.Missing(128)...)
	out, err := burnWith(t.Context(), "--width", "128", "--precision", "single", "--threads", "2", "--time", "100ms")
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Len(t, lines, 6, "%s", out)
	assert.Equal(t, "128 bits, single precision, 96 FLOPs an iteration, 0.1 s", lines[0])
	assert.Equal(t, []string{"thread", "iterations/s", "GFLOP/s", "CPU", "%"}, strings.Fields(lines[2]))
	for i, name := range []string{"0", "1", "sum"} {
		assert.Equal(t, name, strings.Fields(lines[3+i])[0])
	}
}

func TestBurnPrintsJSON(t *testing.T) {
	testneed.Met(t, burn.Missing(0)...)
	out, err := burnWith(t.Context(), "--json", "--threads", "1", "--time", "100ms")
	require.NoError(t, err)
	var r burn.Result
	require.NoError(t, json.Unmarshal([]byte(out), &r))
	assert.Equal(t, burn.Widest(), r.Width)
	assert.Positive(t, r.Total().Iterations)
}

func TestBurnRefuses(t *testing.T) {
	testneed.Met(t, burn.Missing(0)...)
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name string
		ctx  context.Context //nolint:containedctx // a table
		args string
		code int
		want string
	}{
		{"width", t.Context(), "--width=64", exitUsage, "width 64: write one of"},
		{"precision", t.Context(), "--precision=half", exitUsage, `precision "half"`},
		{"time", t.Context(), "--time=0s", exitUsage, "write a positive time such as 5s"},
		{"interrupted", interrupted, "--threads=1", exitInterrupted, "context canceled"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := burnWith(c.ctx, c.args)
			require.ErrorContains(t, err, c.want)
			assert.Equal(t, c.code, exitCode(err))
		})
	}
}

func TestBurnOnACPUThatLacksTheWidth(t *testing.T) {
	if len(burn.Missing(512)) == 0 {
		testneed.Met(t, host.Missing{Key: "cpu:no-avx512f", What: "this CPU has every width"})
	}
	_, err := burnWith(t.Context(), "--width=512")
	var missing host.Missing
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, exitMissing, exitCode(err))
}
