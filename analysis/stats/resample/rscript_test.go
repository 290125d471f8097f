package resample

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bootScript lets R's boot package draw resamples of new data: a ratio of means
// over pairs. Its ends are interpolated on the normal scale, so that they are
// near those of type 6, which it gives as well.
const bootScript = `
suppressMessages(library(boot))
n <- 18
x <- rgamma(n, 2); y <- x + rexp(n)
ratio <- function(d, i) mean(d[i, 2]) / mean(d[i, 1])
b <- boot(cbind(x, y), ratio, R = 1999)
influence <- (n - 1) * (mean(jack <- sapply(1:n, function(i) ratio(b$data, -i))) - jack)
a <- sum(influence^3) / (6 * sum(influence^2)^1.5)
z <- qnorm(mean(b$t < b$t0))
ends <- pnorm(z + (z + qnorm(c(.05, .95))) / (1 - a * (z + qnorm(c(.05, .95)))))
row <- function(v) paste0("[", paste(sprintf("%.17g", v), collapse = ","), "]")
cat(sprintf('{"x":%s,"y":%s,"drawn":%s,"boot":%s,"type6":%s,"se":%.17g}',
  row(x), row(y), row(t(boot.array(b, indices = TRUE)) - 1),
  row(boot.ci(b, conf = .9, type = "bca", L = influence)$bca[1, 4:5]),
  row(quantile(b$t, ends, type = 6)), sd(b$t)))
`

// R draws resamples of data that are new each time, and both compute with them.
func TestReplayAgainstLiveR(t *testing.T) {
	rscript, err := exec.LookPath("Rscript")
	if err != nil || exec.CommandContext(t.Context(), rscript, "-e", "library(boot)").Run() != nil {
		testneed.Met(t, host.Missing{Key: "command:Rscript", What: "Rscript with the package boot is not installed", Remedy: "apt-get install r-base-core r-cran-boot"})
	}
	command := exec.CommandContext(t.Context(), rscript, "--vanilla", "-")
	command.Stdin = strings.NewReader(bootScript)
	out, err := command.Output()
	require.NoError(t, err)
	var r struct {
		X, Y        []float64
		Drawn       []int
		Boot, Type6 [2]float64
		SE          float64
	}
	require.NoError(t, json.Unmarshal(out, &r))
	require.Len(t, r.Drawn, 1999*len(r.X))
	var drawn [][][]int
	for len(r.Drawn) > 0 {
		drawn = append(drawn, [][]int{r.Drawn[:len(r.X)]})
		r.Drawn = r.Drawn[len(r.X):]
	}
	ratio := func(drawn [][]int) float64 { return meanAt(r.Y, drawn[0]) / meanAt(r.X, drawn[0]) }
	d := Replay([]int{len(r.X)}, drawn, ratio)
	got := d.BCa(0.9)
	assert.InDelta(t, r.SE, d.SE(), exact, "x %v y %v", r.X, r.Y)
	assert.InDelta(t, r.Type6[0], got.Low, exact, "x %v y %v", r.X, r.Y)
	assert.InDelta(t, r.Type6[1], got.High, exact, "x %v y %v", r.X, r.Y)
	assert.InDelta(t, r.Boot[0], got.Low, 0.05*r.SE)
	assert.InDelta(t, r.Boot[1], got.High, 0.05*r.SE)
}
