package kernel

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// digestNote is a digest that was computed, and of what.
type digestNote struct {
	Path   string    `json:"path"`
	Size   int64     `json:"size"`
	Time   time.Time `json:"time"`
	SHA256 string    `json:"sha256"`
}

// digest returns the SHA-256 of an archive. The cache remembers it for a file
// of this path, size and time, because it takes a second.
func (c Cache) digest(path string, info fs.FileInfo) (string, error) {
	key := sha256.Sum256([]byte(path))
	note := filepath.Join(c.Dir, "digests", hex.EncodeToString(key[:8])+".json")
	now := digestNote{Path: path, Size: info.Size(), Time: info.ModTime().UTC()}
	if text, err := os.ReadFile(note); err == nil {
		var known digestNote
		if json.Unmarshal(text, &known) == nil && known.Path == now.Path && known.Size == now.Size && known.Time.Equal(now.Time) {
			return known.SHA256, nil
		}
	}
	var err error
	if now.SHA256, err = hashFile(path); err != nil {
		return "", err
	}
	if text, err := json.Marshal(now); err == nil {
		_ = writeAtomic(note, text) // without the note the next call hashes again
	}
	return now.SHA256, nil
}

func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// writeAtomic writes a file that is there whole or not at all.
func writeAtomic(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
