package reference

import (
	"errors"
	"fmt"
	"io"

	"github.com/czbench/czbench/results"
)

// Pair is a published value beside the one that it was held against.
type Pair struct {
	Workload        string // "mysql@80": at 80 % load
	Metric          Quantity
	Value           float64 // in the metric's base unit
	Reference       float64
	Kernel          string // "hz1000-full", which gave Value
	ReferenceKernel string
}

// Pairs returns what a faster tick, or one made for throughput, does to other
// workloads than redis (Control Zone thesis, heights of bars).
func Pairs() ([]Pair, error) {
	f, err := published.Open("hz-negative.csv")
	if err != nil {
		return nil, fmt.Errorf("read reference pairs: %w", err)
	}
	defer f.Close() //nolint:errcheck // an embedded file
	return parsePairs(f)
}

// parsePairs reads pairs from a CSV file with a header.
func parsePairs(r io.Reader) ([]Pair, error) {
	rows, err := parseRows(r, []string{"workload", "metric", "unit", "better", "value", "reference", "kernel", "reference_kernel"})
	if err != nil {
		return nil, err
	}
	pairs := make([]Pair, 0, len(rows))
	for i, row := range rows {
		p, err := pairOf(row)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", i+1, err)
		}
		pairs = append(pairs, p)
	}
	return pairs, nil
}

func pairOf(row map[string]string) (Pair, error) {
	m := Quantity{row["metric"], row["unit"], results.Direction(row["better"])}
	if m.Better != results.Lower && m.Better != results.Higher {
		return Pair{}, fmt.Errorf("parse direction %q: neither lower nor higher", m.Better)
	}
	exponent, per := 0, 1.0
	switch m.Unit {
	case "ms":
		m.Unit, exponent = "s", -3
	case "1/min":
		m.Unit, per = "1/s", 60
	}
	value, errValue := number(row["value"], exponent)
	against, errReference := number(row["reference"], exponent)
	return Pair{
		Workload: row["workload"], Metric: m, Value: value / per, Reference: against / per,
		Kernel: row["kernel"], ReferenceKernel: row["reference_kernel"],
	}, errors.Join(errValue, errReference)
}
