package initramfs

import (
	"bytes"
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Program puts the program at file, a path of this machine, into the archive at
// the same path, and beside it its interpreter and every shared library that it
// or one of these names as needed, each at the path by which the dynamic linker
// finds it. A library that this machine lacks is an error that names it.
func (a *Archive) Program(file string) error {
	abs, err := filepath.Abs(file)
	if err != nil {
		return fmt.Errorf("pack %s: %w", file, err)
	}
	if err := a.object(abs, libraryDirs()); err != nil {
		return fmt.Errorf("pack %s: %w", file, err)
	}
	return nil
}

// object packs one ELF file with what it needs; any other file, such as a
// script, is packed alone.
func (a *Archive) object(file string, dirs []string) error {
	if a.Has(file) {
		return nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	a.File(file, data, 0o755)
	if !bytes.HasPrefix(data, []byte(elf.ELFMAG)) {
		return nil
	}
	f, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return err
	}
	if loader := interpreter(f); loader != "" {
		if err := a.object(loader, dirs); err != nil {
			return err
		}
	}
	needed, err := f.ImportedLibraries()
	if err != nil {
		return fmt.Errorf("read libraries of %s: %w", file, err)
	}
	dirs = slices.Concat(runPaths(f, file), dirs)
	for _, name := range needed {
		lib, err := findLibrary(name, dirs, f)
		if err != nil {
			return fmt.Errorf("%s needs %s: %w", file, name, err)
		}
		if err := a.object(lib, dirs); err != nil {
			return err
		}
	}
	return nil
}

// interpreter returns the path of the dynamic linker; empty for a static program.
func interpreter(f *elf.File) string {
	for _, p := range f.Progs {
		if p.Type != elf.PT_INTERP {
			continue
		}
		path := make([]byte, p.Filesz)
		if _, err := p.ReadAt(path, 0); err == nil {
			return strings.TrimRight(string(path), "\x00")
		}
	}
	return ""
}

// runPaths returns the folders that the file itself names, ld.so(8).
func runPaths(f *elf.File, file string) []string {
	var dirs []string
	for _, tag := range []elf.DynTag{elf.DT_RPATH, elf.DT_RUNPATH} {
		lists, err := f.DynString(tag)
		if err != nil {
			continue
		}
		for _, list := range lists {
			for dir := range strings.SplitSeq(list, ":") {
				dirs = append(dirs, strings.NewReplacer("$ORIGIN", filepath.Dir(file), "${ORIGIN}", filepath.Dir(file)).Replace(dir))
			}
		}
	}
	return dirs
}

// findLibrary finds a library of the same class and machine as f.
func findLibrary(name string, dirs []string, f *elf.File) (string, error) {
	for _, dir := range dirs {
		path := filepath.Join(dir, name)
		lib, err := elf.Open(path)
		if err != nil {
			continue
		}
		same := lib.Class == f.Class && lib.Machine == f.Machine
		_ = lib.Close()
		if same {
			return path, nil
		}
	}
	return "", fmt.Errorf("no such library in %s", strings.Join(dirs, ", "))
}

// libraryDirs returns the folders of the dynamic linker's configuration, then
// those that are built into it, ld.so(8).
func libraryDirs() []string {
	var dirs []string
	files, _ := filepath.Glob("/etc/ld.so.conf.d/*.conf") // the pattern is well-formed
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "/") {
				dirs = append(dirs, line)
			}
		}
	}
	return append(dirs, "/lib64", "/usr/lib64", "/lib", "/usr/lib")
}
