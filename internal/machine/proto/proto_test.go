package proto_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/proto"
)

func TestFramesSurviveTheWire(t *testing.T) {
	var wire bytes.Buffer
	sent := []proto.Message{
		{Kind: proto.Hello, Body: json.RawMessage(`{"release":"6.12"}`)},
		{ID: 7, Kind: proto.Data, Data: []byte("CZB1\x00\xff")},
		{ID: 7, Kind: proto.Fail, Error: "no"},
	}
	for _, m := range sent {
		require.NoError(t, proto.Write(&wire, m))
	}
	r := bufio.NewReader(&wire)
	for _, want := range sent {
		got, err := proto.Read(r)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	_, err := proto.Read(r)
	assert.Equal(t, io.EOF, err)
}

func TestReadRefuses(t *testing.T) {
	var whole bytes.Buffer
	require.NoError(t, proto.Write(&whole, proto.Message{Kind: proto.Beat}))
	for name, wire := range map[string]string{
		"noise":            "[    0.5] Kernel panic - not syncing",
		"cut":              whole.String()[:whole.Len()-3],
		"cut in the sizes": whole.String()[:6],
		"huge":             "CZB1\xff\xff\xff\xff\x00\x00\x00\x00",
		"no JSON":          "CZB1\x02\x00\x00\x00\x00\x00\x00\x00{]",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := proto.Read(bufio.NewReader(strings.NewReader(wire)))
			assert.ErrorIs(t, err, proto.ErrNotAFrame)
		})
	}
}

func TestWriteRefusesWhatNobodyWouldRead(t *testing.T) {
	err := proto.Write(io.Discard, proto.Message{Kind: proto.Data, Data: make([]byte, proto.MaxData+1)})
	assert.ErrorContains(t, err, "are the most")
}

func FuzzRead(f *testing.F) {
	var whole bytes.Buffer
	require.NoError(f, proto.Write(&whole, proto.Message{ID: 1, Kind: proto.Data, Data: []byte("x")}))
	f.Add(whole.Bytes())
	f.Add([]byte("CZB1"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		m, err := proto.Read(bufio.NewReader(bytes.NewReader(wire)))
		if err != nil {
			return
		}
		var again bytes.Buffer
		require.NoError(t, proto.Write(&again, m))
		back, err := proto.Read(bufio.NewReader(&again))
		require.NoError(t, err)
		assert.Equal(t, m.Data, back.Data)
	})
}

// guest answers the calls of a client as answer says.
func guest(t *testing.T, conn net.Conn, answer func(m proto.Message, send func(proto.Message))) {
	t.Helper()
	go func() {
		send := func(m proto.Message) { _ = proto.Write(conn, m) }
		send(proto.Message{Kind: proto.Hello, Body: json.RawMessage(`{"release":"6.12"}`)})
		r := bufio.NewReader(conn)
		for {
			m, err := proto.Read(r)
			if err != nil {
				return
			}
			answer(m, send)
		}
	}()
}

func TestAnswersFindTheirQuestions(t *testing.T) {
	here, there := net.Pipe()
	guest(t, there, func(m proto.Message, send func(proto.Message)) {
		send(proto.Message{ID: m.ID + 100, Kind: proto.Reply, Body: json.RawMessage(`{"status":9}`)}) // of somebody else
		send(proto.Message{ID: m.ID, Kind: proto.Event, Op: "halfway"})
		_, _ = proto.DataWriter(m.ID, func(d proto.Message) error { send(d); return nil }).Write(make([]byte, proto.MaxData+5))
		send(proto.Message{ID: m.ID, Kind: proto.Reply, Body: json.RawMessage(`{"status":3}`)})
	})
	c := proto.NewClient(here)
	defer c.Close()
	var self proto.HelloBody
	require.NoError(t, c.Hello(t.Context(), &self))
	assert.Equal(t, "6.12", self.Release)
	var reply proto.ExecReply
	var data bytes.Buffer
	var events []string
	require.NoError(t, c.Ask(t.Context(), proto.Question{
		Op: proto.OpExec, Data: &data, Event: func(m proto.Message) { events = append(events, m.Op) },
	}, &reply))
	assert.Equal(t, 3, reply.Status)
	assert.Equal(t, proto.MaxData+5, data.Len())
	assert.Equal(t, []string{"halfway"}, events)
}

func TestFailedAnswer(t *testing.T) {
	here, there := net.Pipe()
	guest(t, there, func(m proto.Message, send func(proto.Message)) {
		send(proto.Message{ID: m.ID, Kind: proto.Fail, Error: "no such command"})
	})
	c := proto.NewClient(here)
	defer c.Close()
	assert.ErrorContains(t, c.Ask(t.Context(), proto.Question{Op: proto.OpExec}, nil), "ask the guest to exec: no such command")
}

func TestGuestThatEndsEndsTheQuestions(t *testing.T) {
	here, there := net.Pipe()
	guest(t, there, func(proto.Message, func(proto.Message)) { _ = there.Close() })
	c := proto.NewClient(here)
	assert.ErrorIs(t, c.Ask(t.Context(), proto.Question{Op: proto.OpExec}, nil), io.EOF)
}

func TestGuestThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		guest(t, there, func(proto.Message, func(proto.Message)) {}) // it says nothing ever after
		c := proto.NewClient(here)
		began := time.Now()
		require.ErrorIs(t, c.Ask(t.Context(), proto.Question{Op: proto.OpExec}, nil), proto.ErrSilent)
		assert.InDelta(t, proto.Silence.Seconds(), time.Since(began).Seconds(), 3)
		_ = there.Close()
	})
}

func TestAskGivesUpWithItsContext(t *testing.T) {
	here, there := net.Pipe()
	guest(t, there, func(proto.Message, func(proto.Message)) {})
	c := proto.NewClient(here)
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	assert.ErrorIs(t, c.Ask(ctx, proto.Question{Op: proto.OpExec}, nil), context.DeadlineExceeded)
}
