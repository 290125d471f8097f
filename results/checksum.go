package results

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
)

// checksum returns "sha256:<hex>" over the content of a trial folder: for each
// file, in the order of their paths, its path inside the folder, its size and
// the SHA-256 of its bytes. Anything but files and folders is an error, and so
// is anything outside r. With sync, every file and folder is flushed to the
// disk on the way.
func checksum(r *os.Root, dir string, sync bool) (string, error) {
	total := sha256.New()
	err := fs.WalkDir(r.FS(), dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return syncFolder(r, name, sync)
		}
		sum, size, err := fileSum(r, name, sync)
		if err != nil {
			return err
		}
		inside := name[len(dir)+1:]
		_, err = fmt.Fprintf(total, "%s\x00%d\x00%x\n", inside, size, sum)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("checksum %s: %w", path.Base(dir), err)
	}
	return "sha256:" + hex.EncodeToString(total.Sum(nil)), nil
}

func fileSum(r *os.Root, name string, sync bool) (sum []byte, size int64, err error) {
	f, _, err := openFile(r, name, 1<<62)
	if err != nil {
		return nil, 0, err
	}
	hash := sha256.New()
	size, err = io.Copy(hash, f)
	if sync {
		err = errors.Join(err, f.Sync())
	}
	return hash.Sum(nil), size, errors.Join(err, f.Close())
}

func syncFolder(r *os.Root, name string, sync bool) error {
	if !sync {
		return nil
	}
	f, err := r.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
