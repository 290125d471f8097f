package reports

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// maxSlug bounds the name of a file, which many systems do at 255 bytes.
const maxSlug = 120

// slug makes a file name of s: letters and digits of ASCII, in lower case, and
// hyphens. What loses other letters that way, or its end, has a part of its
// checksum instead, so that it is neither empty nor another's.
func slug(s string) string {
	lossy := false
	keep := func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 0x80 && r != '·': // which joins the parts of labels
			lossy = true
		}
		return '-'
	}
	parts := strings.FieldsFunc(strings.Map(keep, s), func(r rune) bool { return r == '-' })
	name := strings.Join(parts, "-")
	if len(name) > maxSlug {
		name, lossy = name[:maxSlug], true
	}
	if lossy || name == "" {
		sum := sha256.Sum256([]byte(s))
		name = strings.Trim(name+"-"+hex.EncodeToString(sum[:4]), "-")
	}
	return name
}
