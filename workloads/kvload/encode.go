package kvload

import "strconv"

// The operations of a load.
const (
	opSet = iota
	opGet
	ops
)

// request is one request of the schedule.
type request struct {
	intended int64  // send time that its latency counts from, CLOCK_MONOTONIC ns
	key      uint64 // number of the key, shifted left by 1, and the operation
}

func newRequest(intended int64, op int, key int64) request {
	return request{intended: intended, key: uint64(key)<<1 | uint64(op)}
}

func (r request) op() int { return int(r.key & 1) }

// encoder writes requests as RESP. Everything that does not depend on the key
// is prepared once.
type encoder struct {
	prefix []byte      // of keys
	start  [ops][]byte // up to the key's length
	value  []byte      // the value of a SET with its length, from the key's line end on
}

func newEncoder(cfg Config) *encoder {
	e := &encoder{prefix: []byte(cfg.KeyPrefix)}
	e.start[opSet] = []byte("*3\r\n$3\r\nSET\r\n$")
	e.start[opGet] = []byte("*2\r\n$3\r\nGET\r\n$")
	e.value = appendBulkHead([]byte("\r\n"), cfg.DataSize)
	for range cfg.DataSize {
		e.value = append(e.value, 'x')
	}
	e.value = append(e.value, '\r', '\n')
	return e
}

// append appends r to dst.
func (e *encoder) append(dst []byte, r request) []byte {
	op := r.op()
	dst = e.appendKey(append(dst, e.start[op]...), r.key>>1)
	if op == opSet {
		return append(dst, e.value...)
	}
	return append(dst, '\r', '\n')
}

// appendKey appends a key from its length to before its line end.
func (e *encoder) appendKey(dst []byte, key uint64) []byte {
	dst = strconv.AppendUint(dst, uint64(len(e.prefix)+digits(key)), 10)
	dst = append(dst, '\r', '\n')
	dst = append(dst, e.prefix...)
	return strconv.AppendUint(dst, key, 10)
}

// appendMany appends one command that sets count keys from first on.
func (e *encoder) appendMany(dst []byte, first, count int64) []byte {
	dst = append(dst, '*')
	dst = strconv.AppendInt(dst, 1+2*count, 10)
	dst = append(dst, "\r\n$4\r\nMSET\r\n"...)
	for key := first; key < first+count; key++ {
		dst = e.appendKey(append(dst, '$'), uint64(key))
		dst = append(dst, e.value...)
	}
	return dst
}

// digits returns how many decimal digits v has.
func digits(v uint64) int {
	n := 1
	for v >= 10 {
		v /= 10
		n++
	}
	return n
}
