package figures

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"gonum.org/v1/plot/vg"
)

// Widths of figures in papers.
const (
	Column vg.Length = 3.33 * vg.Inch // one column of two
	Page   vg.Length = 7 * vg.Inch    // the whole text width
)

// Drawing is one kind of figure, filled with data.
type Drawing interface {
	// Omission says why there is nothing to draw; it is empty when there is
	// something.
	Omission() string
	// Height returns how high the drawing is when it is width wide, both without
	// the margin.
	Height(t Type, width vg.Length) vg.Length
	// Draw fills c.
	Draw(c *Canvas)
	// Rows returns the data of the figure as a table, its header first.
	Rows() [][]string
}

// WriteCSV writes the data of d to w.
func WriteCSV(w io.Writer, d Drawing) error {
	if err := csv.NewWriter(w).WriteAll(d.Rows()); err != nil {
		return fmt.Errorf("write data of figure: %w", err)
	}
	return nil
}

// formatRaw writes v so that it can be read back exactly.
func formatRaw(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
