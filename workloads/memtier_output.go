package workloads

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"strconv"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/czbench/czbench/results"
)

// memtierReport is what the JSON of memtier_benchmark says that can be relied
// on. Its rates are left out: memtier divides by an average of its clients'
// durations that loses whole seconds. The percentiles of single seconds are left
// out too: they are those of its first client, not of all.
type memtierReport struct {
	Count       int64   // requests of all commands
	Errors      int64   // connection errors
	Hits        float64 // GETs that found a value; only the ratio to Misses means something
	Misses      float64
	Interrupted bool    // by a signal
	Seconds     []int64 // requests by second; each client counts from its own first request, and the last entry is what was still outstanding
}

// parseMemtier reads the JSON file (format version 2) of one memtier run.
// Several runs in one file are an error, because what memtier aggregates over
// runs is not usable.
//
//	{"ALL STATS": {
//	  "Runtime": {"Start time": 1795312957412, "Total duration": 3002, "Interrupted": "false"},
//	  "Gets": {"Count": 478121, "Hits/sec": 7600.26, "Misses/sec": 151625.22, …},
//	  "Totals": {"Count": 525957, "Connection Errors": 0, …,
//	    "Time-Serie": {"0": {"Count": 175139, …}, …}}}}
func parseMemtier(r io.Reader) (memtierReport, error) {
	var file struct {
		AllStats *struct {
			Runtime struct{ Interrupted string }
			Gets    struct {
				Hits   float64 `json:"Hits/sec"`
				Misses float64 `json:"Misses/sec"`
			}
			Totals struct {
				Count  int64
				Errors int64                    `json:"Connection Errors"`
				Series map[string]memtierSecond `json:"Time-Serie"`
			}
		} `json:"ALL STATS"`
	}
	if err := json.NewDecoder(r).Decode(&file); err != nil {
		return memtierReport{}, fmt.Errorf("read memtier's JSON: %w", err)
	}
	all := file.AllStats
	if all == nil {
		return memtierReport{}, errors.New(`read memtier's JSON: no "ALL STATS" of a single run`)
	}
	report := memtierReport{
		Count: all.Totals.Count, Errors: all.Totals.Errors, Interrupted: all.Runtime.Interrupted == "true",
		Hits: all.Gets.Hits, Misses: all.Gets.Misses, Seconds: make([]int64, len(all.Totals.Series)),
	}
	for key, second := range all.Totals.Series {
		i, err := strconv.Atoi(key)
		if err != nil || i < 0 || i >= len(report.Seconds) || strconv.Itoa(i) != key {
			return memtierReport{}, fmt.Errorf("read memtier's JSON: second %q of %d", key, len(report.Seconds))
		}
		report.Seconds[i] = second.Count
	}
	return report, nil
}

// memtierSecond is one second of memtier's JSON.
type memtierSecond struct{ Count int64 }

// whole returns the number of requests in the first n seconds, which every
// client has worked through from end to end, so that Count / n is a rate.
func (r memtierReport) whole(n int) (int64, error) {
	if n > len(r.Seconds) {
		return 0, fmt.Errorf("memtier reports %d s of %d s", len(r.Seconds), n)
	}
	var sum int64
	for _, count := range r.Seconds[:n] {
		sum += count
	}
	return sum, nil
}

// parseMemtierLatency reads the .hgrm file of one memtier run, a HistogramLog
// 1.2 in microseconds, into a latency histogram. It returns memtier's own
// resolution at small values in microseconds beside it. A value stands at the
// upper end of its bin, where memtier's own percentiles are.
//
//	#[Histogram log format version 1.2]
//	#[StartTime: 1795312957.412 (seconds since epoch), …]
//	"StartTimestamp","EndTimestamp","Interval_Max","Interval_Compressed_Histogram"
//	1795312957.412,1795312960.415,5631.0,HISTFAAAAXp4nE1Nz0s…
func parseMemtierLatency(r io.Reader) (hist *hdrhistogram.Histogram, resolution int64, err error) {
	from, err := hdrhistogram.NewHistogramLogReader(r).NextIntervalHistogram()
	if err != nil {
		return nil, 0, fmt.Errorf("read memtier's histogram: %w", err)
	}
	if from == nil {
		return nil, 0, errors.New("read memtier's histogram: there is none")
	}
	hist = results.NewHistogram()
	for _, bar := range from.Distribution() {
		if bar.Count == 0 {
			continue
		}
		if err := hist.RecordValues(min(bar.To, results.MaxLatency), bar.Count); err != nil {
			return nil, 0, fmt.Errorf("read memtier's histogram: %w", err)
		}
	}
	lowest := max(from.LowestTrackableValue(), 1)
	return hist, 1 << (bits.Len64(uint64(lowest)) - 1), nil
}
