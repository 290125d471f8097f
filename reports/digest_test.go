package reports_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/results"
)

// TestDigestHasTheAnswer: a page that is no report says the same as the report.
func TestDigestHasTheAnswer(t *testing.T) {
	s := usual()
	s.strategies, s.requests = []string{"eevdf", "idle"}, 100
	_, a := s.analyzed(t, t.TempDir())
	answer := reports.DigestOf(s.run(), a).Answer
	assert.Contains(t, answer, "idle improved kv.latency.p99 (")
	assert.Equal(t, textIn(t, s, `<p class="answer">`, `</p>`), answer)
	assert.Contains(t, reports.DigestOf(results.Run{}, a).Answer, "idle improved kv.latency.p99 (", "of no run")
}
