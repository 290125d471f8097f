package kvload

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// errUnasked is a reply to nothing.
var errUnasked = errors.New("a reply came that nothing had asked for")

// receive reads what has come on c. The connection is watched by its edges, so
// it reads until nothing is left; a short read says so without another call,
// unless the server has ended the connection: then its end is still to be read.
func (t *thread) receive(c *conn, ended bool, now int64) error {
	for {
		have := copy(t.in, c.rest)
		n, errno := read(c.fd, t.in[have:])
		switch {
		case errno == unix.EINTR:
			continue
		case errno == unix.EAGAIN:
			return nil
		case errno != 0:
			return t.lost(c, "read from", errno)
		case n == 0:
			return t.lost(c, "read from", errGone)
		}
		if err := t.replies(c, t.in[:have+n], now); err != nil {
			return t.lost(c, "read from", err)
		}
		if have+n < len(t.in) && !ended {
			return nil
		}
	}
}

// replies takes the replies in buf, which begins with what was left the last
// time, and keeps the begin of an incomplete line.
func (t *thread) replies(c *conn, buf []byte, now int64) error {
	for len(buf) > 0 {
		if c.body > 0 {
			n := min(c.body, int64(len(buf)))
			buf = buf[n:]
			if c.body -= n; c.body == 0 {
				if err := t.answer(c, reply{rx: c.bodyRX, hit: true}, now); err != nil {
					return err
				}
			}
			continue
		}
		h, n, err := scan(buf)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
		buf = buf[n:]
		switch {
		case h.kind == kindBulk && h.size >= 0:
			c.body = h.size + 2
			c.bodyRX = int64(n) + c.body
			continue
		case h.kind == kindArray:
			return fmt.Errorf("%w: an array does not answer SET or GET", errProtocol)
		}
		if err := t.answer(c, reply{rx: int64(n), failed: h.kind == kindError, text: h.text}, now); err != nil {
			return err
		}
	}
	c.rest = append(c.rest[:0], buf...)
	return nil
}

// reply is what came for one request.
type reply struct {
	rx     int64 // bytes
	hit    bool  // a bulk
	failed bool  // an error reply
	text   []byte
}

// answer counts the reply to the oldest outstanding request of c. In a closed
// loop, the next request takes its place.
func (t *thread) answer(c *conn, r reply, now int64) error {
	if c.head == c.sent {
		return errUnasked
	}
	q := *c.slot(c.head)
	c.head++
	c.settle()
	t.outstanding--
	t.counters.last = now
	if t.rec.counts(now) {
		t.counters.replies++
	}
	if t.rec.counts(q.intended) {
		t.count(q, r, now)
	}
	if t.plan == nil {
		t.follow(c, now)
	}
	return nil
}

func (t *thread) count(q request, r reply, now int64) {
	cohort, _ := t.rec.at(q)
	cohort.rx += r.rx
	if r.failed {
		cohort.errors++
		if t.counters.errorText == "" {
			t.counters.errorText = string(clip(r.text))
		}
		return
	}
	if q.op() == opGet {
		if r.hit {
			cohort.hits++
		} else {
			cohort.misses++
		}
	}
	t.rec.record(q, now-q.intended)
}
