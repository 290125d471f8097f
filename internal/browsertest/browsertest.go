// Package browsertest drives a real browser without a screen in tests of pages.
// It decides how the browser is started and what counts as a fault of a page:
// whatever the page prints on the console, or throws.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
)

// patience is how long one step on a page may take, on a machine that is busy
// with other tests.
const patience = 60 * time.Second

// Tab is a tab of the browser.
type Tab struct {
	t   testing.TB
	ctx context.Context

	mutex   sync.Mutex
	console []string // what pages printed and threw
	fetched []string // addresses that pages asked for
}

// Open starts the browser with an empty tab. The test skips where there is no
// browser; it fails at its end if a page has printed or thrown anything.
func Open(t testing.TB) *Tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.ExecPath(program(t)), chromedp.UserDataDir(profile(t)),
		chromedp.WSURLReadTimeout(patience))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, done := chromedp.NewContext(alloc)
	t.Cleanup(done)
	tab := &Tab{t: t, ctx: ctx}
	chromedp.ListenTarget(ctx, tab.heard)
	tab.Do(network.Enable(), log.Enable(), runtime.Enable())
	t.Cleanup(func() { assert.Empty(t, tab.Console(), "on the console of the page") })
	return tab
}

// profile returns an empty folder for the browser's files. T.TempDir will not do:
// processes of the browser that are still ending may write while it is removed.
func profile(t testing.TB) string {
	dir, err := os.MkdirTemp("", "czbench-browser-*") //nolint:usetesting // see above
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.Eventually(t, func() bool { return os.RemoveAll(dir) == nil }, patience, 100*time.Millisecond)
	})
	return dir
}

func program(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	testneed.Met(t, host.Missing{Key: "command:chromium", What: "chromium is not installed", Remedy: "apt-get install chromium"})
	return ""
}

func (b *Tab) heard(event any) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		var words []string
		for _, a := range e.Args {
			words = append(words, string(a.Value))
		}
		b.console = append(b.console, string(e.Type)+": "+strings.Join(words, " "))
	case *runtime.EventExceptionThrown:
		b.console = append(b.console, e.ExceptionDetails.Error())
	case *log.EventEntryAdded:
		b.console = append(b.console, fmt.Sprintf("%s: %s (%s)", e.Entry.Level, e.Entry.Text, e.Entry.URL))
	case *network.EventRequestWillBeSent:
		b.fetched = append(b.fetched, e.Request.URL)
	}
}

// Console returns what pages have printed and thrown so far.
func (b *Tab) Console() []string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return append([]string(nil), b.console...)
}

// Fetched returns the addresses that pages have asked for so far.
func (b *Tab) Fetched() []string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return append([]string(nil), b.fetched...)
}

// Forgive forgets what has been printed so far: a test that provokes it has
// looked at it.
func (b *Tab) Forgive() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.console = nil
}

// Do runs actions on the page.
func (b *Tab) Do(actions ...chromedp.Action) {
	b.t.Helper()
	// The first call starts the browser, which lives as long as that call's context:
	// so the limit of time is not a context of its own.
	done := make(chan error, 1)
	go func() { done <- chromedp.Run(b.ctx, actions...) }()
	select {
	case err := <-done:
		require.NoError(b.t, err)
	case <-time.After(patience):
		require.FailNow(b.t, "the browser does not answer")
	}
}

// Go opens an address, "file:///…" or "http://…", and waits until it is loaded.
func (b *Tab) Go(address string) {
	b.t.Helper()
	b.Do(chromedp.Navigate(address))
}

// Size gives the window a size in CSS pixels.
func (b *Tab) Size(width, height int64) {
	b.t.Helper()
	b.Do(chromedp.EmulateViewport(width, height))
}

// Dark asks for the dark or the light colour scheme.
func (b *Tab) Dark(on bool) {
	b.t.Helper()
	scheme := "light"
	if on {
		scheme = "dark"
	}
	b.Do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}))
}

// Eval evaluates a JavaScript expression into to, a pointer.
func (b *Tab) Eval(expression string, to any) {
	b.t.Helper()
	b.Do(chromedp.Evaluate(expression, to))
}

// Text returns what an expression evaluates to, as a string.
func (b *Tab) Text(expression string) string {
	b.t.Helper()
	var s string
	b.Eval("String("+expression+")", &s)
	return s
}

// Becomes waits until an expression evaluates to want, also over pages that are
// just being left.
func (b *Tab) Becomes(want, expression string) {
	b.t.Helper()
	got := ""
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		err := chromedp.Run(b.ctx, chromedp.Evaluate("String("+expression+")", &got))
		if err == nil && got == want {
			return
		}
	}
	require.FailNow(b.t, "the page does not get there", "%s is %q and never %q", expression, got, want)
}

// Sideways returns by how many pixels the page is wider than its window.
func (b *Tab) Sideways() string {
	b.t.Helper()
	return b.Text("document.documentElement.scrollWidth - document.documentElement.clientWidth")
}

// Screenshot returns the whole page as PNG.
func (b *Tab) Screenshot() []byte {
	b.t.Helper()
	var png []byte
	b.Do(chromedp.FullScreenshot(&png, 100))
	return png
}
