package kvload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// Reply is a reply to one command.
type Reply struct {
	Text string  // of a simple string, a bulk or an integer
	Null bool    // there is no value
	List []Reply // of an array
}

// ServerError is an error reply: "ERR unknown command …".
type ServerError string

func (e ServerError) Error() string { return string(e) }

// Client sends single commands and waits for each: readiness, information,
// configuration, shutdown. It is not for several goroutines at a time.
type Client struct {
	conn    net.Conn
	address string
	buf     []byte // what has come and is not read yet
	out     []byte
}

// Dial connects to a server; network is "tcp" or "unix".
func Dial(ctx context.Context, network, address string) (*Client, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	return &Client{conn: conn, address: address}, nil
}

// Do sends one command and returns its reply. An error reply is a ServerError;
// after any other error the client is of no more use.
func (c *Client) Do(ctx context.Context, args ...string) (Reply, error) {
	undo := c.during(ctx)
	defer undo()
	c.out = appendCommand(c.out[:0], args...)
	if _, err := c.conn.Write(c.out); err != nil {
		return Reply{}, c.fault(ctx, "send "+args[0]+" to", err)
	}
	r, err := c.reply(0)
	var refused ServerError
	if err != nil && !errors.As(err, &refused) {
		err = c.fault(ctx, "read the reply to "+args[0]+" from", err)
	}
	return r, err
}

// Close closes the connection.
func (c *Client) Close() error { return c.conn.Close() }

// during makes the end of ctx end what waits for the connection.
func (c *Client) during(ctx context.Context) (undo func()) {
	_ = c.conn.SetDeadline(time.Time{})
	stop := context.AfterFunc(ctx, func() { _ = c.conn.SetDeadline(time.Unix(1, 0)) })
	return func() { stop() }
}

func (c *Client) fault(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		err = ctx.Err()
	} else if errors.Is(err, io.EOF) {
		err = errGone
	}
	return fmt.Errorf("%s %s: %w", what, c.address, err)
}

// maxDepth bounds arrays within arrays: a reply is not trusted.
const maxDepth = 8

// reply reads one whole reply.
func (c *Client) reply(depth int) (Reply, error) {
	h, err := c.head()
	if err != nil {
		return Reply{}, err
	}
	switch h.kind {
	case kindError:
		return Reply{}, ServerError(h.text)
	case kindInteger:
		return Reply{Text: fmt.Sprint(h.size)}, nil
	case kindBulk:
		return c.bulk(h.size)
	case kindArray:
		return c.array(h.size, depth)
	default:
		return Reply{Text: string(h.text)}, nil
	}
}

// head reads the first line of a reply. Its text stays whole until the next
// call that reads.
func (c *Client) head() (head, error) {
	for {
		h, n, err := scan(c.buf)
		if err != nil {
			return h, err
		}
		if n > 0 {
			c.buf = c.buf[n:]
			return h, nil
		}
		if err := c.more(); err != nil {
			return h, err
		}
	}
}

// more waits for more bytes.
func (c *Client) more() error {
	var in [16 << 10]byte
	n, err := c.conn.Read(in[:])
	c.buf = append(c.buf, in[:n]...)
	if n > 0 {
		return nil
	}
	return err
}

func (c *Client) bulk(size int64) (Reply, error) {
	if size < 0 {
		return Reply{Null: true}, nil
	}
	for int64(len(c.buf)) < size+2 {
		if err := c.more(); err != nil {
			return Reply{}, err
		}
	}
	text := string(c.buf[:size])
	c.buf = c.buf[size+2:]
	return Reply{Text: text}, nil
}

func (c *Client) array(size int64, depth int) (Reply, error) {
	if size < 0 {
		return Reply{Null: true}, nil
	}
	if depth == maxDepth {
		return Reply{}, fmt.Errorf("%w: arrays are nested more than %d deep", errProtocol, maxDepth)
	}
	list := []Reply{}
	for range size {
		r, err := c.reply(depth + 1)
		if err != nil {
			return Reply{}, err
		}
		list = append(list, r)
	}
	return Reply{List: list}, nil
}
