package scenarios

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/czbench/czbench/internal/machine/units"
)

// cpusExist reports the CPUs of a configuration that the machine lacks, at the
// attribute that names them.
func (l *loader) cpusExist(it *item, cfg any) {
	for attr, lacking := range cpusBeyond(it, cfg, l.opts.Topology.Online()) {
		l.add(lackDiagnostic(MachineLacks{
			Key:    "cpus:" + lacking.String(),
			What:   fmt.Sprintf("the machine has no CPU %s; online are %s", lacking, l.opts.Topology.Online()),
			Remedy: "name other CPUs, or use cpus_take and cpus_rest, which fit any machine",
		}, attr.Expr.Range().Ptr()))
	}
}

// guestCPUsExist reports the CPUs of a configuration that a VM with so many
// vCPUs lacks.
func (l *loader) guestCPUsExist(it *item, cfg any, vcpus int) {
	for attr, lacking := range cpusBeyond(it, cfg, firstCPUs(vcpus)) {
		l.fail(attr.Expr.Range().Ptr(), "The VM lacks CPUs", fmt.Sprintf(
			"The VM has no CPU %s; it has %s. Name other CPUs, or give it more vcpus.", lacking, firstCPUs(vcpus)))
	}
}

// firstCPUs returns CPUs 0 to n − 1.
func firstCPUs(n int) units.CPUSet {
	all := make([]int, n)
	for cpu := range all {
		all[cpu] = cpu
	}
	return units.NewCPUSet(all...)
}

// cpusBeyond returns, by the attribute that names them, the CPUs of a
// configuration that are not among those that there are.
func cpusBeyond(it *item, cfg any, there units.CPUSet) map[*hcl.Attribute]units.CPUSet {
	beyond := map[*hcl.Attribute]units.CPUSet{}
	for field, value := range reflect.ValueOf(cfg).Elem().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("hcl"), ",")
		attr := it.content.Attributes[name]
		if lacking := cpuSets(value).Minus(there); attr != nil && len(lacking) > 0 {
			beyond[attr] = lacking
		}
	}
	return beyond
}

// cpuSets returns every CPU that stands anywhere in a configuration.
func cpuSets(v reflect.Value) units.CPUSet {
	if !v.CanInterface() {
		return nil
	}
	if cpus, ok := reflect.TypeAssert[units.CPUSet](v); ok {
		return cpus
	}
	var all units.CPUSet
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return cpuSets(v.Elem())
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			all = all.Union(cpuSets(field))
		}
	case reflect.Map:
		for _, value := range v.Seq2() {
			all = all.Union(cpuSets(value))
		}
	}
	return all
}
