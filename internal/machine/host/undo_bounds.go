package host

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// errOutOfBounds is reported for what a journal must not touch.
var errOutOfBounds = errors.New("the undo journal may not touch this")

// undoBounds are the only places that a journal may touch, whatever it says.
type undoBounds struct {
	cgroups []string // mount points of cgroup hierarchies
	knobs   []string // folders of kernel files
	temp    string   // where temporary folders are made
}

func machineBounds() (undoBounds, error) {
	mounts, err := CgroupMounts("/proc")
	if err != nil {
		return undoBounds{}, err
	}
	b := undoBounds{temp: filepath.Clean(os.TempDir()), knobs: []string{"/sys", "/proc/sys"}}
	for _, m := range mounts {
		b.cgroups = append(b.cgroups, m.Point)
	}
	b.knobs = append(b.knobs, b.cgroups...)
	return b, nil
}

// group accepts a folder with a name of ours below a cgroup mount, or one below
// such a folder.
func (b undoBounds) group(path string) error {
	for _, mount := range b.cgroups {
		if rest, ok := below(mount, path); ok && strings.Contains("/"+rest, "/"+undoPrefix) {
			return nil
		}
	}
	return fmt.Errorf("%w: %s is no cgroup of czbench", errOutOfBounds, path)
}

// knob accepts a file below the folders of kernel files, links followed.
func (b undoBounds) knob(path string) error {
	for _, root := range b.knobs {
		if _, ok := below(root, path); !ok {
			continue
		}
		target, err := filepath.EvalSymlinks(path)
		if errors.Is(err, os.ErrNotExist) {
			return nil // it went with its cgroup or device
		}
		if _, ok := below(root, target); ok && err == nil {
			return nil
		}
	}
	return fmt.Errorf("%w: %s is no kernel file", errOutOfBounds, path)
}

// tempName is the name of a folder made by Undo.TempDir.
var tempName = regexp.MustCompile(`^` + undoPrefix + `.+-[0-9a-f]{12}$`)

// tempDir accepts a folder with a name that TempDir gives, wherever it is: the
// czbench that made it may have had another temporary folder.
func (undoBounds) tempDir(path string) error {
	if filepath.IsAbs(path) && filepath.Clean(path) == path && tempName.MatchString(filepath.Base(path)) {
		return nil
	}
	return fmt.Errorf("%w: %s is no temporary folder of czbench", errOutOfBounds, path)
}

// below returns the part of path under root when path is clean and under root.
func below(root, path string) (string, bool) {
	if filepath.Clean(path) != path {
		return "", false
	}
	return strings.CutPrefix(path, strings.TrimSuffix(root, "/")+"/")
}
