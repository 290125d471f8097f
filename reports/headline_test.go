package reports_test

import (
	"fmt"
	"html"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis"
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
			"There is nothing to compare with eevdf.",
		},
		"another that is better and undecided": {
			func(s *sample) {
				s.strategies = []string{"eevdf", "idle", "fifo"}
				s.change = func(t *results.Trial, _ map[string][]results.Interval) {
					if t.Treatment.Factors["strategy"] == "fifo" {
						t.Scalars["kv.latency.p99"] *= []float64{0.6, 40}[t.Block%5/3]
					}
				}
			},
			"idle improved kv.latency.p99 (4.28 ms → 295 µs, −93.2 % [−93.3, −93.0]) against eevdf, though its interval overlaps with that of fifo (−",
		},
		"another LC was ruined": {
			func(s *sample) { s.strategies = []string{"eevdf", "idle"}; withWeb(s) },
			"idle improved kv.latency.p99 (4.34 ms → 290 µs, −93.2 % [−93.4, −93.0]) against eevdf; " +
				"it made worse: web.latency.p99 (1.00 ms → 14.7 ms, ×14.7 [×14.7, ×14.7]); best-effort work: burn.rate",
		},
		"another LC was ruined in several combinations": {
			func(s *sample) {
				s.strategies, s.rates = []string{"eevdf", "idle"}, []string{"30000", "60000"}
				withWeb(s)
			},
			"idle improved in 2. web.latency.p99: idle regressed in 2.",
		},
		"all invalid": {
			func(s *sample) { s.strategies, s.change = []string{"eevdf", "idle"}, invalidateAll },
			"Nothing could be compared with eevdf: no block was used.",
		},
		"all invalid, several combinations": {
			func(s *sample) { s.rates, s.change = []string{"30000", "60000"}, invalidateAll },
			"Nothing could be compared with eevdf: no block was used.",
		},
		"one without a value": {
			func(s *sample) {
				s.strategies = []string{"eevdf", "batch", "idle"}
				s.change = func(t *results.Trial, _ map[string][]results.Interval) {
					if t.Treatment.Factors["strategy"] == "idle" {
						t.Scalars["kv.latency.p99"] = 0
					}
				}
			},
			"with batch. Not compared: idle, because no ratio: the candidate is 0 in block 1",
		},
		"no value of the metric": {
			func(s *sample) {
				s.strategies = []string{"eevdf", "idle"}
				s.change = func(t *results.Trial, _ map[string][]results.Interval) { delete(t.Scalars, "kv.latency.p99") }
			},
			"kv.latency.p99 could not be compared with eevdf: ",
		},
		"neither more nor less is better": {
			func(s *sample) {
				s.strategies = []string{"eevdf", "idle"}
				s.changeRun = func(r *results.Run) { r.Metrics[0].Better = results.Neutral }
			},
			"kv.latency.p99 against eevdf: changed with idle.",
		},
		"only the baseline, twice": {
			func(s *sample) { s.strategies, s.again = []string{"eevdf"}, true },
			"Noise floor, the baseline against itself: kv.latency.p99 of eevdf ±",
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
		"neither a comparison nor an SLO": {
			func(s *sample) {
				s.changeRun = func(r *results.Run) { r.Compare, r.Workloads[0].SLO = results.Compare{}, nil }
			},
			"Nothing is compared in this run.",
		},
		"nothing was measured": {
			func(s *sample) {
				s.changeRun = func(r *results.Run) { r.Compare, r.Workloads[0].SLO = results.Compare{}, nil }
				s.change = func(t *results.Trial, _ map[string][]results.Interval) { clear(t.Scalars) }
			},
			"Nothing was measured in this run.",
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

// withWeb adds an LC that idle makes 14.7 times as slow.
func withWeb(s *sample) {
	s.changeRun = func(r *results.Run) {
		r.Workloads = append(r.Workloads, results.Workload{Name: "web", Kind: "nginx", Role: results.RoleLC, Zone: "shared", Load: "open"})
		r.Metrics = append(r.Metrics, results.Metric{Name: "web.latency.p99", Unit: "s", Better: results.Lower, Kind: results.Scalar, Scale: results.Ratio})
		r.Compare.Metrics = append(r.Compare.Metrics, "web.latency.p99")
	}
	s.change = func(t *results.Trial, _ map[string][]results.Interval) {
		t.Scalars["web.latency.p99"] = 1e-3
		if t.Treatment.Factors["strategy"] == "idle" {
			t.Scalars["web.latency.p99"] = 14.7e-3
		}
	}
}

func invalidateAll(t *results.Trial, _ map[string][]results.Interval) {
	t.Verdict, t.Reason = results.Invalid, "generator could not keep up"
}

// TestCapacityIsInTheAnswer: a run that asks for the largest load says it first.
func TestCapacityIsInTheAnswer(t *testing.T) {
	s := usual()
	s.requests, s.strategies, s.rates = 100, []string{"eevdf", "nice"}, []string{"30000", "60000"}
	page, err := os.ReadFile(pageOf(t, s, everything))
	require.NoError(t, err)
	assert.Contains(t, string(page), `<p class="answer">Largest load with kv.latency.p99 ≤ 1.00 ms, over rate: idle ≥ 60.0 k/s, `+
		`nice 54.1 k/s [52.0 k/s, ≥ 60.0 k/s] (&#43;31.0 % [&#43;28.0, &#43;35.0]), eevdf 41.2 k/s [39.0 k/s, 43.1 k/s] and fifo &lt; 20.0 k/s. `+
		`kv.latency.p99 against eevdf, in 2 combinations of rate: nice improved in 2. Noise floor, the baseline against itself: kv.latency.p99 of`)
}

// TestHeadlineShowsEveryLC: a metric of each other LC has a column, and the
// table says what its medians stand on.
func TestHeadlineShowsEveryLC(t *testing.T) {
	s := usual()
	s.strategies, s.requests, s.noControls = []string{"eevdf", "idle"}, 100, true
	withWeb(&s)
	ruined := s.change
	s.change = func(t *results.Trial, latency map[string][]results.Interval) {
		ruined(t, latency)
		if t.Block <= 2 && t.Treatment.Factors["strategy"] == "idle" {
			delete(t.Scalars, "kv.latency.p99")
		}
	}
	text := textIn(t, s, `<table class="headline">`, `</table>`)
	for _, want := range []string{
		"kv.latency.p99, what the other LCs had, and what it cost the best-effort work: medians over n = 8 to 10 blocks " +
			"with order-statistic intervals of 97.9 % or more; the change against eevdf",
		"kv.latency.p99 web.latency.p99 burn.rate SLO held",
		"14.7 ms, ▼ ×14.7 [×14.7, ×14.7]",
	} {
		assert.Contains(t, text, want)
	}
}

// TestHeadlineWithoutComparison: what was measured is shown, and the baseline
// once more beside itself.
func TestHeadlineWithoutComparison(t *testing.T) {
	s := usual()
	s.strategies, s.requests, s.again = []string{"eevdf"}, 100, true
	s.changeRun = func(r *results.Run) { r.Workloads[0].SLO = nil }
	assert.Regexp(t, `A/A · eevdf control [−+][\d.]+ % \[.* ms \[.*eevdf baseline 4\.\d+ ms \[`, textIn(t, s, `<table class="headline">`, `</table>`))
	s.changeRun = func(r *results.Run) { r.Compare, r.Workloads[0].SLO = results.Compare{}, nil }
	assert.Contains(t, textIn(t, s, `<table class="headline">`, `</table>`), "kv.latency.p99, and what the best-effort work got done: medians over n = 10 blocks with")
}

// TestCaveatsAreWords: a reader of the page sees no code of a CSV file.
func TestCaveatsAreWords(t *testing.T) {
	s := usual()
	s.strategies, s.requests = []string{"eevdf", "idle"}, 100
	page, err := os.ReadFile(pageOf(t, s, func(a *analysis.Analysis) {
		everything(a)
		a.NoiseFloor[0].Floor = 99
	}))
	require.NoError(t, err)
	assert.Contains(t, string(page), "but: no larger than the noise floor: the baseline differs from itself by as much")
	assert.NotContains(t, string(page), "noise-floor")
}

// TestMargins: the margin of a difference is in the unit of its metric.
func TestMargins(t *testing.T) {
	s := usual()
	s.strategies, s.requests = []string{"eevdf", "batch"}, 100
	s.changeRun = func(r *results.Run) {
		r.Metrics = append(r.Metrics, results.Metric{Name: "kv.wait", Unit: "s", Better: results.Lower, Kind: results.Scalar, Scale: results.Difference})
		r.Compare.Metrics = append(r.Compare.Metrics, "kv.wait")
	}
	s.change = func(t *results.Trial, _ map[string][]results.Interval) {
		t.Scalars["kv.wait"] = 1 + float64(t.Block)/1e3
	}
	_, files := written(t, s)
	all := "within ±2 %, of shares ±2.0 pp, of kv.wait ±20.0 ms."
	for name, want := range map[string]string{
		"index.html": "Equivalent: " + all, "tables/comparison.md": "Equivalent: " + all, "figures/forest.svg": "equivalent: " + all,
	} {
		assert.Contains(t, strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(files[name], " ")), " "), want, name)
	}
	assert.Contains(t, files["tables/comparison.tex"], "pp")
	summary := html.UnescapeString(files["index.html"])
	assert.Regexp(t, `equivalent in kv.slo.attained \([^)]*, within ±2\.0 pp\), burn.rate \([^)]*, within ±2 %\) and kv.wait \([^)]*, within ±20\.0 ms\)`, summary)

	s.changeRun = func(r *results.Run) { r.Compare.Metrics = []string{"kv.slo.attained"} }
	_, files = written(t, s)
	assert.Contains(t, files["index.html"], "Equivalent: within ±2.0 pp.")
}

// TestTrialsThatNeverBegan: a trial that failed before its window has neither a
// time nor a share of a CPU.
func TestTrialsThatNeverBegan(t *testing.T) {
	s := usual()
	s.strategies, s.blocks, s.requests = []string{"eevdf", "idle"}, 3, 50
	s.change = func(t *results.Trial, latency map[string][]results.Interval) {
		if t.Number == 2 {
			t.Verdict, t.Reason = results.Failed, "the server did not start"
			t.Begin, t.End, t.Harness = time.Time{}, time.Time{}, results.HarnessCost{}
			clear(t.Scalars)
		}
	}
	_, files := written(t, s)
	assertHas(t, files, "index.html", "times are UTC, on 2026-03-01</caption>")
	assertHasNot(t, files, "index.html", "0001-01-01")
	assertHas(t, files, "index.html", `<td>failed<td><td class="n"><td class="n"><td class="n"><td class="n"><td>the server did not start`)

	s.change = func(t *results.Trial, _ map[string][]results.Interval) {
		t.Verdict, t.Begin = results.Failed, time.Time{}
	}
	_, files = written(t, s)
	assertHas(t, files, "index.html", "times are UTC</caption>")
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
