package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

func TestPrintPlan(t *testing.T) {
	trial := func(n, block, position int, treatment results.Treatment) results.Planned {
		return results.Planned{Number: n, Block: block, Position: position, Treatment: treatment}
	}
	nice := results.Treatment{Factors: map[string]string{"strategy": "nice", "rate": "20000"}}
	alone := results.Treatment{Factors: map[string]string{"rate": "10000"}, Control: results.ControlLCAlone}
	v := planView{
		Run: results.Run{
			Scenario: "redis-avx", Title: "redis beside a neighbour", Seed: 7, Blocks: 2, Warmup: 2, Measure: 5,
			Factors:  []results.Factor{{Name: "strategy", Levels: []string{"eevdf", "nice"}}, {Name: "rate", Levels: []string{"10000", "20000"}}},
			Plan:     []results.Planned{trial(1, 1, 1, nice), trial(2, 1, 2, alone), trial(3, 2, 1, alone), trial(4, 2, 2, nice)},
			Warnings: []string{"2 blocks can never be significant"},
		},
		Length: 30 * time.Second,
	}
	var out bytes.Buffer
	require.NoError(t, printPlan(&out, v))
	assert.Equal(t, `redis-avx: redis beside a neighbour
2 blocks of 2 treatments, 4 trials, about 30 s; seed 7

TRIAL  BLOCK  POSITION  TREATMENT
1      1      1         nice · rate 20000
2      1      2         LC alone · rate 10000
3      2      1         LC alone · rate 10000
4      2      2         nice · rate 20000

warning: 2 blocks can never be significant
`, out.String())
}

// TestPlanShowsControlZones holds that the plan says what VMs there will be,
// with every value of a part that differs between treatments.
func TestPlanShowsControlZones(t *testing.T) {
	_, p := loadOf(t, "kernel-factor.hcl")
	var out bytes.Buffer
	require.NoError(t, printVMs(&out, controlZoneRows(p)))
	assert.Equal(t, `ZONE  KERNEL         VCPUS  MEMORY  CLOCK              ACCEL  VIA
cz    hz250, hz1000  1, 2   512MiB  virtual, 1000 M/s  tcg    qemu

`, out.String())
	_, p = loadOf(t, "two-zones.hcl")
	rows := controlZoneRows(p)
	require.Len(t, rows, 2)
	assert.Equal(t, "two", rows[1].Zone)
	assert.Equal(t, "hz250", rows[1].Kernel.String())
	assert.Equal(t, "real", rows[1].Clock.String())
	_, p = loadOf(t, "phases.hcl")
	assert.Empty(t, controlZoneRows(p))
}

func TestRoughly(t *testing.T) {
	for d, want := range map[time.Duration]string{
		400 * time.Millisecond:       "0 s",
		59 * time.Second:             "59 s",
		90 * time.Second:             "1 min 30 s",
		3*time.Hour + 59*time.Second: "3 h 0 min",
	} {
		assert.Equal(t, want, roughly(d))
	}
}
