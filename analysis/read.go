package analysis

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/czbench/czbench/results"
)

// maxAnalysis bounds what Read takes into memory.
const maxAnalysis = 256 << 20

// Read reads an analysis.json. One of another schema version is
// results.ErrSchema. What is read is not trusted: its size is bounded, each
// summary has as many blocks as values or none, and counts are not negative.
func Read(r io.Reader) (*Analysis, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxAnalysis+1))
	if err != nil {
		return nil, fmt.Errorf("read analysis: %w", err)
	}
	if len(data) > maxAnalysis {
		return nil, fmt.Errorf("read analysis: it has more than %d bytes", maxAnalysis)
	}
	var version struct {
		Schema int `json:"schema"`
	}
	if err := json.Unmarshal(data, &version); err != nil {
		return nil, fmt.Errorf("decode analysis: %w", err)
	}
	if version.Schema != results.SchemaVersion {
		return nil, fmt.Errorf("read analysis: %w %d (this czbench reads %d)", results.ErrSchema, version.Schema, results.SchemaVersion)
	}
	a := &Analysis{}
	if err := json.Unmarshal(data, a); err != nil {
		return nil, fmt.Errorf("decode analysis: %w", err)
	}
	if err := a.check(); err != nil {
		return nil, fmt.Errorf("read analysis: %w", err)
	}
	return a, nil
}

// check says what would mislead every reader.
func (a *Analysis) check() error {
	if err := settingsOf(results.Compare{Alpha: a.Alpha, Margin: a.Margin, Correction: a.Correction}).check(); err != nil {
		return err
	}
	if a.Blocks < 0 || a.Family < 0 || a.InteractionFamily < 0 {
		return fmt.Errorf("%d blocks, families of %d and %d: want 0 or more", a.Blocks, a.Family, a.InteractionFamily)
	}
	for _, t := range a.Treatments {
		for name, s := range t.Values {
			if s.N < len(s.Values) || len(s.Blocks) > 0 && len(s.Blocks) != len(s.Values) {
				return fmt.Errorf("%s of %s: %d values in %d blocks, said to be %d", name, t.Label, len(s.Values), len(s.Blocks), s.N)
			}
		}
	}
	for _, c := range a.Comparisons {
		if c.N < 0 || c.NCandidate < 0 {
			return fmt.Errorf("%s of %s: over %d and %d values: want 0 or more", c.Metric, c.Label, c.N, c.NCandidate)
		}
	}
	return nil
}
