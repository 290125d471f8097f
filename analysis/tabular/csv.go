package tabular

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
)

// CSVOptions say how a CSV file is read.
type CSVOptions struct {
	Name string // of the file, for messages
	Pair string // column of the blocks; if empty, one called block where there is one
}

// Table is what a CSV file holds.
type Table struct {
	Name string // of the file
	// Groups are the names of the groups, in the order of the file.
	Groups []string
	// Pair is the column by which the values are paired; empty if they are not.
	Pair string
	// Ignored are the columns that were not looked at.
	Ignored []string

	samples []sample // without blocks
	blocks  *blocks  // with blocks
}

// ReadCSV reads comma-separated values (RFC 4180) in UTF-8, with or without a
// byte order mark. Semicolons and tabs are also understood as delimiters: the
// first line tells. That line names the columns, in any case: group, value, and
// a column of blocks if the values are paired. Space around a field is dropped.
//
// Values without blocks are counted, not kept: ten million small integers take
// no more memory than ten thousand. A file with blocks has at most 1,000 of them.
// An error names file and line and what to do about it.
func ReadCSV(ctx context.Context, r io.Reader, o CSVOptions) (*Table, error) {
	buffered := bufio.NewReaderSize(r, longestLine)
	l, line, err := readHeader(buffered, o)
	if err != nil {
		return nil, err
	}
	t := &Table{Name: o.Name, Ignored: l.ignored()}
	if l.block >= 0 {
		t.Pair = l.columns[l.block]
		t.blocks = &blocks{file: o.Name, column: t.Pair}
		err = readQuoted(ctx, l, line+1, buffered, t.blocks.add)
	} else {
		var parts []*groups
		if parts, err = readPlain(ctx, l, buffered, line+1); err == nil {
			t.samples, err = total(o.Name, parts)
		}
	}
	if err != nil {
		return nil, err
	}
	return t, t.check()
}

// check names the groups and wants two of them.
func (t *Table) check() error {
	if t.blocks != nil {
		t.Groups = t.blocks.groups
	}
	for _, s := range t.samples {
		t.Groups = append(t.Groups, s.name)
	}
	switch len(t.Groups) {
	case 0:
		return fmt.Errorf("%s: there are no rows below the first line", t.Name)
	case 1:
		return fmt.Errorf("%s: all rows are of the group %q: there is nothing to compare it with", t.Name, t.Groups[0])
	}
	return nil
}

// readQuoted reads rows of any kind one by one, from a given line on.
func readQuoted(ctx context.Context, l layout, line int64, r io.Reader, add func(f fields, line int64) error) error {
	c := csv.NewReader(r)
	c.Comma, c.ReuseRecord, c.FieldsPerRecord = rune(l.delim), true, -1
	for {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return syntaxError(l.file, line-1, err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		at, _ := c.FieldPos(0)
		here := line - 1 + int64(at)
		if len(row) != len(l.columns) {
			err = raggedError(len(row), len(l.columns))
		} else {
			err = add(l.pick(row), here)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", place(l.file, here), err)
		}
	}
}

// pick returns the fields of a row that are looked at.
func (l *layout) pick(row []string) fields {
	f := fields{group: trim([]byte(row[l.group])), value: trim([]byte(row[l.value]))}
	if l.block >= 0 {
		f.block = trim([]byte(row[l.block]))
	}
	return f
}

// syntaxError names the line of a fault in the quoting; skipped lines came
// before those that encoding/csv saw.
func syntaxError(file string, skipped int64, err error) error {
	var fault *csv.ParseError
	if !errors.As(err, &fault) {
		return fmt.Errorf("read %s: %w", file, err)
	}
	return fmt.Errorf("%s: %w: quote the whole field, and write a quote inside it twice", place(file, skipped+int64(fault.Line)), fault.Err)
}
