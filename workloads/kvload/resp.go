package kvload

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// The kinds of reply, by their first byte.
// Source: https://redis.io/docs/latest/develop/reference/protocol-spec/
//
//	+OK\r\n                     simple string
//	-ERR unknown command\r\n    error
//	:42\r\n                     integer
//	$5\r\nhello\r\n             bulk of 5 bytes; $-1\r\n is none
//	*2\r\n…                     array of 2 replies; *-1\r\n is none
const (
	kindSimple  = '+'
	kindError   = '-'
	kindInteger = ':'
	kindBulk    = '$'
	kindArray   = '*'
)

// maxLine is the longest first line of a reply, in bytes: redis cuts inline
// text at 64 KiB.
const maxLine = 64 << 10

// head is the first line of a reply.
type head struct {
	kind byte
	size int64  // of a bulk (bytes) or an array (replies); −1 is none; the value of an integer
	text []byte // of a simple string or an error, within the buffer that was scanned
}

// errProtocol is what every reply that is not RESP is reported as.
var errProtocol = errors.New("the reply is not RESP 2")

// scan reads the first line of a reply from buf and returns its length with the
// line end. The length 0 says that more bytes are needed.
func scan(buf []byte) (head, int, error) {
	if len(buf) == 0 {
		return head{}, 0, nil
	}
	switch buf[0] {
	case kindSimple, kindError, kindInteger, kindBulk, kindArray:
	default:
		return head{}, 0, fmt.Errorf("%w: %q", errProtocol, clip(buf))
	}
	end := lineEnd(buf)
	if end < 0 {
		if len(buf) > maxLine {
			return head{}, 0, fmt.Errorf("%w: a line is longer than %d bytes", errProtocol, maxLine)
		}
		return head{}, 0, nil
	}
	h := head{kind: buf[0]}
	line := buf[1:end]
	if h.kind == kindSimple || h.kind == kindError {
		h.text = line
		return h, end + 2, nil
	}
	v, ok := parseInt(line)
	if !ok || h.kind != kindInteger && (v < -1 || v > maxDataSize) {
		return head{}, 0, fmt.Errorf("%w: %q", errProtocol, clip(buf[:end]))
	}
	h.size = v
	return h, end + 2, nil
}

// lineEnd returns where the first line end after the first byte of buf begins,
// or −1. Nearly every line is a few bytes long.
func lineEnd(buf []byte) int {
	for i := 1; i < len(buf)-1 && i < 8; i++ {
		if buf[i] == '\r' && buf[i+1] == '\n' {
			return i
		}
	}
	if i := bytes.Index(buf[1:], []byte("\r\n")); i >= 0 {
		return i + 1
	}
	return -1
}

// parseInt reads a decimal number without allocating on the usual path.
func parseInt(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 18 {
		v, err := strconv.ParseInt(string(b), 10, 64)
		return v, err == nil
	}
	digits, negative := b, false
	if b[0] == '-' {
		digits, negative = b[1:], true
	}
	var v int64
	for _, d := range digits {
		if d < '0' || d > '9' {
			return 0, false
		}
		v = v*10 + int64(d-'0')
	}
	if negative {
		v = -v
	}
	return v, len(digits) > 0
}

// clip cuts b to what a message can hold.
func clip(b []byte) []byte { return b[:min(len(b), 80)] }

// appendCommand appends args as a RESP array of bulks, which is how a client
// sends a command.
func appendCommand(dst []byte, args ...string) []byte {
	dst = append(dst, kindArray)
	dst = strconv.AppendInt(dst, int64(len(args)), 10)
	dst = append(dst, '\r', '\n')
	for _, a := range args {
		dst = appendBulkHead(dst, len(a))
		dst = append(dst, a...)
		dst = append(dst, '\r', '\n')
	}
	return dst
}

// appendBulkHead appends the first line of a bulk of size bytes.
func appendBulkHead(dst []byte, size int) []byte {
	dst = append(dst, kindBulk)
	dst = strconv.AppendInt(dst, int64(size), 10)
	return append(dst, '\r', '\n')
}
