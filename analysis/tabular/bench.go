package tabular

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchunit"

	"github.com/czbench/czbench/results"
)

// Bench is what a file of Go benchmark output holds.
type Bench struct {
	Name string // of the file

	order    []benchKey // in the order of the file
	values   map[benchKey][]float64
	better   map[string]results.Direction // by unit
	packages []string                     // in the order of the file
	settings map[string]string            // those of settingKeys
	faults   []string                     // lines that could not be read, as file:line: why
}

// benchKey names what was measured: a benchmark of a package in a unit.
type benchKey struct {
	pkg, benchmark, unit string
}

// settingFidelity is what a report of czbench says of its trials.
const settingFidelity = "fidelity"

// settingKeys are the settings that two files should share.
func settingKeys() []string { return []string{"goos", "goarch", "cpu", settingFidelity} }

// ReadBench reads the Go benchmark format (golang.org/design/14313), what "go
// test -bench" prints. Values come in base units: ns/op as seconds, MB/s as
// bytes a second. Lines that look like results and are none are warned of by
// CompareBench. An error names the file, and the line where there is one.
func ReadBench(r io.Reader, name string) (*Bench, error) {
	b := &Bench{
		Name: name, values: map[benchKey][]float64{}, better: map[string]results.Direction{}, settings: map[string]string{},
	}
	in := benchfmt.NewReader(r, name)
	for in.Scan() {
		switch record := in.Result().(type) {
		case *benchfmt.Result:
			if err := b.add(record); err != nil {
				return nil, err
			}
		case *benchfmt.SyntaxError:
			b.faults = append(b.faults, record.Error())
		}
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("read %w", err)
	}
	if len(b.order) == 0 {
		return nil, b.nothing()
	}
	for _, k := range b.order {
		b.better[k.unit] = direction(in.Units().GetBetter(k.unit))
	}
	return b, nil
}

// nothing says that a file has no results, and what came nearest.
func (b *Bench) nothing() error {
	err := fmt.Errorf("%s: there is no benchmark result: give it what go test -bench prints", b.Name)
	if len(b.faults) > 0 {
		err = fmt.Errorf("%w (%s)", err, b.faults[0])
	}
	return err
}

// add takes the values of one line. What the reader gives is its own.
func (b *Bench) add(r *benchfmt.Result) error {
	file, line := r.Pos()
	pkg := r.GetConfig("pkg")
	if !slices.Contains(b.packages, pkg) {
		b.packages = append(b.packages, pkg)
	}
	if was, is := b.settings[settingFidelity], r.GetConfig(settingFidelity); len(b.order) > 0 && was != is {
		return fmt.Errorf("%s: the fidelity is %q from here on and %q before: trials of different fidelity are never compared, so put them into files of their own",
			place(file, int64(line)), is, was)
	}
	for _, key := range settingKeys() {
		b.settings[key] = r.GetConfig(key)
	}
	for _, v := range r.Values {
		if math.IsNaN(v.Value) || math.IsInf(v.Value, 0) {
			return fmt.Errorf("%s: %s of %s is not a finite number: take the line out, or find out why it is none", place(file, int64(line)), v.Unit, r.Name)
		}
		_, unit := benchunit.Tidy(0, v.Unit) // the reader leaves the unit of a 0 as it is
		k := benchKey{pkg, r.Name.String(), unit}
		if _, known := b.values[k]; !known {
			b.order = append(b.order, k)
		}
		b.values[k] = append(b.values[k], v.Value)
	}
	return nil
}

func direction(better int) results.Direction {
	switch {
	case better > 0:
		return results.Higher
	case better < 0:
		return results.Lower
	}
	return results.Neutral
}

// baseUnit returns the unit of the values of a benchmark unit: "s" of "sec/op"
// and of "p99-sec", "B" of "B/op", "allocs" of "allocs/op", "1/s" of "rate-1/s",
// and none of "hit-ratio".
func baseUnit(unit string) string {
	name, perOp := strings.CutSuffix(unit, "/op")
	name = name[strings.LastIndexByte(name, '-')+1:]
	switch name {
	case "sec":
		return "s"
	case "bytes", "B":
		return "B"
	case "J", "W", "V":
		return name
	}
	if perOp || strings.Contains(name, "/") {
		return name
	}
	return ""
}
