package vm

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/digitalocean/go-libvirt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/zones"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestDomain(t *testing.T) {
	base := Spec{
		Name: "cz", Kernel: "/cache/bzImage", Initrd: "/run/a & b/initramfs", Args: []string{"czbench.mode=agent"},
		VCPUs: 1, Memory: 512 << 20, Accel: zones.AccelTCG, Clock: zones.ClockReal,
	}
	cases := []struct {
		name   string
		change func(s *Spec)
	}{
		{"real", func(s *Spec) { s.VCPUs, s.CPUs = 2, units.NewCPUSet(2, 3, 4) }},
		{"kvm-unpinned", func(s *Spec) { s.Accel = zones.AccelKVM }},
		{"more-vcpus-than-cpus", func(s *Spec) { s.VCPUs, s.CPUs = 4, units.NewCPUSet(0, 1) }},
		{"virtual", func(s *Spec) { s.Clock, s.Shift, s.CPUs = zones.ClockVirtual, 1, units.NewCPUSet(1) }},
		{"virtual-2", func(s *Spec) { s.Clock, s.VCPUs, s.CPUs = zones.ClockVirtual, 2, units.NewCPUSet(0, 1) }},
	}
	id := identity{name: "czbench-cz-0a0b0c0d0e0f", uuid: libvirt.UUID{10: 10, 11, 12, 13, 14, 15}}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := base
			c.change(&s)
			xml, err := domain(s, Options{Dir: "/run/vm", Console: "/run/vm/console", Output: "/run/vm/output"}, id).Marshal()
			require.NoError(t, err)
			user := fmt.Sprintf("+%d:+%d", os.Geteuid(), os.Getegid())
			xml = strings.Replace(xml, user, "+UID:+GID", 1) + "\n"
			path := filepath.Join("testdata", "domains", c.name+".xml")
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(xml), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, string(want), xml)
		})
	}
}

func TestNewIdentityIsUnique(t *testing.T) {
	a, b := newIdentity("cz"), newIdentity("cz")
	assert.NotEqual(t, a.name, b.name)
	assert.NotEqual(t, a.uuid, b.uuid)
	assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, a.text())
	assert.Regexp(t, `^czbench-cz-[0-9a-f]{12}$`, a.name)
}

func TestVCPUUsage(t *testing.T) {
	param := func(field string, value any) libvirt.TypedParam {
		return libvirt.TypedParam{Field: field, Value: libvirt.TypedParamValue{I: value}}
	}
	usage := vcpuUsage([]libvirt.TypedParam{
		param("vcpu.current", uint32(2)), param("vcpu.maximum", uint32(2)),
		param("vcpu.1.state", int32(1)), param("vcpu.1.time", uint64(250000000)), param("vcpu.1.wait", uint64(0)), param("vcpu.1.delay", uint64(38177519)),
		param("vcpu.0.state", int32(1)), param("vcpu.0.time", uint64(1790000000)), param("vcpu.0.wait", uint64(0)), param("vcpu.0.delay", uint64(0)),
		param("vcpu.x.time", uint64(1)), param("vcpu.0.time.more", uint64(1)),
	})
	assert.Equal(t, []VCPUUsage{{CPU: 1.79}, {CPU: 0.25, RunDelay: 0.038177519}}, usage)
	assert.Empty(t, vcpuUsage(nil))
}

func TestCPUsOf(t *testing.T) {
	assert.Equal(t, units.NewCPUSet(0, 9, 23), cpusOf([]byte{1, 2, 0x80, 0}))
	assert.Empty(t, cpusOf([]byte{0, 0}))
}

func TestCommandResult(t *testing.T) {
	result, err := commandResult("query-status", `{"return":{"status":"running"},"id":"libvirt-20"}`)
	require.NoError(t, err)
	assert.JSONEq(t, `{"status":"running"}`, string(result))
	_, err = commandResult("foo", `{"id":"libvirt-21","error":{"class":"CommandNotFound","desc":"The command foo has not been found"}}`)
	require.EqualError(t, err, "run command foo: The command foo has not been found")
	_, err = commandResult("foo", "garbage")
	require.ErrorContains(t, err, "read answer to command foo")
}

func TestStopReason(t *testing.T) {
	require.NoError(t, stopReason(libvirt.DomainEventStoppedShutdown))
	require.ErrorContains(t, stopReason(libvirt.DomainEventStoppedCrashed), "crashed")
	require.ErrorContains(t, stopReason(libvirt.DomainEventStoppedMigrated), "reason 3")
}
