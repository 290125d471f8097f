package memtier

import (
	"encoding/json"
	"io"
	"net"
	"strconv"

	"github.com/czbench/czbench/workloads/kvload"
)

// formatVersion is that of memtier_benchmark 2: a configuration, a run and
// "ALL STATS".
const formatVersion = 2

// file is memtier's JSON, as far as a load of ours has something to say, and
// what only we know under "czbench".
type file struct {
	Configuration configuration  `json:"configuration"`
	Run           runInformation `json:"run information"`
	Stats         stats          `json:"ALL STATS"`
	Ours          ours           `json:"czbench"`
}

type configuration struct {
	Server     string  `json:"server"`
	Port       int     `json:"port"`
	UnixSocket *string `json:"unix socket"`
	Protocol   string  `json:"protocol"`
	Requests   int64   `json:"requests"`
	Clients    int     `json:"clients"`
	Threads    int     `json:"threads"`
	Ratio      string  `json:"ratio"`
	Pipeline   int     `json:"pipeline"`
	DataSize   int     `json:"data_size"`
	KeyPrefix  string  `json:"key_prefix"`
	KeyMin     int64   `json:"key_minimum"`
	KeyMax     int64   `json:"key_maximum"`
	KeyPattern string  `json:"key_pattern"`
}

type runInformation struct {
	Threads int     `json:"Threads"`
	Clients int     `json:"Connections per thread"`
	Seconds float64 `json:"Seconds"`
	Format  int     `json:"Format version"`
}

type stats struct {
	Runtime runtime `json:"Runtime"`
	Sets    totals  `json:"Sets"`
	Gets    totals  `json:"Gets"`
	Waits   totals  `json:"Waits"`
	Totals  totals  `json:"Totals"`
	Set     []step  `json:"SET"`
	Get     []step  `json:"GET"`
}

type runtime struct {
	Start       int64  `json:"Start time"`
	Finish      int64  `json:"Finish time"`
	Duration    int64  `json:"Total duration"`
	Unit        string `json:"Time unit"`
	Interrupted string `json:"Interrupted"`
}

// totals is one operation over the whole window. Latencies are in milliseconds,
// a KB is 1024 bytes.
type totals struct {
	Count       int64               `json:"Count"`
	Ops         float64             `json:"Ops/sec"`
	Hits        float64             `json:"Hits/sec"`
	Misses      float64             `json:"Misses/sec"`
	ErrorRate   float64             `json:"Connection Errors/sec"`
	Errors      int64               `json:"Connection Errors"`
	Latency     float64             `json:"Latency"`
	Average     float64             `json:"Average Latency"`
	Accumulated float64             `json:"Accumulated Latency"`
	Min         float64             `json:"Min Latency"`
	Max         float64             `json:"Max Latency"`
	KB          float64             `json:"KB/sec"`
	KBBoth      float64             `json:"KB/sec RX/TX"`
	KBRX        float64             `json:"KB/sec RX"`
	KBTX        float64             `json:"KB/sec TX"`
	Series      map[string]interval `json:"Time-Serie"`
	Percentiles percentiles         `json:"Percentile Latencies"`
}

// interval is one operation in one second.
type interval struct {
	RX          int64   `json:"Bytes RX"`
	TX          int64   `json:"Bytes TX"`
	Count       int64   `json:"Count"`
	Average     float64 `json:"Average Latency"`
	Accumulated float64 `json:"Accumulated Latency"`
	Min         float64 `json:"Min Latency"`
	Max         float64 `json:"Max Latency"`
	P50         float64 `json:"p50.00"`
	P99         float64 `json:"p99.00"`
	P999        float64 `json:"p99.90"`
}

type percentiles struct {
	P50  float64 `json:"p50.00"`
	P99  float64 `json:"p99.00"`
	P999 float64 `json:"p99.90"`
	Log  struct {
		Compressed kvload.Histogram `json:"Compressed Histogram"`
	} `json:"Histogram log format"`
}

// ours is what memtier's format has no place for.
type ours struct {
	Open       bool            `json:"open"`
	Rate       float64         `json:"rate"`     // requested, 1/s
	Arrivals   string          `json:"arrivals"` // of an open loop
	Seed       uint64          `json:"seed"`
	Offered    int64           `json:"offered"`
	Sent       int64           `json:"sent"`
	Replies    int64           `json:"replies"`
	Unanswered int64           `json:"unanswered"`
	Errors     int64           `json:"errors"`   // error replies
	Lateness   kvload.Lateness `json:"lateness"` // s
	CPUSeconds float64         `json:"cpu_seconds"`
	Invalid    string          `json:"invalid,omitempty"`
	Warnings   []string        `json:"warnings,omitempty"`
}

// WriteJSON writes memtier's JSON file.
func (r *Report) WriteJSON(w io.Writer) error {
	set, err := distribution(r.sets)
	if err != nil {
		return err
	}
	get, err := distribution(r.gets)
	if err != nil {
		return err
	}
	series, err := r.series()
	if err != nil {
		return err
	}
	res := r.Result
	duration := int64(1e3 * res.Seconds)
	f := file{
		Configuration: r.configuration(),
		Run:           runInformation{r.Config.Threads, r.Config.Clients, res.Seconds, formatVersion},
		Stats: stats{
			Runtime: runtime{r.Begin, r.Begin + duration, duration, "MILLISECONDS", strconv.FormatBool(res.Interrupted)},
			Sets:    r.totals(r.sets, series["SET"]), Gets: r.totals(r.gets, series["GET"]),
			Waits:  r.totals(kvload.Ops{}, map[string]interval{}),
			Totals: r.totals(r.all, series["ALL"]),
			Set:    set, Get: get,
		},
		Ours: ours{
			Open: res.Open, Rate: r.Config.Rate, Arrivals: r.Config.Arrivals, Seed: r.Config.Seed,
			Offered: res.Offered, Sent: res.Sent, Replies: res.Replies, Unanswered: res.Unanswered, Errors: r.all.Errors,
			Lateness: res.Lateness, CPUSeconds: res.CPUSeconds, Invalid: res.Invalid(r.P99()), Warnings: res.Warnings(),
		},
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	return enc.Encode(f)
}

func (r *Report) configuration() configuration {
	c := r.Config
	out := configuration{
		Protocol: "redis", Requests: c.Requests, Clients: c.Clients, Threads: c.Threads, Ratio: c.Ratio, Pipeline: c.Pipeline,
		DataSize: c.DataSize, KeyPrefix: c.KeyPrefix, KeyMin: c.KeyMin, KeyMax: c.KeyMax, KeyPattern: c.KeyPattern,
	}
	if c.Network == "unix" {
		out.UnixSocket = &c.Address
		return out
	}
	host, port, _ := net.SplitHostPort(c.Address) // it has been connected to
	out.Server = host
	out.Port, _ = strconv.Atoi(port)
	return out
}

func (r *Report) totals(o kvload.Ops, series map[string]interval) totals {
	t := totals{
		Count: o.Count, Ops: r.rate(o.Count), Hits: r.rate(o.Hits), Misses: r.rate(o.Misses),
		Latency: 1e3 * o.Mean(), Average: 1e3 * o.Mean(), Accumulated: 1e3 * o.Sum, Min: 1e3 * o.Min, Max: 1e3 * o.Max,
		KB: r.rate(o.RX+o.TX) / 1024, KBRX: r.rate(o.RX) / 1024, KBTX: r.rate(o.TX) / 1024,
		Series: series,
	}
	t.KBBoth = t.KB
	t.Percentiles = percentiles{P50: 1e3 * o.Quantile(0.5), P99: 1e3 * o.Quantile(0.99), P999: 1e3 * o.Quantile(0.999)}
	t.Percentiles.Log.Compressed = o.Latency
	return t
}

// series returns the seconds of SET, GET and ALL.
func (r *Report) series() (map[string]map[string]interval, error) {
	out := map[string]map[string]interval{"SET": {}, "GET": {}, "ALL": {}}
	for i, iv := range r.Result.Intervals {
		one := kvload.Result{Intervals: []kvload.Interval{iv}}
		sets, gets, all, err := one.Total()
		if err != nil {
			return nil, err
		}
		key := strconv.Itoa(i)
		out["SET"][key], out["GET"][key], out["ALL"][key] = newInterval(sets), newInterval(gets), newInterval(all)
	}
	return out, nil
}

func newInterval(o kvload.Ops) interval {
	return interval{
		RX: o.RX, TX: o.TX, Count: o.Count, Average: 1e3 * o.Mean(), Accumulated: 1e3 * o.Sum, Min: 1e3 * o.Min, Max: 1e3 * o.Max,
		P50: 1e3 * o.Quantile(0.5), P99: 1e3 * o.Quantile(0.99), P999: 1e3 * o.Quantile(0.999),
	}
}
