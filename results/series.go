package results

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// row is a Sample as series.parquet has it.
type row struct {
	Time     float64 `parquet:"time"`
	Metric   string  `parquet:"metric,dict"`
	Workload string  `parquet:"workload,dict"`
	Value    float64 `parquet:"value"`
}

// maxSeriesRows bounds what a reader takes into memory: 3 GB.
const maxSeriesRows = 50_000_000

const seriesBatch = 4096

// writeSeries writes samples in the order given; the same samples give the same
// bytes.
func writeSeries(out io.Writer, series []Sample) error {
	w := parquet.NewGenericWriter[row](out,
		parquet.Compression(&parquet.Snappy),
		parquet.CreatedBy("czbench", fmt.Sprint(SchemaVersion), ""))
	batch := make([]row, 0, min(len(series), seriesBatch))
	for i, s := range series {
		if !finite(s.Value) || !finite(s.Time) {
			return fmt.Errorf("sample %d of %s.%s: %g at %g s is not a number", i, s.Workload, s.Metric, s.Value, s.Time)
		}
		batch = append(batch, row(s))
		if len(batch) == cap(batch) || i == len(series)-1 {
			if _, err := w.Write(batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	return w.Close()
}

// readSeries reads what writeSeries wrote. The parquet library is not trusted
// to survive every damaged file: what it panics with becomes an error.
func readSeries(in io.ReaderAt, size int64) (series []Sample, err error) {
	defer func() {
		if p := recover(); p != nil {
			series, err = nil, fmt.Errorf("damaged parquet file: %v", p)
		}
	}()
	file, err := openSeries(in, size)
	if err != nil {
		return nil, err
	}
	r := parquet.NewGenericReader[row](file)
	defer func() { err = errors.Join(err, r.Close()) }()
	return readRows(r, file.NumRows())
}

func readRows(r *parquet.GenericReader[row], claimed int64) ([]Sample, error) {
	var series []Sample
	names := map[string]string{} // the few names, instead of one copy a row
	batch := make([]row, seriesBatch)
	for {
		n, err := r.Read(batch)
		if int64(len(series)+n) > claimed {
			return nil, fmt.Errorf("more rows than the %d that the file claims", claimed)
		}
		for _, s := range batch[:n] {
			s.Metric, s.Workload = intern(names, s.Metric), intern(names, s.Workload)
			series = append(series, Sample(s))
		}
		if errors.Is(err, io.EOF) {
			return series, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func intern(names map[string]string, name string) string {
	known, ok := names[name]
	if !ok {
		known = strings.Clone(name)
		names[known] = known
	}
	return known
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
