package reference

import "github.com/czbench/czbench/results"

// The sources, as the series name them.
const (
	thesis = "Control Zone thesis"
	notes  = "Control Zone lab notes"
	bars   = "from the heights of bars, with an error of a few per cent"
)

// layouts returns every series with its place.
func layouts() []layout {
	return []layout{hzRedis(), cpuAware(), avxFrequency(), vhostRate(), vhostThreads()}
}

func load() field { return field{"load_percent", -2} }

func p99() Quantity { return Quantity{"latency.p99", "s", results.Lower} }

func hzRedis() layout {
	return layout{
		file:    "hz-redis.csv",
		columns: []string{"load_percent", "p99_ms_hz1000_preempt", "p99_ms_hz250_voluntary"},
		series: Series{
			Name: "hz-redis", Title: "p99 latency of redis by load: HZ 1000 with PREEMPT against HZ 250 with VOLUNTARY",
			Source: thesis,
			Notes: []string{
				"The thesis says \"up to −39.2 %\", the lab notes say \"−75 %\"; the bars are the thesis's.",
				"Tick and preemption model change together: their effects are not told apart.",
			},
			X: Quantity{Name: shareOfLoad, Unit: "1"}, Metric: p99(),
			Conditions: Conditions{Workload: "redis", HZ: []int{1000, 250}, Read: bars},
		},
		x: load(),
		lines: []lineLayout{
			{label: "HZ 1000, PREEMPT", y: field{"p99_ms_hz1000_preempt", -3}},
			{label: "HZ 250, VOLUNTARY", y: field{"p99_ms_hz250_voluntary", -3}},
		},
	}
}

func cpuAware() layout {
	return layout{
		file:    "cpu-aware-redis.csv",
		columns: []string{"load_percent", "p99_ms_cpu_aware", "p99_ms_no_interference", "p99_ms_eevdf_nice", "p99_ms_eevdf"},
		series: Series{
			Name: "cpu-aware-redis", Title: "p99 latency of redis by load beside CPU interference: a CPU-aware BPF scheduler against EEVDF",
			Source: thesis,
			Notes:  []string{"EEVDF and EEVDF with nice change places from load to load: their difference is within the error of reading."},
			X:      Quantity{Name: shareOfLoad, Unit: "1"}, Metric: p99(),
			Conditions: Conditions{Workload: "redis", Read: bars},
		},
		x: load(),
		lines: []lineLayout{
			{label: "CPU-aware BPF", y: field{"p99_ms_cpu_aware", -3}},
			{label: "no interference", y: field{"p99_ms_no_interference", -3}},
			{label: "EEVDF + nice", y: field{"p99_ms_eevdf_nice", -3}},
			{label: "EEVDF", y: field{"p99_ms_eevdf", -3}},
		},
	}
}

func avxFrequency() layout {
	return layout{
		file:    "avx-frequency.csv",
		columns: []string{"width_bits", "precision", "min_mhz"},
		series: Series{
			Name: "avx-frequency", Title: "Lowest CPU frequency under a vector loop, by width",
			Source: notes,
			Notes: []string{
				"The base frequency is 3.2 GHz, also without a vector loop (width 0 of the file).",
				"The notes write d and s; that these are double and single precision is inferred.",
			},
			X:          Quantity{Name: "width", Unit: "1"}, // bits
			Metric:     Quantity{Name: "frequency.min", Unit: "Hz", Better: results.Higher},
			Conditions: Conditions{Workload: "avx", Machine: "base frequency 3.2 GHz"},
		},
		x: field{"width_bits", 0},
		lines: []lineLayout{
			{label: "double", y: field{"min_mhz", 6}, where: "precision", is: "double"},
			{label: "single", y: field{"min_mhz", 6}, where: "precision", is: "single"},
		},
	}
}

// vhost is what both series of memtier in a VM share.
func vhost(s Series) layout {
	s.Source = notes
	s.Notes = []string{
		"2 to 256 threads with 50 connections each, SET:GET 1:10, values of 32 bytes, keys of 15 characters, not preloaded.",
		"The file also counts the callbacks of the vhost worker (tx_kick: doorbell of the guest, rx_net: tun readable).",
	}
	s.Metric = p99()
	s.Conditions = Conditions{
		Workload: "redis", Machine: "a VM over vhost-net", Generator: "memtier_benchmark, which is closed loop",
	}
	return layout{
		file:    "memtier-vhost.csv",
		columns: []string{"threads", "ops_per_s", "avg_ms", "p99_ms", "tx_kick", "tx_net", "rx_kick", "rx_net"},
		series:  s,
		lines:   []lineLayout{{label: "memtier over vhost-net", y: field{"p99_ms", -3}}},
	}
}

func vhostRate() layout {
	l := vhost(Series{
		Name: "memtier-vhost", Title: "p99 latency of redis in a VM over vhost-net, by achieved load",
		X: Quantity{Name: achievedLoad, Unit: "1/s"},
	})
	l.x = field{"ops_per_s", 0}
	return l
}

func vhostThreads() layout {
	l := vhost(Series{
		Name: "memtier-vhost-threads", Title: "p99 latency of redis in a VM over vhost-net, by threads of the load generator",
		X: Quantity{Name: "threads", Unit: "1"},
	})
	l.x = field{"threads", 0}
	return l
}
