package host

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The cpuinfo parser of procfs is chosen by the architecture that it is built
// for, and the machines of testdata are x86.

var update = flag.Bool("update", false, "write the golden files anew")

func TestFacts(t *testing.T) {
	for _, name := range []string{"guest", "server"} {
		t.Run(name, func(t *testing.T) {
			facts := machineFrom(t, name).Facts()
			assert.NotEmpty(t, facts["czbench.version"])
			assert.NotEmpty(t, facts["czbench.commit"])
			var b strings.Builder
			for _, key := range slices.Sorted(maps.Keys(facts)) {
				if !strings.HasPrefix(key, "czbench.") {
					fmt.Fprintf(&b, "%s = %s\n", key, facts[key])
				}
			}
			golden := filepath.Join("testdata", name+".facts")
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(b.String()), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), b.String())
		})
	}
}

func TestHasCPUFlag(t *testing.T) {
	m := machineFrom(t, "server")
	assert.True(t, m.HasCPUFlag("avx512f"))
	assert.False(t, m.HasCPUFlag("avx512"))
}
