package tabular

import (
	"bytes"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// tenMillion returns a CSV file of ten million rows: latencies in whole
// microseconds of two groups.
func tenMillion() []byte {
	random := rand.New(rand.NewPCG(1, 2))
	data := append(make([]byte, 0, 120<<20), "group,value\n"...)
	for range 10_000_000 {
		if random.Uint32()&1 == 0 {
			data = append(data, "eevdf,"...)
		} else {
			data = append(data, "nice,"...)
		}
		data = strconv.AppendInt(data, 200+int64(400*random.ExpFloat64()), 10)
		data = append(data, '\n')
	}
	return data
}

// BenchmarkCSV10M reads ten million rows and reports how many times longer that
// takes than looking for their line ends does: the fastest time of each, as they
// take turns.
func BenchmarkCSV10M(b *testing.B) {
	data := tenMillion()
	b.SetBytes(int64(len(data)))
	scan, read := time.Hour, time.Hour
	for b.Loop() {
		begin := time.Now()
		require.Equal(b, 10_000_001, bytes.Count(data, []byte{'\n'}))
		middle := time.Now()
		table, err := ReadCSV(b.Context(), bytes.NewReader(data), CSVOptions{Name: "big.csv"})
		require.NoError(b, err)
		require.Len(b, table.Groups, 2)
		scan, read = min(scan, middle.Sub(begin)), min(read, time.Since(middle))
	}
	b.ReportMetric(1e3*scan.Seconds(), "scan-ms")
	b.ReportMetric(1e3*read.Seconds(), "read-ms")
	b.ReportMetric(read.Seconds()/scan.Seconds(), "times-the-scan")
}
