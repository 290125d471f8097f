package results

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFidelityOf(t *testing.T) {
	trial := func(v Verdict, fidelity string) Trial { return Trial{Verdict: v, Fidelity: fidelity} }
	for name, c := range map[string]struct {
		trials []Trial
		want   string
	}{
		"none":           {nil, ""},
		"none is ok":     {[]Trial{trial(Failed, FidelityReal)}, ""},
		"one":            {[]Trial{trial(OK, FidelityVirtual), trial(OK, FidelityVirtual)}, FidelityVirtual},
		"not ok differs": {[]Trial{trial(OK, FidelityVirtual), trial(Invalid, FidelityReal)}, FidelityVirtual},
		"two":            {[]Trial{trial(OK, FidelityReal), trial(OK, FidelityEmulated), trial(OK, FidelityReal)}, FidelityMixed},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, FidelityOf(c.trials)) })
	}
}

func TestPhaseMetric(t *testing.T) {
	assert.Equal(t, "phase.strict.kv.latency.p99", PhaseMetric("strict", "kv.latency.p99"))
}
