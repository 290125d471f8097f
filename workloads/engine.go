package workloads

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/workloads/gate"
)

// tailLines is how many of the last lines of a tool's own words an error quotes.
const tailLines = 5

// engine is a load or burn engine in a process of its own, waiting at its gate.
type engine struct {
	name    string
	gate    *gate.Harness
	process *zones.Process
	stderr  string // path
}

// startEngine starts "<e.Exe> engine <name>" in the zone, hands it cfg and
// returns when it waits at its gate. Its standard error goes to
// <name>-stderr.txt in e.Dir.
func startEngine(ctx context.Context, e Env, name string, cfg any) (*engine, error) {
	stderr, err := os.Create(filepath.Join(e.Dir, name+"-stderr.txt"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = stderr.Close() }()
	childIn, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	out, childOut, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, childIn.Close(), in.Close())
	}
	en := &engine{name: name, gate: gate.NewHarness(in, out), stderr: stderr.Name()}
	en.process, err = e.Zone.Start(ctx, zones.Command{
		Workload: e.Name, Argv: []string{e.Exe, "engine", name},
		// Else the Go runtime interrupts a thread that works, or waits in the
		// kernel, for longer than 10 ms.
		Env:   []string{"GODEBUG=asyncpreemptoff=1"},
		Stdin: childIn, Stdout: childOut, Stderr: stderr,
	})
	err = errors.Join(err, childIn.Close(), childOut.Close())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start engine %s: %w", name, err), en.Close(ctx))
	}
	if err := en.during(ctx, func() error { return en.gate.Configure(cfg) }); err != nil {
		return nil, errors.Join(err, en.Close(ctx))
	}
	return en, nil
}

// answer is where an engine's result goes.
type answer struct {
	path string // of the file that keeps it as it is
	into any    // what it is decoded into
}

// run opens the gate and takes the engine's result.
func (en *engine) run(ctx context.Context, w gate.Window, a answer) error {
	var raw json.RawMessage
	err := en.during(ctx, func() error {
		if err := en.gate.Open(w); err != nil {
			return err
		}
		return en.gate.Result(&raw)
	})
	if err != nil {
		return err
	}
	if err := os.WriteFile(a.path, raw, 0o644); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, a.into); err != nil {
		return fmt.Errorf("read result of engine %s: %w", en.name, err)
	}
	return nil
}

// during lets talk speak to the engine until ctx ends, and adds the engine's
// last words to an error.
func (en *engine) during(ctx context.Context, talk func() error) error {
	stop := context.AfterFunc(ctx, func() { _ = en.gate.Close() })
	defer stop()
	err := talk()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("engine %s: %w", en.name, context.Cause(ctx))
	}
	return fmt.Errorf("engine %s: %w%s", en.name, err, lastWords(en.stderr))
}

// Close ends the engine. Closing twice is fine.
func (en *engine) Close(ctx context.Context) error {
	_ = en.gate.Close() // it takes that as the order to stop; closed twice is no fault
	if en.process == nil {
		return nil
	}
	return en.process.Stop(ctx)
}

// lastWords returns the last lines of a file in which a tool wrote, as the end of
// an error; empty when there are none.
func lastWords(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	lines := strings.FieldsFunc(string(data), func(r rune) bool { return r == '\n' || r == '\r' })
	lines = slices.DeleteFunc(lines, func(l string) bool { return strings.TrimSpace(l) == "" })
	if len(lines) == 0 {
		return ""
	}
	return "; its last words: " + strings.Join(lines[max(0, len(lines)-tailLines):], " | ")
}
