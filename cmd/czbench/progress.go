package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/czbench/czbench/internal/engine/runner"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// progress tells on standard error how a run goes: one line that is written
// over on a terminal, one line a trial elsewhere.
type progress struct {
	p      *process
	latest string // p99 of the last trial
	atMost string // before the remaining time, where a precision rule may end the run
}

func newProgress(p *process, run results.Run) *progress {
	g := &progress{p: p}
	if run.Precision != nil {
		g.atMost = "at most "
	}
	return g
}

// show tells one event.
func (g *progress) show(e runner.Event) {
	label := e.Planned.Treatment.Label(nil)
	at := fmt.Sprintf("block %d/%d  trial %d/%d  %s", e.Planned.Block, e.Blocks, e.Index+1, e.Total, label)
	if e.Started {
		if g.p.tty {
			fmt.Fprintf(g.p.stderr, "\r\x1b[K%s  %s left%s", at, g.left(e.Remaining), g.latest)
		}
		return
	}
	if p99 := latestP99(e.Trial); p99 != "" {
		g.latest = "  last p99 " + p99
	}
	switch {
	case e.Trial.Verdict != results.OK:
		g.line(fmt.Sprintf("%s  %s: %s", at, strings.ToUpper(string(e.Trial.Verdict)), e.Trial.Reason))
	case !g.p.tty:
		g.line(fmt.Sprintf("%s  %s left%s", at, g.left(e.Remaining), g.latest))
	}
}

// line writes a line that stays.
func (g *progress) line(s string) {
	if g.p.tty {
		fmt.Fprint(g.p.stderr, "\r\x1b[K")
	}
	fmt.Fprintln(g.p.stderr, s)
}

// close ends the live line.
func (g *progress) close() {
	if g.p.tty {
		fmt.Fprint(g.p.stderr, "\r\x1b[K")
	}
}

func (g *progress) left(d time.Duration) string { return g.atMost + d.Round(time.Second).String() }

// latestP99 returns the first LC's p99 of a trial, for people; empty without one.
func latestP99(t results.Trial) string {
	for _, name := range slices.Sorted(maps.Keys(t.Scalars)) {
		if strings.HasSuffix(name, ".latency.p99") {
			return quantity.Format(t.Scalars[name], "s")
		}
	}
	return ""
}
