package kernel

import (
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// ErrOpaque is wrapped by the error about an image that does not say what it is
// without being booted.
var ErrOpaque = errors.New("the image does not say what it is until it is booted")

// Marks around the configuration in a kernel with IKCONFIG (kernel/configs.c).
const (
	configStart = "IKCFG_ST"
	maxPayload  = 512 << 20 // bound of a decompressed kernel, bytes
)

// ReadImage reads from a kernel image, a bzImage or an uncompressed ELF file,
// what its configuration says. An image without one, or packed in a way that
// cannot be read here, is an error that wraps ErrOpaque.
func ReadImage(path string) (Facts, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Facts{}, fmt.Errorf("read kernel image: %w", err)
	}
	f, err := imageFacts(data)
	if err != nil {
		return Facts{}, fmt.Errorf("read kernel image %s: %w", path, err)
	}
	return f, nil
}

func imageFacts(data []byte) (Facts, error) {
	kernel := data
	if !bytes.HasPrefix(data, []byte("\x7fELF")) {
		payload, err := payload(data)
		if err != nil {
			return Facts{}, err
		}
		if kernel, err = unpack(payload); err != nil {
			return Facts{}, err
		}
	}
	at := bytes.LastIndex(kernel, []byte(configStart+"\x1f\x8b"))
	if at < 0 {
		return Facts{}, fmt.Errorf("%w: it has no CONFIG_IKCONFIG", ErrOpaque)
	}
	return ReadConfig(bytes.NewReader(kernel[at+len(configStart):]))
}

// Offsets in the header of a bzImage (Documentation/arch/x86/boot.rst, "The
// real-mode kernel header"): all fields are little-endian.
const (
	offSetupSects    = 0x1f1 // 1 byte, 0 is 4
	offMagic         = 0x202 // "HdrS"
	offVersion       = 0x206 // 2 bytes
	offPayload       = 0x248 // 4 bytes, from the end of the setup sectors
	offPayloadLength = 0x24c // 4 bytes
	endHeader        = 0x250
	payloadProtocol  = 0x208 // the first version with a payload
	sector           = 512
)

// payload returns the compressed kernel of a bzImage.
func payload(data []byte) ([]byte, error) {
	if len(data) < endHeader || string(data[offMagic:offMagic+4]) != "HdrS" {
		return nil, errors.New("neither a bzImage nor an ELF file")
	}
	if binary.LittleEndian.Uint16(data[offVersion:]) < payloadProtocol {
		return nil, fmt.Errorf("%w: its boot protocol is older than 2.08", ErrOpaque)
	}
	sectors := uint64(data[offSetupSects])
	if sectors == 0 {
		sectors = 4
	}
	start := (sectors+1)*sector + uint64(binary.LittleEndian.Uint32(data[offPayload:]))
	end := start + uint64(binary.LittleEndian.Uint32(data[offPayloadLength:]))
	if start >= end || end > uint64(len(data)) {
		return nil, errors.New("the bzImage is cut short")
	}
	return data[start:end], nil
}

// unpack decompresses the payload of a bzImage. The kernel's build appends the
// uncompressed size, 4 bytes, to it, which some decompressors take for damage:
// what came before an error counts when there is any.
func unpack(payload []byte) ([]byte, error) {
	r, err := decompressor(payload)
	if err != nil {
		return nil, err
	}
	kernel, err := io.ReadAll(io.LimitReader(r, maxPayload))
	if len(kernel) == 0 {
		return nil, fmt.Errorf("%w: its payload is damaged: %w", ErrOpaque, err)
	}
	return kernel, nil
}

// decompressor tells by its first bytes how a payload is packed, as
// lib/decompress.c does.
func decompressor(payload []byte) (io.Reader, error) {
	packed := bytes.NewReader(payload)
	switch {
	case bytes.HasPrefix(payload, []byte{0x1f, 0x8b}):
		r, err := gzip.NewReader(packed)
		if err != nil {
			return nil, fmt.Errorf("%w: its payload is damaged: %w", ErrOpaque, err)
		}
		r.Multistream(false)
		return r, nil
	case bytes.HasPrefix(payload, []byte{0x02, 0x21, 0x4c, 0x18}):
		return lz4.NewReader(packed), nil
	case bytes.HasPrefix(payload, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		r, err := zstd.NewReader(packed, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, fmt.Errorf("%w: its payload is damaged: %w", ErrOpaque, err)
		}
		return r, nil
	case bytes.HasPrefix(payload, []byte("BZh")):
		return bzip2.NewReader(packed), nil
	default:
		return nil, fmt.Errorf("%w: its payload is packed with neither gzip, lz4, zstd nor bzip2", ErrOpaque)
	}
}
