package analysis

import (
	"slices"

	"github.com/czbench/czbench/results"
)

// cells holds a metric of some treatments, block by block.
type cells struct {
	blocks []int
	rows   [][]float64 // one a block, one value a treatment
}

// of returns the values of the i-th treatment.
func (c cells) of(i int) []float64 {
	values := make([]float64, len(c.rows))
	for k, row := range c.rows {
		values[k] = row[i]
	}
	return values
}

// paired returns a metric of treatments in the used blocks in which all of them
// have it, and notes in in how many these are. The treatments share their
// blocks.
func (t *table) paired(in *Inference, metric string, treatments ...*treatment) cells {
	var c cells
	var blocks []int
	if len(treatments) > 0 {
		blocks = treatments[0].blocks
	}
	for _, b := range blocks {
		var row []float64
		for _, tr := range treatments {
			if obs := tr.byBlock[b]; obs != nil {
				if v, ok := obs.values[metric]; ok {
					row = append(row, v)
				}
			}
		}
		if len(row) == len(treatments) {
			c.blocks, c.rows = append(c.blocks, b), append(c.rows, row)
		}
	}
	in.N = len(c.rows)
	if in.N < len(blocks) {
		sides := "both sides"
		if len(treatments) > 2 {
			sides = "all treatments"
		}
		in.note("%d of %d blocks have no value of %s", len(blocks)-in.N, len(blocks), sides)
	}
	if in.N == 0 {
		in.note("nothing to compare")
	}
	return c
}

// hasRatios reports whether every value can be a part of a ratio, where the
// scale wants one. It notes the first treatment, of those named, that lacks it.
func (in *Inference) hasRatios(c cells, names ...string) bool {
	if in.Scale != results.Ratio {
		return true
	}
	for i, name := range names {
		values := c.of(i)
		if k := slices.IndexFunc(values, func(v float64) bool { return v <= 0 }); k >= 0 {
			in.note("no ratio: %s is %g in block %d", name, values[k], c.blocks[k])
			return false
		}
	}
	return true
}
