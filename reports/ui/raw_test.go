package ui_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// answered reads an answer and wants its status.
func answered(t *testing.T, conn net.Conn, status int) string {
	t.Helper()
	r, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer r.Body.Close() //nolint:errcheck // a test
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	assert.Equal(t, status, r.StatusCode, string(body))
	return string(body)
}

func TestRawOutputIsText(t *testing.T) {
	root := t.TempDir()
	f := sample{scenario: "nightly"}.write(t, root)
	odd := `a<b>&"c' #?%41.html`
	require.NoError(t, os.WriteFile(filepath.Join(f.Dir(), "trials/0001/raw", odd), []byte("<b>"), 0o644))
	require.NoError(t, syscall.Mkfifo(filepath.Join(f.Dir(), "trials/0001/raw/pipe"), 0o644))
	h := handler(t, root)

	w := get(h, at(f)+"trials/0001/raw/")
	require.Equal(t, http.StatusOK, w.Code)
	has(t, w.Body.String(), `href="./kv/"`)
	has(t, w.Body.String(), "a&lt;b&gt;&amp;&#34;c&#39; #?%41.html</a>", "a%3Cb%3E&amp;%22c%27%20%23%3F%2541.html")
	lacks(t, w.Body.String(), "<b>")

	for _, name := range []string{"kv/out.html", odd} {
		w = get(h, at(f)+"trials/0001/raw/"+(&url.URL{Path: name}).EscapedPath())
		require.Equal(t, http.StatusOK, w.Code, name)
		assert.Equal(t, "text/plain; charset=utf-8", w.Header().Get("Content-Type"))
		assert.Contains(t, w.Header().Get("Content-Security-Policy"), "sandbox;")
	}
	assert.Equal(t, http.StatusNotFound, get(h, at(f)+"trials/0001/raw/pipe").Code, "a pipe is not waited for")
	assert.Equal(t, http.StatusNotFound, get(h, at(f)+"trials/0077/raw/").Code)
}

func TestReportFiles(t *testing.T) {
	root := t.TempDir()
	f := sample{scenario: "nightly", reported: true}.write(t, root)
	require.NoError(t, os.WriteFile(filepath.Join(f.Dir(), "report/odd.exe"), []byte("MZ"), 0o644))
	h := handler(t, root)
	for name, c := range map[string]struct{ kind, policy string }{
		"index.html":           {"text/html; charset=utf-8", "sandbox allow-scripts"},
		"figures/forest.svg":   {"image/svg+xml", "sandbox;"},
		"figures/forest.pdf":   {"application/pdf", "object-src 'self'"},
		"figures/forest.csv":   {"text/plain; charset=utf-8", "sandbox;"},
		"tables/comparison.md": {"text/plain; charset=utf-8", "sandbox;"},
		"odd.exe":              {"text/plain; charset=utf-8", "sandbox;"},
	} {
		t.Run(name, func(t *testing.T) {
			w := get(h, at(f)+"report/"+name)
			require.Equal(t, http.StatusOK, w.Code, w.Body.String())
			assert.Equal(t, c.kind, w.Header().Get("Content-Type"))
			assert.Contains(t, w.Header().Get("Content-Security-Policy"), c.policy)
			want, err := os.ReadFile(filepath.Join(f.Dir(), "report", name))
			require.NoError(t, err)
			assert.Equal(t, string(want), w.Body.String())
		})
	}
}
