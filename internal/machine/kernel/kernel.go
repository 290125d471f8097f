// Package kernel provides the kernels of control zones: it configures and
// builds them, keeps them in a cache under a hash of everything that went into
// them, and reads from an image what it is.
package kernel

import (
	"fmt"
	"slices"
	"strings"

	"github.com/czbench/czbench/internal/config"
)

// Spec is a kernel as a scenario declares it. Plain data: it survives JSON.
type Spec struct {
	Name    string   `json:"name"`
	HZ      int      `json:"hz,omitempty" hcl:"hz,optional"`           // 100, 250, 300 or 1000; 0 is 250, and of an image whatever it has
	Preempt string   `json:"preempt,omitempty" hcl:"preempt,optional"` // none, voluntary or full; empty is the kernel's own default
	Source  string   `json:"source,omitempty" hcl:"source,optional"`   // a source tree or archive; empty is Debian's linux-source-6.12
	Config  []string `json:"config,omitempty" hcl:"config,optional"`   // further lines, as in "CONFIG_NO_HZ_FULL=y"
	Cmdline []string `json:"cmdline,omitempty" hcl:"cmdline,optional"` // further kernel parameters
	Image   string   `json:"image,omitempty" hcl:"image,optional"`     // a kernel that is built already; excludes source and config
}

// DefaultHZ is the tick of a kernel that does not say, as Debian has it.
const DefaultHZ = 250

// frequencies are the ticks that Linux can be built for on x86
// (kernel/Kconfig.hz).
func frequencies() []int { return []int{100, 250, 300, 1000} }

// Preemption models, by the names of the kernel parameter "preempt"
// (Documentation/admin-guide/kernel-parameters.txt).
const (
	PreemptNone      = "none"
	PreemptVoluntary = "voluntary"
	PreemptFull      = "full"
)

// Check implements config.Checker.
func (s Spec) Check() []config.Problem {
	var problems []config.Problem
	if s.HZ != 0 && !slices.Contains(frequencies(), s.HZ) {
		problems = append(problems, problem("hz", "No such tick", "Linux ticks 100, 250, 300 or 1000 times a second, not %d times", s.HZ))
	}
	if s.Preempt != "" && !slices.Contains([]string{PreemptNone, PreemptVoluntary, PreemptFull}, s.Preempt) {
		problems = append(problems, problem("preempt", "No such preemption model", "%q is none of \"none\", \"voluntary\" and \"full\"", s.Preempt))
	}
	if s.Image != "" && s.Source != "" {
		problems = append(problems, problem("source", "An image has no source", "image names a kernel that is built already: leave out source or image"))
	}
	if s.Image != "" && len(s.Config) > 0 {
		problems = append(problems, problem("config", "An image has its configuration", "image names a kernel that is built already: leave out config or image"))
	}
	return slices.Concat(problems, checkConfig(s.Config), checkCmdline(s.Cmdline))
}

func problem(field, summary, detail string, args ...any) config.Problem {
	return config.Problem{Field: field, Summary: summary, Detail: fmt.Sprintf(detail, args...)}
}

func checkConfig(lines []string) []config.Problem {
	var problems []config.Problem
	for _, text := range lines {
		l, ok := parseLine(text)
		switch {
		case !ok:
			problems = append(problems, problem("config", "Not a line of a kernel configuration",
				"%q does not set an option: write a line such as \"CONFIG_SWAP=y\", or with =n to leave one out", text))
		case l.name == "CONFIG_HZ" || strings.HasPrefix(l.name, "CONFIG_HZ_"):
			problems = append(problems, problem("config", "The tick has an argument of its own", "write hz = 1000 instead of %q", text))
		}
	}
	return problems
}

func checkCmdline(words []string) []config.Problem {
	var problems []config.Problem
	for _, word := range words {
		if word == "" || strings.ContainsFunc(word, isSpace) {
			problems = append(problems, problem("cmdline", "Not a kernel parameter", "%q: each parameter is a text of its own, without spaces", word))
		}
	}
	return problems
}

func isSpace(r rune) bool { return r <= ' ' }

// Params returns the kernel parameters that s asks for.
func (s Spec) Params() []string {
	var params []string
	if s.Preempt != "" {
		params = append(params, "preempt="+s.Preempt)
	}
	return append(params, s.Cmdline...)
}

// line is one option of a kernel configuration. The value "n" is an option that
// is left out.
type line struct{ name, value string }

func (l line) String() string { return l.name + "=" + l.value }

// parseLine reads a line such as "CONFIG_HZ=250"; false is any other.
func parseLine(text string) (line, bool) {
	name, value, _ := strings.Cut(text, "=")
	if !strings.HasPrefix(name, "CONFIG_") || strings.ContainsFunc(name, isSpace) {
		return line{}, false
	}
	bare := value
	if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
		bare = strings.ReplaceAll(value[1:len(value)-1], " ", "") // a text may have spaces
	}
	if value == "" || strings.ContainsFunc(bare, isSpace) || strings.Contains(bare, `"`) {
		return line{}, false
	}
	return line{name, value}, true
}
