package tabular

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/czbench/czbench/analysis/stats"
)

const (
	// mostGroups is how many groups a file can have. More are rather the values of
	// a wrong column.
	mostGroups = 1000
	// mostDense is how many groups have a table of small integers, of up to 8 MiB.
	mostDense = 16
	// fewGroups is how many groups are looked for one by one.
	fewGroups = 8
)

var (
	errNoGroup = errors.New("the group is empty: name it or leave the row out")
	errNoText  = errors.New("the group is not UTF-8 text: export the table as CSV in UTF-8")
	errTooMany = fmt.Errorf("there are more than %d groups: does the column %s name what is compared?", mostGroups, columnGroup)
	errNoBlock = errors.New("the block is empty: say in which block the value was measured, or leave the row out")
)

// groups collects the values of a file without blocks, by group.
type groups struct {
	names   [][]byte
	tallies []*tally
	last    int            // index of the group of the row before
	at      map[string]int // index by name
	// slots hold an index plus 1 by the hash of the name, for addQuick; the second
	// of two names with one hash has none.
	slots [1 << slotBits]uint16
}

const slotBits = 7

// add takes the value of a group from a row.
func (g *groups) add(name, value []byte, line int64) error {
	v, err := number(value)
	if err != nil {
		return err
	}
	t, err := g.of(name, line)
	if err == nil {
		t.add(v)
	}
	return err
}

// of returns the tally of a group.
func (g *groups) of(name []byte, line int64) (*tally, error) {
	if g.last < len(g.names) && bytes.Equal(g.names[g.last], name) {
		return g.tallies[g.last], nil
	}
	i, known := g.index(name)
	if !known {
		if err := checkGroup(string(name), len(g.names)); err != nil {
			return nil, err
		}
		i = len(g.names)
		if g.at == nil {
			g.at = map[string]int{}
		}
		g.at[string(name)] = i
		g.names = append(g.names, bytes.Clone(name))
		g.enter(name)
		g.tallies = append(g.tallies, &tally{first: line, sparse: i >= mostDense})
	}
	g.last = i
	return g.tallies[i], nil
}

// enter gives the newest name its slot.
func (g *groups) enter(name []byte) {
	padded := append(bytes.Clone(name), make([]byte, 8)...) // with a delimiter of 0
	if _, hash := nameEnd(padded, 0); g.slots[hash>>(64-slotBits)] == 0 {
		g.slots[hash>>(64-slotBits)] = uint16(len(g.names)) //nolint:gosec // at most mostGroups
	}
}

func (g *groups) index(name []byte) (i int, known bool) {
	if len(g.names) > fewGroups {
		i, known = g.at[string(name)]
		return i, known
	}
	i = slices.IndexFunc(g.names, func(n []byte) bool { return bytes.Equal(n, name) })
	return i, i >= 0
}

// checkGroup says why a file that has n groups cannot have another one of this
// name.
func checkGroup(name string, n int) error {
	switch {
	case name == "":
		return errNoGroup
	case !utf8.ValidString(name) || strings.ContainsRune(name, 0):
		return errNoText
	case n >= mostGroups:
		return errTooMany
	}
	return nil
}

// sample is what a group has.
type sample struct {
	name   string
	first  int64 // line of its first value
	counts stats.Counts
}

// total returns what all parts of a file have together, in its order.
func total(file string, parts []*groups) ([]sample, error) {
	var all []sample
	at := map[string]int{}
	for _, part := range parts {
		for k, name := range part.names {
			t := part.tallies[k]
			i, known := at[string(name)]
			if !known {
				i = len(all)
				at[string(name)] = i
				all = append(all, sample{name: string(name), first: t.first})
			}
			all[i].first = min(all[i].first, t.first)
			all[i].counts = merge(all[i].counts, t.sum())
		}
	}
	if len(all) > mostGroups {
		return nil, fmt.Errorf("%s: %w", file, errTooMany)
	}
	slices.SortFunc(all, func(a, b sample) int { return cmp.Compare(a.first, b.first) })
	return all, nil
}
