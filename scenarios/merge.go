package scenarios

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/czbench/czbench/results"
)

// merge makes the first of several versions of a scenario the one that holds the
// treatments of all, with the varied variable as a factor. It says why that is
// not possible, in sentences, where it is not.
func merge(versions []*Scenario, v Vary) string {
	s := versions[0]
	for i, other := range versions[1:] {
		if what := s.disagreement(other); what != "" {
			return fmt.Sprintf("With %s = %s, %s not what it is with %s. What is varied may change zones, kernels, workloads, loads, strategies and collectors only.",
				v.Name, v.Levels[i+1], what, v.Levels[0])
		}
		for k, earlier := range versions[:i+1] {
			if sameContents(earlier.Treatments, other.Treatments) {
				return fmt.Sprintf("With %s = %s, every trial is what it is with %s. Vary a variable that something depends on.",
					v.Name, v.Levels[i+1], v.Levels[k])
			}
		}
	}
	var all []Resolved
	for i, version := range versions {
		if version.Title != s.Title {
			s.Title = "" // it names a value
		}
		for _, r := range version.Treatments {
			r.Treatment.Factors = maps.Clone(r.Treatment.Factors)
			r.Treatment.Factors[v.Name] = v.Levels[i]
			all = append(all, r)
		}
	}
	s.Treatments = slices.DeleteFunc(slices.Clone(all), func(r Resolved) bool { return r.Treatment.Control != "" })
	for _, c := range controlKinds() {
		s.Treatments = append(s.Treatments, mergeControl(c.name, v, all)...)
	}
	for _, r := range all {
		if r.Treatment.Control == results.ControlAA && r.Treatment.Factors[v.Name] == v.Levels[0] {
			s.Treatments = append(s.Treatments, r)
		}
	}
	s.Factors = append(s.Factors, results.Factor{Name: v.Name, Levels: v.Levels})
	for i := range s.Variables {
		if s.Variables[i].Name == v.Name {
			s.Variables[i] = results.Variable{Name: v.Name, Value: v.listed(), Source: "--vary"}
		}
	}
	return ""
}

// mergeControl returns the controls of a kind: those of the first version alone,
// without the factor, where it changes nothing about them.
func mergeControl(kind string, v Vary, all []Resolved) []Resolved {
	var controls []Resolved
	var contents []string
	for _, r := range all {
		if r.Treatment.Control == kind {
			controls, contents = append(controls, r), append(contents, contentKey(r))
		}
	}
	if distinguishes(v.Name, controls, contents) {
		return controls
	}
	controls = slices.DeleteFunc(controls, func(r Resolved) bool { return r.Treatment.Factors[v.Name] != v.Levels[0] })
	for _, r := range controls {
		delete(r.Treatment.Factors, v.Name)
	}
	return controls
}

// disagreement says what of two versions has to be the same and is not; empty
// where all of it is.
func (s *Scenario) disagreement(o *Scenario) string {
	for _, part := range []struct {
		what string
		a, b any
	}{
		{"the name is", s.Name, o.Name},
		{"the warm-up is", s.Warmup, o.Warmup},
		{"the measured window is", s.Measure, o.Measure},
		{"the interval of the collectors is", s.Interval, o.Interval},
		{"the number of blocks is", s.Blocks, o.Blocks},
		{"the precision block is", s.Precision, o.Precision},
		{"the capacity block is", s.Capacity, o.Capacity},
		{"the report block is", s.Report, o.Report},
		{"the seed is", s.Seed, o.Seed},
		{"max_dropped is", s.MaxDropped, o.MaxDropped},
		{"the matrix is", s.Factors, o.Factors},
		{"the set of treatments is", s.keys(), o.keys()},
		{"the list of workloads, with their roles and SLOs, is", s.withoutZones(), o.withoutZones()},
		{"the list of metrics is", s.Metrics, o.Metrics},
		{"the compare block is", s.Compare, o.Compare},
	} {
		if !reflect.DeepEqual(part.a, part.b) {
			return part.what
		}
	}
	return ""
}

func (s *Scenario) keys() []string {
	var keys []string
	for _, r := range s.Treatments {
		keys = append(keys, r.Treatment.Key())
	}
	return keys
}

// withoutZones returns the workloads without saying where they run.
func (s *Scenario) withoutZones() []results.Workload {
	workloads := slices.Clone(s.Workloads)
	for i := range workloads {
		workloads[i].Zone = ""
	}
	return workloads
}

// sameContents reports whether treatments do the same, one by one.
func sameContents(a, b []Resolved) bool {
	return slices.EqualFunc(a, b, func(x, y Resolved) bool {
		return contentKey(x) == contentKey(y) && strategyKey(x) == strategyKey(y)
	})
}

// strategyKey is the same for treatments that are scheduled the same.
func strategyKey(r Resolved) string {
	parts := []any{r.Strategy.Name, r.Strategy.Config}
	for _, p := range r.Phases {
		parts = append(parts, p.Name, p.Duration, p.Strategy.Name, p.Strategy.Config)
	}
	data, err := json.Marshal(parts)
	if err != nil {
		return fmt.Sprintf("%v %+v", r.Treatment.Factors, err) // as contentKey
	}
	return string(data)
}
