package proto

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Client is the harness's end. All methods may be called from any goroutine.
type Client struct {
	conn io.ReadWriteCloser

	writing sync.Mutex

	mu      sync.Mutex
	calls   map[uint64]chan Message
	last    uint64
	beat    time.Time // when the guest was heard of last
	err     error     // why nothing comes any more
	hello   chan Message
	stopped chan struct{}
}

// Silence is how long a guest may say nothing before it counts as hung. A guest
// with a real clock beats every BeatInterval.
const (
	Silence      = 15 * time.Second
	BeatInterval = time.Second
)

// ErrSilent says that the guest hangs.
var ErrSilent = fmt.Errorf("the guest has said nothing for %s: it hangs", Silence)

// NewClient speaks over conn, which it owns.
func NewClient(conn io.ReadWriteCloser) *Client {
	c := &Client{
		conn: conn, calls: map[uint64]chan Message{}, beat: time.Now(),
		hello: make(chan Message, 1), stopped: make(chan struct{}),
	}
	go c.listen()
	go c.watch()
	return c
}

// listen gives each message to whoever asked, until the stream ends.
func (c *Client) listen() {
	r := bufio.NewReader(c.conn)
	for {
		m, err := Read(r)
		if err != nil {
			c.stop(fmt.Errorf("listen to the guest: %w", err))
			return
		}
		c.mu.Lock()
		c.beat = time.Now()
		call := c.calls[m.ID]
		c.mu.Unlock()
		switch {
		case m.Kind == Hello:
			select {
			case c.hello <- m:
			default:
			}
		case call != nil: // an answer that nobody waits for any more is dropped
			select {
			case call <- m:
			case <-c.stopped:
				return
			}
		}
	}
}

// watch ends the conversation with a guest that hangs.
func (c *Client) watch() {
	tick := time.NewTicker(BeatInterval)
	defer tick.Stop()
	for {
		select {
		case <-c.stopped:
			return
		case <-tick.C:
		}
		c.mu.Lock()
		silent := time.Since(c.beat) > Silence
		c.mu.Unlock()
		if silent {
			c.stop(ErrSilent)
			return
		}
	}
}

// Awake says that the guest is not to be taken for hung although it said
// nothing: it was paused until now.
func (c *Client) Awake() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.beat = time.Now()
}

func (c *Client) stop(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
		close(c.stopped)
		_ = c.conn.Close()
	}
}

// Close ends the conversation.
func (c *Client) Close() { c.stop(errors.New("the conversation with the guest was ended")) }

// failure returns why nothing comes any more.
func (c *Client) failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Hello waits until the guest is up and decodes what it says of itself.
func (c *Client) Hello(ctx context.Context, body any) error {
	select {
	case m := <-c.hello:
		return json.Unmarshal(m.Body, body)
	case <-c.stopped:
		return c.failure()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Question is one call and what is done with what comes before its answer.
type Question struct {
	Op    string
	Body  any             // encoded as JSON
	Event func(m Message) // may be nil
	Data  io.Writer       // may be nil
}

// Ask sends q and waits for the answer, which it decodes into reply unless that
// is nil.
func (c *Client) Ask(ctx context.Context, q Question, reply any) error {
	body, err := json.Marshal(q.Body)
	if err != nil {
		return fmt.Errorf("ask the guest to %s: %w", q.Op, err)
	}
	c.mu.Lock()
	c.last++
	id, answers := c.last, make(chan Message, 16)
	c.calls[id] = answers
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.calls, id)
	}()
	if err := c.Tell(Message{ID: id, Kind: Call, Op: q.Op, Body: body}); err != nil {
		return err
	}
	for {
		select {
		case m := <-answers:
			done, err := q.take(m, reply)
			if err != nil {
				return fmt.Errorf("ask the guest to %s: %w", q.Op, err)
			}
			if done {
				return nil
			}
		case <-c.stopped:
			return fmt.Errorf("ask the guest to %s: %w", q.Op, c.failure())
		case <-ctx.Done():
			return fmt.Errorf("ask the guest to %s: %w", q.Op, context.Cause(ctx))
		}
	}
}

// take handles one message of the answer and reports whether it was the last.
func (q Question) take(m Message, reply any) (done bool, err error) {
	switch m.Kind {
	case Event:
		if q.Event != nil {
			q.Event(m)
		}
	case Data:
		if q.Data != nil {
			_, err = q.Data.Write(m.Data)
		}
	case Fail:
		return true, errors.New(m.Error)
	case Reply:
		if reply != nil {
			err = json.Unmarshal(m.Body, reply)
		}
		return true, err
	}
	return false, err
}

// Tell sends a message to which there is no answer, such as an event of a
// question that is being worked on.
func (c *Client) Tell(m Message) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	return Write(c.conn, m)
}
