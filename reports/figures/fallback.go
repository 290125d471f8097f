package figures

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"golang.org/x/image/font/sfnt"
)

// fallbackFiles returns where Debian and Ubuntu install fonts with many
// characters, the best ones first. WenQuanYi Micro Hei is not among them: its
// tables are not aligned, and the parser refuses it.
func fallbackFiles() []string {
	return []string{
		"/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
		"/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
		"/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
		"/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
		"/usr/share/fonts/truetype/droid/DroidSansFallback.ttf",
		"/usr/share/fonts/truetype/arphic/uming.ttc",
		"/usr/share/fonts/truetype/arphic/ukai.ttc",
	}
}

// firstFont returns the first of files that holds a font, nil when none does.
func firstFont(files []string) *sfnt.Font {
	for _, path := range files {
		if f, err := readFont(path); err == nil {
			return f
		}
	}
	return nil
}

// fontLimit is the largest font file that is read, in bytes. Noto Sans CJK with
// all its languages has 19 million.
const fontLimit = 128 << 20

// readFont reads a font from the file path. Of a collection it takes the font
// for simplified Chinese, which its name says, else the first.
func readFont(path string) (*sfnt.Font, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(file, fontLimit+1))
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, err
	}
	if len(raw) > fontLimit {
		return nil, fmt.Errorf("%s: more than %d bytes", path, fontLimit)
	}
	f, err := fontOf(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

func fontOf(raw []byte) (*sfnt.Font, error) {
	all, err := sfnt.ParseCollection(raw)
	if err != nil {
		return nil, err
	}
	for i := range all.NumFonts() {
		f, err := all.Font(i)
		if err != nil {
			return nil, err
		}
		if name, err := f.Name(nil, sfnt.NameIDFamily); err == nil && strings.HasSuffix(name, " SC") {
			return f, nil
		}
	}
	return all.Font(0)
}

// LackingWarning says what to do about chars, the characters that no font has,
// as Type.Lacking returns them. It is empty when there are none.
func LackingWarning(chars string) string {
	if chars == "" {
		return ""
	}
	const shown = 12
	some := []rune(chars)
	if len(some) > shown {
		some = append(some[:shown:shown], '…')
	}
	remedy := "install a font that has them and name its file: czbench figures --font FILE"
	if strings.ContainsFunc(chars, ideographic) {
		remedy = "install the Debian package fonts-noto-cjk, or name a font file: czbench figures --font FILE"
	}
	return fmt.Sprintf("no font has the characters %s, so that PDF and PNG show %c in their place: %s", string(some), placeholder, remedy)
}

// ideographic says whether r is of a script that is written without spaces and
// that fonts-noto-cjk has.
func ideographic(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo)
}
