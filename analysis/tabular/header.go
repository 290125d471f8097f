package tabular

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Names of the columns of a CSV file, in any case.
const (
	columnGroup = "group"
	columnValue = "value"
	columnBlock = "block"
)

// layout says where the fields of a row are.
type layout struct {
	file    string
	delim   byte
	columns []string
	group   int // index of the column
	value   int
	block   int // -1 for none
}

// readHeader reads the first line that is not empty, past a byte order mark, and
// returns how the rows after it are laid out and the line it is in.
func readHeader(r *bufio.Reader, o CSVOptions) (l layout, line int64, err error) {
	l = layout{file: o.Name, block: -1}
	if err := skipMark(r, o.Name); err != nil {
		return l, 0, err
	}
	var text []byte
	for len(text) == 0 {
		line++
		text, err = r.ReadSlice('\n')
		text = bytes.TrimRight(text, "\r\n")
		if errors.Is(err, bufio.ErrBufferFull) {
			return l, line, fmt.Errorf("%s: the first line is longer than %d bytes: is this a CSV file?", place(l.file, line), longestLine)
		}
		if errors.Is(err, io.EOF) && len(text) == 0 {
			return l, line, fmt.Errorf("%s: the file is empty: it needs a line that names the columns, such as group,value, and rows below it", l.file)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return l, line, fmt.Errorf("read %s: %w", l.file, err)
		}
	}
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		return l, line, notText(l.file, line)
	}
	l.delim = delimiter(text)
	c := csv.NewReader(bytes.NewReader(text))
	c.Comma = rune(l.delim)
	if l.columns, err = c.Read(); err != nil {
		return l, line, syntaxError(l.file, line-1, err)
	}
	for i := range l.columns {
		l.columns[i] = strings.TrimSpace(l.columns[i])
	}
	return l, line, l.find(line, o.Pair)
}

// skipMark skips the byte order mark of UTF-8 and refuses that of UTF-16.
func skipMark(r *bufio.Reader, file string) error {
	head, err := r.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read %s: %w", file, err)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err = r.Discard(3)
		return err
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return notText(file, 1)
	}
	return nil
}

func notText(file string, line int64) error {
	return fmt.Errorf("%s: this is not UTF-8 text: export the table as CSV in UTF-8", place(file, line))
}

// delimiter returns which of comma, semicolon and tab the header has most of,
// outside of quotes.
func delimiter(header []byte) byte {
	known := []byte(",;\t")
	count := make([]int, len(known))
	quoted := false
	for _, c := range header {
		if c == '"' {
			quoted = !quoted
		} else if i := bytes.IndexByte(known, c); i >= 0 && !quoted {
			count[i]++
		}
	}
	return known[slices.Index(count, slices.Max(count))]
}

// find finds the columns. Without a pair column asked for, one that is called
// block is it.
func (l *layout) find(line int64, pair string) error {
	group, errGroup := l.column(line, columnGroup)
	value, errValue := l.column(line, columnValue)
	if errGroup != nil || errValue != nil {
		for _, c := range l.columns {
			if _, err := number([]byte(c)); err == nil {
				return fmt.Errorf("%s: the first line holds data (%s is a number): write the names of the columns above it, such as group,value", place(l.file, line), c)
			}
		}
		return errors.Join(errGroup, errValue)
	}
	l.group, l.value = group, value
	wanted := pair
	if wanted == "" {
		wanted = columnBlock
	}
	block, err := l.column(line, wanted)
	var unknown *UnknownError
	switch {
	case errors.As(err, &unknown) && pair == "":
		return nil
	case err != nil:
		return err
	case block == group || block == value:
		return fmt.Errorf("%s: the rows cannot be paired by the column %q: name a third one that says which values were measured together", place(l.file, line), l.columns[block])
	}
	l.block = block
	return nil
}

// column returns the index of a column.
func (l *layout) column(line int64, name string) (int, error) {
	same := func(c string) bool { return strings.EqualFold(c, name) }
	i := slices.IndexFunc(l.columns, same)
	if i < 0 {
		return 0, &UnknownError{File: place(l.file, line), What: "column", Name: name, Known: l.columns}
	}
	if slices.ContainsFunc(l.columns[i+1:], same) {
		return 0, fmt.Errorf("%s: there are two columns %q: rename one of them", place(l.file, line), name)
	}
	return i, nil
}

// ignored returns the names of the columns that are not looked at.
func (l *layout) ignored() []string {
	var names []string
	for i, c := range l.columns {
		if i != l.group && i != l.value && i != l.block {
			names = append(names, c)
		}
	}
	return names
}
