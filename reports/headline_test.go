package reports_test

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

// textIn returns what stands in the page of s between two texts, without markup.
func textIn(t *testing.T, s sample, from, to string) string {
	t.Helper()
	_, files := written(t, s)
	found := regexp.MustCompile(`(?s)` + from + `(.*?)` + to).FindStringSubmatch(files["index.html"])
	require.NotNil(t, found, from)
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(found[1], " ")
	return strings.Join(strings.Fields(html.UnescapeString(text)), " ")
}

func TestAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*sample)
		want   string
	}{
		"one improved most": {
			func(s *sample) { s.strategies = []string{"eevdf", "nice", "idle"} },
			"idle improved most: kv.latency.p99 (4.28 ms → 297 µs, −93.2 % [−93.4, −93.0]) against eevdf; " +
				"best-effort work: burn.rate −8.2 % [−8.3, −8.0]. The SLO held in 10 of 10 blocks.",
		},
		"two that cannot be told apart": {
			func(s *sample) { s.strategies = []string{"eevdf", "idle", "fifo"} },
			"though its interval overlaps with that of",
		},
		"nothing improved": {
			func(s *sample) { s.strategies = []string{"eevdf", "batch"} },
			"kv.latency.p99 did not improve against eevdf: ",
		},
		"one strategy": {
			func(s *sample) { s.strategies = []string{"eevdf"} },
			"Nothing could be compared with eevdf.",
		},
		"several combinations": {
			func(s *sample) { s.strategies, s.rates = []string{"eevdf", "idle"}, []string{"30000", "60000"} },
			"kv.latency.p99 against eevdf, in 2 combinations of rate: idle improved in 2.",
		},
		"nothing to compare": {
			func(s *sample) {
				s.changeRun = func(r *results.Run) { r.Compare = results.Compare{} }
			},
			"Nothing is compared in this run.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := usual()
			s.requests = 100
			c.change(&s)
			assert.Contains(t, textIn(t, s, `<p class="answer">`, `</p>`), c.want)
		})
	}
}

func TestHeadlineTable(t *testing.T) {
	s := usual()
	s.strategies, s.requests = []string{"eevdf", "idle"}, 100
	text := textIn(t, s, `<table class="headline">`, `</table>`)
	for _, want := range []string{
		"LC alone control", "eevdf baseline 4.34 ms", "idle ▲ improved −93.2 % [", "10 of 10",
	} {
		assert.Contains(t, text, want)
	}
}

// TestTrialTable: what many trials warn of is written once, and a run over
// midnight has its days in the table.
func TestTrialTable(t *testing.T) {
	s := usual()
	s.strategies, s.blocks, s.requests = []string{"eevdf", "idle"}, 6, 50
	s.change = func(t *results.Trial, _ map[string][]results.Interval) {
		if t.Number <= 21 {
			t.Warnings = append(t.Warnings, "common")
		}
		if t.Number <= 20 {
			t.Warnings = append(t.Warnings, "rarer")
		}
		if t.Number == 30 {
			t.Attempt = 2
			t.Begin = t.Begin.Add(24 * time.Hour)
		}
	}
	_, files := written(t, s)
	page := files["index.html"]
	assert.Equal(t, 1, strings.Count(page, "common (21 times)"))
	assert.Equal(t, 21, strings.Count(page, `<a href="#w1">W1</a>`))
	assert.Equal(t, 20, strings.Count(page, " rarer."))
	assertHas(t, files, "index.html", "attempt 2.")
	assertHas(t, files, "index.html", "<td>03-01 12:01:00")
	assertHas(t, files, "index.html", `data-v="0.00`)
	assert.Equal(t, 30, strings.Count(page, `/raw/">raw</a>`))
}

// TestSettingsAsApplied: what the kernel answered stands once for each treatment,
// and an answer that is not what was asked for is seen.
func TestSettingsAsApplied(t *testing.T) {
	s := usual()
	s.strategies, s.blocks, s.requests = []string{"eevdf", "idle"}, 3, 50
	s.change = func(t *results.Trial, _ map[string][]results.Interval) {
		if t.Treatment.Factors["strategy"] == "idle" {
			policy := results.Applied{Workload: "burn", Setting: "policy", Want: "idle", Got: "idle", Source: "sched_getattr(2)"}
			nice := results.Applied{Workload: "burn", Setting: "nice", Want: "19", Got: fmt.Sprint(17 + t.Block), Source: "sched_getattr(2)", Phase: "late"}
			t.Applied = []results.Applied{policy, nice}
		}
	}
	text := textIn(t, s, "Strategies as applied", "</table>")
	assert.Equal(t, 1, strings.Count(text, "idle burn policy idle idle sched_getattr(2)"), text)
	assert.Contains(t, text, "nice, phase late 19 18, 19 and 20 sched_getattr(2)")
}
