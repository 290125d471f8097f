package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

// TestUI starts the command, asks it for the list of runs, and interrupts it.
func TestUI(t *testing.T) {
	root := t.TempDir()
	w, err := results.Create(root, results.Run{
		Scenario: "small", Title: "a small one", Started: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
	}, nil)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	for name, c := range map[string]struct {
		args    []string
		warning string
	}{
		"loopback": {[]string{"ui", "--dir", root}, ""},
		"told":     {[]string{"ui", "--dir", root, "--listen", "0.0.0.0:0"}, "can read the results"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			in, out := io.Pipe()
			var errs bytes.Buffer
			code := make(chan int, 1)
			go func() { code <- run(ctx, &process{args: c.args, stdout: out, stderr: &errs}) }()
			address, err := bufio.NewReader(in).ReadString('\n')
			require.NoError(t, err)
			_, port, found := strings.Cut(strings.TrimSuffix(address, "/\n"), "http://")
			require.True(t, found, address)
			answer, err := http.Get("http://" + strings.Replace(port, "0.0.0.0", "127.0.0.1", 1) + "/")
			require.NoError(t, err)
			body, err := io.ReadAll(answer.Body)
			require.NoError(t, err)
			require.NoError(t, answer.Body.Close())
			assert.Equal(t, http.StatusOK, answer.StatusCode)
			assert.Contains(t, string(body), "a small one")
			interrupt()
			assert.Equal(t, exitOK, <-code)
			assert.Contains(t, errs.String(), c.warning)
			assert.Equal(t, c.warning == "", errs.Len() == 0, errs.String())
		})
	}
}
