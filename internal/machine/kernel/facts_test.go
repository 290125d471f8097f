package kernel

import (
	"bytes"
	"compress/gzip"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// captured is the configuration of a zone kernel as its build left it, shortened
// to the options of scheduling, cgroups and BPF.
func captured(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/hz1000.config")
	require.NoError(t, err)
	return text
}

func zip(t testing.TB, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// zoneFacts are those of the captured configuration.
func zoneFacts() Facts {
	return Facts{Version: "6.12.117", HZ: 1000, Preempt: "full", PreemptDynamic: true, SchedExt: true, BTF: true, NoHZFull: true}
}

func TestReadConfig(t *testing.T) {
	for name, text := range map[string][]byte{
		"text":               captured(t),
		"gzipped":            zip(t, captured(t)),
		"gzipped, with more": append(zip(t, captured(t)), "IKCFG_ED and the rest of a kernel"...),
	} {
		t.Run(name, func(t *testing.T) {
			f, err := ReadConfig(bytes.NewReader(text))
			require.NoError(t, err)
			assert.Equal(t, zoneFacts(), f)
		})
	}
}

func TestReadConfigOfADistribution(t *testing.T) {
	f, err := ReadConfig(strings.NewReader(`#
# Automatically generated file; DO NOT EDIT.
# Linux/x86 6.1.140 Kernel Configuration
#
CONFIG_PREEMPT_VOLUNTARY=y
# CONFIG_PREEMPT is not set
# CONFIG_SCHED_CLASS_EXT is not set
CONFIG_HZ_250=y
CONFIG_HZ=250
`))
	require.NoError(t, err)
	assert.Equal(t, Facts{Version: "6.1.140", HZ: 250, Preempt: "voluntary"}, f)
}

func TestReadConfigRefusesAnythingElse(t *testing.T) {
	for name, text := range map[string]string{
		"empty":        "",
		"prose":        "A kernel ticks.\n",
		"cut gzip":     string(zip(t, captured(t))[:40]),
		"not gzip":     "\x1f\x8bnothing",
		"no frequency": "CONFIG_SMP=y\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadConfig(strings.NewReader(text))
			assert.ErrorContains(t, err, "read kernel configuration: ")
		})
	}
}

func TestContradicts(t *testing.T) {
	fixed := Facts{HZ: 250, Preempt: "none"}
	for name, tc := range map[string]struct {
		facts Facts
		spec  Spec
		want  []string
	}{
		"the same":             {zoneFacts(), Spec{HZ: 1000, Preempt: "none"}, nil},
		"nothing asked for":    {fixed, Spec{}, nil},
		"nothing known":        {Facts{}, Spec{HZ: 1000, Preempt: "full"}, nil},
		"tick":                 {fixed, Spec{HZ: 1000}, []string{"the image has HZ 250 and the scenario says 1000"}},
		"preemption is fixed":  {fixed, Spec{Preempt: "full"}, []string{`the image is built for preemption "none", without a choice, and the scenario says "full"`}},
		"fixed, but the right": {fixed, Spec{Preempt: "none"}, nil},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, tc.want, tc.facts.Contradicts(tc.spec)) })
	}
}

func FuzzReadConfig(f *testing.F) {
	f.Add(captured(f))
	f.Add(zip(f, captured(f)))
	f.Add([]byte("CONFIG_HZ=-1\n# Linux/"))
	f.Fuzz(func(t *testing.T, text []byte) {
		facts, err := ReadConfig(bytes.NewReader(text))
		assert.Equal(t, err == nil, facts.HZ != 0, "facts without a tick, or a tick without facts")
	})
}
