// Package proto is how a control zone and the harness speak: frames of a JSON
// header and, beside it, raw bytes. It decides what a frame is and how an
// answer finds its question; what is asked is the business of both ends.
package proto

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A frame on the wire: four bytes "CZB1", the lengths of header and data as
// 32-bit little-endian numbers, the header (JSON), the data.
const (
	magic = "CZB1"
	// MaxHeader and MaxData bound one frame, in bytes. Larger data are sent in
	// several.
	MaxHeader = 1 << 20
	MaxData   = 1 << 18
)

// Kinds of message.
const (
	Hello = "hello" // the guest is up; Body says what it is
	Beat  = "beat"  // the guest is alive
	Call  = "call"  // a question: Op says which
	Event = "event" // about a question that is being worked on: Op says what
	Data  = "data"  // a piece of the answer's data
	Reply = "reply" // the answer, after its data
	Fail  = "fail"  // the answer is an error: Error
)

// Message is one frame.
type Message struct {
	ID    uint64          `json:"id,omitempty"` // of the question that it belongs to; 0 for hello and beat
	Kind  string          `json:"kind"`
	Op    string          `json:"op,omitempty"`
	Error string          `json:"error,omitempty"`
	Body  json.RawMessage `json:"body,omitempty"`
	Data  []byte          `json:"-"`
}

// ErrNotAFrame says that the other end does not speak this protocol, or that
// the reading began in the middle of a frame.
var ErrNotAFrame = errors.New("not a frame of the zone protocol")

// Write writes one message as one Write call.
func Write(w io.Writer, m Message) error {
	header, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("write %s message: %w", m.Kind, err)
	}
	if len(header) > MaxHeader || len(m.Data) > MaxData {
		return fmt.Errorf("write %s message: %d bytes of header and %d of data; %d and %d are the most",
			m.Kind, len(header), len(m.Data), MaxHeader, MaxData)
	}
	var b bytes.Buffer
	b.WriteString(magic)
	sizes := binary.LittleEndian.AppendUint32(nil, uint32(len(header)))
	b.Write(binary.LittleEndian.AppendUint32(sizes, uint32(len(m.Data))))
	b.Write(header)
	b.Write(m.Data)
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write %s message: %w", m.Kind, err)
	}
	return nil
}

// Read reads one message. io.EOF says that the stream ended between two frames;
// ErrNotAFrame is wrapped by the error about anything that is no frame.
func Read(r *bufio.Reader) (Message, error) {
	var m Message
	var lead [len(magic) + 8]byte
	if _, err := io.ReadFull(r, lead[:]); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("%w: it ends in the middle", ErrNotAFrame)
		}
		return m, err
	}
	header := binary.LittleEndian.Uint32(lead[len(magic):])
	data := binary.LittleEndian.Uint32(lead[len(magic)+4:])
	if string(lead[:len(magic)]) != magic || header > MaxHeader || data > MaxData {
		return m, fmt.Errorf("%w: it begins with %q", ErrNotAFrame, lead[:])
	}
	body := make([]byte, header+data)
	if _, err := io.ReadFull(r, body); err != nil {
		return m, fmt.Errorf("%w: it ends in the middle", ErrNotAFrame)
	}
	if err := json.Unmarshal(body[:header], &m); err != nil {
		return m, fmt.Errorf("%w: %w", ErrNotAFrame, err)
	}
	if data > 0 {
		m.Data = body[header:]
	}
	return m, nil
}
