package analysis

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/czbench/czbench/results"
)

// Write writes a as analysis.json into the run folder, in one step. The same
// analysis gives the same bytes.
func Write(f *results.Folder, a *Analysis) error {
	data, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return fmt.Errorf("encode analysis of run %s: %w", a.RunID, err)
	}
	return results.WriteFile(filepath.Join(f.Dir(), results.AnalysisFile), append(data, '\n'))
}
