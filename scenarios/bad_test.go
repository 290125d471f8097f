package scenarios_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/scenarios"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestBadScenarios holds what is said of each scenario in testdata/bad against
// the golden file beside it.
func TestBadScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.hcl*")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			s, diags := scenarios.Load(file, options())
			var said bytes.Buffer
			require.NoError(t, s.WriteDiagnostics(&said, diags, 78, false))
			assert.NotEmpty(t, said.String())
			assert.Equal(t, strings.HasPrefix(filepath.Base(file), "lacks-"), scenarios.OnlyMachineLacks(diags),
				"only what the machine lacks is no fault of the scenario")
			for _, d := range diags {
				assert.NotEmpty(t, d.Detail, "%s needs a remedy", d.Summary)
			}
			golden := strings.TrimSuffix(strings.TrimSuffix(file, ".json"), ".hcl") + ".golden"
			if *update {
				require.NoError(t, os.WriteFile(golden, said.Bytes(), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), said.String())
		})
	}
}
