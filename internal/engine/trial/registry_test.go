package trial

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/workloads"
)

func TestMissingNamesEachThingOnce(t *testing.T) {
	m, err := host.Open(host.Roots{})
	require.NoError(t, err)
	kind := workloads.Kind{Name: "script", New: func() workloads.Workload { return &actorScript{} }}
	r := Registry{Workloads: map[string]workloads.Kind{"script": kind}}
	s := specOf(t, actorScript{}, actorScript{})
	missing, err := r.Missing(m, s, s)
	require.NoError(t, err)
	assert.Empty(t, missing)

	s.Zones = []zones.Spec{{Name: "shared", Driver: zones.DriverHost, CPUs: units.NewCPUSet(4000)}}
	missing, err = r.Missing(m, s, s)
	require.NoError(t, err)
	require.Len(t, missing, 1)
	assert.Contains(t, missing[0].What, "4000")

	s.Workloads[0].Kind = "unheard-of"
	_, err = r.Missing(m, s)
	assert.ErrorContains(t, err, `workload kind "unheard-of" is not known`)
}
