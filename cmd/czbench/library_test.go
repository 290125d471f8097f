package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/scenarios"
	"github.com/czbench/czbench/workloads"
)

// library loads a scenario that comes with the project.
func library(t *testing.T, file string) *scenarios.Scenario {
	t.Helper()
	s, diags := scenarios.Load(file, scenarios.Options{Kinds: languageKinds(registry()), Topology: fourCPUs{}})
	require.Empty(t, diags, file)
	return s
}

// TestLibraryIsValid holds that every scenario of the project is clean, has a page
// and is found from the README.
func TestLibraryIsValid(t *testing.T) {
	files, err := filepath.Glob("../../scenarios/*.hcl")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".hcl")
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, name, library(t, file).Name)
			assert.FileExists(t, docs+"/scenarios/"+name+".md")
			assert.Contains(t, string(readme), "(docs/scenarios/"+name+".md)")
		})
	}
}

// TestGalleryScenariosAreValid does so for those of the gallery.
func TestGalleryScenariosAreValid(t *testing.T) {
	files, err := filepath.Glob(docs + "/gallery/*.hcl")
	require.NoError(t, err)
	require.Len(t, files, 2)
	for _, file := range files {
		assert.Equal(t, strings.TrimSuffix(filepath.Base(file), ".hcl"), library(t, file).Name)
	}
}

// TestNeighbours holds that each neighbour is what its page says, and is run
// alone too.
func TestNeighbours(t *testing.T) {
	s := library(t, "../../scenarios/neighbours.hcl")
	assert.Len(t, s.Treatments, 4*3+1+4+1)
	wants := map[string]string{}
	alone := 0
	for _, r := range s.Treatments {
		if r.Treatment.Control == results.ControlBEAlone {
			alone++
		}
		for _, w := range r.Workloads {
			if w.Kind == "sine" {
				wants[r.Treatment.Factors["neighbour"]] = sineOf(t, w.Config)
			}
		}
	}
	assert.Equal(t, 4, alone)
	assert.Equal(t, map[string]string{
		"light": "1 × 0.2 ± 0", "wave": "1 × 0.5 ± 0.45", "full": "1 × 1 ± 0", "crowd": "4 × 0.5 ± 0.45",
	}, wants)
}

// sineOf writes what the threads of a sine want.
func sineOf(t *testing.T, config any) string {
	t.Helper()
	s, ok := config.(*workloads.Sine)
	require.True(t, ok)
	return fmt.Sprintf("%d × %g ± %g", s.Threads, s.Mean, s.Amplitude)
}
