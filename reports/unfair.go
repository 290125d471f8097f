package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// unfair is one thing that makes a comparison with a published series unfair.
type unfair struct {
	short string // in the small print of a figure
	text  string // a sentence
}

// unfair returns what makes the comparison unfair, the gravest first.
func (o *overlaid) unfair() []unfair {
	var all []unfair
	for _, u := range []unfair{
		o.fidelity(), o.otherMetric(), o.otherWorkload(), o.machine(), o.tick(), o.generator(), o.fullLoad(), o.axis(), o.read(), o.otherRange(),
	} {
		if u != (unfair{}) {
			all = append(all, u)
		}
	}
	return all
}

func (o *overlaid) fidelity() unfair {
	f := o.d.Analysis.Fidelity
	if f == "" || f == results.FidelityReal {
		return unfair{}
	}
	return unfair{f + " time", "The time of this run is " + f + ", that of the published values a machine's own: shapes can be compared, values cannot."}
}

func (o *overlaid) otherMetric() unfair {
	_, name, _ := strings.Cut(o.metric.Name, ".")
	if o.metric.Name == "" || name == o.s.Metric.Name {
		return unfair{}
	}
	return unfair{"another metric", fmt.Sprintf("The published metric is %s, that of this run %s.", o.s.Metric.Name, o.metric.Name)}
}

// workload returns the workload that the figure is about.
func (o *overlaid) workload() (w results.Workload, known bool) {
	i := slices.IndexFunc(o.d.Run.Workloads, func(w results.Workload) bool { return w.Name == workloadOf(o.metric.Name) })
	if i < 0 {
		return w, false
	}
	return o.d.Run.Workloads[i], true
}

func (o *overlaid) otherWorkload() unfair {
	w, known := o.workload()
	if !known || w.Kind == o.s.Workload {
		return unfair{}
	}
	return unfair{"another workload", fmt.Sprintf("The published values are of %s, those of this run of %s.", o.s.Workload, w.Kind)}
}

// machine is never the same one: what was published does not say enough of its
// own.
func (o *overlaid) machine() unfair {
	facts := o.d.Run.Facts
	ours := fmt.Sprintf("this run is on %s with the kernel %s",
		cmp.Or(facts["cpu.model"], "an unknown CPU"), cmp.Or(facts["kernel.release"], "of an unknown release"))
	if zones := zoneLines(o.d.Analysis); len(zones) > 0 {
		ours += " (" + strings.Join(zones, "; ") + ")"
	}
	if o.s.Machine == "" {
		return unfair{"another machine", "The published hardware and kernel release are not stated; " + ours + "."}
	}
	return unfair{"another machine", "The published values are from " + o.s.Machine + "; " + ours + "."}
}

// tick says so where the kernels of the run have not the published HZ.
func (o *overlaid) tick() unfair {
	if len(o.s.HZ) == 0 {
		return unfair{}
	}
	var published, own []string
	for _, hz := range o.s.HZ {
		published = append(published, strconv.Itoa(hz))
	}
	for _, z := range o.d.Analysis.Zones {
		if hz := z.Facts[results.FactHZ]; hz != "" && !slices.Contains(own, hz) {
			own = append(own, hz)
		}
	}
	if len(own) == 0 {
		own = []string{cmp.Or(o.d.Run.Facts["kernel.hz"], "unknown")}
	}
	missing := slices.DeleteFunc(slices.Clone(published), func(hz string) bool { return slices.Contains(own, hz) })
	if len(missing) == 0 {
		return unfair{}
	}
	return unfair{"another HZ", "The published kernels have HZ " + list(published) + ", that of this run " + list(own) + "."}
}

func (o *overlaid) generator() unfair {
	w, known := o.workload()
	ours := "is not known"
	if known && w.Load != "" {
		ours = "is " + w.Load + " loop"
	}
	if o.s.Workload != "redis" {
		return unfair{}
	}
	if o.s.Generator == "" {
		return unfair{"load generator not stated", "How the published load was generated is not stated; that of this run " + ours + "."}
	}
	return unfair{"another load generator", "The published load is from " + o.s.Generator + "; that of this run " + ours + "."}
}

// fullLoad says on what the place of a published load in the figure rests.
func (o *overlaid) fullLoad() unfair {
	if !o.s.X.Load() || o.c.FullLoad == 0 || o.shares {
		return unfair{}
	}
	full := quantity.Format(o.c.FullLoad, loadUnit)
	return unfair{"100 % taken as " + full, "The published loads are per cent of a full load that is not stated; here it is taken as " + full + ", as the scenario's full_load says."}
}

// axis says so where levels stand for an x that they are not quite.
func (o *overlaid) axis() unfair {
	switch factor := o.d.label(o.factor); {
	case o.shares:
		return unfair{"another full load", "The published loads are per cent of a full load that is not stated; those of this run are as " + factor + " says."}
	case o.factor != "" && o.s.X.Rate():
		return unfair{"offered load", "The published loads are what was achieved; those of this run are what " + factor + " asks for."}
	}
	return unfair{}
}

func (o *overlaid) read() unfair {
	if o.s.Read == "" {
		return unfair{}
	}
	return unfair{"read from bars", "The published values are " + o.s.Read + "."}
}

// otherRange says so where one of the two goes on where the other one ends.
func (o *overlaid) otherRange() unfair {
	const about = 1.05
	near := func(a, b float64) bool { return max(a, b) <= about*min(a, b) }
	if !o.own.some || !o.published.some || near(o.own.low, o.published.low) && near(o.own.high, o.published.high) {
		return unfair{}
	}
	return unfair{"other loads", "The published loads reach " + rangeText(o.published) + ", those of this run " + rangeText(o.own) + "."}
}
