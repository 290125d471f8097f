package units

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxCPU bounds the CPU numbers that are read, so that "0-4000000000" cannot
// fill the memory. Linux supports at most 8192 CPUs.
const maxCPU = 8191

// CPUSet is a sorted list of distinct CPU numbers, written in the kernel's list
// format, "0-3,8" (Documentation/admin-guide/cputopology.rst). The zero value
// is the empty set, which means "not restricted" wherever a set is optional.
type CPUSet []int

// NewCPUSet sorts cpus and drops duplicates.
func NewCPUSet(cpus ...int) CPUSet {
	c := slices.Clone(cpus)
	slices.Sort(c)
	return slices.Compact(c)
}

// ParseCPUSet reads the kernel's list format; the empty string is the empty set.
func ParseCPUSet(s string) (CPUSet, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil, nil
	}
	var cpus []int
	for part := range strings.SplitSeq(s, ",") {
		lo, hi, isRange := strings.Cut(strings.TrimSpace(part), "-")
		first, err := parseCPU(lo)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", s, err)
		}
		last := first
		if isRange {
			if last, err = parseCPU(hi); err != nil {
				return nil, fmt.Errorf("%q: %w", s, err)
			}
		}
		if last < first {
			return nil, fmt.Errorf("%q: range %d-%d runs backwards", s, first, last)
		}
		for c := first; c <= last; c++ {
			cpus = append(cpus, c)
		}
	}
	return NewCPUSet(cpus...), nil
}

func parseCPU(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil || n > maxCPU {
		return 0, errCPUList
	}
	return int(n), nil
}

func (c CPUSet) String() string {
	var b strings.Builder
	for i := 0; i < len(c); {
		j := i
		for j+1 < len(c) && c[j+1] == c[j]+1 {
			j++
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(c[i]))
		if j > i {
			b.WriteByte('-')
			b.WriteString(strconv.Itoa(c[j]))
		}
		i = j + 1
	}
	return b.String()
}

// MarshalText writes the kernel's list format.
func (c CPUSet) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads the kernel's list format.
func (c *CPUSet) UnmarshalText(text []byte) (err error) {
	*c, err = ParseCPUSet(string(text))
	return err
}

// Contains reports whether cpu is in c.
func (c CPUSet) Contains(cpu int) bool {
	_, found := slices.BinarySearch(c, cpu)
	return found
}

// Union returns the CPUs in c or in o.
func (c CPUSet) Union(o CPUSet) CPUSet { return NewCPUSet(append(slices.Clone(c), o...)...) }

// Minus returns the CPUs in c that are not in o.
func (c CPUSet) Minus(o CPUSet) CPUSet {
	return slices.DeleteFunc(slices.Clone(c), o.Contains)
}

// Intersect returns the CPUs in both.
func (c CPUSet) Intersect(o CPUSet) CPUSet {
	return slices.DeleteFunc(slices.Clone(c), func(cpu int) bool { return !o.Contains(cpu) })
}
