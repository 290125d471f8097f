package schedulers

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
)

// groupAspect sets weight, cpu.idle and quota of the workload's cpu group
// (Documentation/admin-guide/cgroup-v2.rst, "CPU"; on cgroup v1
// Documentation/scheduler/sched-design-CFS.rst and
// sched-bwc.rst).
type groupAspect struct{}

func (groupAspect) attach(m Member, s Settings) (func() error, error) {
	if !s.actsOnGroup() {
		return nil, nil
	}
	var a undoing
	var errs []error
	for _, set := range []struct {
		wanted bool
		apply  func(*zones.Group, Settings) (func() error, error)
	}{
		{s.CPUWeight != 0, setWeight},
		{s.CPUIdle, setIdle},
		{s.CPUMax != 0, setMax},
	} {
		if set.wanted {
			undo, err := set.apply(m.Group, s)
			a, errs = append(a, undo), append(errs, err)
		}
	}
	return a.Close, errors.Join(errs...)
}

func setWeight(g *zones.Group, s Settings) (func() error, error) {
	old, err := g.CPUWeight()
	if err != nil {
		return nil, err
	}
	if err := needOwnGroup(g); err != nil {
		return nil, err
	}
	return func() error { return g.SetCPUWeight(old) }, g.SetCPUWeight(s.CPUWeight)
}

// setIdle puts cpu.idle back before the weight: an idle group refuses a weight,
// and leaving idle resets it.
func setIdle(g *zones.Group, _ Settings) (func() error, error) {
	weight, err := g.CPUWeight()
	if err != nil {
		return nil, err
	}
	if err := needOwnGroup(g); err != nil {
		return nil, err
	}
	return func() error { return errors.Join(g.SetCPUIdle(false), g.SetCPUWeight(weight)) }, g.SetCPUIdle(true)
}

func setMax(g *zones.Group, s Settings) (func() error, error) {
	old, err := g.CPUMax()
	if err != nil {
		return nil, err
	}
	if err := needOwnGroup(g); err != nil {
		return nil, err
	}
	return func() error { return g.SetCPUMax(old) }, g.SetCPUMax(s.CPUMax)
}

func needOwnGroup(g *zones.Group) error {
	if g.OwnsCPU() {
		return nil
	}
	return errors.New("cpu_weight, cpu_idle and cpu_max need a cpu group for each workload, and the zone was opened with one for all")
}

func (groupAspect) verify(m Member, s Settings) ([]results.Applied, error) {
	var applied []results.Applied
	var errs []error
	add := func(setting, want, got string, err error) {
		errs = append(errs, err)
		applied = append(applied, results.Applied{
			Workload: m.Workload, Setting: setting, Want: want, Got: got, Source: m.Group.CPUPath(),
		})
	}
	if s.CPUWeight != 0 {
		got, err := m.Group.CPUWeight()
		add("cpu_weight", strconv.Itoa(s.CPUWeight), strconv.Itoa(got), err)
	}
	if s.CPUIdle {
		got, err := m.Group.CPUIdle()
		add("cpu_idle", "true", strconv.FormatBool(got), err)
	}
	if s.CPUMax != 0 {
		got, err := m.Group.CPUMax()
		add("cpu_max", fmt.Sprintf("%.3g", s.CPUMax), fmt.Sprintf("%.3g", got), err)
	}
	return applied, errors.Join(errs...)
}
