package kvload

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestScan(t *testing.T) {
	for in, want := range map[string]head{
		"+OK\r\n":                      {kind: kindSimple, text: []byte("OK")},
		"+\r\n":                        {kind: kindSimple, text: []byte{}},
		"-ERR no\r\n":                  {kind: kindError, text: []byte("ERR no")},
		":-42\r\n":                     {kind: kindInteger, size: -42},
		"$-1\r\n":                      {kind: kindBulk, size: -1},
		"$5\r\nhello\r\n":              {kind: kindBulk, size: 5},
		"$1000000\r\nx":                {kind: kindBulk, size: 1000000},
		"*2\r\n$1\r\n":                 {kind: kindArray, size: 2},
		"-a long line here\r\n+OK\r\n": {kind: kindError, text: []byte("a long line here")},
	} {
		h, n, err := scan([]byte(in))
		require.NoError(t, err, in)
		assert.Equal(t, strings.Index(in, "\r\n")+2, n, in)
		assert.Equal(t, want, h, in)
	}
}

func TestScanWantsMore(t *testing.T) {
	for _, whole := range []string{"+OK\r\n", "$123\r\n", "-ERR something long enough\r\n"} {
		for i := range len(whole) {
			_, n, err := scan([]byte(whole[:i]))
			require.NoError(t, err, whole[:i])
			assert.Zero(t, n, whole[:i])
		}
	}
}

func TestScanRefuses(t *testing.T) {
	for _, in := range []string{
		"HTTP/1.1 400\r\n", "$\r\n", "$x\r\n", "$-2\r\n", "$-\r\n", "$999999999999\r\n", "$99999999999999999999999\r\n",
		"*-7\r\n", "\r\n", "+" + strings.Repeat("x", maxLine+1),
	} {
		_, _, err := scan([]byte(in))
		require.ErrorIs(t, err, errProtocol, clip([]byte(in)))
		assert.Less(t, len(err.Error()), 200, "the message stays short")
	}
}

func FuzzScan(f *testing.F) {
	for _, s := range []string{"+OK\r\n", "$5\r\nhello\r\n", "$-1\r\n", "*2\r\n", ":1\r\n", "-ERR\r\n", "$9223372036854775807\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		h, n, err := scan(in)
		if err != nil {
			return
		}
		require.LessOrEqual(t, n, len(in))
		if n == 0 {
			return
		}
		assert.Equal(t, "\r\n", string(in[n-2:n]))
		if h.kind == kindBulk || h.kind == kindArray {
			assert.GreaterOrEqual(t, h.size, int64(-1))
			assert.LessOrEqual(t, h.size, int64(maxDataSize))
		}
		again, m, err := scan(in[:n]) // what follows a line does not change it
		require.NoError(t, err)
		assert.Equal(t, n, m)
		assert.Equal(t, h, again)
	})
}

// FuzzReplies feeds a connection with anything at all, in two parts: whatever
// comes, the thread counts replies or ends with an error, and the cut changes
// nothing.
func FuzzReplies(f *testing.F) {
	f.Add([]byte("+OK\r\n$-1\r\n$3\r\nabc\r\n"), 7)
	f.Add([]byte("-ERR x\r\n:1\r\n"), 3)
	f.Add([]byte("*1\r\n"), 1)
	f.Fuzz(func(t *testing.T, in []byte, cut int) {
		cut = max(0, min(cut, len(in)))
		whole, split := idle(64), idle(64)
		err := whole.replies(&whole.conns[0], in, 5)
		errSplit := split.replies(&split.conns[0], in[:cut], 5)
		if errSplit == nil {
			rest := append(append([]byte{}, split.conns[0].rest...), in[cut:]...)
			errSplit = split.replies(&split.conns[0], rest, 5)
		}
		assert.Equal(t, err == nil, errSplit == nil)
		if err == nil {
			assert.Equal(t, whole.conns[0].head, split.conns[0].head)
			assert.Equal(t, whole.outstanding, split.outstanding)
		}
	})
}

// idle returns a thread with one connection on which n requests are outstanding
// and none follows.
func idle(n int) *thread {
	cfg := Default()
	t := &thread{cfg: cfg, rec: newRecorder(0, second), stream: newStream(cfg, 0), outstanding: int64(n)}
	ring := make([]request, ringSize(int64(n)))
	for i := range ring {
		ring[i] = newRequest(1, opGet, 1)
	}
	t.conns = []conn{{ring: ring, sent: uint64(n), stamped: uint64(n), tail: uint64(n)}}
	return t
}

func TestEncode(t *testing.T) {
	cfg := Default()
	cfg.DataSize = 5
	e := newEncoder(cfg)
	assert.Equal(t, string(appendCommand(nil, "GET", "memtier-0")), string(e.append(nil, newRequest(0, opGet, 0))))
	assert.Equal(t, string(appendCommand(nil, "SET", "memtier-12345", "xxxxx")), string(e.append(nil, newRequest(0, opSet, 12345))))
	assert.Equal(t, "*2\r\n$3\r\nGET\r\n$10\r\nmemtier-99\r\n", string(e.append(nil, newRequest(0, opGet, 99))))
}
