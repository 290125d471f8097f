// Package testneed skips tests that need what this machine lacks, by the typed
// reason only, and fails them where the machine should have had it.
package testneed

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/czbench/czbench/internal/machine/host"
)

// Met returns when nothing is missing. Otherwise it skips t with the reason;
// when CZBENCH_TEST_REQUIRE, a comma-separated list, names the key of something
// that is missing, it fails t instead.
func Met(t testing.TB, missing ...host.Missing) {
	t.Helper()
	required := strings.Split(os.Getenv("CZBENCH_TEST_REQUIRE"), ",")
	for _, m := range missing {
		if slices.Contains(required, m.Key) {
			t.Fatalf("this machine should have had it: %v", m)
		}
	}
	if len(missing) > 0 {
		t.Skip(missing[0].Error())
	}
}
