package reports_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports"
)

// terminalText returns what the terminal shows of a, with the run's ID made
// constant.
func terminalText(t *testing.T, a *analysis.Analysis, o reports.TerminalOptions) string {
	t.Helper()
	fixed := *a
	fixed.RunID = "20260301T120000Z-1a2b"
	var b bytes.Buffer
	require.NoError(t, reports.Terminal(&b, &fixed, o))
	return b.String()
}

func TestTerminal(t *testing.T) {
	s := usual()
	s.requests = 1
	f, a := s.analyzed(t, t.TempDir())
	slo := reports.SLO(f.Run())
	golden(t, "terminal.txt", terminalText(t, a, reports.TerminalOptions{Unicode: true, SLO: slo}))
	plain := terminalText(t, a, reports.TerminalOptions{SLO: slo})
	golden(t, "terminal-ascii.txt", plain)
	assert.Equal(t, len(plain), utf8.RuneCountInString(plain), "the plain table is not ASCII")
	colored := terminalText(t, a, reports.TerminalOptions{Unicode: true, Color: true, SLO: slo})
	assert.Contains(t, colored, "\x1b[32m▲\x1b[0m")
	assert.Contains(t, colored, "\x1b[31m▼\x1b[0m")
}

func TestTerminalWithFaultsAndContexts(t *testing.T) {
	s := usual()
	s.requests, s.blocks, s.rates, s.strategies = 1, 4, []string{"30000", "60000"}, []string{"eevdf", "idle"}
	s.change = invalidate(5)
	f, a := s.analyzed(t, t.TempDir())
	text := terminalText(t, a, reports.TerminalOptions{Unicode: true, SLO: reports.SLO(f.Run())})
	golden(t, "terminal-faults.txt", text)
	assert.Contains(t, text, "rate 30000\n")
	assert.Contains(t, text, "rate 60000\n")
}

func TestTerminalKeepsItsWidth(t *testing.T) {
	s := usual()
	s.requests, s.blocks = 1, 3
	s.strategies = append(s.strategies, strings.Repeat("long-", 20))
	f, a := s.analyzed(t, t.TempDir())
	for _, width := range []int{60, 100} {
		text := terminalText(t, a, reports.TerminalOptions{Unicode: true, Width: width, SLO: reports.SLO(f.Run())})
		for line := range strings.Lines(text) {
			if utf8.RuneCountInString(strings.TrimRight(line, "\n")) > max(width, 75) { // name and one metric need 75
				t.Errorf("wider than %d: %s", width, line)
			}
		}
	}
}

func TestTerminalIsNotSteeredByNames(t *testing.T) {
	a := &analysis.Analysis{
		Scenario: "x", Title: "\x1b]0;owned\x07\x1b[2J", Factor: "strategy",
		Warnings: []analysis.Warning{{Text: "a\r\x9bb\u202ec"}},
	}
	var b bytes.Buffer
	require.NoError(t, reports.Terminal(&b, a, reports.TerminalOptions{Unicode: true}))
	assert.NotContains(t, b.String(), "\x1b")
	assert.NotContains(t, b.String(), "\r")
	assert.NotContains(t, b.String(), "\u202e")
}
