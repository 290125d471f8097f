package tabular

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

const (
	// chunkSize is how much of a file is read and parsed at a time.
	chunkSize = 1 << 18
	// longestLine bounds a line without quotes.
	longestLine = chunkSize
)

// chunk is a piece of a file that begins and ends with a line.
type chunk struct {
	data []byte
	line int64 // of its first line
}

// chunks cuts what it reads into chunks.
type chunks struct {
	file string
	r    io.Reader
	line int64  // of the next chunk
	rest []byte // the beginning of a line whose end was not read yet
	eof  bool
}

// next returns the next chunk in buffer, which it may replace by a larger one.
// It is empty at the end of the file.
func (c *chunks) next(buffer []byte) (chunk, error) {
	n := copy(buffer[:cap(buffer)], c.rest)
	buffer = buffer[:cap(buffer)]
	for !c.eof && n < len(buffer) {
		k, err := c.r.Read(buffer[n:])
		n += k
		if errors.Is(err, io.EOF) {
			c.eof = true
		} else if err != nil {
			return chunk{}, fmt.Errorf("read %s: %w", c.file, err)
		}
	}
	end := n
	if !c.eof {
		end = bytes.LastIndexByte(buffer[:n], '\n') + 1
		if end == 0 {
			return chunk{}, fmt.Errorf("%s: the line is longer than %d bytes: is this a CSV file?", place(c.file, c.line), longestLine)
		}
	}
	c.rest = append(c.rest[:0], buffer[end:n]...)
	piece := chunk{data: buffer[:end], line: c.line}
	c.line += int64(bytes.Count(piece.data, []byte{'\n'}))
	return piece, nil
}
