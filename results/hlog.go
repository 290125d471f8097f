package results

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// A latency log is an HdrHistogram interval log with V2 histograms, one tag per
// workload:
//
//	#[Histogram log format version 1.3]
//	#[values in microseconds; times and Interval_Max in seconds]
//	#[StartTime: 1772366400.250 (seconds since epoch), 2026-03-01T12:00:00Z]
//	#[BaseTime: 1772366400.250 (seconds since epoch)]
//	"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"
//	Tag=kv,0.000000,1.000000,0.004131,HISTFAAAA…
//
// The lines are written here because the library's writer cuts times to whole
// milliseconds and the start time to whole seconds; the histograms are the
// library's.

// Bounds on what a latency log may hold. The largest histogram that they allow
// takes 400 kB.
const (
	maxLogLine      = 1 << 20
	maxLogIntervals = 1_000_000
	maxLogDigits    = 3
	maxLogValue     = 3_600_000_000_000
	maxLogSeconds   = 1e9
)

func writeLatency(out io.Writer, begin time.Time, latency map[string][]Interval) error {
	w := bufio.NewWriter(out)
	start := float64(begin.UnixMicro()) * microsecond
	log := hdrhistogram.NewHistogramLogWriter(w)
	err := errors.Join(
		log.OutputLogFormatVersion(),
		log.OutputComment("[values in microseconds; times and Interval_Max in seconds]"),
		log.OutputComment(fmt.Sprintf("[StartTime: %.3f (seconds since epoch), %s]", start, begin.UTC().Format(time.RFC3339))),
		log.OutputComment(fmt.Sprintf("[BaseTime: %.3f (seconds since epoch)]", start)),
		log.OutputLegend())
	if err != nil {
		return err
	}
	for _, workload := range slices.Sorted(maps.Keys(latency)) {
		if !isName(workload) {
			return fmt.Errorf("latency of workload %q: not a name", workload)
		}
		for _, iv := range latency[workload] {
			if err := writeInterval(w, workload, iv); err != nil {
				return err
			}
		}
	}
	return w.Flush()
}

func writeInterval(w io.Writer, workload string, iv Interval) error {
	if err := iv.check(); err != nil {
		return fmt.Errorf("latency of workload %q: %w", workload, err)
	}
	payload, err := iv.Hist.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return fmt.Errorf("encode latency of workload %q: %w", workload, err)
	}
	_, err = fmt.Fprintf(w, "Tag=%s,%.6f,%.6f,%.6f,%s\n",
		workload, iv.Start, iv.End-iv.Start, float64(iv.Hist.Max())*microsecond, payload)
	return err
}

func (iv Interval) check() error {
	if iv.Hist == nil {
		return fmt.Errorf("interval %g s to %g s has no histogram", iv.Start, iv.End)
	}
	return checkTimes(iv.Start, iv.End)
}

func checkTimes(start, end float64) error {
	if ok := start >= 0 && end >= start && end <= maxLogSeconds; !ok {
		return fmt.Errorf("interval %g s to %g s is not a part of a window", start, end)
	}
	return nil
}

// readLatency gives every interval of a latency log to yield, one at a time.
func readLatency(in io.Reader, yield func(workload string, iv Interval) error) error {
	return readLog(in, func(workload string, start, end float64, payload []byte) error {
		hist, err := decodeHistogram(payload)
		if err != nil {
			return err
		}
		return yield(workload, Interval{Start: start, End: end, Hist: hist})
	})
}

// readLog gives the fields of every line of a latency log to yield; payload is
// valid until that returns.
func readLog(in io.Reader, yield func(workload string, start, end float64, payload []byte) error) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 64<<10), maxLogLine)
	intervals := 0
	for number := 1; lines.Scan(); number++ {
		line := lines.Bytes()
		if len(line) == 0 || line[0] == '#' || line[0] == '"' {
			continue
		}
		if intervals++; intervals > maxLogIntervals {
			return fmt.Errorf("more than %d intervals", maxLogIntervals)
		}
		workload, start, end, payload, err := parseLine(line)
		if err == nil {
			err = yield(workload, start, end, payload)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	return lines.Err()
}

func parseLine(line []byte) (workload string, start, end float64, payload []byte, err error) {
	fields := bytes.Split(line, []byte(","))
	tag, tagged := bytes.CutPrefix(fields[0], []byte("Tag="))
	if len(fields) != 5 || !tagged {
		return "", 0, 0, nil, errors.New("want Tag=<workload>,<start>,<length>,<max>,<histogram>")
	}
	if workload = string(tag); !isName(workload) {
		return "", 0, 0, nil, fmt.Errorf("tag %q is not a workload", workload)
	}
	start, err1 := strconv.ParseFloat(string(fields[1]), 64)
	length, err2 := strconv.ParseFloat(string(fields[2]), 64)
	if err := errors.Join(err1, err2); err != nil {
		return "", 0, 0, nil, err
	}
	// Times carry six decimals; adding start and length must not bring more.
	end = math.Round((start+length)*1e6) / 1e6
	return workload, start, end, fields[4], checkTimes(start, end)
}

// decodeHistogram looks at the claimed geometry before it lets the library
// allocate for it.
func decodeHistogram(payload []byte) (*hdrhistogram.Histogram, error) {
	raw := base64.NewDecoder(base64.StdEncoding, bytes.NewReader(payload))
	if _, err := io.CopyN(io.Discard, raw, 8); err != nil { // cookie and length, checked by the library
		return nil, fmt.Errorf("read histogram: %w", err)
	}
	z, err := zlib.NewReader(raw)
	if err != nil {
		return nil, fmt.Errorf("read histogram: %w", err)
	}
	// The V2 header, big-endian: cookie, payload length, index offset, digits
	// (32 bits each), lowest value, highest value, conversion ratio (64 bits).
	var header struct {
		Cookie, Length, Offset, Digits int32
		Lowest, Highest                int64
	}
	if err := binary.Read(z, binary.BigEndian, &header); err != nil {
		return nil, fmt.Errorf("read histogram header: %w", err)
	}
	if header.Digits > maxLogDigits || header.Highest > maxLogValue {
		return nil, fmt.Errorf("histogram of %d digits up to %d µs is larger than czbench writes", header.Digits, header.Highest)
	}
	h, err := hdrhistogram.Decode(payload)
	if err != nil {
		return nil, fmt.Errorf("decode histogram: %w", err)
	}
	return h, nil
}
