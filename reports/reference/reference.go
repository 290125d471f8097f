// Package reference holds published numbers to hold results against, each with
// its source: series that a figure can show beside a run's own, pairs of values
// and headlines of papers. It decides what they are and under which conditions
// they came about; whether a comparison with a run is fair is said by reports.
//
// The CSV files beside this source are the numbers as they were published;
// docs/references.md describes them.
package reference

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/czbench/czbench/results"
)

//go:embed avx-frequency.csv cpu-aware-redis.csv hz-redis.csv memtier-vhost.csv
var published embed.FS

// Series is a published metric over one variable.
type Series struct {
	Name   string // "hz-redis"
	Title  string
	Source string // who published it
	Notes  []string
	X      Quantity
	Metric Quantity
	Conditions
	Lines []Line
}

// Quantity is what the values of an axis are.
type Quantity struct {
	Name   string // "load", "latency.p99"
	Unit   string // base unit: "s", "Hz", "1/s", "1"
	Better results.Direction
}

// Load says whether q is a load as a share of full load, 0…1.
func (q Quantity) Load() bool { return q.Name == shareOfLoad }

// Rate says whether q is an achieved load in requests a second.
func (q Quantity) Rate() bool { return q.Name == achievedLoad }

const (
	shareOfLoad  = "load"
	achievedLoad = "achieved load"
)

// Conditions are what is known of how the numbers of a series came about.
type Conditions struct {
	Workload  string // "redis"
	Machine   string // hardware and hypervisor; empty where the source does not say
	Generator string // of the load; empty where the source does not say
	HZ        []int  // of the kernels, as far as the series is about that
	// Read says how exactly the numbers were read, where they are not from a table.
	Read string
}

// Line is one line of a series.
type Line struct {
	Label  string
	Points []Point // by ascending X
}

// Point is one value, both in the base units of the series.
type Point struct {
	X, Y float64
}

// Names returns the names of the series, sorted.
func Names() []string {
	var names []string
	for _, s := range layouts() {
		names = append(names, s.series.Name)
	}
	slices.Sort(names)
	return names
}

// Get returns the series of that name. It is an error that there is none.
func Get(name string) (Series, error) {
	for _, l := range layouts() {
		if l.series.Name == name {
			return l.read()
		}
	}
	return Series{}, fmt.Errorf("reference %q: there is none of that name, only %s", name, strings.Join(Names(), ", "))
}

// read returns the series with the lines of its file.
func (l layout) read() (Series, error) {
	f, err := published.Open(l.file)
	if err != nil {
		return Series{}, fmt.Errorf("read reference %s: %w", l.series.Name, err)
	}
	defer f.Close() //nolint:errcheck // an embedded file
	s := l.series
	if s.Lines, err = parseLines(f, l); err != nil {
		return Series{}, fmt.Errorf("read reference %s: %w", l.series.Name, err)
	}
	return s, nil
}
