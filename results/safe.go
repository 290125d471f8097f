package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// Bounds on what a reader takes into memory. Nothing that is read from a run
// folder is trusted: no path leaves the folder (os.Root), only regular files
// are opened, and every size and count has a bound.
const (
	maxRunJSON   = 64 << 20
	maxTrialJSON = 8 << 20
	maxBinary    = 4 << 30 // latency.hlog, series.parquet
	maxTrials    = 999_999
)

// ErrSchema marks a file of another schema version than this program reads.
var ErrSchema = errors.New("unknown schema version")

func schemaError(file string, got int) error {
	return fmt.Errorf("%s: %w %d (this czbench reads %d)", file, ErrSchema, got, SchemaVersion)
}

// isName tells whether s can be a folder name and a tag: [a-z][a-z0-9-]*.
func isName(s string) bool {
	for i, c := range []byte(s) {
		letter, other := c >= 'a' && c <= 'z', c >= '0' && c <= '9' || c == '-'
		if !letter && (i == 0 || !other) {
			return false
		}
	}
	return s != "" && len(s) <= 128
}

// withRoot calls do with the folder at dir; nothing outside it can be reached.
func withRoot(dir string, do func(*os.Root) error) error {
	r, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	return errors.Join(do(r), r.Close())
}

// openFile opens a regular file of at most limit bytes. A link, a pipe or a
// device is refused before it is opened.
func openFile(r *os.Root, name string, limit int64) (*os.File, int64, error) {
	info, err := r.Lstat(name)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%s is not a regular file", name)
	}
	if info.Size() > limit {
		return nil, 0, fmt.Errorf("%s has %d bytes: more than %d", name, info.Size(), limit)
	}
	f, err := r.Open(name)
	if err != nil {
		return nil, 0, err
	}
	return f, info.Size(), nil
}

func readFile(r *os.Root, name string, limit int64) ([]byte, error) {
	f, size, err := openFile(r, name, limit)
	if err != nil {
		return nil, err
	}
	data := make([]byte, size)
	_, err = io.ReadFull(f, data)
	return data, errors.Join(err, f.Close())
}

func readJSON(r *os.Root, name string, limit int64, dst any) error {
	data, err := readFile(r, name, limit)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, dst); err != nil {
		return fmt.Errorf("decode %s: %w", name, err)
	}
	return nil
}
