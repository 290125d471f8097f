package tabular

import (
	"fmt"
	"strings"
)

// UnknownError says that a name is none of those that a file has. Whoever shows
// it can add which one may have been meant.
type UnknownError struct {
	File  string
	What  string   // "group", "column"
	Name  string   // the unknown one
	Known []string // those that there are, in the order of the file
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("%s: there is no %s %q", e.File, e.What, e.Name)
}

// place names a line of a file as an editor understands it.
func place(file string, line int64) string { return fmt.Sprintf("%s:%d", file, line) }

// quotedList writes names as: "a", "b", "c". It shows the first few only.
func quotedList(names []string) string {
	const most = 8
	var b strings.Builder
	for i, name := range names {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(names)-most)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", name)
	}
	return b.String()
}
