package tabular

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestInteger(t *testing.T) {
	for text, want := range map[string][2]int{
		"0\n......": {0, 1}, "7,......": {7, 1}, "42\r\n....": {42, 2}, "007 ....": {7, 3}, "1234567\n": {1234567, 7}, "9999999x": {9999999, 7},
		"12345678": {0, 0}, "\n1234567": {0, 0}, "-1\n.....": {0, 0}, "12\xff3\n...": {12, 2}, "9/123456": {9, 1}, "9:123456": {9, 1}, "1\x00\xf0\xff....": {1, 1},
	} {
		v, digits := integer(binary.LittleEndian.Uint64([]byte(text)))
		assert.Equal(t, want, [2]int{v, digits}, "%q", text)
	}
}
