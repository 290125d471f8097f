package tabular

import (
	"fmt"
	"strconv"
)

// mostBlocks is how many blocks a file can have: the exact paired tests of
// analysis take no more.
const mostBlocks = 1000

// blocks collects the values of a file with blocks.
type blocks struct {
	file, column string
	groups       []string                     // in the order of the file
	names        []string                     // of the blocks, in the order of the file
	numbers      map[string]int               // index of a block by name
	values       map[string]map[string]paired // by group and block
}

// paired is a value of a group in a block.
type paired struct {
	value float64
	line  int64
}

// add takes a row.
func (b *blocks) add(f fields, line int64) error {
	v, err := number(f.value)
	if err != nil {
		return err
	}
	group, block := string(f.group), string(f.block)
	values, known := b.values[group]
	if !known {
		if err := checkGroup(group, len(b.groups)); err != nil {
			return err
		}
		if b.values == nil {
			b.values, b.numbers = map[string]map[string]paired{}, map[string]int{}
		}
		values = map[string]paired{}
		b.values[group], b.groups = values, append(b.groups, group)
	}
	if before, twice := values[block]; twice {
		return fmt.Errorf("the group %q has a value in %s %q already, in line %d: a group has one value a block, so take the median of several, or rename the column %s to compare without pairing", group, b.column, block, before.line, b.column)
	}
	values[block] = paired{v, line}
	return b.enter(block)
}

// enter takes note of a block.
func (b *blocks) enter(name string) error {
	if _, known := b.numbers[name]; known {
		return nil
	}
	switch {
	case name == "":
		return errNoBlock
	case len(b.names) == mostBlocks:
		return fmt.Errorf("there are more than %d blocks: the exact paired test takes no more; rename the column %s to compare without pairing", mostBlocks, b.column)
	}
	b.numbers[name] = len(b.names)
	b.names = append(b.names, name)
	return nil
}

// ids returns a number for each block, in the order of the file: what its name
// says if all names are different positive numbers, else 1, 2, 3, ….
func (b *blocks) ids() []int {
	ids, taken := make([]int, len(b.names)), map[int]bool{}
	for i, name := range b.names {
		n, err := strconv.Atoi(name)
		if err != nil || n < 1 || taken[n] {
			for k := range ids {
				ids[k] = k + 1
			}
			return ids
		}
		ids[i], taken[n] = n, true
	}
	return ids
}
