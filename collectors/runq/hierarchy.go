package runq

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cilium/ebpf/btf"

	"github.com/czbench/czbench/internal/machine/host"
)

// unified stands for cgroup v2 where controllers of cgroup v1 have numbers.
const unified = -1

// hierarchyOf returns the hierarchy in which the workloads have a cgroup each:
// unified, or the number that the kernel gives to the v1 controller that is
// mounted there (enum cgroup_subsys_id, which depends on the configuration).
func hierarchyOf(workloads []Workload, proc string) (int32, error) {
	if len(workloads) == 0 {
		return 0, errors.New("no workload to follow")
	}
	mounts, err := host.CgroupMounts(proc)
	if err != nil {
		return 0, err
	}
	at, err := mountOf(workloads[0].Cgroup, mounts)
	if err != nil {
		return 0, err
	}
	for _, w := range workloads[1:] {
		if other, err := mountOf(w.Cgroup, mounts); err != nil || other.Point != at.Point {
			return 0, errors.Join(err, fmt.Errorf("cgroups %s and %s are not in one hierarchy", workloads[0].Cgroup, w.Cgroup))
		}
	}
	if at.V2 {
		return unified, nil
	}
	return controllerNumber(at.Options)
}

// mountOf returns the cgroup mount that dir lies in.
func mountOf(dir string, mounts []host.CgroupMount) (host.CgroupMount, error) {
	var best host.CgroupMount
	for _, m := range mounts {
		if strings.HasPrefix(dir+"/", m.Point+"/") && len(m.Point) > len(best.Point) {
			best = m
		}
	}
	if best.Point == "" {
		return best, fmt.Errorf("%s is not in a cgroup file system", dir)
	}
	return best, nil
}

// controllerNumber returns the number of the first mount option that is a
// controller.
func controllerNumber(options []string) (int32, error) {
	kernel, err := btf.LoadKernelSpec()
	if err != nil {
		return 0, err
	}
	var ids *btf.Enum
	if err := kernel.TypeByName("cgroup_subsys_id", &ids); err != nil {
		return 0, err
	}
	for _, v := range ids.Values {
		if name, ok := strings.CutSuffix(v.Name, "_cgrp_id"); ok && slices.Contains(options, name) {
			return int32(v.Value), nil
		}
	}
	return 0, fmt.Errorf("no controller among %s", strings.Join(options, ","))
}
