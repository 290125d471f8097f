// Package initramfs writes the file system that a control zone boots from: a
// newc archive with the files that are put into it and, for a program, with
// every shared library that it needs. The same content gives the same bytes.
package initramfs

import (
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// Archive is a file system under construction. Paths are absolute and stand for
// themselves in the guest.
type Archive struct {
	entries []entry
	known   map[string]bool
}

// entry is one file, folder, symbolic link or device.
type entry struct {
	path  string
	mode  uint32
	data  []byte
	major int // of a device
	minor int
}

// Bits of the mode of an archive entry, inode(7).
const (
	modeDir     = 0o040000
	modeFile    = 0o100000
	modeLink    = 0o120000
	modeChar    = 0o020000
	consoleMode = 0o600
)

// New returns an archive with the console device, without which the kernel
// starts init with no streams, and the folders that an init mounts on.
func New() *Archive {
	a := &Archive{known: map[string]bool{}}
	for _, dir := range []string{"/dev", "/proc", "/sys", "/tmp", "/run", "/etc", "/root"} {
		a.dir(dir)
	}
	a.add(entry{path: "/dev/console", mode: modeChar | consoleMode, major: 5, minor: 1})
	return a
}

// File puts a file with the permissions perm at path, with the folders above it.
func (a *Archive) File(path string, data []byte, perm os.FileMode) {
	a.add(entry{path: path, mode: modeFile | uint32(perm.Perm()), data: data})
}

// Link puts a symbolic link to target at path.
func (a *Archive) Link(path, target string) {
	a.add(entry{path: path, mode: modeLink | 0o777, data: []byte(target)})
}

// Has reports whether something stands at path.
func (a *Archive) Has(path string) bool { return a.known[path] }

func (a *Archive) dir(path string) {
	a.add(entry{path: path, mode: modeDir | 0o755})
}

// add adds e unless something stands there already, after the folders above it.
func (a *Archive) add(e entry) {
	e.path = path.Clean(e.path)
	if e.path == "/" || a.known[e.path] {
		return
	}
	a.dir(path.Dir(e.path))
	a.known[e.path] = true
	a.entries = append(a.entries, e)
}

// WriteTo writes the archive in the format that the kernel reads
// (Documentation/driver-api/early-userspace/buffer-format.rst): newc headers
// of hexadecimal fields, names and contents padded to 4 bytes.
func (a *Archive) WriteTo(w io.Writer) (int64, error) {
	c := &counter{w: w}
	for i, e := range a.entries {
		c.entry(i+1, e)
	}
	c.entry(0, entry{path: "/TRAILER!!!"})
	return c.n, c.err
}

// counter writes padded pieces and keeps the first error.
type counter struct {
	w   io.Writer
	n   int64
	err error
}

func (c *counter) entry(inode int, e entry) {
	name := strings.TrimPrefix(e.path, "/") + "\x00"
	links := 1
	if e.mode&modeDir != 0 {
		links = 2
	}
	// Magic, inode, mode, uid, gid, links, mtime, size, device, device of a
	// special file, length of the name, checksum.
	c.write([]byte(fmt.Sprintf("070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
		inode, e.mode, 0, 0, links, 0, len(e.data), 0, 0, e.major, e.minor, len(name), 0) + name))
	c.pad()
	c.write(e.data)
	c.pad()
}

func (c *counter) write(p []byte) {
	if c.err != nil {
		return
	}
	n, err := c.w.Write(p)
	c.n += int64(n)
	c.err = err
}

func (c *counter) pad() {
	if odd := c.n % 4; odd != 0 {
		c.write(make([]byte, 4-odd))
	}
}
