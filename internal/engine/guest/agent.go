package guest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/pid1"
	"github.com/czbench/czbench/internal/machine/proto"
	"github.com/czbench/czbench/internal/machine/vm"
	"github.com/czbench/czbench/workloads/gate"
)

// agent answers the harness.
type agent struct {
	registry trial.Registry
	port     io.ReadWriter

	writing sync.Mutex

	mu      sync.Mutex
	windows map[uint64]chan gate.Window // of the trials that wait at their gate
}

// serveAgent serves the harness until the machine is ended.
func serveAgent(ctx context.Context, r trial.Registry) error {
	if err := pid1.Network(); err != nil {
		return err
	}
	port, err := openPort("/sys/class/virtio-ports")
	if err != nil {
		return err
	}
	a := &agent{registry: r, port: port, windows: map[uint64]chan gate.Window{}}
	return a.serve(ctx)
}

// openPort finds the harness's port by its name below dir.
func openPort(dir string) (*os.File, error) {
	names, _ := filepath.Glob(filepath.Join(dir, "*", "name")) // the pattern is well-formed
	for _, file := range names {
		name, err := os.ReadFile(file)
		if err == nil && strings.TrimSpace(string(name)) == vm.AgentPort {
			return os.OpenFile(filepath.Join("/dev", filepath.Base(filepath.Dir(file))), os.O_RDWR, 0)
		}
	}
	return nil, fmt.Errorf("this machine has no virtio-serial port %s", vm.AgentPort)
}

func (a *agent) serve(ctx context.Context) error {
	if err := a.send(hello()); err != nil {
		return err
	}
	go a.beat(ctx)
	r := bufio.NewReader(a.port)
	for ctx.Err() == nil {
		m, err := proto.Read(r)
		switch {
		case errors.Is(err, io.EOF): // nobody is connected
			time.Sleep(10 * time.Millisecond)
		case err != nil:
			return err
		case m.Kind == proto.Call:
			go a.answer(ctx, m)
		case m.Kind == proto.Event && m.Op == proto.EventWindow:
			a.open(m)
		}
	}
	return ctx.Err()
}

func (a *agent) send(m proto.Message) error {
	a.writing.Lock()
	defer a.writing.Unlock()
	return proto.Write(a.port, m)
}

// beat says again and again that the guest is alive.
func (a *agent) beat(ctx context.Context) {
	tick := time.NewTicker(proto.BeatInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if a.send(proto.Message{Kind: proto.Beat}) != nil {
			return // the reader finds out why
		}
	}
}

// answer answers one question.
func (a *agent) answer(ctx context.Context, m proto.Message) {
	reply, err := a.do(ctx, m)
	if err != nil {
		_ = a.send(proto.Message{ID: m.ID, Kind: proto.Fail, Error: err.Error()})
		return
	}
	body, err := json.Marshal(reply)
	if err != nil {
		body = []byte("null")
	}
	_ = a.send(proto.Message{ID: m.ID, Kind: proto.Reply, Body: body}) // a port that is gone shows at the reader
}

func (a *agent) do(ctx context.Context, m proto.Message) (any, error) {
	switch m.Op {
	case proto.OpClock:
		return proto.ClockReply{Monotonic: gate.Now()}, nil
	case proto.OpExec:
		var call proto.ExecCall
		if err := json.Unmarshal(m.Body, &call); err != nil {
			return nil, err
		}
		return run(ctx, call, proto.DataWriter(m.ID, a.send))
	case proto.OpTrial:
		var s trial.Spec
		if err := json.Unmarshal(m.Body, &s); err != nil {
			return nil, err
		}
		return struct{}{}, a.trial(ctx, m.ID, s)
	default:
		return nil, fmt.Errorf("the agent does not know %q: it is of another version", m.Op)
	}
}

// trial executes a part: it says when the part is ready and waits to be told its
// window.
func (a *agent) trial(ctx context.Context, id uint64, s trial.Spec) error {
	window := make(chan gate.Window, 1)
	a.mu.Lock()
	a.windows[id] = window
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.windows, id)
	}()
	atGate := func(ctx context.Context) (gate.Window, error) {
		if err := a.send(proto.Message{ID: id, Kind: proto.Event, Op: proto.EventReady}); err != nil {
			return gate.Window{}, err
		}
		select {
		case w := <-window:
			return w, nil
		case <-ctx.Done():
			return gate.Window{}, context.Cause(ctx)
		}
	}
	var home answer
	if err := execute(ctx, s, trial.Options{Registry: a.registry, Gate: atGate}, &home); err != nil {
		return err
	}
	_, err := proto.DataWriter(id, a.send).Write(home.data)
	return err
}

// open tells a waiting trial its window.
func (a *agent) open(m proto.Message) {
	var w gate.Window
	a.mu.Lock()
	defer a.mu.Unlock()
	if window := a.windows[m.ID]; window != nil && json.Unmarshal(m.Body, &w) == nil {
		select {
		case window <- w:
		default: // told twice
		}
	}
}

// run runs one command and writes what it says to out.
func run(ctx context.Context, call proto.ExecCall, out io.Writer) (proto.ExecReply, error) {
	if len(call.Argv) == 0 {
		return proto.ExecReply{}, errors.New("no command")
	}
	cmd := exec.CommandContext(ctx, call.Argv[0], call.Argv[1:]...)
	cmd.Env = append(os.Environ(), call.Env...)
	cmd.Stdout, cmd.Stderr = out, out
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return proto.ExecReply{}, err
	}
	status := cmd.ProcessState.ExitCode()
	if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		status = 128 + int(ws.Signal())
	}
	return proto.ExecReply{Status: status}, nil
}
