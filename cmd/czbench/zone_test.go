package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// czbench runs a command line in this process.
func czbench(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), &process{args: args, stdout: &out, stderr: &errs})
	return code, out.String(), errs.String()
}

// elfFile returns a file that could be a kernel, and does not tell which.
func elfFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vmlinux")
	require.NoError(t, os.WriteFile(path, []byte("\x7fELF"), 0o600))
	return path
}

const controlZone = `meta:
  name: cz01
  share_folder: /srv/share
os:
  kernel: %IMAGE%
  kcmdline: root=/dev/vda preempt=full mitigations=off
resource:
  cpuset: 0
  memory: 1024
`

// TestZoneRoundTrip imports a control zone, puts it into a scenario, exports it
// and imports it again.
func TestZoneRoundTrip(t *testing.T) {
	dir := t.TempDir()
	image := elfFile(t)
	first := filepath.Join(dir, "cz.yaml")
	require.NoError(t, os.WriteFile(first, []byte(strings.Replace(controlZone, "%IMAGE%", image, 1)), 0o600))

	code, blocks, warnings := czbench(t, "zone", "import", first)
	require.Equal(t, exitOK, code, warnings)
	assert.Contains(t, blocks, `cmdline = ["mitigations=off"]`)
	assert.Contains(t, warnings, `warning: meta.share_folder "/srv/share" has no counterpart: `)
	assert.Contains(t, warnings, `warning: os.kcmdline "root=/dev/vda" has no counterpart`)

	scenario := filepath.Join(dir, "s.hcl")
	require.NoError(t, os.WriteFile(scenario, []byte(blocks+`
scenario "s" {
  seed = 1
}

workload "redis" "kv" {
  zone = zone.cz01
  load "open" {
    zone = zone.cz01
    rate = 100
  }
}
`), 0o600))
	code, yaml, warnings := czbench(t, "zone", "export", scenario)
	require.Equal(t, exitOK, code, warnings)
	assert.Contains(t, warnings, "name one in os.rootfs")
	assert.Contains(t, yaml, "kcmdline: preempt=full mitigations=off")
	assert.Contains(t, yaml, "memory: 1024")

	second := filepath.Join(dir, "again.yaml")
	require.NoError(t, os.WriteFile(second, []byte(yaml), 0o600))
	code, again, _ := czbench(t, "zone", "import", second)
	require.Equal(t, exitOK, code)
	assert.Equal(t, withoutComments(blocks), again, "what both can say is the same")

	code, _, said := czbench(t, "zone", "export", scenario, "cz02")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, said, `scenario s has no VM zone "cz02"; it has cz01`)
}

func withoutComments(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), "#") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

func TestZoneImportWrong(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cz.yaml")
	require.NoError(t, os.WriteFile(file, []byte("meta: {name: a}\nos:\n  kernl: /k\n"), 0o600))
	code, out, said := czbench(t, "zone", "import", file)
	assert.Equal(t, exitUsage, code)
	assert.Empty(t, out)
	assert.Contains(t, said, `cz.yaml: line 3: os.kernl is not known; did you mean "kernel"?`)

	code, _, said = czbench(t, "zone", "import", file+".absent")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, said, "no such file")
}

// TestZoneExport holds which zone of a scenario is taken, and what is said
// where there is none that can be.
func TestZoneExport(t *testing.T) {
	t.Setenv("CZBENCH_CACHE", t.TempDir())
	const good = "../../scenarios/testdata/good/"
	code, out, said := czbench(t, "zone", "export", good+"kernel-factor.hcl")
	assert.Equal(t, exitMissing, code, "a kernel that is not built has no image")
	assert.Empty(t, out)
	assert.Contains(t, said, "czbench kernel build")

	code, _, said = czbench(t, "zone", "export", good+"two-zones.hcl")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, said, "scenario two-zones has several VM zones; name one of one, two")

	code, _, said = czbench(t, "zone", "export", good+"phases.hcl")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, said, "scenario phases has no VM zone")

	image := elfFile(t)
	text, err := os.ReadFile(good + "kernel-factor.hcl")
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "s.hcl")
	text = bytes.Replace(bytes.Replace(text, []byte("hz = 250\n"), []byte("image = \""+image+"\"\n"), 1),
		[]byte("hz = 1000\n"), []byte("image = \""+image+"\"\n"), 1)
	require.NoError(t, os.WriteFile(file, text, 0o600))
	code, out, said = czbench(t, "zone", "export", file, "cz")
	require.Equal(t, exitOK, code, said)
	assert.Contains(t, out, "kernel: "+image)
	assert.Contains(t, said, "zone cz differs between treatments; this is the first one, with kernel hz250: choose with --only")
	assert.Contains(t, said, `clock "virtual" has no counterpart`)
}
