// Package gate starts a load or burn engine in a process of its own and opens
// its measured window at the same instant as everybody else's. The engine says
// when it is ready, waits at the gate, is told three points of CLOCK_MONOTONIC,
// and answers with one JSON value when its work is done.
//
// The conversation, one JSON value a line: harness → engine configuration,
// engine → harness {"ready":true}, harness → engine Window, engine → harness
// the result. Either side that finds the other gone gives up, so an engine
// never outlives a killed harness.
package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Window holds points of CLOCK_MONOTONIC in nanoseconds: work starts at Start
// (the warm-up), counts from Begin, and stops counting at End.
type Window struct {
	Start int64 `json:"start"`
	Begin int64 `json:"begin"`
	End   int64 `json:"end"`
}

// Measured returns the length of the measured window in seconds.
func (w Window) Measured() float64 { return float64(w.End-w.Begin) / 1e9 }

// SleepUntil waits until CLOCK_MONOTONIC reaches t ns or done is closed, and
// reports whether t was reached.
func SleepUntil(done <-chan struct{}, t int64) bool {
	timer := time.NewTimer(time.Duration(t - Now()))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-done:
		return false
	}
}

// errGone ends an engine whose harness is no more.
var errGone = errors.New("the harness has gone")

// ready is the engine's word that it waits at the gate, or why it cannot.
type ready struct {
	Ready bool   `json:"ready"`
	Error string `json:"error,omitempty"`
}

// Engine is the engine's side of the gate.
type Engine struct {
	dec  *json.Decoder
	enc  *json.Encoder
	gone func() <-chan struct{}
}

// NewEngine speaks over in and out, usually standard input and output.
func NewEngine(in io.Reader, out io.Writer) *Engine {
	return &Engine{
		dec: json.NewDecoder(in), enc: json.NewEncoder(out),
		gone: sync.OnceValue(func() <-chan struct{} {
			gone := make(chan struct{})
			go func() {
				defer close(gone)
				_, _ = io.Copy(io.Discard, in) // returns at end of file
			}()
			return gone
		}),
	}
}

// Config reads the configuration into cfg.
func (e *Engine) Config(cfg any) error {
	if err := e.dec.Decode(cfg); err != nil {
		return fmt.Errorf("read engine configuration: %w", err)
	}
	return nil
}

// Refuse says why the engine cannot start.
func (e *Engine) Refuse(err error) error { return e.enc.Encode(ready{Error: err.Error()}) }

// Wait says that the engine is ready and waits for its window.
func (e *Engine) Wait() (Window, error) {
	var w Window
	if err := e.enc.Encode(ready{Ready: true}); err != nil {
		return w, err
	}
	if err := e.dec.Decode(&w); err != nil {
		return w, fmt.Errorf("wait at the gate: %w", err)
	}
	return w, nil
}

// Attend returns a context that ends with ctx, or when the harness has closed its
// end or died. Call it after Wait.
func (e *Engine) Attend(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-e.gone():
			cancel(errGone)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// Finish sends the result and waits until the harness lets go: until then it can
// ask the kernel what took effect on the engine.
func (e *Engine) Finish(result any) error {
	if err := e.enc.Encode(result); err != nil {
		return err
	}
	<-e.gone()
	return nil
}

// Harness is the harness's side of the gate. It owns both pipe ends.
type Harness struct {
	in  io.WriteCloser
	out io.ReadCloser
	enc *json.Encoder
	dec *json.Decoder
}

// NewHarness speaks to an engine whose standard input is in and whose standard
// output is out.
func NewHarness(in io.WriteCloser, out io.ReadCloser) *Harness {
	return &Harness{in: in, out: out, enc: json.NewEncoder(in), dec: json.NewDecoder(out)}
}

// Configure sends the configuration and waits until the engine is ready.
func (h *Harness) Configure(cfg any) error {
	if err := h.enc.Encode(cfg); err != nil {
		return fmt.Errorf("configure engine: %w", err)
	}
	var r ready
	if err := h.dec.Decode(&r); err != nil {
		return fmt.Errorf("engine ended before it was ready: %w", err)
	}
	if !r.Ready {
		return errors.New(r.Error)
	}
	return nil
}

// Open tells the engine its window.
func (h *Harness) Open(w Window) error { return h.enc.Encode(w) }

// Result waits for the engine's answer.
func (h *Harness) Result(dst any) error {
	if err := h.dec.Decode(dst); err != nil {
		return fmt.Errorf("engine ended without a result: %w", err)
	}
	return nil
}

// Close lets the engine go; one that still works takes it as the order to stop.
func (h *Harness) Close() error { return errors.Join(h.in.Close(), h.out.Close()) }
