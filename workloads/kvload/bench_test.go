package kvload

import (
	"testing"
)

func BenchmarkScan(b *testing.B) {
	b.ReportAllocs()
	replies := []byte("$32\r\n12345678901234567890123456789012\r\n")
	for b.Loop() {
		if _, n, err := scan(replies); n == 0 || err != nil {
			b.Fatal(n, err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	b.ReportAllocs()
	e := newEncoder(Default())
	buf := make([]byte, 0, 256)
	q := newRequest(0, opGet, 123456)
	for b.Loop() {
		buf = e.append(buf[:0], q)
	}
	b.SetBytes(int64(len(buf)))
}

func BenchmarkDraw(b *testing.B) {
	b.ReportAllocs()
	s := newStream(Default(), 0)
	for b.Loop() {
		s.draw()
	}
}

func BenchmarkRecord(b *testing.B) {
	b.ReportAllocs()
	r := newRecorder(0, 10*second)
	q := newRequest(5, opGet, 1)
	for b.Loop() {
		r.record(q, 123456)
	}
}

// BenchmarkReply is everything that one reply costs outside the kernel.
func BenchmarkReply(b *testing.B) {
	b.ReportAllocs()
	t := idle(64)
	c := &t.conns[0]
	reply := []byte("$32\r\n12345678901234567890123456789012\r\n")
	for b.Loop() {
		c.sent, c.tail = c.sent+1, c.tail+1
		if err := t.replies(c, reply, 5); err != nil {
			b.Fatal(err)
		}
	}
}
