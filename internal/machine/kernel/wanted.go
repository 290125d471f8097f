package kernel

import (
	"bufio"
	_ "embed"
	"io"
	"slices"
	"strconv"
	"strings"
)

// fragment is what every zone kernel has. The file says why.
//
//go:embed zone.config
var fragment string

// wanted returns the options that a kernel is built with, over the smallest
// configuration there is: the fragment, the tick, then the lines of the spec,
// which may overrule the fragment. Each option occurs once.
func wanted(s Spec) []line {
	hz := s.HZ
	if hz == 0 {
		hz = DefaultHZ
	}
	var lines []line
	texts := strings.Split(fragment, "\n")
	texts = append(texts, "CONFIG_HZ_"+strconv.Itoa(hz)+"=y", "CONFIG_HZ="+strconv.Itoa(hz))
	for _, text := range append(texts, s.Config...) {
		l, ok := parseLine(text)
		if !ok {
			continue // a comment: the lines of a spec are checked
		}
		lines = slices.DeleteFunc(lines, func(o line) bool { return o.name == l.name })
		lines = append(lines, l)
	}
	return lines
}

// texts returns lines as they are written into a configuration.
func texts(lines []line) []string {
	var out []string
	for _, l := range lines {
		out = append(out, l.String())
	}
	return out
}

// lost returns those of the wanted options that a finished configuration has
// not, or has otherwise. The kernel's tool drops without a word what a
// dependency forbids.
func lost(want []line, got map[string]string) []string {
	var out []string
	for _, l := range want {
		value, set := got[l.name]
		if !set {
			value = "n"
		}
		if value != l.value {
			out = append(out, l.String())
		}
	}
	return out
}

// readOptions reads a kernel configuration: its options that are set, and the
// version that its first lines name, if they do. A sample:
//
//	#
//	# Automatically generated file; DO NOT EDIT.
//	# Linux/x86 6.12.117 Kernel Configuration
//	#
//	CONFIG_HZ=1000
//	# CONFIG_SWAP is not set
//	CONFIG_CC_VERSION_TEXT="gcc (Debian 12.2.0-14+deb12u1) 12.2.0"
//
// See Documentation/kbuild/kconfig.rst.
func readOptions(r io.Reader) (options map[string]string, version string, err error) {
	options = map[string]string{}
	scanner := bufio.NewScanner(r)
	for scanner.Scan() {
		text := scanner.Text()
		if rest, ok := strings.CutPrefix(text, "# Linux/"); ok && version == "" {
			if words := strings.Fields(rest); len(words) == 4 {
				version = words[1]
			}
		}
		if l, ok := parseLine(text); ok && l.value != "n" {
			options[l.name] = l.value
		}
	}
	return options, version, scanner.Err()
}
