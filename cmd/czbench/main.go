// Command czbench runs colocation experiments: it provisions zones, drives
// latency-critical and best-effort workloads under each scheduling strategy,
// and compares what they did to each other.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/czbench/czbench/internal/engine/guest"
	"github.com/czbench/czbench/internal/machine/pid1"
)

func main() {
	os.Exit(mainExit())
}

// mainExit is main with an exit code, so that deferred work is done.
func mainExit() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once; `czbench clean` puts back what is left
	if pid1.Running() {
		err := guest.Main(ctx, registry(), os.Stdout)
		fmt.Fprintln(os.Stderr, "czbench:", err)
		return exitFault
	}
	exe, err := os.Executable()
	if err != nil {
		exe = os.Args[0]
	}
	return run(ctx, &process{
		args:    os.Args[1:],
		environ: os.Environ(),
		stdin:   os.Stdin,
		stdout:  os.Stdout,
		stderr:  os.Stderr,
		tty:     isTerminal(os.Stderr),
		exe:     exe,
	})
}

// isTerminal reports whether f is a character device that understands escape
// sequences.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

// longFlags gives the single-dash flags that Terraform's users type (-var,
// -var-file) the second dash that the flag library wants.
func longFlags(args []string) []string {
	out := make([]string, 0, len(args))
	for _, a := range args {
		if name, _, _ := strings.Cut(a, "="); name == "-var" || name == "-var-file" {
			a = "-" + a
		}
		out = append(out, a)
	}
	return out
}
