package scenarios_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/scenarios"
)

// BenchmarkLoad is the language's share of the start of czbench plan, whose
// target is 30 ms.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		_, diags := scenarios.Load("testdata/good/redis-avx.hcl", options())
		require.Empty(b, diags)
	}
}
