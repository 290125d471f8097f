package trial

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/gate"
)

// SpecFile is the name of the spec in a trial folder: `czbench trial` on it
// executes the trial again.
const SpecFile = "spec.json"

// Options is what a trial needs of its surroundings.
type Options struct {
	Registry Registry
	Machine  *host.Machine
	Undo     *host.Undo
	Spawner  *zones.Spawner
	Exe      string   // the czbench binary
	Secrets  []string // values that must not be written
	Guests   Guests   // boots VM zones; nil where there are none, as in a guest
	// Gate is asked for the window when everything is ready; nil begins at once.
	// In a guest it is the harness on the other side who knows.
	Gate func(ctx context.Context) (gate.Window, error)
	// Exact is true under a virtual clock.
	Exact   bool
	Attempt int // the how-manieth this is, from 1; 0 is 1
}

// Execute runs one trial and writes it into dir, which must exist. A fault of
// the experiment (a workload that dies, a strategy that does not take effect) is
// a verdict of the trial and not an error; an error means that there is no
// trial: ctx ended, the machine could not be put back, or dir could not be
// written.
func Execute(ctx context.Context, s Spec, dir string, o Options) (results.Trial, error) {
	began := time.Now()
	dir, err := filepath.Abs(dir) // tools are started elsewhere
	if err != nil {
		return results.Trial{}, fmt.Errorf("make trial folder: %w", err)
	}
	raw := filepath.Join(dir, results.RawDir)
	if err := os.MkdirAll(raw, 0o755); err != nil {
		return results.Trial{}, fmt.Errorf("make trial folder: %w", err)
	}
	if err := writeSpec(filepath.Join(dir, SpecFile), s, o.Secrets); err != nil {
		return results.Trial{}, err
	}
	var down teardown
	st, err := newStage(s, dir, o)
	switch {
	case err != nil:
	case st.away():
		err = st.playAway(ctx, &down)
	default:
		err = st.play(ctx, &down)
	}
	if undone := down.run(ctx); undone != nil {
		return results.Trial{}, fmt.Errorf("put the machine back after trial %d: %w", s.Planned.Number, undone)
	}
	if ctx.Err() != nil {
		return results.Trial{}, ctx.Err()
	}
	t := st.trial(err)
	t.Harness = st.harnessCost(time.Since(began).Seconds())
	if err := results.WriteTrial(dir, t, st.latency, st.samples); err != nil {
		return results.Trial{}, fmt.Errorf("write trial %d: %w", s.Planned.Number, err)
	}
	return t, nil
}

// writeSpec writes the spec, with every secret blotted out.
func writeSpec(path string, s Spec, secrets []string) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write trial spec: %w", err)
	}
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		quoted, _ := json.Marshal(secret) // as it stands in JSON
		data = bytes.ReplaceAll(data, quoted[1:len(quoted)-1], []byte(results.Sensitive))
	}
	if err := os.WriteFile(path, append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("write trial spec: %w", err)
	}
	return nil
}

// ReadSpec reads a spec, strictly.
func ReadSpec(path string) (Spec, error) {
	f, err := os.Open(path)
	if err != nil {
		return Spec{}, fmt.Errorf("read trial spec: %w", err)
	}
	defer func() { _ = f.Close() }()
	var s Spec
	dec := json.NewDecoder(f)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return Spec{}, fmt.Errorf("read trial spec %s: %w", path, err)
	}
	return s, s.check()
}

// check finds what makes a spec impossible to execute.
func (s Spec) check() error {
	if s.Schema != results.SchemaVersion {
		return fmt.Errorf("trial spec has schema %d; this czbench reads %d", s.Schema, results.SchemaVersion)
	}
	if s.Measure <= 0 {
		return errors.New("trial spec has no measured window")
	}
	known := map[string]bool{}
	for _, z := range s.Zones {
		known[z.Name] = true
	}
	for _, w := range s.Workloads {
		if !known[w.Zone] {
			return fmt.Errorf("workload %s: zone %q is not in the trial spec", w.Name, w.Zone)
		}
		if w.Load != nil && !known[w.Load.Zone] {
			return fmt.Errorf("load of workload %s: zone %q is not in the trial spec", w.Name, w.Load.Zone)
		}
	}
	return nil
}
