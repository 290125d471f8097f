package kernel

import (
	"fmt"
	"regexp"
	"time"
)

// Stages of a build.
const (
	StageWaiting     = "waiting for another build"
	StageUnpacking   = "unpacking the source"
	StageConfiguring = "configuring"
	StageCompiling   = "compiling"
)

// usualFiles is about how many files the build of a zone kernel makes.
const usualFiles = 1850

// Progress is how far a build is.
type Progress struct {
	Kernel  string // name of the spec
	Stage   string
	Files   int           // made so far
	About   int           // will be made, roughly
	File    string        // the last one
	Elapsed time.Duration // since the build began
}

func (p Progress) String() string {
	elapsed := p.Elapsed.Round(time.Second)
	if p.Stage != StageCompiling {
		return fmt.Sprintf("kernel %s: %s, %s", p.Kernel, p.Stage, elapsed)
	}
	return fmt.Sprintf("kernel %s: %d of about %d files, %s, %s", p.Kernel, p.Files, p.About, elapsed, p.File)
}

// step recognises what a kernel build says of each file that it makes, such as
// "  CC      kernel/sched/fair.o".
type step struct{ pattern *regexp.Regexp }

func newStep() step {
	return step{regexp.MustCompile(`^  [A-Z][A-Z0-9_+]* +(\S+)$`)}
}

// file returns the file that a line of output names.
func (s step) file(line string) (string, bool) {
	m := s.pattern.FindStringSubmatch(line)
	if m == nil {
		return "", false
	}
	return m[1], true
}
