package browsertest_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/browsertest"
)

func TestTab(t *testing.T) {
	tab := browsertest.Open(t)
	page := filepath.Join(t.TempDir(), "page.html")
	require.NoError(t, os.WriteFile(page, []byte(`<!DOCTYPE html><title>a</title>
<style>p { color: #000 } @media (prefers-color-scheme: dark) { p { color: #fff } } div { width: 500px }</style>
<p id="x">text</p><div>wide</div><script>console.log("seen"); setTimeout(() => { throw new Error("thrown") }, 0)</script>`), 0o600))
	tab.Size(360, 800)
	tab.Go("file://" + page)
	assert.Equal(t, "text", tab.Text(`document.getElementById("x").textContent`))
	assert.NotEqual(t, "0", tab.Sideways())
	color := `getComputedStyle(document.getElementById("x")).color`
	assert.Equal(t, "rgb(0, 0, 0)", tab.Text(color))
	tab.Dark(true)
	assert.Equal(t, "rgb(255, 255, 255)", tab.Text(color))
	assert.Equal(t, []string{"file://" + page}, tab.Fetched())
	assert.NotEmpty(t, tab.Screenshot())
	assert.Eventually(t, func() bool { return len(tab.Console()) == 2 }, patience, tick, "the console: %v", tab.Console())
	tab.Forgive()
}

const (
	patience = 20 * time.Second
	tick     = 20 * time.Millisecond
)
