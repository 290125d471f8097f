// Package kvload drives a RESP key-value server (redis, valkey) with SET and
// GET requests, in a closed loop with memtier's semantics or in an open loop
// whose schedule never waits for the server, and measures what that gives. It
// decides when each request is sent, how its latency counts and whether the
// generator itself kept up. Where it runs, and what an SLO says about its
// numbers, is the business of its callers.
package kvload

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Arrivals of an open loop.
const (
	Poisson = "poisson" // exponential gaps: independent users
	Uniform = "uniform" // equal gaps
)

// Limits of a configuration: far above what one machine can use, low enough
// that a slip of the pen does not take all memory.
const (
	maxThreads  = 256
	maxClients  = 10_000
	maxPipeline = 10_000
	maxDataSize = 512 << 20 // what redis takes as one bulk
	maxRate     = 1e9
)

// Config says what to send and where. It is plain data that survives JSON; the
// zero value of a field is not its default: start from Default.
type Config struct {
	Network    string  `json:"network"`            // "tcp" or "unix"
	Address    string  `json:"address"`            // "127.0.0.1:6379" or a path
	Threads    int     `json:"threads"`            // 1…256
	Clients    int     `json:"clients"`            // connections of each thread, 1…10000
	Pipeline   int     `json:"pipeline"`           // closed loop: requests outstanding on each connection, 1…10000
	Ratio      string  `json:"ratio"`              // "SET:GET"
	DataSize   int     `json:"data_size"`          // of a value, bytes, 1…512 MiB
	KeyPrefix  string  `json:"key_prefix"`         // before the number of the key
	KeyMin     int64   `json:"key_minimum"`        // smallest number of a key, 0 or more
	KeyMax     int64   `json:"key_maximum"`        // largest number of a key, inclusive
	KeyPattern string  `json:"key_pattern"`        // "SET:GET", each R (random), S (sequential) or P (sequential, one part of the keys for each thread)
	Requests   int64   `json:"requests,omitempty"` // closed loop: of each connection; 0 is as many as fit into the window
	Rate       float64 `json:"rate,omitempty"`     // open loop: requests a second over all threads; 0 is a closed loop
	Arrivals   string  `json:"arrivals,omitempty"` // open loop: Poisson or Uniform
	Seed       uint64  `json:"seed"`               // of arrivals, keys and operations
}

// Default returns memtier's defaults, for a server on this machine, with one
// thread.
func Default() Config {
	return Config{
		Network: "tcp", Address: "127.0.0.1:6379",
		Threads: 1, Clients: 50, Pipeline: 1,
		Ratio: "1:10", DataSize: 32,
		KeyPrefix: "memtier-", KeyMin: 0, KeyMax: 10_000_000, KeyPattern: "R:R",
		Arrivals: Poisson,
	}
}

// FieldError is a field of a configuration that cannot be used.
type FieldError struct {
	Field  string // its JSON name
	Detail string // what is wrong and what to write instead
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Detail }

// Open reports whether c asks for an open loop.
func (c Config) Open() bool { return c.Rate != 0 }

// Check returns every FieldError of c.
func (c Config) Check() []*FieldError {
	var found []*FieldError
	bad := func(field, format string, args ...any) {
		found = append(found, &FieldError{Field: field, Detail: fmt.Sprintf(format, args...)})
	}
	within := func(field string, v, low, high int64) {
		if v < low || v > high {
			bad(field, "%d is out of range: write %d to %d", v, low, high)
		}
	}
	if c.Network != "tcp" && c.Network != "unix" {
		bad("network", `%q is not known: write "tcp" or "unix"`, c.Network)
	}
	within("threads", int64(c.Threads), 1, maxThreads)
	within("clients", int64(c.Clients), 1, maxClients)
	within("pipeline", int64(c.Pipeline), 1, maxPipeline)
	within("data_size", int64(c.DataSize), 1, maxDataSize)
	within("key_minimum", c.KeyMin, 0, math.MaxInt64>>2)
	within("key_maximum", c.KeyMax, c.KeyMin, math.MaxInt64>>2)
	within("requests", c.Requests, 0, math.MaxInt64)
	if _, _, err := parseRatio(c.Ratio); err != nil {
		bad("ratio", "%v", err)
	}
	if _, err := parsePattern(c.KeyPattern); err != nil {
		bad("key_pattern", "%v", err)
	}
	if c.Open() {
		found = append(found, c.checkOpen()...)
	}
	return found
}

// checkOpen checks what only an open loop uses.
func (c Config) checkOpen() []*FieldError {
	var found []*FieldError
	if !(c.Rate > 0 && c.Rate <= maxRate) {
		found = append(found, &FieldError{"rate", fmt.Sprintf("%v is out of range: write requests a second, up to %.0e", c.Rate, maxRate)})
	}
	if c.Arrivals != Poisson && c.Arrivals != Uniform {
		found = append(found, &FieldError{"arrivals", fmt.Sprintf("%q is not known: write %q or %q", c.Arrivals, Poisson, Uniform)})
	}
	return found
}

// parseRatio reads "SET:GET", two whole numbers of which one may be 0.
func parseRatio(s string) (sets, gets int, err error) {
	left, right, ok := strings.Cut(s, ":")
	sets, errSets := strconv.Atoi(left)
	gets, errGets := strconv.Atoi(right)
	const most = 1 << 20
	if !ok || errSets != nil || errGets != nil || sets < 0 || gets < 0 || sets > most || gets > most || sets+gets == 0 {
		return 0, 0, fmt.Errorf(`%q is not a ratio of SET to GET: write one such as "1:10"`, s)
	}
	return sets, gets, nil
}

// parsePattern reads "SET:GET", each R, S or P, and returns them by operation.
func parsePattern(s string) ([ops]byte, error) {
	left, right, _ := strings.Cut(s, ":")
	if len(left) != 1 || len(right) != 1 || !strings.Contains("RSP", left) || !strings.Contains("RSP", right) {
		return [ops]byte{}, fmt.Errorf(`%q is not a key pattern: write one such as "R:R" (R random, S sequential, P sequential in parts)`, s)
	}
	return [ops]byte{opSet: left[0], opGet: right[0]}, nil
}
