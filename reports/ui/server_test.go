package ui_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"

	"github.com/czbench/czbench/reports/ui"
)

// TestHost holds that a page of somebody else, whose name was made to point here,
// gets no answer.
func TestHost(t *testing.T) {
	for _, c := range []struct {
		own, header string
		status      int
	}{
		{"127.0.0.1", "127.0.0.1:8080", http.StatusOK},
		{"127.0.0.1", "localhost:8080", http.StatusOK},
		{"127.0.0.1", "LOCALHOST", http.StatusOK},
		{"127.0.0.1", "[::1]:8080", http.StatusOK},
		{"127.0.0.1", "[::1]", http.StatusOK},
		{"::1", "127.0.0.1:1", http.StatusOK},
		{"", "127.0.0.1:8080", http.StatusOK},
		{"127.0.0.1", "evil.example:8080", http.StatusMisdirectedRequest},
		{"localhost", "127.0.0.1.evil.example", http.StatusMisdirectedRequest},
		{"127.0.0.1", "192.0.2.1:8080", http.StatusMisdirectedRequest},
		{"127.0.0.1", "", http.StatusMisdirectedRequest},
		{"bench.example", "bench.example:8080", http.StatusOK},
		{"bench.example", "Bench.Example", http.StatusOK},
		{"bench.example", "evil.example", http.StatusMisdirectedRequest},
		{"0.0.0.0", "192.0.2.1:8080", http.StatusOK},
		{"0.0.0.0", "evil.example:8080", http.StatusMisdirectedRequest},
	} {
		t.Run(c.own+" for "+c.header, func(t *testing.T) {
			h, err := ui.New(ui.Options{Dir: t.TempDir(), Host: c.own})
			require.NoError(t, err)
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Host = c.header
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			assert.Equal(t, c.status, w.Code, w.Body.String())
		})
	}
}

func TestMethods(t *testing.T) {
	h := handler(t, t.TempDir())
	for method, status := range map[string]int{
		http.MethodGet: http.StatusOK, http.MethodHead: http.StatusOK, http.MethodPost: http.StatusMethodNotAllowed,
		http.MethodPut: http.StatusMethodNotAllowed, http.MethodDelete: http.StatusMethodNotAllowed,
		http.MethodOptions: http.StatusMethodNotAllowed, http.MethodTrace: http.StatusMethodNotAllowed,
	} {
		t.Run(method, func(t *testing.T) {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(method, "http://127.0.0.1/", nil))
			assert.Equal(t, status, w.Code)
			if status != http.StatusOK {
				assert.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
			}
		})
	}
}

// TestHeaders holds that no answer, of what kind ever, lacks a header.
func TestHeaders(t *testing.T) {
	root := t.TempDir()
	f := sample{scenario: "nightly", reported: true}.write(t, root)
	h := handler(t, root)
	for path, status := range map[string]int{
		"/": http.StatusOK, at(f): http.StatusOK, "/history": http.StatusOK, "/assets/style.css": http.StatusOK, "/assets/script.js": http.StatusOK,
		"/favicon.ico": http.StatusOK, at(f) + "report/index.html": http.StatusOK, at(f) + "report/tables/comparison.md": http.StatusOK,
		at(f) + "trials/0001/raw/": http.StatusOK, "/nothing": http.StatusNotFound, "/compare": http.StatusBadRequest, "/..": http.StatusNotFound,
		"/assets/page.gohtml": http.StatusNotFound, "/?page=x": http.StatusBadRequest, "/?page=9": http.StatusNotFound, "/history?scenario=no": http.StatusNotFound,
	} {
		t.Run(path, func(t *testing.T) {
			w := get(h, path)
			assert.Equal(t, status, w.Code, w.Body.String())
			for name, value := range map[string]string{
				"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
				"Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
			} {
				assert.Equal(t, value, w.Header().Get(name), name)
			}
			policy := w.Header().Get("Content-Security-Policy")
			assert.Contains(t, policy, "default-src 'none'")
			assert.Contains(t, policy, "frame-ancestors 'none'")
			assert.Contains(t, policy, "base-uri 'none'")
			if fromRun := strings.Contains(path, "/report/"); fromRun {
				assert.Contains(t, policy, "sandbox")
				assert.NotContains(t, policy, "allow-same-origin")
				assert.NotContains(t, policy, "connect-src")
			} else {
				assert.NotContains(t, policy, "unsafe")
			}
		})
	}
}

// TestPathsStayInside asks for everything that must not be served.
func TestPathsStayInside(t *testing.T) {
	root := filepath.Join(t.TempDir(), "runs")
	f := sample{scenario: "nightly", reported: true}.write(t, root)
	secret := filepath.Join(filepath.Dir(root), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("SECRET"), 0o600))
	raw := filepath.Join(f.Dir(), "trials", "0001", "raw")
	for link, target := range map[string]string{
		filepath.Join(f.Dir(), "report", "absolute.svg"): secret,
		filepath.Join(f.Dir(), "report", "relative.svg"): "../../../../secret",
		filepath.Join(f.Dir(), "report", "sibling.svg"):  "../run.json",
		filepath.Join(f.Dir(), "report", "folder"):       filepath.Dir(root),
		filepath.Join(raw, "link"):                       secret,
		filepath.Join(raw, "up"):                         "../../..",
		filepath.Join(f.Dir(), "trials", "0099"):         filepath.Dir(root),
		filepath.Join(root, "nightly", "away"):           filepath.Dir(root),
	} {
		require.NoError(t, os.Symlink(target, link))
	}
	server := httptest.NewServer(handler(t, root))
	t.Cleanup(server.Close)
	for _, path := range []string{
		"run.json", "specs.json", "journal.jsonl", "trials/", "trials/0001/", "trials/0001/trial.json", "trials/0001/raw/../trial.json",
		"report/../run.json", "report/%2e%2e/run.json", "report/..%2frun.json", "report/%2e%2e%2frun.json", "report/..%5crun.json", "report/..\\run.json",
		"report//etc/passwd", "report/%2fetc/passwd", "report/%00", "report/index.html%00.svg", "report/figures", "report/figures/", "report/",
		"report/absolute.svg", "report/relative.svg", "report/sibling.svg", "report/folder/secret",
		"trials/0001/raw/link", "trials/0001/raw/up", "trials/0001/raw/up/", "trials/0001/raw/up/run.json", "trials/0099/raw/", "trials/0001/raw/%2e%2e/trial.json",
		"trials/..%2f..%2f/raw/", "trials/./raw/", "trials/%2e%2e/raw/", "trials/0001/raw/nothing", "trials/0001/raw/kv",
		"../../../../../../secret", "..%2f..%2fsecret",
	} {
		t.Run(path, func(t *testing.T) {
			body := expect(t, server, at(f)+path, map[string]int{"report/": http.StatusOK}[path])
			lacks(t, body, "SECRET")
		})
	}
	for _, path := range []string{
		"/run/nightly/away/", "/run/..%2f/x/", "/run/%2e%2e/" + f.Run().ID + "/", "/run//" + f.Run().ID + "/", "/run/nightly/*/", "/run/*/" + f.Run().ID + "/",
		"/run/nightly/" + f.Run().ID[:10] + "/", "/run/nightly/./", "/run/" + root[1:] + "/", "//run/nightly/" + f.Run().ID + "/",
	} {
		t.Run(path, func(t *testing.T) {
			body := expect(t, server, path, 0)
			lacks(t, body, "a night of")
		})
	}
}

// TestLinksWithinARunLeadNowhere: a part of a run folder that is a link to another
// place in it would show what lies there.
func TestLinksWithinARunLeadNowhere(t *testing.T) {
	root := filepath.Join(t.TempDir(), "runs")
	f := sample{scenario: "nightly", reported: true}.write(t, root)
	raw := filepath.Join(f.Dir(), "trials", "0001", "raw")
	require.NoError(t, os.RemoveAll(raw))
	require.NoError(t, os.RemoveAll(filepath.Join(f.Dir(), "report")))
	for link, target := range map[string]string{
		filepath.Join(f.Dir(), "report"): ".", raw: "../..", filepath.Join(f.Dir(), "trials", "0098"): "0002",
	} {
		require.NoError(t, os.Symlink(target, link))
	}
	server := httptest.NewServer(handler(t, root))
	t.Cleanup(server.Close)
	expect(t, server, at(f)+"trials/0002/raw/", http.StatusOK)
	for _, path := range []string{"report/run.json", "report/", "trials/0001/raw/", "trials/0001/raw/run.json", "trials/0001/raw/journal.jsonl", "trials/0098/raw/"} {
		t.Run(path, func(t *testing.T) { lacks(t, expect(t, server, at(f)+path, 0), "nightly\"") })
	}
}

// TestLinkedRunsAreNoHistory: what the list does not show, a history does not read.
func TestLinkedRunsAreNoHistory(t *testing.T) {
	root, away := t.TempDir(), t.TempDir()
	linked := sample{scenario: "nightly"}.write(t, away)
	newest := sample{scenario: "nightly", night: 1}.write(t, root)
	require.NoError(t, os.Symlink(linked.Dir(), filepath.Join(filepath.Dir(newest.Dir()), linked.Run().ID)))
	body := get(handler(t, root), "/history?scenario=nightly").Body.String()
	has(t, body, "1 comparable run up to")
	lacks(t, body, linked.Run().ID)
	runs, err := results.List(root)
	require.NoError(t, err)
	assert.Len(t, runs, 2, "czbench list shows it")
}

// expect asks for a path exactly as it is spelt. The status wanted is 404 when 0.
func expect(t *testing.T, server *httptest.Server, path string, status int) string {
	t.Helper()
	if status == 0 {
		status = http.StatusNotFound
	}
	address := strings.TrimPrefix(server.URL, "http://")
	conn, err := server.Client().Transport.(*http.Transport).DialContext(t.Context(), "tcp", address)
	require.NoError(t, err)
	defer conn.Close() //nolint:errcheck // a test
	_, err = conn.Write([]byte("GET " + path + " HTTP/1.1\r\nHost: " + address + "\r\nConnection: close\r\n\r\n"))
	require.NoError(t, err)
	return answered(t, conn, status)
}
