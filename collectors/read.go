package collectors

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// kernelFile is a file of the kernel that is kept open and read anew from its
// beginning on every tick, which saves the path walk.
type kernelFile struct {
	f *os.File
}

func openKernelFile(path string) (*kernelFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return &kernelFile{f: f}, nil
}

// read fills buf with the file's contents and returns the part that was filled.
// buf must be larger than the file.
func (k *kernelFile) read(buf []byte) ([]byte, error) {
	n, err := k.f.ReadAt(buf, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return buf[:n], nil
}

func (k *kernelFile) close() { _ = k.f.Close() } // opened for reading: nothing can be lost

// number reads the decimal number at the start of text, after blanks, and
// returns what follows it. Without a digit ok is false.
func number(text []byte) (n uint64, rest []byte, ok bool) {
	text = bytes.TrimLeft(text, " \t")
	i := 0
	for ; i < len(text) && text[i] >= '0' && text[i] <= '9'; i++ {
		n = n*10 + uint64(text[i]-'0')
	}
	return n, text[i:], i > 0
}

// numberAfter finds the line whose first word is line and reads the number that
// follows key in it, or follows the word itself when key is empty. An empty
// line means the first line of all.
func numberAfter(text []byte, line, key string) (uint64, bool) {
	for len(text) > 0 {
		var current []byte
		current, text, _ = bytes.Cut(text, []byte{'\n'})
		if !firstWord(current, line) {
			continue
		}
		_, after, found := bytes.Cut(current[len(line):], []byte(key))
		n, _, ok := number(after)
		return n, found && ok
	}
	return 0, false
}

func firstWord(line []byte, word string) bool {
	if word == "" {
		return true
	}
	return len(line) > len(word) && string(line[:len(word)]) == word && (line[len(word)] == ' ' || line[len(word)] == '\t')
}
