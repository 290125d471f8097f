package ui_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/reports/ui"
)

func TestListen(t *testing.T) {
	taken, err := ui.Listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = taken.Close() })
	assert.False(t, ui.Public(taken))
	for address, want := range map[string]string{
		"8080":                "want HOST:PORT, such as 127.0.0.1:8080",
		"":                    "want HOST:PORT",
		":8080":               "want 127.0.0.1:8080, or name the host",
		"127.0.0.1:http-no":   "listen at 127.0.0.1:http-no",
		"127.0.0.1:99999":     "listen at 127.0.0.1:99999",
		taken.Addr().String(): "the port is taken by another process; choose another one, or port 0",
		"256.256.256.256:0":   "listen at 256.256.256.256:0",
	} {
		_, err := ui.Listen(t.Context(), address)
		require.ErrorContains(t, err, want, address)
	}
	open, err := ui.Listen(t.Context(), "0.0.0.0:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = open.Close() })
	assert.True(t, ui.Public(open))
}

// TestServe holds that an answer that has begun is finished, and that then nobody
// is answered.
func TestServe(t *testing.T) {
	l, err := ui.Listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	began, ctx, ended := make(chan struct{}), t.Context(), make(chan error)
	ctx, stop := context.WithCancel(ctx)
	go func() {
		ended <- ui.Serve(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			close(began)
			<-ctx.Done()
			time.Sleep(50 * time.Millisecond)
			_, _ = io.WriteString(w, "whole")
		}))
	}()
	got := make(chan string, 1)
	go func() {
		r, err := http.Get("http://" + l.Addr().String())
		if err != nil {
			got <- err.Error()
			return
		}
		defer r.Body.Close() //nolint:errcheck // a test
		body, _ := io.ReadAll(r.Body)
		got <- string(body)
	}()
	<-began
	stop()
	require.NoError(t, <-ended)
	assert.Equal(t, "whole", <-got)
	_, err = net.DialTimeout("tcp", l.Addr().String(), time.Second)
	assert.Error(t, err)
}
