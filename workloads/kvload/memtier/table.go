// Package memtier writes what a load gave in the forms of memtier_benchmark, so
// that whoever reads its output can read ours: the table, the latency
// distribution, the JSON file and an HdrHistogram log. It measures nothing.
package memtier

import (
	"fmt"
	"io"
	"strconv"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/czbench/czbench/workloads/kvload"
)

// Report is one run: its configuration, its result and what both together give.
type Report struct {
	Config kvload.Config
	Result *kvload.Result
	Begin  int64 // of the window, wall clock, ms since 1970

	sets, gets, all kvload.Ops
}

// New returns the report of a run.
func New(cfg kvload.Config, r *kvload.Result, begin int64) (*Report, error) {
	rep := &Report{Config: cfg, Result: r, Begin: begin}
	var err error
	rep.sets, rep.gets, rep.all, err = r.Total()
	return rep, err
}

// P99 returns the 99th percentile of the latency of all requests, s.
func (r *Report) P99() float64 { return r.all.Quantile(0.99) }

// rate returns n a second.
func (r *Report) rate(n int64) float64 {
	if r.Result.Seconds <= 0 {
		return 0
	}
	return float64(n) / r.Result.Seconds
}

const (
	headFormat = "%-8s%12s%13s%13s%16s%16s%16s%16s%13s \n"
	ruleWidth  = 124
	absent     = "---"
)

// WriteTable writes memtier's table. Latencies are in milliseconds, and a KB is
// 1024 bytes sent and received.
func (r *Report) WriteTable(w io.Writer) error {
	out := &printer{w: w}
	out.printf("\nALL STATS\n%s\n", rule('='))
	out.printf(headFormat, "Type", "Ops/sec", "Hits/sec", "Misses/sec", "Avg. Latency", "p50 Latency", "p99 Latency", "p99.9 Latency", "KB/sec")
	out.printf("%s\n", rule('-'))
	r.line(out, "Sets", r.sets)
	r.line(out, "Gets", r.gets)
	r.line(out, "Totals", r.all)
	if res := r.Result; res.Open {
		out.printf("\nOpen loop: offered %.2f requests a second, sent %.2f, answered %.2f\n", r.rate(res.Offered), r.rate(res.Sent), res.Rate())
		out.printf("Lateness of sending, ms: p50 %.5f, p99 %.5f, max %.5f\n", 1e3*res.Lateness.P50, 1e3*res.Lateness.P99, 1e3*res.Lateness.Max)
	}
	return out.err
}

func (r *Report) line(out *printer, name string, o kvload.Ops) {
	hits, misses := absent, absent
	if name != "Sets" {
		hits, misses = fixed(r.rate(o.Hits), 2), fixed(r.rate(o.Misses), 2)
	}
	mean, p50, p99, p999 := absent, absent, absent, absent
	if o.Count > 0 {
		mean, p50 = fixed(1e3*o.Mean(), 5), fixed(1e3*o.Quantile(0.5), 5)
		p99, p999 = fixed(1e3*o.Quantile(0.99), 5), fixed(1e3*o.Quantile(0.999), 5)
	}
	out.printf(headFormat, name, fixed(r.rate(o.Count), 2), hits, misses, mean, p50, p99, p999, fixed(r.rate(o.RX+o.TX)/1024, 2))
}

// WriteDistribution writes memtier's latency distribution.
func (r *Report) WriteDistribution(w io.Writer) error {
	out := &printer{w: w}
	out.printf("\n\nRequest Latency Distribution\nType     <= msec         Percent\n%s\n", rule('-')[:72])
	for i, kind := range r.kinds() {
		steps, err := distribution(kind.ops)
		if err != nil {
			return err
		}
		if i > 0 {
			out.printf("---\n")
		}
		for _, s := range steps {
			out.printf("%-4s%11.3f%13.3f\n", kind.name, s.Milliseconds, s.Percent)
		}
	}
	return out.err
}

// kind is one operation with its name in memtier's output.
type kind struct {
	name string
	ops  kvload.Ops
}

func (r *Report) kinds() []kind { return []kind{{"SET", r.sets}, {"GET", r.gets}} }

// step is one line of a latency distribution.
type step struct {
	Milliseconds float64 `json:"<=msec"`
	Percent      float64 `json:"percent"`
}

// ticks is how many steps a distribution takes to halve the distance to 100 %.
const ticks = 10

func distribution(o kvload.Ops) ([]step, error) {
	h, err := o.Latency.Dense()
	if err != nil || h.TotalCount() == 0 {
		return []step{}, err
	}
	brackets := h.CumulativeDistributionWithTicks(ticks)
	steps := make([]step, 0, len(brackets))
	for _, b := range brackets {
		steps = append(steps, step{Milliseconds: float64(b.ValueAt) / 1e3, Percent: b.Quantile})
	}
	return steps, nil
}

// WriteLog writes an HdrHistogram interval log: 1-s intervals, tagged by
// operation, values in microseconds.
func (r *Report) WriteLog(w io.Writer) error {
	log := hdrhistogram.NewHistogramLogWriter(w)
	log.SetBaseTime(r.Begin)
	for _, write := range []func() error{
		log.OutputLogFormatVersion,
		func() error { return log.OutputComment("[values are in microseconds, Interval_Max is in seconds]") },
		func() error { return log.OutputBaseTime(r.Begin) },
		func() error { return log.OutputStartTime(r.Begin) },
		log.OutputLegend,
	} {
		if err := write(); err != nil {
			return err
		}
	}
	for _, iv := range r.Result.Intervals {
		for _, k := range []kind{{"SET", iv.Set}, {"GET", iv.Get}} {
			h, err := k.ops.Latency.Dense()
			if err != nil {
				return err
			}
			h.SetTag(k.name)
			h.SetStartTimeMs(r.Begin + int64(1e3*iv.Start))
			h.SetEndTimeMs(r.Begin + int64(1e3*iv.End))
			if err := log.OutputIntervalHistogram(h); err != nil {
				return err
			}
		}
	}
	return nil
}

// printer remembers the first error of several writes.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

func fixed(v float64, digits int) string { return strconv.FormatFloat(v, 'f', digits, 64) }

func rule(char byte) string {
	line := make([]byte, ruleWidth)
	for i := range line {
		line[i] = char
	}
	return string(line)
}
