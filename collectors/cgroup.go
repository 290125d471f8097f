package collectors

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/results"
)

// CgroupKind is the collector "cgroup": what the kernel accounts for whole
// groups, threads that have ended included.
func CgroupKind() Kind {
	metric := func(name, unit string, kind results.Kind, source, help string) results.Metric {
		return results.Metric{Name: name, Unit: unit, Kind: kind, Scale: results.Difference, Source: source, Help: help}
	}
	k := Kind{
		Name: "cgroup",
		New:  func() Config { return &Cgroup{} },
		Metrics: []results.Metric{
			metric("cgroup.cpu", "s/s", results.Counter, "cpu.stat, cpuacct.usage", "time on a CPU of a workload or a zone: CPUs used"),
			metric("cpu.throttled", "s/s", results.Counter, "cpu.stat", "time for which a quota stopped the group's run queues, summed over CPUs"),
			metric("cpu.throttles", "1/s", results.Counter, "cpu.stat", "periods in which a quota stopped the group"),
			metric("memory", "B", results.Gauge, "memory.current, memory.usage_in_bytes", "memory charged to the zone, page cache included"),
			lateMetric("cgroup"),
		},
	}
	for _, p := range pressures() {
		for _, share := range []struct{ name, help string }{{"some", "at least one thread"}, {"full", "all threads"}} {
			m := metric("pressure."+p+"."+share.name, "s/s", results.Counter, p+".pressure",
				"share of time in which "+share.help+" waited for "+p)
			m.Better = results.Lower
			k.Metrics = append(k.Metrics, m)
		}
	}
	return k
}

// pressures lists the resources with stall information.
func pressures() []string { return []string{"cpu", "memory", "io"} }

// Cgroup is the configuration of the collector "cgroup"; it has no settings.
type Cgroup struct{}

// Missing is empty: a zone without a group gives no samples, and a group
// without a controller gives those of the others.
func (*Cgroup) Missing(*host.Machine) []host.Missing { return nil }

// Open opens the files that exist for each workload and each zone.
func (*Cgroup) Open(e Env) (Collector, error) {
	c := &cgroupCollector{sampler: newSampler("cgroup", e), buf: make([]byte, 16<<10), zones: map[string]float64{}}
	seen := map[string]bool{}
	for _, s := range e.Sources {
		paths := groupPaths{workload: s.Workload, zone: "zone." + s.Zone, watch: s.Group.WatchPath(), cpu: s.Group.CPUPath()}
		if memory := s.Group.MemoryPath(); !seen[memory] {
			seen[memory] = true
			paths.memory = memory
		}
		if err := c.open(paths); err != nil {
			c.close()
			return nil, fmt.Errorf("open cgroup files of %s: %w", s.Workload, err)
		}
	}
	return c, nil
}

// groupPaths are the folders that are read for one workload; "" is none.
type groupPaths struct {
	workload, zone string // owners in samples
	watch          string // holds exactly this workload
	cpu            string // of the cpu controller, perhaps shared within the zone
	memory         string // of the zone
}

// cgroupCollector reads the files of all workloads and zones on every tick.
type cgroupCollector struct {
	sampler sampler
	files   []groupFile
	zones   map[string]float64 // CPU seconds of each zone at this tick
	buf     []byte
}

var _ Collector = (*cgroupCollector)(nil)

// groupFile is a file of a group and the numbers that it holds.
type groupFile struct {
	dir, name string
	owner     string // workload or "zone.<name>"
	zone      string // to whose CPU time the value adds; "" for none
	values    []value
	file      *kernelFile
}

// value says where in a file a number stands and what it means.
type value struct {
	metric string
	line   string  // first word of its line; "" for the file's first number
	key    string  // what stands right before it; "" where it follows the first word
	scale  float64 // to the base unit
}

// candidates lists the files that the folders of one workload may have.
//
// cgroup v2 (Documentation/admin-guide/cgroup-v2.rst, accounting/psi.rst) has
// cpu.stat, memory.current and the pressure files:
//
//	usage_usec 35000000           some avg10=0.00 avg60=0.00 avg300=0.00 total=1500
//	nr_throttled 12               full avg10=0.00 avg60=0.00 avg300=0.00 total=900
//	throttled_usec 600000
//
// cgroup v1 (admin-guide/cgroup-v1/cpuacct.rst, memory.rst; scheduler/sched-bwc.rst)
// has cpuacct.usage, in ns, cpu.stat and memory.usage_in_bytes:
//
//	35000000000                   nr_throttled 12
//	                              throttled_time 600000000
func candidates(p groupPaths) []groupFile {
	usage := func(name, line string, scale float64) groupFile {
		return groupFile{
			dir: p.watch, name: name, owner: p.workload, zone: p.zone,
			values: []value{{metric: "cgroup.cpu", line: line, scale: scale}},
		}
	}
	memory := func(name string) groupFile {
		return groupFile{dir: p.memory, name: name, owner: p.zone, values: []value{{metric: "memory", scale: 1}}}
	}
	files := []groupFile{
		usage("cpu.stat", "usage_usec", 1e-6),
		usage("cpuacct.usage", "", 1e-9),
		{dir: p.cpu, name: "cpu.stat", owner: p.workload, values: []value{
			{metric: "cpu.throttled", line: "throttled_usec", scale: 1e-6},
			{metric: "cpu.throttled", line: "throttled_time", scale: 1e-9},
			{metric: "cpu.throttles", line: "nr_throttled", scale: 1},
		}},
		memory("memory.current"),
		memory("memory.usage_in_bytes"),
	}
	for _, resource := range pressures() {
		files = append(files, groupFile{dir: p.watch, name: resource + ".pressure", owner: p.workload, values: []value{
			{metric: "pressure." + resource + ".some", line: "some", key: "total=", scale: 1e-6},
			{metric: "pressure." + resource + ".full", line: "full", key: "total=", scale: 1e-6},
		}})
	}
	return files
}

// open opens the candidates that exist and keeps of each the values that are in
// it: which these are depends on the kernel and its configuration.
func (c *cgroupCollector) open(p groupPaths) error {
	for _, f := range candidates(p) {
		if f.dir == "" {
			continue
		}
		file, err := openKernelFile(filepath.Join(f.dir, f.name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		f.file = file
		text, err := file.read(c.buf)
		f.values = slices.DeleteFunc(f.values, func(v value) bool {
			_, ok := v.in(text)
			return !ok
		})
		if err != nil || len(f.values) == 0 { // pressure files refuse reads where psi=0
			file.close()
			continue
		}
		c.files = append(c.files, f)
	}
	return nil
}

// Collect emits the readings of each group until the window ends.
func (c *cgroupCollector) Collect(ctx context.Context, emit func(results.Sample)) error {
	defer c.close()
	return c.sampler.run(ctx, emit, func(t float64) error { return c.read(t, emit) })
}

func (c *cgroupCollector) read(t float64, emit func(results.Sample)) error {
	clear(c.zones)
	for i := range c.files {
		f := &c.files[i]
		text, err := f.file.read(c.buf)
		if err != nil {
			return fmt.Errorf("read %s of %s: %w", f.name, f.owner, err)
		}
		for _, v := range f.values {
			x, ok := v.in(text)
			if !ok {
				return fmt.Errorf("read %s of %s: %s is no longer in it", f.name, f.owner, v.metric)
			}
			emit(results.Sample{Time: t, Metric: v.metric, Workload: f.owner, Value: x})
			if f.zone != "" {
				c.zones[f.zone] += x
			}
		}
	}
	for zone, seconds := range c.zones {
		emit(results.Sample{Time: t, Metric: "cgroup.cpu", Workload: zone, Value: seconds})
	}
	return nil
}

// in finds the number in the text of its file, in the base unit.
func (v value) in(text []byte) (float64, bool) {
	n, ok := numberAfter(text, v.line, v.key)
	return float64(n) * v.scale, ok
}

func (c *cgroupCollector) close() {
	for _, f := range c.files {
		f.file.close()
	}
}
