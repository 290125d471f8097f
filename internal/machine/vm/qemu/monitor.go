package qemu

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// Monitor speaks QEMU's machine protocol, docs/interop/qmp-spec.txt of its
// sources: a JSON object a line, answers to commands by their id, and between
// them events, which it skips:
//
//	{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": "Debian"}, "capabilities": ["oob"]}}
//	{"execute": "qmp_capabilities", "id": 1}
//	{"return": {}, "id": 1}
//	{"timestamp": {"seconds": 1772, "microseconds": 5}, "event": "STOP"}
//	{"id": 2, "error": {"class": "CommandNotFound", "desc": "The command foo has not been found"}}
type Monitor struct {
	conn net.Conn

	mu   sync.Mutex // held from a command to its answer
	in   *json.Decoder
	last int
	lost error // why the connection is of no use any more
}

// message is what the emulator says.
type message struct {
	ID     int             `json:"id"`
	Event  string          `json:"event"`
	Return json.RawMessage `json:"return"`
	Error  *struct {
		Desc string `json:"desc"`
	} `json:"error"`
	Greeting json.RawMessage `json:"QMP"`
}

// NewMonitor begins a conversation over conn, and closes conn where that cannot
// be.
func NewMonitor(ctx context.Context, conn net.Conn) (*Monitor, error) {
	m := &Monitor{conn: conn, in: json.NewDecoder(conn)}
	if _, err := m.Run(ctx, "qmp_capabilities", nil); err != nil {
		_ = conn.Close() // the error counts
		return nil, err
	}
	return m, nil
}

// Run runs a command and returns what the answer holds. An answer that does not
// come before ctx ends makes the monitor useless, because it would be taken for
// that to the next command.
func (m *Monitor) Run(ctx context.Context, command string, arguments any) (json.RawMessage, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.lost != nil {
		return nil, fmt.Errorf("monitor command %s: %w", command, m.lost)
	}
	stop := context.AfterFunc(ctx, func() { _ = m.conn.SetDeadline(time.Unix(1, 0)) })
	answer, err := m.ask(command, arguments)
	if !stop() {
		m.lost = context.Cause(ctx) // the connection's deadline has passed, or is about to
	}
	if err != nil {
		m.lost = cmp.Or(m.lost, err)
		err = m.lost
		return nil, fmt.Errorf("monitor command %s: %w", command, err)
	}
	if answer.Error != nil {
		return nil, fmt.Errorf("monitor command %s: %s", command, answer.Error.Desc)
	}
	return answer.Return, nil
}

// ask sends a command and reads up to its answer.
func (m *Monitor) ask(command string, arguments any) (message, error) {
	m.last++
	request, err := json.Marshal(struct {
		Execute   string `json:"execute"`
		Arguments any    `json:"arguments,omitempty"`
		ID        int    `json:"id"`
	}{command, arguments, m.last})
	if err != nil {
		return message{}, err
	}
	if _, err := m.conn.Write(append(request, '\n')); err != nil {
		return message{}, err
	}
	for {
		var answer message
		if err := m.in.Decode(&answer); err != nil {
			return message{}, closed(err)
		}
		if answer.Event == "" && answer.Greeting == nil && answer.ID == m.last {
			return answer, nil
		}
	}
}

// closed says what the end of the stream means.
func closed(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the emulator ended")
	}
	return err
}

// Close ends the conversation.
func (m *Monitor) Close() error { return m.conn.Close() }
