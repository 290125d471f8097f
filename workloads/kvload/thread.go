package kvload

import (
	"errors"
	"fmt"
	"math"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/workloads/gate"
)

const (
	// DrainLimit is how long after the end of a window replies are waited for, ns.
	DrainLimit = 2 * second
	// catchUp is how long after the end of a window an open loop still sends
	// what was due within it. More than that is a generator that cannot keep up.
	catchUp = second / 100
	// dueBatch is how many due requests an open loop sends before it looks for
	// replies again.
	dueBatch = 64
	// lookUp is after how many events an open loop looks at its schedule.
	lookUp = 2
	// chunk is how many bytes are read or written at a time.
	chunk = 64 << 10
	// maxFraming is more than RESP and the number of a key add to one request.
	maxFraming = 128
	// stopID marks the event that ends a thread.
	stopID = -1
	// mostLead bounds how long before a send the thread is awake and looks for
	// replies: what a virtual machine needs to come back from idle.
	mostLead = 60_000
	// timerID marks the event of a poller's timer.
	timerID = -2
)

// thread is one load thread: its connections, its part of the schedule, and
// what it measured. Nothing in it is shared.
type thread struct {
	cfg    Config
	clock  clock
	window gate.Window
	stream *stream
	plan   *schedule // nil in a closed loop
	enc    *encoder
	rec    *recorder
	poll   *poller
	stop   int // eventfd
	conns  []conn
	turn   int     // open loop: the connection of the next request
	dirty  []*conn // with something to send
	in     []byte
	out    []byte

	lead        int64 // ns: how long before a send the timer is set
	started     bool
	stopped     bool
	outstanding int64
	cpu         cpuMeter
	counters    counters
}

// counters is what a thread counts beside its recorder.
type counters struct {
	offered    int64 // due within the window
	sent       int64 // of these, handed over in time
	overflow   int64 // of these, without room behind a server that does not answer
	unanswered int64 // of these, or of a closed loop's, without a reply at the end of the drain
	replies    int64 // replies that came within the window, whatever they answer
	last       int64 // when the last reply came, CLOCK_MONOTONIC ns
	lateness   []uint32
	lateMax    int64 // ns
	errorText  string
}

// run works through the window and returns when the last request has ended.
func (t *thread) run() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	// The default timer slack, 50 µs, would be most of the lateness.
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("set timer slack: %w", err)
	}
	now := t.clock.now()
	for !t.over(now) {
		n, err := t.poll.wait(t.wake(), now)
		if err != nil {
			return err
		}
		now = t.clock.now()
		t.cpu.mark(now, t.window)
		if now, err = t.handleAll(t.poll.events[:n], now); err != nil {
			return err
		}
		t.issue(now)
		if now, err = t.flushAll(now); err != nil {
			return err
		}
	}
	t.finish(now)
	return nil
}

// over reports whether there is nothing left to do.
func (t *thread) over(now int64) bool {
	switch {
	case t.stopped:
		return true
	case !t.started:
		return false
	case now >= t.window.End+DrainLimit:
		return true
	case t.plan != nil && t.plan.due() < t.window.End:
		return false
	default:
		return t.outstanding == 0
	}
}

// wake returns when something has to be done even if no reply comes.
func (t *thread) wake() int64 {
	if !t.started {
		return t.window.Start
	}
	at := t.cpu.next(t.window)
	if t.plan != nil {
		if due := t.plan.due(); due < t.window.End {
			at = min(at, due-t.lead)
		}
	}
	return at
}

// handleAll takes in what events report and returns the time. An open loop sends
// what falls due meanwhile: a server that was held up answers in bursts, and
// reading a whole burst first would be the lateness of the next requests.
func (t *thread) handleAll(events []unix.EpollEvent, now int64) (int64, error) {
	for i := range events {
		if err := t.handle(&events[i], now); err != nil {
			return now, err
		}
		if t.plan == nil || i%lookUp != lookUp-1 {
			continue
		}
		now = t.clock.now()
		if t.plan.due() > now {
			continue
		}
		t.issue(now)
		var err error
		if now, err = t.flushAll(now); err != nil {
			return now, err
		}
	}
	return now, nil
}

// handle takes in what one event reports.
func (t *thread) handle(ev *unix.EpollEvent, now int64) error {
	switch ev.Fd {
	case stopID:
		t.stopped = true
		return nil
	case timerID:
		if t.poll.slept {
			t.learn(now - t.poll.armed)
		}
		return nil
	}
	c := &t.conns[ev.Fd]
	if c.blocked && ev.Events&unix.EPOLLOUT != 0 {
		c.blocked = false
		t.queue(c)
		if err := t.poll.watchOutput(c.fd, c.id, false); err != nil {
			return err
		}
	}
	return t.receive(c, ev.Events&(unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0, now)
}

// learn follows how late timers wake the thread, ns: nine of ten wake it within
// the lead. Waking takes some 5 µs on a bare machine and 40 µs in a virtual one,
// which would else be the lateness of every request.
func (t *thread) learn(late int64) {
	const step = 1000
	if late > t.lead {
		t.lead = min(t.lead+step*9/10, mostLead)
	} else {
		t.lead -= step / 10
	}
}

// issue puts what is due into the rings. In a closed loop that is the first
// request of every place in the pipelines; the others follow the replies.
func (t *thread) issue(now int64) {
	if now < t.window.Start {
		return
	}
	if t.plan != nil {
		t.started = true
		t.issueDue(now)
		return
	}
	if !t.started {
		t.started = true
		for i := range t.conns {
			for range t.cfg.Pipeline {
				t.follow(&t.conns[i], now)
			}
		}
	}
}

// issueDue puts the due requests of the schedule into the rings, one connection
// after the other.
func (t *thread) issueDue(now int64) {
	for range dueBatch {
		due := t.plan.due()
		if due > now || due >= t.window.End {
			return
		}
		t.plan.advance()
		op, key := t.stream.draw()
		c := &t.conns[t.turn]
		if t.turn++; t.turn == len(t.conns) {
			t.turn = 0
		}
		counts := t.rec.counts(due)
		if counts {
			t.counters.offered++
		}
		switch {
		case now > t.window.End+catchUp: // counted as offered, never sent
		case c.full():
			if counts {
				t.counters.overflow++
			}
		default:
			t.push(c, newRequest(due, op, key))
		}
	}
}

// follow issues the next request of a closed loop on c. Its send time is set
// when it is sent.
func (t *thread) follow(c *conn, now int64) {
	if c.left == 0 || now >= t.window.End {
		return
	}
	c.left--
	op, key := t.stream.draw()
	t.push(c, newRequest(now, op, key))
}

func (t *thread) push(c *conn, r request) {
	*c.slot(c.tail) = r
	c.tail++
	t.outstanding++
	t.queue(c)
}

func (t *thread) queue(c *conn) {
	if !c.queued {
		c.queued = true
		t.dirty = append(t.dirty, c)
	}
}

// flushAll sends what is in the rings and returns the time.
func (t *thread) flushAll(now int64) (int64, error) {
	for _, c := range t.dirty {
		c.queued = false
		now = t.clock.now()
		t.stamp(c, now)
		if err := t.flush(c); err != nil {
			return now, err
		}
	}
	t.dirty = t.dirty[:0]
	if t.plan != nil { // the next wait must be exact
		now = t.clock.now()
	}
	return now, nil
}

// stamp notes that the generator is ready to send what is new on c. When the
// socket takes no output, that is the server's doing, and no lateness.
func (t *thread) stamp(c *conn, now int64) {
	for ; c.stamped < c.tail; c.stamped++ {
		r := c.slot(c.stamped)
		if t.plan == nil {
			r.intended = now
			continue
		}
		if t.rec.counts(r.intended) {
			t.counters.sent++
			late := now - r.intended
			t.counters.lateMax = max(t.counters.lateMax, late)
			t.counters.lateness[bin((late+500)/1000)]++
		}
	}
}

// flush writes what is stamped on c until it is done or the socket takes no
// more.
func (t *thread) flush(c *conn) error {
	for !c.blocked {
		buf := c.out
		if len(buf) == 0 {
			buf = t.encode(c)
		}
		if len(buf) == 0 {
			return nil
		}
		n, errno := write(c.fd, buf)
		switch errno {
		case 0, unix.EINTR:
		case unix.EAGAIN:
			c.blocked = true
			if err := t.poll.watchOutput(c.fd, c.id, true); err != nil {
				return err
			}
		default:
			return t.lost(c, "write to", errno)
		}
		if n < len(buf) || len(c.out) > 0 {
			c.out = append(c.out[:0], buf[n:]...)
		}
	}
	return nil
}

// encode writes the requests that follow into the thread's buffer, about a
// chunk at most.
func (t *thread) encode(c *conn) []byte {
	buf := t.out[:0]
	for ; c.sent < c.stamped && len(buf) < chunk; c.sent++ {
		r := *c.slot(c.sent)
		before := len(buf)
		buf = t.enc.append(buf, r)
		if t.rec.counts(r.intended) {
			cohort, _ := t.rec.at(r)
			cohort.tx += int64(len(buf) - before)
		}
	}
	t.out = buf
	return buf
}

// lost says which connection is gone, and why.
func (t *thread) lost(c *conn, verb string, cause error) error {
	if errors.Is(cause, unix.EPIPE) || errors.Is(cause, unix.ECONNRESET) {
		cause = fmt.Errorf("%w: %w", errGone, cause)
	}
	return fmt.Errorf("%s %s (connection %d of %d, %d requests outstanding): %w",
		verb, t.cfg.Address, c.id+1, len(t.conns), c.tail-c.head, cause)
}

// finish gives up what is outstanding when the drain is over: its latency is at
// least the time until now.
func (t *thread) finish(now int64) {
	t.cpu.mark(math.MaxInt64, t.window)
	for i := range t.conns {
		c := &t.conns[i]
		for ; c.head < c.tail && !t.stopped; c.head++ {
			if r := *c.slot(c.head); t.rec.counts(r.intended) {
				t.rec.record(r, now-r.intended)
				t.counters.unanswered++
			}
		}
	}
	t.rec.finish()
}
