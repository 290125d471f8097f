package scenarios_test

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/scenarios"
)

// The kinds of these tests stand for the project's own, which this package may
// not import.

type zoneConfig struct {
	Driver string       `json:"driver" hcl:"driver"`
	CPUs   units.CPUSet `json:"cpus" hcl:"cpus,optional"`
	Memory units.Bytes  `json:"memory" hcl:"memory,optional"`

	In       string `json:"in" hcl:"in,optional"`
	Kernel   string `json:"kernel" hcl:"kernel,optional"`
	VCPUs    int    `json:"vcpus" hcl:"vcpus,optional"`
	Clock    string `json:"clock" hcl:"clock,optional"`
	Strategy string `json:"strategy" hcl:"strategy,optional"`
}

// place is Kinds.ZonePlace of these tests.
func place(zone any) scenarios.ZonePlace {
	z := zone.(*zoneConfig)
	return scenarios.ZonePlace{
		In: z.In, VM: z.Driver == "vm", VCPUs: max(1, z.VCPUs), Virtual: z.Clock == "virtual", Kernel: z.Kernel, Strategy: z.Strategy,
	}
}

type kernelConfig struct {
	HZ    int    `json:"hz" hcl:"hz,optional"`
	Image string `json:"image" hcl:"image,optional"`
}

func (k *kernelConfig) Rebase(dir string) {
	if k.Image != "" {
		k.Image = filepath.Join(dir, k.Image)
	}
}

func (k *kernelConfig) Check() []config.Problem {
	if k.HZ > 1000 {
		return []config.Problem{{Field: "hz", Summary: "HZ out of range", Detail: "write 100, 250, 300 or 1000"}}
	}
	return nil
}

type schedExtConfig struct {
	Scheduler string         `json:"scheduler"`
	Slice     units.Duration `json:"slice" hcl:"slice,optional"`
	BEShare   float64        `json:"be_share" hcl:"be_share,optional"`
}

func (s *schedExtConfig) Check() []config.Problem {
	if s.BEShare > 0.5 {
		return []config.Problem{{Field: "be_share", Summary: "Share out of range", Detail: "write at most 0.5"}}
	}
	return nil
}

func (z *zoneConfig) Check() []config.Problem {
	if z.Driver != "host" && z.Driver != "cgroup" && z.Driver != "vm" {
		return []config.Problem{{Field: "driver", Summary: "Unknown driver", Detail: `write "host" or "cgroup"`}}
	}
	return nil
}

type taskConfig struct {
	Nice   *int         `json:"nice" hcl:"nice,optional"`
	Policy string       `json:"policy" hcl:"policy,optional"`
	CPUs   units.CPUSet `json:"cpus" hcl:"cpus,optional"`
}

type strategyConfig struct {
	LC        *taskConfig            `json:"lc" hcl:"lc,optional"`
	BE        *taskConfig            `json:"be" hcl:"be,optional"`
	Workloads map[string]*taskConfig `json:"workloads" hcl:"workloads,optional"`
	SchedExt  *schedExtConfig        `json:"sched_ext"`
}

// Check asks the scheduler too, as the project's own strategy does.
func (s *strategyConfig) Check() []config.Problem {
	if s.SchedExt == nil {
		return nil
	}
	if s.BE != nil && s.BE.Policy != "" {
		return []config.Problem{{Field: "sched_ext", Summary: "Strategy works against itself", Detail: "leave the policy to the BPF scheduler"}}
	}
	return s.SchedExt.Check()
}

type serviceConfig struct {
	Port     int         `json:"port" hcl:"port,optional"`
	Memory   units.Bytes `json:"maxmemory" hcl:"maxmemory,optional"`
	Password string      `json:"password" hcl:"password,optional"`
}

func (s *serviceConfig) Claims() []string {
	if s.Port == 0 {
		return nil
	}
	return []string{fmt.Sprintf("port %d", s.Port)}
}

func (s *serviceConfig) Check() []config.Problem {
	if s.Password == "short" {
		return []config.Problem{{Summary: "Weak password", Detail: s.Password + " is too short"}}
	}
	return nil
}

type loadConfig struct {
	Rate     float64 `json:"rate" hcl:"rate"`
	Arrivals string  `json:"arrivals" hcl:"arrivals,optional"`
	Clients  int     `json:"clients" hcl:"clients,optional"`
	Ratio    string  `json:"ratio" hcl:"ratio,optional"`
	Size     int     `json:"data_size" hcl:"data_size,optional"`
	Keys     int     `json:"keys" hcl:"keys,optional"`
}

func (c *loadConfig) Check() []config.Problem {
	if c.Rate <= 0 {
		return []config.Problem{{Field: "rate", Summary: "Rate out of range", Detail: "write requests a second, above 0"}}
	}
	return nil
}

func (c *loadConfig) Saturated() any {
	s := *c
	s.Rate = 0
	return s
}

type burnConfig struct {
	Width     int    `json:"width" hcl:"width,optional"`
	Precision string `json:"precision" hcl:"precision,optional"`
}

type procConfig struct {
	Threads bool `json:"threads" hcl:"threads,optional"`
}

func metric(name, unit string) results.Metric {
	return results.Metric{Name: name, Unit: unit, Better: results.Lower, Kind: results.Scalar, Scale: results.Ratio}
}

func higher(name, unit string) results.Metric {
	m := metric(name, unit)
	m.Better = results.Higher
	return m
}

func kinds() scenarios.Kinds {
	return scenarios.Kinds{
		Workloads: map[string]scenarios.Kind{
			"redis": {Name: "redis", Role: results.RoleLC, NeedsLoad: true, New: func() any { return &serviceConfig{} }},
			"avx":   {Name: "avx", Role: results.RoleBE, New: func() any { return &burnConfig{Width: 512} }, Metrics: []results.Metric{metric("rate", "1/s")}},
			"spin":  {Name: "spin", New: func() any { return &burnConfig{} }, Metrics: []results.Metric{metric("rate", "1/s"), metric("latency.p99", "s")}},
		},
		Loads: map[string]scenarios.Kind{
			"open": {Name: "open", New: func() any { return &loadConfig{Arrivals: "poisson"} }, Metrics: []results.Metric{
				metric("latency.p99", "s"), metric("latency.p999", "s"), metric("rate", "1/s"), higher("slo.attained", "1"), metric("buffers", "B"),
			}},
		},
		Collectors: map[string]scenarios.Kind{
			"proc":   {Name: "proc", New: func() any { return &procConfig{} }, Metrics: []results.Metric{metric("run_delay", "s/s")}},
			"cgroup": {Name: "cgroup", New: func() any { return &procConfig{} }, Metrics: []results.Metric{metric("machine.pressure", "s/s")}},
		},
		Zone:       func() any { return &zoneConfig{} },
		ZonePlace:  place,
		Kernel:     func(string) any { return &kernelConfig{} },
		Strategy:   func() any { return &strategyConfig{} },
		Schedulers: []string{"fifo", "lcfirst"},
		SchedExt: func(strategy any, scheduler string) any {
			s := &schedExtConfig{Scheduler: scheduler}
			strategy.(*strategyConfig).SchedExt = s
			return s
		},
		VMMetrics:       []results.Metric{metric("boot", "s")},
		SchedExtMetrics: []results.Metric{metric("machine.scx.kicks", "1/s")},

		Figures: []string{"ccdf", "points", "forest", "load"}, ReferenceFigures: []string{"load"}, References: []string{"published", "printed"},
	}
}

// machine is a topology of so many CPUs; with smt, CPU n and n+cpus/2 share a
// core. There is one NUMA node.
type machine struct {
	cpus int
	smt  bool
}

func (m machine) Online() units.CPUSet {
	var all []int
	for cpu := range m.cpus {
		all = append(all, cpu)
	}
	return units.NewCPUSet(all...)
}

func (m machine) Siblings(cpu int) units.CPUSet {
	if !m.smt {
		return units.NewCPUSet(cpu)
	}
	return units.NewCPUSet(slices.DeleteFunc([]int{cpu - m.cpus/2, cpu, cpu + m.cpus/2}, func(c int) bool { return c < 0 || c >= m.cpus })...)
}

func (m machine) NodeCPUs(node int) (units.CPUSet, bool) { return m.Online(), node == 0 }

func options() scenarios.Options {
	return scenarios.Options{Kinds: kinds(), Topology: machine{cpus: 2}}
}
