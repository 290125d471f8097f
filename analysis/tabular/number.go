package tabular

import (
	"bytes"
	"errors"
	"math"
	"strconv"
	"unicode/utf8"
)

// Reasons why a value is none. Each one says what to do about it.
var (
	errEmpty     = errors.New("the value is empty: write a number or leave the row out")
	errNotFinite = errors.New("the value is not a finite number: leave the row out and say so, or find out why it is none")
	errComma     = errors.New("the value has a decimal comma: write a decimal point")
	errNoNumber  = errors.New("the value is not a number: write one such as 12.5 or 3e-6, without a unit")
)

// number reads a decimal number. Up to 15 significant digits and no exponent,
// what nearly every file has, are read here: such a number is the quotient of
// two integers that a float64 holds exactly, so that the one rounding of the
// division gives the nearest float64 (Clinger 1990). All others are left to
// strconv.
func number(b []byte) (float64, error) {
	mantissa, digits, decimals, point := uint64(0), 0, 0, false
	rest := b
	if len(rest) > 0 && rest[0] == '-' {
		rest = rest[1:]
	}
	for _, c := range rest {
		switch {
		case c-'0' <= 9:
			mantissa = 10*mantissa + uint64(c-'0')
			digits++
			if point {
				decimals++
			}
		case c == '.' && !point:
			point = true
		default:
			return anyNumber(b)
		}
	}
	if digits == 0 || digits > 15 {
		return anyNumber(b)
	}
	if mantissa == 0 {
		return 0, nil // also for -0
	}
	v := float64(mantissa) / powerOfTen(decimals)
	if len(rest) < len(b) {
		v = -v
	}
	return v, nil
}

// powerOfTen returns 10^n for n from 0 to 15.
func powerOfTen(n int) float64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return float64(p)
}

func anyNumber(b []byte) (float64, error) {
	if len(b) == 0 {
		return 0, errEmpty
	}
	v, err := strconv.ParseFloat(string(b), 64)
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0) || bytes.EqualFold(b, []byte("NA")):
		return 0, errNotFinite
	case err == nil:
		return v, nil
	case bytes.Count(b, []byte(",")) == 1:
		if _, err := strconv.ParseFloat(string(bytes.Replace(b, []byte(","), []byte("."), 1)), 64); err == nil {
			return 0, errComma
		}
	}
	return 0, errNoNumber
}

// trim returns b without the space around it.
func trim(b []byte) []byte {
	if n := len(b); n == 0 || plain(b[0]) && plain(b[n-1]) {
		return b
	}
	return bytes.TrimSpace(b)
}

// plain says whether c is an ASCII sign that is no space.
func plain(c byte) bool { return c > ' ' && c < utf8.RuneSelf }
