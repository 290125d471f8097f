package host

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Fingerprint returns 16 hexadecimal digits over the facts that make two runs
// comparable: processor (model, flags, microcode, topology, SMT, governor,
// turbo, mitigations, hypervisor), kernel (release, command line, HZ,
// preemption, scheduler knobs, huge pages), clock source, cgroup layout,
// distribution and tool versions.
//
// It leaves out czbench's own version and commit, because a regression hunt
// compares commits on one machine; the size of memory, which differs by some
// pages from boot to boot; and the kernel's build string, which the release
// stands for. Facts that root alone can read are "unknown" to others, so runs
// of root and of a user have different fingerprints.
func Fingerprint(facts map[string]string) string {
	h := sha256.New()
	for _, key := range slices.Sorted(maps.Keys(facts)) {
		if inFingerprint(key) {
			fmt.Fprintf(h, "%q=%q\n", key, facts[key])
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Differing returns, in order, the names of the facts by which the fingerprints of
// two machines differ.
func Differing(a, b map[string]string) []string {
	var names []string
	for _, facts := range []map[string]string{a, b} {
		for name := range facts {
			was, inA := a[name]
			is, inB := b[name]
			if inFingerprint(name) && (was != is || inA != inB) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// inFingerprint reports whether a fact belongs to the fingerprint.
func inFingerprint(key string) bool {
	if key == "kernel.version" {
		return false
	}
	area, _, _ := strings.Cut(key, ".")
	return slices.Contains([]string{"cpu", "kernel", "clock", "cgroup", "os", "tool"}, area)
}
