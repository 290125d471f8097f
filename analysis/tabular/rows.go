package tabular

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
)

// addAll adds the rows of a chunk without quotes. An error is about the line
// that is returned.
func (g *groups) addAll(l layout, c chunk) (line int64, err error) {
	line = c.line
	quick := l.group == 0 && l.value == 1 && len(l.columns) == 2
	for data := c.data; len(data) > 0; line++ {
		if quick {
			rest, rows := g.addQuick(data, l.delim)
			data, line = rest, line+rows
		}
		row, rest, _ := bytes.Cut(data, []byte{'\n'})
		data = rest
		row = bytes.TrimSuffix(row, []byte{'\r'})
		if len(row) == 0 {
			continue
		}
		f, n := l.split(row)
		if n != len(l.columns) {
			return line, raggedError(n, len(l.columns))
		}
		if err := g.add(trim(f.group), trim(f.value), line); err != nil {
			return line, err
		}
	}
	return line, nil
}

// addQuick adds rows from the beginning of data for as long as they are what
// nearly all rows of large files are: the name of a group that is known and an
// integer of up to seven digits. It returns what follows them, and how many they
// were. It looks at eight bytes at a time and hardly branches, because names and
// numbers of digits that change from row to row would be guessed wrong.
func (g *groups) addQuick(data []byte, delim byte) (rest []byte, rows int64) {
	delims := uint64(delim) * everyByte
	for ; ; rows++ {
		end, hash := nameEnd(data, delims)
		if end == 0 || len(data) < end+10 { // delimiter, eight bytes, and a line feed behind CR
			return data, rows
		}
		k := g.slots[hash>>(64-slotBits)]
		if k == 0 || string(g.names[k-1]) != string(data[:end]) {
			return data, rows
		}
		v, digits := integer(binary.LittleEndian.Uint64(data[end+1:]))
		end += 1 + digits
		if data[end] == '\r' {
			end++
		}
		if digits == 0 || data[end] != '\n' || !g.tallies[k-1].addSmall(v) {
			return data, rows
		}
		data = data[end+1:]
	}
}

// everyByte times a byte is a word of eight of that byte.
const everyByte = 0x0101010101010101

// nameEnd returns the length of the first field of data and a hash of it. It is
// 0 where the field is empty or reaches to the last bytes of data.
func nameEnd(data []byte, delims uint64) (end int, hash uint64) {
	const multiplier = 0x9e3779b97f4a7c15 // odd, of Knuth's multiplicative hashing
	for ; end+8 <= len(data); end += 8 {
		word := binary.LittleEndian.Uint64(data[end:])
		x := word ^ delims
		if zeros := (x - everyByte) &^ x & (0x80 * everyByte); zeros != 0 { // the lowest one is the first zero byte of x
			n := bits.TrailingZeros64(zeros) &^ 7
			return end + n/8, (hash ^ word&(1<<n-1)) * multiplier
		}
		hash = (hash ^ word) * multiplier
	}
	return 0, 0
}

// integer returns the number that a little-endian word of text begins with, and
// how many of its bytes are digits: 0 where all eight are, as it may go on.
func integer(word uint64) (v, digits int) {
	x := word ^ '0'*everyByte // digits become 0…9
	others := (x + 0x76*everyByte | x) & (0x80 * everyByte)
	if others == 0 {
		return 0, 0
	}
	n := bits.TrailingZeros64(others) &^ 7
	x = x << 1 << (63 - n)                           // behind leading zeros; a shift of 64 for none
	x = x * (10<<8 + 1) >> 8 & 0x00ff00ff00ff00ff    // pairs of digits
	x = x * (100<<16 + 1) >> 16 & 0x0000ffff0000ffff // fours
	return int(x * (10000<<32 + 1) >> 32), n / 8
}

// fields are those of a row that are looked at.
type fields struct {
	group, value, block []byte
}

// split returns the fields of a row without quotes, and how many it has. The
// block is left out: who has blocks does not come here.
func (l *layout) split(row []byte) (f fields, n int) {
	begin := 0
	for i := 0; i <= len(row); i++ {
		if i < len(row) && row[i] != l.delim {
			continue
		}
		switch n {
		case l.group:
			f.group = row[begin:i]
		case l.value:
			f.value = row[begin:i]
		}
		n, begin = n+1, i+1
	}
	return f, n
}

func raggedError(n, want int) error {
	return fmt.Errorf("the row has another number of fields than the first line, %d instead of %d: fill it up, or quote a field that contains the delimiter", n, want)
}
