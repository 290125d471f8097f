package results

import (
	"errors"
	"fmt"
	"math/bits"
	"os"
	"strconv"
	"strings"
)

// waitsPrefix begins the metric of a row that is a bucket of the run-queue
// latency. Such rows are no readings of a declared metric and give no scalar.
const waitsPrefix = "runq.waits."

// Buckets of the run-queue latency: up to 16 ns each nanosecond has its own, from
// there on there are eight to each power of two. The last one, which ends at
// 2^37 ns (137 s), takes whatever is longer too.
const (
	waitsBits    = 3
	longestWaits = 1 << 37
)

// WaitsMetric names the row of series.parquet that counts the waits for a CPU in
// one bucket of the measured window: those shorter than edge, in ns, and no
// shorter than the bucket before it. The bucket of 1152 to 1280 ns has the metric
// "runq.waits.1280".
func WaitsMetric(edge uint64) string { return waitsPrefix + strconv.FormatUint(edge, 10) }

// ParseWaits returns the bucket that a row counts, from its metric: waits of at
// least low and less than edge, in ns. It is false for every metric that names
// no bucket.
func ParseWaits(metric string) (low, edge uint64, ok bool) {
	digits, ok := strings.CutPrefix(metric, waitsPrefix)
	if !ok {
		return 0, 0, false
	}
	edge, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || edge == 0 || edge > longestWaits || WaitsMetric(edge) != metric {
		return 0, 0, false
	}
	width := uint64(1) << max(0, bits.Len64(edge-1)-waitsBits-1)
	if edge%width != 0 {
		return 0, 0, false
	}
	return edge - width, edge, true
}

// Waits counts the waits for a CPU of one workload in one bucket: those of at
// least Low and less than High, in ns, that ended in the measured window of a
// trial.
type Waits struct {
	Workload  string
	Low, High uint64
	Count     float64
}

// EachWaits gives the run-queue latency of a trial to yield, bucket by bucket;
// nothing where none was recorded. A count that is not positive is an error.
func (f *Folder) EachWaits(number int, yield func(Waits)) error {
	wanted := func(metric string) bool {
		_, _, ok := ParseWaits(metric)
		return ok
	}
	return f.read(number, seriesFile, func(file *os.File, size int64) error {
		var bad error
		err := readSeriesOf(file, size, wanted, func(s Sample) {
			if s.Value <= 0 || !finite(s.Value) {
				bad = fmt.Errorf("%s of %s counts %g", s.Metric, s.Workload, s.Value)
				return
			}
			low, edge, _ := ParseWaits(s.Metric)
			yield(Waits{Workload: s.Workload, Low: low, High: edge, Count: s.Value})
		})
		return errors.Join(err, bad)
	})
}
