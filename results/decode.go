package results

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// readBins gives every interval of a latency log to yield, one at a time.
func readBins(in io.Reader, yield func(workload string, iv BinnedInterval) error) error {
	d := binDecoder{bins: NewBins()}
	return readLog(in, func(workload string, start, end float64, payload []byte) error {
		if err := d.decode(payload); err != nil {
			return err
		}
		return yield(workload, BinnedInterval{Start: start, End: end, Bins: d.bins})
	})
}

// The V2 format, big-endian: in base64 the cookie and the length of what is
// compressed, both 32 bits; compressed a header of 40 bytes (cookie, payload
// length, index offset, digits: 32 bits each; lowest value, highest value,
// conversion ratio: 64 bits each) and the payload. That is the counts by bin as
// zig-zag LEB128; a negative one is a number of empty bins.
const (
	hlogHeader   = 40
	hlogCookies  = ^uint32(0xf0) // without the bits that say how wide a count is
	longestCount = 9             // bytes; all bits of the ninth are data
)

// binDecoder decodes one histogram after another into the same bins, with the
// same buffers.
type binDecoder struct {
	raw      []byte
	source   bytes.Reader
	inflater io.ReadCloser
	payload  bytes.Buffer
	bins     *Bins
}

// decode makes bins hold an encoded histogram. One of another geometry than that
// of NewHistogram is left to the library.
func (d *binDecoder) decode(encoded []byte) error {
	d.bins.reset()
	if err := d.inflate(encoded); err != nil {
		return fmt.Errorf("read histogram: %w", err)
	}
	var header [hlogHeader]byte
	if _, err := io.ReadFull(d.inflater, header[:]); err != nil {
		return fmt.Errorf("read histogram header: %w", err)
	}
	field := func(at int) int64 { return int64(int32(binary.BigEndian.Uint32(header[at:]))) }
	lowest, highest := int64(binary.BigEndian.Uint64(header[16:])), int64(binary.BigEndian.Uint64(header[24:]))
	if uint32(field(0))&hlogCookies != uint32(hdrhistogram.V2EncodingCookieBase) || !hasBins(lowest, highest, field(12)) {
		hist, err := decodeHistogram(encoded)
		if err != nil {
			return err
		}
		return d.bins.AddHistogram(hist)
	}
	if err := d.read(field(4)); err != nil {
		return fmt.Errorf("read histogram: %w", err)
	}
	if err := d.bins.fill(d.payload.Bytes()); err != nil {
		d.bins.reset()
		return fmt.Errorf("decode histogram: %w", err)
	}
	return nil
}

// inflate begins to decompress an encoded histogram.
func (d *binDecoder) inflate(encoded []byte) (err error) {
	if d.raw, err = base64.StdEncoding.AppendDecode(d.raw[:0], encoded); err != nil {
		return err
	}
	if len(d.raw) < 8 || binary.BigEndian.Uint32(d.raw)&hlogCookies != uint32(hdrhistogram.V2CompressedEncodingCookieBase) {
		return errors.New("not a compressed histogram of format V2")
	}
	length := binary.BigEndian.Uint32(d.raw[4:])
	if int64(length) > int64(len(d.raw)-8) {
		return fmt.Errorf("%d bytes of %d are there", len(d.raw)-8, length)
	}
	d.source.Reset(d.raw[8 : 8+length])
	if d.inflater == nil {
		d.inflater, err = zlib.NewReader(&d.source)
		return err
	}
	return d.inflater.(zlib.Resetter).Reset(&d.source, nil)
}

// read reads a payload of length bytes, which must be all that there is.
func (d *binDecoder) read(length int64) error {
	if length < 0 || length > binCount*longestCount {
		return fmt.Errorf("a payload of %d bytes", length)
	}
	d.payload.Reset()
	if _, err := d.payload.ReadFrom(io.LimitReader(d.inflater, length+1)); err != nil {
		return err
	}
	if got := int64(d.payload.Len()); got != length {
		return fmt.Errorf("a payload of another length than %d bytes", length)
	}
	return nil
}

// fill counts what a payload says. b is empty before.
func (b *Bins) fill(payload []byte) error {
	at := 0
	for len(payload) > 0 {
		count, size := zigzag(payload)
		if size == 0 {
			return io.ErrUnexpectedEOF
		}
		payload = payload[size:]
		switch {
		case count < 0 && (count == math.MinInt64 || -count > int64(binCount-at)), count >= 0 && at == binCount:
			return fmt.Errorf("more than %d bins", binCount)
		case count < 0:
			at += int(-count)
			continue
		case count > 0:
			if err := b.hold(count); err != nil {
				return err
			}
			b.counts[at] = count
			b.cover(at, at+1)
		}
		at++
	}
	return nil
}

// zigzag decodes a LEB128 zig-zag number of at most 9 bytes. It returns how many
// these are, 0 when there are not enough.
func zigzag(data []byte) (value int64, size int) {
	var v uint64
	for i, c := range data {
		if last := i == longestCount-1; last || c < 0x80 {
			v |= uint64(c) << (7 * i)
			return int64(v>>1) ^ -int64(v&1), i + 1
		}
		v |= uint64(c&0x7f) << (7 * i)
	}
	return 0, 0
}
