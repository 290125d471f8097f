package course

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// R's kpss.test of data that are new each time.
func TestKPSSAgainstLiveR(t *testing.T) {
	rscript, err := exec.LookPath("Rscript")
	if err != nil || exec.CommandContext(t.Context(), rscript, "-e", "library(tseries)").Run() != nil {
		testneed.Met(t, host.Missing{Key: "command:Rscript", What: "Rscript with the package tseries is not installed", Remedy: "apt-get install r-base-core r-cran-tseries"})
	}
	command := exec.CommandContext(t.Context(), rscript, "--vanilla", "-")
	command.Stdin = strings.NewReader(`
suppressMessages(library(tseries))
for (n in c(7, 20, 60, 99, 100, 101, 300, 1000)) for (drift in c(0, .5, 1)) {
  x <- round(rnorm(n) + drift * seq(0, 1, length = n), 6)
  k <- suppressWarnings(kpss.test(x, "Level"))
  cat(sprintf("%.17g %.17g %d %d", k$statistic, k$p.value, as.integer(k$parameter), n), sprintf("%.17g", x), "\n")
}`)
	out, err := command.Output()
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	require.Len(t, lines, 24)
	for _, line := range lines {
		var statistic, p float64
		var lag, n int
		input := strings.NewReader(line)
		_, err := fmt.Fscan(input, &statistic, &p, &lag, &n)
		require.NoError(t, err)
		x := make([]float64, n)
		for i := range x {
			_, err := fmt.Fscan(input, &x[i])
			require.NoError(t, err)
		}
		got := KPSS(x)
		assert.InDelta(t, statistic, got.Statistic, exact, "%v", x)
		assert.InDelta(t, p, got.P, exact, "%v", x)
		assert.Equal(t, lag, got.Lag, "n %d", n)
		assert.Equal(t, got.P == 0.1 || got.P == 0.01, got.Clipped)
	}
}
