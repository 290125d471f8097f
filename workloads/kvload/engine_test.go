package kvload

import (
	"bufio"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/workloads/gate"
)

func TestClosedLoopAgainstRedis(t *testing.T) {
	cfg := to(redis(t))
	cfg.Threads, cfg.Pipeline, cfg.Ratio = 2, 8, "1:3"
	require.NoError(t, Preload(t.Context(), cfg))
	r, err := drive(t, cfg, window(50*time.Millisecond, 1200*time.Millisecond))
	require.NoError(t, err)
	sets, gets, all, err := r.Total()
	require.NoError(t, err)
	assert.False(t, r.Open)
	assert.InDelta(t, 1.2, r.Seconds, 1e-9)
	require.Greater(t, all.Count, int64(1000))
	assert.Equal(t, all.Count, sets.Count+gets.Count)
	assert.InDelta(t, 3, float64(gets.Count)/float64(sets.Count), 0.1)
	assert.Equal(t, gets.Count, gets.Hits, "every key was preloaded")
	assert.Zero(t, gets.Misses+all.Errors+r.Unanswered)
	assert.Equal(t, sets.Count*int64(len("+OK\r\n")), sets.RX)
	assert.Equal(t, gets.Count*int64(len("$32\r\n")+32+2), gets.RX)
	assert.InDelta(t, float64(all.Count)/1.2, r.Rate(), 0.05*r.Rate())
	assert.Greater(t, r.CPUSeconds, 0.0)
	require.Len(t, r.Intervals, 2)
	assert.InDelta(t, 1.2, r.Intervals[1].End, 1e-9)
	assert.Greater(t, r.Intervals[0].Get.Count, r.Intervals[1].Get.Count)
	latency, err := r.Latency()
	require.NoError(t, err)
	assert.Equal(t, all.Count, latency[0].Hist.TotalCount()+latency[1].Hist.TotalCount(), "every request has a latency")
}

func TestOpenLoopSendsItsSchedule(t *testing.T) {
	cfg := to(redis(t))
	cfg.Threads, cfg.Rate = 2, 5000
	w := window(100*time.Millisecond, time.Second)
	r, err := drive(t, cfg, w)
	require.NoError(t, err)
	want := 0
	for thread := range cfg.Threads {
		for s := newSchedule(cfg, thread, w.Start); s.due() < w.End; s.advance() {
			if s.due() >= w.Begin {
				want++
			}
		}
	}
	_, gets, all, err := r.Total()
	require.NoError(t, err)
	assert.Equal(t, int64(want), r.Offered, "the schedule is a function of the seed")
	assert.Equal(t, r.Offered, r.Sent)
	assert.Equal(t, r.Offered, all.Count+r.Overflow)
	assert.Equal(t, gets.Count, gets.Hits+gets.Misses)
	assert.Positive(t, gets.Misses, "nothing was preloaded")
	assert.Greater(t, r.Lateness.Max, 0.0)
	assert.GreaterOrEqual(t, r.Lateness.Max, r.Lateness.P50)
}

// A server that stops for 300 ms delays every request that was meant for that
// time, not only those that a closed loop would have had outstanding.
func TestLatencyCountsFromTheIntendedSendTime(t *testing.T) {
	var stop atomic.Int64
	address := faulty(t, answering(func(args []string) string {
		time.Sleep(time.Until(time.Unix(0, stop.Load())))
		return polite(args)
	}))
	cfg := to(address)
	cfg.Rate, cfg.Arrivals = 1000, Uniform
	w := window(0, time.Second)
	time.AfterFunc(400*time.Millisecond, func() { stop.Store(time.Now().Add(300 * time.Millisecond).UnixNano()) })
	r, err := drive(t, cfg, w)
	require.NoError(t, err)
	_, _, all, err := r.Total()
	require.NoError(t, err)
	assert.Equal(t, int64(1000), r.Sent)
	assert.Equal(t, int64(1000), all.Count)
	h, err := all.Latency.Dense()
	require.NoError(t, err)
	slow := all.Count
	for _, bar := range h.Distribution() {
		if bar.To < 100_000 {
			slow -= bar.Count
		}
	}
	assert.InDelta(t, 200, slow, 60, "those due in the first 200 ms of the stall waited for over 100 ms")
	assert.Empty(t, r.Invalid(all.Quantile(0.99)), "the generator kept up")
}

func TestOverloadIsAFindingOfTheServer(t *testing.T) {
	address := faulty(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }) // takes everything, answers nothing
	cfg := to(address)
	cfg.Rate = 2000
	r, err := drive(t, cfg, window(0, 300*time.Millisecond))
	require.NoError(t, err)
	_, _, all, err := r.Total()
	require.NoError(t, err)
	assert.Equal(t, r.Offered, r.Sent)
	assert.Equal(t, r.Offered, r.Unanswered)
	assert.Equal(t, r.Offered, all.Count, "they count with the latency until the end of the drain")
	assert.GreaterOrEqual(t, all.Min, 2.0)
	assert.Zero(t, r.Rate())
	assert.Empty(t, r.Invalid(all.Quantile(0.99)))
	assert.Contains(t, strings.Join(r.Warnings(), "\n"), "server could not keep up: it answered 0 of")
}

func TestServerThatDoesNotReadBlocksNoSchedule(t *testing.T) {
	address := faulty(t, func(net.Conn) { time.Sleep(5 * time.Second) })
	cfg := to(address)
	cfg.Clients, cfg.Rate, cfg.DataSize, cfg.Ratio = 2, 400, 1<<20, "1:0" // more than the socket buffers hold
	r, err := drive(t, cfg, window(0, 300*time.Millisecond))
	require.NoError(t, err)
	assert.Equal(t, r.Offered, r.Sent)
	assert.Equal(t, r.Offered, r.Unanswered)
	assert.Less(t, r.Lateness.P50, 0.1)
}

func TestNoRoomIsCounted(t *testing.T) {
	address := faulty(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	cfg := to(address)
	cfg.Clients, cfg.Rate = 1, 2000
	e, err := Connect(t.Context(), cfg)
	require.NoError(t, err)
	defer func() { assert.NoError(t, e.Close()) }()
	th := e.threads[0]
	th.arm(0, newClock(), window(0, 200*time.Millisecond))
	th.conns[0].ring = make([]request, 64) // a server this dead for a minute
	require.NoError(t, th.run())
	r := e.result(th.window, 0)
	assert.Equal(t, r.Offered-64, r.Overflow)
	assert.Contains(t, r.Invalid(1), "generator could not keep up")
	assert.Contains(t, r.Invalid(1), "found no room behind unanswered ones")
}

func TestRequestsEndTheLoad(t *testing.T) {
	cfg := to(faulty(t, answering(polite)))
	cfg.Threads, cfg.Pipeline, cfg.Requests = 2, 3, 50
	r, err := drive(t, cfg, window(0, time.Hour))
	require.NoError(t, err)
	_, _, all, err := r.Total()
	require.NoError(t, err)
	assert.Equal(t, int64(2*4*50), all.Count)
	assert.Less(t, r.Seconds, 30.0)
	assert.InDelta(t, float64(all.Count)/r.Seconds, r.Rate(), 1)
}

func TestRepliesInSmallPieces(t *testing.T) {
	big := "$200000\r\n" + strings.Repeat("y", 200000) + "\r\n"
	address := faulty(t, func(c net.Conn) {
		r := bufio.NewReader(c)
		for {
			args, err := command(r)
			if err != nil {
				return
			}
			if args[0] == "SET" {
				for _, b := range []byte("+OK\r\n") {
					_, _ = c.Write([]byte{b})
					time.Sleep(time.Millisecond)
				}
			} else if _, err := io.WriteString(c, big); err != nil {
				return
			}
		}
	})
	cfg := to(address)
	cfg.Ratio, cfg.Requests = "1:1", 20
	r, err := drive(t, cfg, window(0, time.Hour))
	require.NoError(t, err)
	sets, gets, _, err := r.Total()
	require.NoError(t, err)
	assert.Equal(t, int64(80), sets.Count+gets.Count)
	assert.Equal(t, gets.Count, gets.Hits)
	assert.Equal(t, gets.Count*int64(len(big)), gets.RX)
	assert.GreaterOrEqual(t, sets.Min, 0.004)
}

func TestErrorRepliesAreCounted(t *testing.T) {
	cfg := to(faulty(t, answering(func(args []string) string {
		if args[0] == "SET" {
			return "-OOM command not allowed\r\n"
		}
		return polite(args)
	})))
	cfg.Ratio, cfg.Requests = "1:1", 50
	r, err := drive(t, cfg, window(0, time.Hour))
	require.NoError(t, err)
	sets, gets, _, err := r.Total()
	require.NoError(t, err)
	assert.Equal(t, int64(100), sets.Errors)
	assert.Zero(t, sets.Count, "an error has no latency")
	assert.Equal(t, int64(100), gets.Misses)
	assert.Contains(t, strings.Join(r.Warnings(), "\n"), "OOM command not allowed")
}

func TestServerDiesInMidRun(t *testing.T) {
	for name, rate := range map[string]float64{"closed": 0, "open": 2000} {
		t.Run(name, func(t *testing.T) {
			var served atomic.Int64
			address := faulty(t, func(c net.Conn) {
				r := bufio.NewReader(c)
				for served.Add(1) < 200 {
					args, err := command(r)
					if err != nil {
						return
					}
					_, _ = io.WriteString(c, polite(args))
				}
			})
			cfg := to(address)
			cfg.Rate = rate
			began := time.Now()
			r, err := drive(t, cfg, window(0, 20*time.Second))
			require.ErrorIs(t, err, errGone)
			assert.Contains(t, err.Error(), address)
			assert.Less(t, time.Since(began), 5*time.Second, "promptly")
			assert.NotNil(t, r, "what was measured is kept")
		})
	}
}

func TestNonsenseIsAnError(t *testing.T) {
	for reply, want := range map[string]string{
		"HTTP/1.1 400 Bad Request\r\n": "not RESP 2",
		"*1\r\n+OK\r\n":                "an array does not answer",
		"+OK\r\n+OK\r\n+OK\r\n":        "nothing had asked for",
	} {
		cfg := to(faulty(t, answering(func([]string) string { return reply })))
		_, err := drive(t, cfg, window(0, 20*time.Second))
		assert.ErrorContains(t, err, want)
	}
}

func TestInterruptionKeepsWhatWasMeasured(t *testing.T) {
	cfg := to(faulty(t, answering(polite)))
	e, err := Connect(t.Context(), cfg)
	require.NoError(t, err)
	defer func() { assert.NoError(t, e.Close()) }()
	r, err := e.Run(cancelAfter(t, 300*time.Millisecond), window(0, time.Hour))
	require.NoError(t, err)
	assert.True(t, r.Interrupted)
	assert.InDelta(t, 0.3, r.Seconds, 0.25)
	_, _, all, err := r.Total()
	require.NoError(t, err)
	assert.Positive(t, all.Count)
	assert.Zero(t, r.Unanswered)
}

func TestConnectionRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	_, err = Connect(t.Context(), to(l.Addr().String()))
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	assert.Contains(t, err.Error(), l.Addr().String())
}

func TestSteadyStateDoesNotAllocate(t *testing.T) {
	th := idle(64)
	th.enc, th.out = newEncoder(th.cfg), make([]byte, 0, 4*chunk)
	th.plan = newSchedule(Config{Rate: 1, Threads: 1, Arrivals: Uniform}, 0, 0)
	c := &th.conns[0]
	reply := []byte("$3\r\nabc\r\n")
	require.NoError(t, th.replies(c, reply, 5))
	assert.Zero(t, testing.AllocsPerRun(1000, func() {
		th.push(c, newRequest(6, opGet, 77))
		th.dirty = th.dirty[:0]
		c.queued = false
		c.stamped = c.tail
		th.encode(c)
		if err := th.replies(c, reply, 7); err != nil {
			t.Fatal(err)
		}
	}))
}

func TestRingSettlesWhenNothingIsOutstanding(t *testing.T) {
	th := idle(2)
	c := &th.conns[0]
	require.NoError(t, th.replies(c, []byte("$-1\r\n"), 5))
	assert.Equal(t, []uint64{1, 2, 2, 2}, []uint64{c.head, c.sent, c.stamped, c.tail})
	require.NoError(t, th.replies(c, []byte("$-1\r\n"), 5))
	assert.Equal(t, []uint64{0, 0, 0, 0}, []uint64{c.head, c.sent, c.stamped, c.tail})
	assert.ErrorIs(t, th.replies(c, []byte("$-1\r\n"), 5), errUnasked)
}

func TestLeadFollowsTheWakeUps(t *testing.T) {
	th := &thread{}
	wake := func(late int64) {
		for range 2000 {
			th.learn(late)
		}
	}
	wake(5_000)
	assert.InDelta(t, 5_000, th.lead, 1_000, "a bare machine")
	wake(40_000)
	assert.InDelta(t, 40_000, th.lead, 1_000, "a virtual one")
	wake(10_000_000)
	assert.LessOrEqual(t, th.lead, int64(mostLead), "a busy one costs no more than that")
	wake(5_000)
	assert.InDelta(t, 5_000, th.lead, 1_000, "and it comes back")
}

func TestClockIsTheGates(t *testing.T) {
	c := newClock()
	before := gate.Now()
	now := c.now()
	after := gate.Now()
	const slack = 100_000 // ns: the clock was tied together within one preemption at worst
	assert.GreaterOrEqual(t, now, before-slack)
	assert.LessOrEqual(t, now, after+slack)
}
