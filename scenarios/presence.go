package scenarios

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/czbench/czbench/internal/machine/units"
)

// cpusExist reports the CPUs of a configuration that the machine lacks, at the
// attribute that names them.
func (l *loader) cpusExist(it *item, cfg any) {
	for field, value := range reflect.ValueOf(cfg).Elem().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("hcl"), ",")
		attr := it.content.Attributes[name]
		lacking := cpuSets(value).Minus(l.opts.Topology.Online())
		if attr == nil || len(lacking) == 0 {
			continue
		}
		l.add(lackDiagnostic(MachineLacks{
			Key:    "cpus:" + lacking.String(),
			What:   fmt.Sprintf("the machine has no CPU %s; online are %s", lacking, l.opts.Topology.Online()),
			Remedy: "name other CPUs, or use cpus_take and cpus_rest, which fit any machine",
		}, attr.Expr.Range().Ptr()))
	}
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
