package reference

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
)

// layout is how a series lies in its file.
type layout struct {
	file    string
	columns []string // the header, exactly
	series  Series   // without lines
	x       field
	lines   []lineLayout
}

// field is a column of numbers. Their decimal exponent brings them to the base
// unit: −3 for milliseconds.
type field struct {
	column   string
	exponent int
}

// lineLayout is one line: its values, of the rows that have is in the column
// where, of all rows where that is empty.
type lineLayout struct {
	label     string
	y         field
	where, is string
}

// parseLines reads the lines of a series from a CSV file with a header. The
// header must be the one of the layout, each number a plain decimal of at least
// 0, and each x of a line must occur once.
func parseLines(r io.Reader, l layout) ([]Line, error) {
	rows, err := parseRows(r, l.columns)
	if err != nil {
		return nil, err
	}
	lines := make([]Line, 0, len(l.lines))
	for _, want := range l.lines {
		line := Line{Label: want.label}
		for i, row := range rows {
			if want.where != "" && row[want.where] != want.is {
				continue
			}
			x, errX := number(row[l.x.column], l.x.exponent)
			y, errY := number(row[want.y.column], want.y.exponent)
			if err := errors.Join(errX, errY); err != nil {
				return nil, fmt.Errorf("row %d: %w", i+1, err)
			}
			line.Points = append(line.Points, Point{x, y})
		}
		slices.SortFunc(line.Points, func(a, b Point) int { return cmp.Compare(a.X, b.X) })
		if len(line.Points) == 0 {
			return nil, fmt.Errorf("line %q: no rows", want.label)
		}
		for i, p := range line.Points[1:] {
			if p.X == line.Points[i].X {
				return nil, fmt.Errorf("line %q: %s %v occurs twice", want.label, l.x.column, p.X)
			}
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// parseRows reads a CSV file whose header must be columns; each row is by column.
func parseRows(r io.Reader, columns []string) ([]map[string]string, error) {
	records, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("parse CSV: %w", err)
	}
	if len(records) == 0 || !slices.Equal(records[0], columns) {
		return nil, fmt.Errorf("parse CSV: the header is not %q", columns)
	}
	rows := make([]map[string]string, 0, len(records)-1)
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, text := range record {
			row[columns[i]] = text
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// number parses a plain decimal times ten to the power of exponent, rounded once.
func number(text string, exponent int) (float64, error) {
	if !regexp.MustCompile(`^[0-9]{1,15}(\.[0-9]{1,15})?$`).MatchString(text) {
		return 0, fmt.Errorf("parse number %q: not a plain decimal", text)
	}
	return strconv.ParseFloat(text+"e"+strconv.Itoa(exponent), 64)
}
