package vm

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/digitalocean/go-libvirt"

	"github.com/czbench/czbench/internal/machine/units"
)

// cpuMapBytes is the size in which CPU sets are asked for, one bit a CPU: the
// most that Linux supports.
const cpuMapBytes = 8192 / 8

// checkPins asks where the vCPUs may run and compares it with what the spec
// wants. A daemon that only pretends to pin would spoil the experiment.
func (m *libvirtVM) checkPins(ctx context.Context, s Spec) error {
	if !pinned(s) {
		return nil
	}
	bits, err := call(ctx, func() ([]byte, error) {
		_, bits, err := m.daemon.DomainGetVcpus(m.domain, int32(s.VCPUs), cpuMapBytes)
		return bits, err
	})
	if err != nil {
		return fmt.Errorf("read CPUs of the vCPUs: %w", explain(err))
	}
	if len(bits) != s.VCPUs*cpuMapBytes {
		return fmt.Errorf("read CPUs of the vCPUs: libvirt answers for %d of %d", len(bits)/cpuMapBytes, s.VCPUs)
	}
	for i := range s.VCPUs {
		got, want := cpusOf(bits[i*cpuMapBytes:(i+1)*cpuMapBytes]), units.NewCPUSet(s.CPUs[i])
		if !slices.Equal(got, want) {
			return fmt.Errorf("pin vCPU %d: it may run on CPUs %s, and %s was asked for", i, got, want)
		}
	}
	return nil
}

// cpusOf reads a CPU map: bit b of byte k is CPU 8·k + b.
func cpusOf(bits []byte) units.CPUSet {
	var cpus []int
	for i := range len(bits) * 8 {
		if bits[i/8]&(1<<(i%8)) != 0 {
			cpus = append(cpus, i)
		}
	}
	return units.NewCPUSet(cpus...)
}

// usage asks the daemon for the statistics of the vCPUs. It has none where one
// thread runs several of them, as it does with a virtual clock.
func (m *libvirtVM) usage() ([]VCPUUsage, error) {
	ctx, cancel := context.WithTimeout(context.Background(), answerLimit)
	defer cancel()
	records, err := call(ctx, func() ([]libvirt.DomainStatsRecord, error) {
		return m.daemon.ConnectGetAllDomainStats([]libvirt.Domain{m.domain}, uint32(libvirt.DomainStatsVCPU), 0)
	})
	if err != nil {
		return nil, explain(err)
	}
	if len(records) != 1 {
		return nil, fmt.Errorf("libvirt answers for %d domains", len(records))
	}
	return vcpuUsage(records[0].Params), nil
}

// vcpuUsage takes the usage of each vCPU out of a domain's statistics
// (virConnectGetAllDomainStats), which are in nanoseconds:
//
//	vcpu.current=2
//	vcpu.maximum=2
//	vcpu.0.state=1
//	vcpu.0.time=1790000000
//	vcpu.0.wait=0
//	vcpu.0.delay=38177519
//
// The time counts in steps of a clock tick of 10 ms.
func vcpuUsage(params []libvirt.TypedParam) []VCPUUsage {
	found := map[int]VCPUUsage{}
	for _, p := range params {
		words := strings.Split(p.Field, ".")
		ns, isTime := p.Value.I.(uint64)
		if len(words) != 3 || words[0] != "vcpu" || !isTime {
			continue
		}
		i, err := strconv.Atoi(words[1])
		if err != nil {
			continue
		}
		u := found[i]
		switch words[2] {
		case "time":
			u.CPU = float64(ns) / 1e9
		case "delay":
			u.RunDelay = float64(ns) / 1e9
		default:
			continue
		}
		found[i] = u
	}
	var usage []VCPUUsage
	for _, i := range slices.Sorted(maps.Keys(found)) {
		usage = append(usage, found[i])
	}
	return usage
}
