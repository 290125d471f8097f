package results

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
)

// openSeries opens what writeSeries wrote and checks its size and columns.
func openSeries(in io.ReaderAt, size int64) (*parquet.File, error) {
	file, err := parquet.OpenFile(in, size)
	if err != nil {
		return nil, err
	}
	if n := file.NumRows(); n < 0 || n > maxSeriesRows {
		return nil, fmt.Errorf("%d rows are more than %d", n, maxSeriesRows)
	}
	if want := parquet.SchemaOf(row{}); !parquet.EqualNodes(file.Schema(), want) {
		return nil, fmt.Errorf("columns are not time, metric, workload, value: %s", file.Schema())
	}
	return file, nil
}

// readSeriesOf gives the samples of some metrics to yield, in their order. It
// decodes only those rows: where they are few it is far faster than readSeries.
func readSeriesOf(in io.ReaderAt, size int64, wanted func(metric string) bool, yield func(Sample)) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("damaged parquet file: %v", p)
		}
	}()
	file, err := openSeries(in, size)
	if err != nil {
		return err
	}
	metric, _ := file.Schema().Lookup("metric")
	for _, group := range file.RowGroups() {
		rows, err := rowsOf(group.ColumnChunks()[metric.ColumnIndex], wanted)
		if err == nil {
			err = readSpans(group, rows, func(s Sample) {
				if wanted(s.Metric) {
					yield(s)
				}
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// span is some neighbouring rows of a group, without the end.
type span struct{ from, end int64 }

// rowsOf returns the rows of a column of names that are wanted, and those of
// pages without a dictionary, which only decoding can tell.
func rowsOf(column parquet.ColumnChunk, wanted func(string) bool) (spans []span, err error) {
	pages := column.Pages()
	defer func() { err = errors.Join(err, pages.Close()) }()
	var at int64
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return spans, nil
		}
		if err != nil {
			return nil, err
		}
		n := page.NumRows()
		names := page.Dictionary()
		if names == nil {
			spans = append(spans, span{at, at + n})
		} else {
			known := make([]bool, names.Len())
			for i := range known {
				known[i] = wanted(string(names.Index(int32(i)).ByteArray()))
			}
			indexes := page.Data()
			for i, name := range indexes.Int32() {
				if known[name] {
					spans = extended(spans, at+int64(i))
				}
			}
		}
		at += n
		parquet.Release(page)
	}
}

// extended adds one row behind all others.
func extended(spans []span, row int64) []span {
	if last := len(spans) - 1; last >= 0 && spans[last].end == row {
		spans[last].end++
		return spans
	}
	return append(spans, span{row, row + 1})
}

// readSpans decodes some rows of a group.
func readSpans(group parquet.RowGroup, spans []span, yield func(Sample)) (err error) {
	if len(spans) == 0 {
		return nil
	}
	r := parquet.NewGenericRowGroupReader[row](group)
	defer func() { err = errors.Join(err, r.Close()) }()
	batch := make([]row, seriesBatch)
	for _, s := range spans {
		if err := r.SeekToRow(s.from); err != nil {
			return err
		}
		for at := s.from; at < s.end; {
			n, err := r.Read(batch[:min(s.end-at, seriesBatch)])
			for _, b := range batch[:n] {
				yield(Sample(b))
			}
			at += int64(n)
			if err != nil && (at < s.end || !errors.Is(err, io.EOF)) {
				return err
			}
		}
	}
	return nil
}
