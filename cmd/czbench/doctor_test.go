package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
)

func TestDoctorPrintsFindingsWithRemedies(t *testing.T) {
	e := examination{
		Facts: map[string]string{
			"cpu.model": "Model", "cpu.topology": "packages=1", "os.release": "Debian",
			"kernel.release": "6.1", "kernel.hz": "250", "kernel.preempt": "none",
		},
		Findings: []host.Finding{
			{Subject: "root", Status: host.Good, Text: "czbench runs as root"},
			{Subject: "redis", Status: host.Absent, Text: "not installed", Remedy: "apt-get install redis-server"},
		},
	}
	var out bytes.Buffer
	require.NoError(t, e.print(&out))
	assert.Equal(t, `Model, packages=1
Debian, Linux 6.1 (250 Hz, preempt none)

ok       root   czbench runs as root
missing  redis  not installed
                → apt-get install redis-server
`, out.String())
}

func TestDoctorOnThisMachine(t *testing.T) {
	var out bytes.Buffer
	cmd := newDoctorCommand(&process{stdout: &out})
	cmd.SetArgs([]string{"--json"})
	require.NoError(t, cmd.ExecuteContext(t.Context()))
	var got examination
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	assert.NotEmpty(t, got.Findings)
	assert.NotEmpty(t, got.Facts["kernel.release"])
}
