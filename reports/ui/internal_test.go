package ui

import (
	"html/template"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPanicBecomesAPage holds that what a damaged folder does to the code that
// shows it ends one answer and not the server.
func TestPanicBecomesAPage(t *testing.T) {
	pages, err := template.ParseFS(embedded, "page.gohtml")
	require.NoError(t, err)
	s := &server{pages: pages}
	w := httptest.NewRecorder()
	s.handle(func(*http.Request) (answer, error) { panic("index <b> out of range") })(w, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Equal(t, http.StatusInternalServerError, w.Code)
	assert.Contains(t, w.Body.String(), "cannot be made of what the folder holds: index &lt;b&gt; out of range")
}

func TestShellWord(t *testing.T) {
	for word, want := range map[string]string{
		"results/runs/a-b/20261122T101516Z-f5e1": "results/runs/a-b/20261122T101516Z-f5e1",
		"it's $(here)":                           `'it'\''s $(here)'`,
		"":                                       "",
	} {
		assert.Equal(t, want, shellWord(word))
	}
}
