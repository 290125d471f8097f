// Package units parses and prints the quantities of scenario files and run
// folders: durations, sizes and CPU lists. It decides how they are written; it
// knows nothing about the machine that they describe.
//
// Every type implements encoding.TextMarshaler and encoding.TextUnmarshaler, so
// the same text stands in HCL, in JSON and on the command line.
package units

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration is a non-negative span of time, written as "100us" or "5s".
type Duration time.Duration

// Seconds returns d in seconds.
func (d Duration) Seconds() float64 { return time.Duration(d).Seconds() }

// Std returns d as a time.Duration.
func (d Duration) Std() time.Duration { return time.Duration(d) }

func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText writes d as time.Duration prints it.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a duration with a unit (ns, us, ms, s, m, h).
func (d *Duration) UnmarshalText(text []byte) error {
	s := string(text)
	if _, err := strconv.ParseFloat(s, 64); err == nil && s != "0" {
		return fmt.Errorf("%q has no unit: write %q or %q", s, s+"s", s+"ms")
	}
	v, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("%q is not a duration: write one such as \"5s\", \"250ms\" or \"100us\"", s)
	}
	if v < 0 {
		return fmt.Errorf("%q is negative", s)
	}
	*d = Duration(v)
	return nil
}

// Bytes is a size in bytes, written as "64KiB", "1GiB" or "500MB".
type Bytes uint64

// sizeUnits lists the accepted units, larger first, so that printing finds the
// largest one that divides a size.
func sizeUnits() []struct {
	name string
	size uint64
} {
	return []struct {
		name string
		size uint64
	}{
		{"TiB", 1 << 40},
		{"TB", 1e12},
		{"GiB", 1 << 30},
		{"GB", 1e9},
		{"MiB", 1 << 20},
		{"MB", 1e6},
		{"KiB", 1 << 10},
		{"kB", 1e3},
		{"KB", 1e3},
		{"B", 1},
	}
}

func (b Bytes) String() string {
	for _, u := range sizeUnits() {
		if b != 0 && uint64(b)%u.size == 0 {
			return strconv.FormatUint(uint64(b)/u.size, 10) + u.name
		}
	}
	return "0B"
}

// MarshalText writes b with the largest unit that loses nothing.
func (b Bytes) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads a size with a unit.
func (b *Bytes) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	for _, u := range sizeUnits() {
		num, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(num), 64)
		if err != nil || v < 0 || v*float64(u.size) >= math.MaxInt64 {
			break
		}
		*b = Bytes(v * float64(u.size))
		return nil
	}
	return fmt.Errorf("%q is not a size: write one such as \"64KiB\", \"1GiB\" or \"500MB\"", s)
}

// errCPUList is what every malformed CPU list is reported as.
var errCPUList = errors.New("not a CPU list: write one such as \"0\" or \"0-3,8\"")
