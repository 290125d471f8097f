package scenarios_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/scenarios"
)

// FuzzLoad holds that no text makes Load panic, and that a scenario either has
// errors or is complete.
func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"testdata/bad/*.hcl", "testdata/good/*.hcl"} {
		files, err := filepath.Glob(pattern)
		require.NoError(f, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(f, err)
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, diags := scenarios.LoadText("s.hcl", text, options())
		var said bytes.Buffer
		require.NoError(t, s.WriteDiagnostics(&said, diags, 78, false))
		if diags.HasErrors() {
			assert.NotEmpty(t, said.String())
			return
		}
		assert.NotEmpty(t, s.Name)
		assert.NotEmpty(t, s.Treatments)
		assert.GreaterOrEqual(t, s.Blocks, 1)
		for _, r := range s.Treatments {
			assert.NotNil(t, r.Strategy.Config)
		}
	})
}
