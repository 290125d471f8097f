package vm

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// consoleTail is how much of the end of a console is read, in bytes.
const consoleTail = 256 << 10

// cause says why a virtual machine ended: nil when its guest did it in peace.
// The emulator's word, ended, is about itself only: a guest that panics or
// cannot boot restarts, which ends an emulator without any complaint.
func cause(ended error, console string) error {
	text, err := tail(console)
	if err != nil {
		return errors.Join(ended, err)
	}
	if err := diagnose(ended, text); err != nil {
		return fmt.Errorf("%w; its console is in %s", err, console)
	}
	return nil
}

// diagnose reads why a guest ended from its console. The lines of interest are
// those of a kernel in need, which "quiet" does not silence:
//
//	[    0.830820] Initramfs unpacking failed: write error
//	[    1.835595] Kernel panic - not syncing: VFS: Unable to mount root fs on "" or unknown-block(0,0)
//	[    9.021377] Out of memory: Killed process 51 (redis-server) total-vm:512000kB, …
//	[   17.948277] reboot: Restarting system
func diagnose(ended error, console string) error {
	const (
		unpacking = "Initramfs unpacking failed: "
		panicked  = "Kernel panic - not syncing: "
		memory    = "the guest's memory is too small"
	)
	panicText := after(console, panicked)
	switch {
	case strings.Contains(console, unpacking):
		return fmt.Errorf("%s for its files: its kernel said %q", memory, unpacking+after(console, unpacking))
	case panicText != "" && strings.Contains(console, "Out of memory: "):
		return fmt.Errorf("%s for what ran in it: its kernel panicked: %s", memory, panicText)
	case panicText != "":
		return fmt.Errorf("the guest's kernel panicked: %s", panicText)
	case ended != nil:
		return ended
	case strings.TrimSpace(console) == "":
		return errors.New("the guest ended before its kernel said a word: the image does not boot here, or the memory is too small for it")
	}
	return nil
}

// after returns the rest of the first line of text that has mark, and empty
// without one.
func after(text, mark string) string {
	_, rest, _ := strings.Cut(text, mark)
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}

// lastLine returns the last line of text that says something.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// tail reads the end of a file.
func tail(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.NewSectionReader(f, max(0, info.Size()-consoleTail), consoleTail))
	return string(text), err
}
