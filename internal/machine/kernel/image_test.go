package kernel

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
)

// configured is an uncompressed kernel as far as it matters here: its
// configuration between the marks, and other bytes around, among them the mark
// where the code that looks for it would have it.
func configured(t testing.TB) []byte {
	t.Helper()
	kernel := append(bytes.Repeat([]byte("code "), 5000), "IKCFG_ST is looked for\x00"...)
	kernel = append(kernel, "IKCFG_ST"...)
	kernel = append(kernel, zip(t, captured(t))...)
	return append(kernel, "IKCFG_ED and data"...)
}

// bzImage puts a payload behind a setup of one sector, with the uncompressed
// size that the kernel's build appends.
func bzImage(payload []byte) []byte {
	image := make([]byte, 2*sector)
	image[offSetupSects] = 1
	copy(image[offMagic:], "HdrS")
	binary.LittleEndian.PutUint16(image[offVersion:], 0x20f)
	binary.LittleEndian.PutUint32(image[offPayload:], 7)
	binary.LittleEndian.PutUint32(image[offPayloadLength:], uint32(len(payload)+4))
	image = append(image, "startup"...)
	image = append(image, payload...)
	return append(image, 0, 0, 1, 0)
}

func lz4Packed(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := lz4.NewWriter(&b)
	require.NoError(t, w.Apply(lz4.LegacyOption(true)))
	_, err := w.Write(data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func zstdPacked(t testing.TB, data []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	return w.EncodeAll(data, nil)
}

func TestImageSaysWhatItIs(t *testing.T) {
	kernel := configured(t)
	for name, image := range map[string][]byte{
		"gzip":         bzImage(zip(t, kernel)),
		"lz4":          bzImage(lz4Packed(t, kernel)),
		"zstd":         bzImage(zstdPacked(t, kernel)),
		"uncompressed": append([]byte("\x7fELF"), kernel...),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "image")
			require.NoError(t, os.WriteFile(path, image, 0o600))
			f, err := ReadImage(path)
			require.NoError(t, err)
			assert.Equal(t, zoneFacts(), f)
		})
	}
}

func TestImageThatDoesNotSay(t *testing.T) {
	cut := bzImage(zip(t, configured(t)))
	old := bzImage(zip(t, configured(t)))
	binary.LittleEndian.PutUint16(old[offVersion:], 0x207)
	for name, tc := range map[string]struct {
		image  []byte
		says   string
		opaque bool
	}{
		"no configuration": {bzImage(zip(t, []byte("code"))), "no CONFIG_IKCONFIG", true},
		"xz":               {bzImage([]byte("\xfd7zXZ\x00")), "neither gzip, lz4, zstd nor bzip2", true},
		"damaged":          {bzImage([]byte("\x1f\x8bnothing")), "damaged", true},
		"damaged lz4":      {bzImage([]byte{0x02, 0x21, 0x4c, 0x18, 0xff, 0xff}), "damaged", true},
		"old protocol":     {old, "older than 2.08", true},
		"cut short":        {cut[:len(cut)/2], "cut short", false},
		"no image":         {[]byte("#!/bin/sh\n"), "neither a bzImage nor an ELF file", false},
		"empty":            {nil, "neither a bzImage nor an ELF file", false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := imageFacts(tc.image)
			require.ErrorContains(t, err, tc.says)
			if tc.opaque {
				assert.ErrorIs(t, err, ErrOpaque)
			} else {
				assert.NotErrorIs(t, err, ErrOpaque)
			}
		})
	}
}

// TestBuiltImageSaysWhatItIs reads a real kernel, the one that the guest tests
// boot.
func TestBuiltImageSaysWhatItIs(t *testing.T) {
	image, err := DefaultCache().Find(Spec{Name: "hz1000", HZ: 1000})
	var lack host.Missing
	if errors.As(err, &lack) {
		testneed.Met(t, lack)
	}
	require.NoError(t, err)
	f, err := ReadImage(image.Path)
	require.NoError(t, err)
	assert.Equal(t, image.Facts, f, "the image says what the note beside it says")
	assert.Equal(t, 1000, f.HZ)
	assert.True(t, f.SchedExt)
	assert.True(t, f.PreemptDynamic)
}

func FuzzImage(f *testing.F) {
	f.Add(bzImage(zip(f, configured(f))))
	f.Add(bzImage(lz4Packed(f, configured(f))))
	f.Add(bzImage([]byte("BZh9")))
	f.Add(bzImage(nil))
	f.Fuzz(func(t *testing.T, image []byte) {
		facts, err := imageFacts(image)
		assert.Equal(t, err == nil, facts.HZ != 0)
	})
}
