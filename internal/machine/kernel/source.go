package kernel

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/czbench/czbench/internal/machine/host"
)

// Debian's package linux-source-6.12 is one archive at this place.
const (
	debianPackage = "linux-source-6.12"
	debianArchive = "/usr/src/linux-source-6.12.tar.xz"
)

// source is where the files of a kernel come from.
type source struct {
	path    string // absolute
	archive bool   // to be unpacked; else a tree
	content string // identifies what is in it
}

// name is what the source is called where its content cannot be looked at.
func (s source) name() string {
	if s.archive {
		return filepath.Base(s.path)
	}
	return s.path
}

// sourcePath returns the absolute path of the source that s names.
func sourcePath(s Spec) (string, error) {
	if s.Source == "" {
		return debianArchive, nil
	}
	return filepath.Abs(s.Source)
}

// identify finds out what is at path. A source that is not there is a
// host.Missing.
func (c Cache) identify(path string) (source, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		src := source{path: path, archive: filepath.Ext(path) != ""}
		lack := host.Missing{Key: "file:" + path, What: "there is no kernel source at " + path, Remedy: "name another with source, or none for Debian's"}
		if path == debianArchive {
			lack = host.Missing{Key: "package:" + debianPackage, What: "the source of Linux is not installed", Remedy: "apt-get install " + debianPackage}
		}
		return src, lack
	}
	if err != nil {
		return source{}, fmt.Errorf("read kernel source: %w", err)
	}
	src := source{path: path, archive: !info.IsDir()}
	if src.archive {
		src.content, err = c.digest(path, info)
	} else {
		src.content, err = treeState(path)
	}
	if err != nil {
		return source{}, fmt.Errorf("read kernel source %s: %w", path, err)
	}
	return src, nil
}

// treeState identifies the state of a source tree without reading all of it: by
// its version, the number of its files, and when the newest of them was changed.
func treeState(dir string) (string, error) {
	version, err := treeVersion(filepath.Join(dir, "Makefile"))
	if err != nil {
		return "", err
	}
	files, newest := 0, time.Time{}
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".git" {
				return filepath.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		files++
		if info.ModTime().After(newest) {
			newest = info.ModTime()
		}
		return nil
	})
	return fmt.Sprintf("%s, %d files, newest %s", version, files, newest.UTC().Format(time.RFC3339Nano)), err
}

// treeVersion reads the version from the Makefile of a kernel tree. A sample:
//
//	# SPDX-License-Identifier: GPL-2.0
//	VERSION = 6
//	PATCHLEVEL = 12
//	SUBLEVEL = 117
//	EXTRAVERSION =
func treeVersion(makefile string) (string, error) {
	f, err := os.Open(makefile)
	if err != nil {
		return "", fmt.Errorf("not a kernel tree: %w", err)
	}
	defer func() { _ = f.Close() }()
	fields := map[string]string{}
	for scanner := bufio.NewScanner(f); scanner.Scan() && len(fields) < 4; {
		if name, value, ok := strings.Cut(scanner.Text(), "="); ok {
			fields[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	if fields["VERSION"] == "" || fields["PATCHLEVEL"] == "" {
		return "", errors.New("not a kernel tree: its Makefile has no VERSION and PATCHLEVEL")
	}
	return fields["VERSION"] + "." + fields["PATCHLEVEL"] + "." + fields["SUBLEVEL"] + fields["EXTRAVERSION"], nil
}
