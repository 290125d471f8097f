package workloads

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/czbench/czbench/results"
)

// quantiles is which quantiles of the latency are reported, by metric, in per
// cent. The maximum is the last.
func quantiles() map[string]float64 {
	return map[string]float64{
		"latency.p50": 50, "latency.p90": 90, "latency.p99": 99, "latency.p999": 99.9, "latency.p9999": 99.99,
		"latency.max": 100,
	}
}

// LoadMetrics returns the metrics that every key-value load gives: open, closed
// and memtier. Those of slo.* are given when the service has an SLO, hit_ratio
// when there are GETs.
func LoadMetrics(source string) []results.Metric {
	metric := func(name, unit string, better results.Direction, help string) results.Metric {
		m := results.Metric{
			Name: name, Unit: unit, Better: better, Kind: results.Scalar, Scale: results.Ratio, Source: source, Help: help,
		}
		if unit == "1" {
			m.Scale = results.Difference
		}
		return m
	}
	list := []results.Metric{
		metric("latency.p50", "s", results.Lower, "median latency"),
		metric("latency.p90", "s", results.Lower, "90th percentile of the latency"),
		metric("latency.p99", "s", results.Lower, "99th percentile of the latency"),
		metric("latency.p999", "s", results.Lower, "99.9th percentile of the latency"),
		metric("latency.p9999", "s", results.Lower, "99.99th percentile of the latency"),
		metric("latency.mean", "s", results.Lower, "mean latency"),
		metric("latency.max", "s", results.Lower, "greatest latency"),
		metric("rate", "1/s", results.Higher, "achieved load: replies a second"),
		metric("slo.attained", "1", results.Higher, "share of requests inside the SLO's bound; of several bounds the least"),
		metric("slo.intervals", "1", results.Higher, "share of 1-s intervals in which the SLO holds"),
		metric("slo.met", "1", results.Higher, "1 when the SLO holds over the whole window, else 0"),
		metric("errors", "1", results.Lower, "error replies; they have no latency"),
		metric("hit_ratio", "1", results.Neutral, "share of GETs that found a value"),
	}
	cpu := metric("generator.cpu", "1", results.Neutral, "CPU time that the load generator took, CPU seconds a second")
	return append(list, cpu)
}

// LatencyScalars returns the quantiles, mean and maximum of all intervals
// together, in seconds. A quantile is the upper end of its bin.
func LatencyScalars(intervals []results.Interval) (map[string]float64, error) {
	all, err := results.Merge(intervals)
	if err != nil {
		return nil, err
	}
	out := map[string]float64{"latency.mean": all.Mean() / 1e6}
	for name, q := range quantiles() {
		out[name] = quantile(all, q)
	}
	return out, nil
}

// SLO is what SLOScalars judges by.
type SLO struct {
	Bounds map[string]float64 // seconds, by metric: "latency.p99"
	Lost   int64              // requests that have no latency and so are outside every bound
}

// SLOScalars returns slo.attained, slo.intervals and slo.met, or nothing without
// a bound. Requests are judged by the bin of their latency, 0.1 % wide: one is
// inside when the upper end of its bin is.
func SLOScalars(intervals []results.Interval, slo SLO) (map[string]float64, error) {
	if len(slo.Bounds) == 0 {
		return nil, nil
	}
	if err := checkSLO(slo.Bounds); err != nil {
		return nil, err
	}
	all, err := results.Merge(intervals)
	if err != nil {
		return nil, err
	}
	within, judged := 0, 0
	for _, iv := range intervals {
		if iv.Hist.TotalCount() == 0 {
			continue
		}
		judged++
		if meets(iv.Hist, slo.Bounds) {
			within++
		}
	}
	out := map[string]float64{"slo.attained": 1, "slo.intervals": 0, "slo.met": 0}
	for _, bound := range slo.Bounds {
		out["slo.attained"] = min(out["slo.attained"], share(all, bound, slo.Lost))
	}
	if judged > 0 {
		out["slo.intervals"] = float64(within) / float64(judged)
	}
	if all.TotalCount() > 0 && meets(all, slo.Bounds) {
		out["slo.met"] = 1
	}
	return out, nil
}

// checkSLO finds a bound on something that is no quantile of the latency.
func checkSLO(bounds map[string]float64) error {
	for name := range bounds {
		if _, ok := quantiles()[name]; !ok {
			return fmt.Errorf("slo %q: a load can be held to %s", name, strings.Join(slices.Sorted(maps.Keys(quantiles())), ", "))
		}
	}
	return nil
}

// meets reports whether every bound holds for h.
func meets(h *hdrhistogram.Histogram, bounds map[string]float64) bool {
	for name, bound := range bounds {
		if quantile(h, quantiles()[name]) > bound {
			return false
		}
	}
	return true
}

// share returns the share of requests with a latency of at most bound seconds;
// lost requests have none.
func share(h *hdrhistogram.Histogram, bound float64, lost int64) float64 {
	total := h.TotalCount() + lost
	if total == 0 {
		return 0
	}
	var inside int64
	for _, bar := range h.Distribution() {
		if float64(bar.To) <= bound*1e6 {
			inside += bar.Count
		}
	}
	return float64(inside) / float64(total)
}

// quantile returns the upper end of the bin of a quantile, in per cent, s.
func quantile(h *hdrhistogram.Histogram, q float64) float64 {
	return float64(h.ValueAtPercentile(q)) / 1e6
}
