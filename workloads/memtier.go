package workloads

import (
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/results"
)

// memtierCommand is the name of the program, as it is looked up in PATH.
const memtierCommand = "memtier_benchmark"

// memtierPrefix stands before the number of every key, as memtier has it.
const memtierPrefix = "memtier-"

// Memtier is the real memtier_benchmark as a load. It is a closed loop, with a
// rate limit too: quota that was not sent is lost, and latency counts from the
// actual send.
type Memtier struct {
	Threads    int      `json:"threads" hcl:"threads,optional"`                 // 1…256
	Clients    int      `json:"clients" hcl:"clients,optional"`                 // connections of each thread
	Pipeline   int      `json:"pipeline" hcl:"pipeline,optional"`               // requests outstanding on each connection
	Ratio      string   `json:"ratio" hcl:"ratio,optional"`                     // "SET:GET"
	DataSize   int      `json:"data_size" hcl:"data_size,optional"`             // of a value, bytes
	Keys       int      `json:"keys" hcl:"keys,optional"`                       // numbered from 0
	KeyPattern string   `json:"key_pattern" hcl:"key_pattern,optional"`         // "SET:GET", each R, S, P, G or Z
	RateLimit  int      `json:"rate_limit,omitempty" hcl:"rate_limit,optional"` // requests a second of each connection; 0 is no limit
	Args       []string `json:"args,omitempty" hcl:"args,optional"`             // appended to the command line
}

var (
	_ Workload = (*Memtier)(nil)
	_ dataset  = (*Memtier)(nil)
)

// MemtierKind returns the load kind "memtier".
func MemtierKind() Kind {
	return Kind{
		Name: "memtier", Metrics: memtierMetrics(), Tools: []string{memtierCommand},
		New: func() Workload {
			return &Memtier{
				Threads: 1, Clients: 50, Pipeline: 1, Ratio: "1:10",
				DataSize: 32, Keys: defaultKeys, KeyPattern: "R:R",
			}
		},
	}
}

// Saturated returns what still matters without a limit.
func (m *Memtier) Saturated() any {
	c := *m
	c.RateLimit = 0
	return &c
}

// Dataset names the keys that memtier asks for.
func (m *Memtier) Dataset() Dataset {
	return Dataset{Prefix: memtierPrefix, Min: 0, Max: m.Keys - 1, Size: m.DataSize}
}

// Missing says whether there is no memtier_benchmark.
func (m *Memtier) Missing(*host.Machine) []host.Missing {
	if _, err := exec.LookPath(memtierCommand); err == nil {
		return nil
	}
	return []host.Missing{{
		Key:    "command:" + memtierCommand,
		What:   memtierCommand + " is not installed",
		Remedy: "apt-get install memtier-benchmark where your distribution has it, or build github.com/redis/memtier_benchmark",
	}}
}

// Check finds what is wrong with the attributes.
func (m *Memtier) Check() []config.Problem {
	var found []config.Problem
	bad := func(field, summary, format string, args ...any) {
		found = append(found, config.Problem{Field: field, Summary: summary, Detail: fmt.Sprintf(format, args...)})
	}
	for _, f := range []struct {
		name        string
		value, most int
	}{
		{"threads", m.Threads, 256},
		{"clients", m.Clients, 10_000},
		{"pipeline", m.Pipeline, 10_000},
		{"data_size", m.DataSize, 512 << 20},
		{"keys", m.Keys, 1 << 40},
	} {
		if f.value < 1 || f.value > f.most {
			bad(f.name, "Number out of range", "%d is out of range: write 1 to %d", f.value, f.most)
		}
	}
	if !regexp.MustCompile(`^(0:[1-9]|[1-9][0-9]*:[0-9])[0-9]*$`).MatchString(m.Ratio) {
		bad("ratio", "Not a ratio", "%q is not a ratio of SET to GET: write one such as \"1:10\"", m.Ratio)
	}
	if !regexp.MustCompile(`^[RSPGZ]:[RSPGZ]$`).MatchString(m.KeyPattern) {
		bad("key_pattern", "Not a key pattern",
			"%q is not a key pattern: write one such as \"R:R\" (R random, S sequential, P parallel, G gaussian, Z zipf)", m.KeyPattern)
	}
	if m.RateLimit < 0 {
		bad("rate_limit", "Negative rate", "%d is no rate: write whole requests a second of each connection, or leave it out", m.RateLimit)
	}
	for _, arg := range m.Args {
		if flag, _, _ := strings.Cut(arg, "="); slices.Contains(memtierOwned(), flag) {
			bad("args", "Argument not allowed", "%s is set by czbench, which relies on it: take it out", flag)
		}
	}
	return found
}

// memtierOwned lists the arguments on which the measurement relies.
func memtierOwned() []string {
	return []string{
		"-h", "--host", "-s", "--server", "-p", "--port", "-S", "--unix-socket", "-u", "--uri",
		"-x", "--run-count", "-n", "--requests", "--test-time", "--rate-limiting",
		"--json-out-file", "--hdr-file-prefix",
	}
}

// argv is the command line that loads target for a time in whole seconds.
func (m *Memtier) argv(target Endpoint, saturate bool, seconds int) ([]string, error) {
	argv := []string{memtierCommand}
	if target.Network == "unix" {
		argv = append(argv, "--unix-socket", target.Address) // memtier takes a host or a socket, not both
	} else {
		address, port, err := net.SplitHostPort(target.Address)
		if err != nil {
			return nil, fmt.Errorf("address of the service: %w", err)
		}
		argv = append(argv, "--server", address, "--port", port)
	}
	argv = append(argv,
		"--threads", strconv.Itoa(m.Threads), "--clients", strconv.Itoa(m.Clients),
		"--pipeline", strconv.Itoa(m.Pipeline), "--ratio", m.Ratio, "--data-size", strconv.Itoa(m.DataSize),
		"--key-prefix", memtierPrefix, "--key-maximum", strconv.Itoa(m.Keys-1),
		"--key-pattern", m.KeyPattern, "--test-time", strconv.Itoa(seconds), "--hide-histogram")
	if m.RateLimit > 0 && !saturate {
		argv = append(argv, "--rate-limiting", strconv.Itoa(m.RateLimit))
	}
	return append(argv, m.Args...), nil
}

// memtierOutput adds to a command line the files for the results, in dir.
func memtierOutput(argv []string, dir string) []string {
	return append(argv,
		"--json-out-file", filepath.Join(dir, "memtier.json"),
		"--hdr-file-prefix", filepath.Join(dir, "memtier-hdr"))
}

// memtierMetrics are those of the other loads, but for slo.intervals: memtier
// gives no latency of single seconds.
func memtierMetrics() []results.Metric {
	metrics := slices.DeleteFunc(LoadMetrics("memtier_benchmark, closed loop"), func(m results.Metric) bool {
		return m.Name == "slo.intervals"
	})
	for i, m := range metrics {
		if m.Name == "errors" {
			metrics[i].Help = "connection errors; memtier counts an error reply as a reply"
		}
	}
	return metrics
}
