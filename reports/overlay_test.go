package reports_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/results"
)

// redisLoads is a run whose rates are loads of redis.
func redisLoads() sample {
	s := usual()
	s.blocks, s.requests, s.noControls = 3, 100, true
	s.rates, s.strategies = []string{"12000", "24000", "60000"}, []string{"eevdf", "idle"}
	s.change = func(t *results.Trial, _ map[string][]results.Interval) {
		t.Scalars["kv.rate"], _ = strconv.ParseFloat(t.Treatment.Factors["rate"], 64)
	}
	return s
}

// overlaidFigures returns the files of the figures that are chosen and what is omitted.
func overlaidFigures(t *testing.T, s sample, choices ...results.FigureChoice) (map[string]string, []reports.Omission) {
	t.Helper()
	f, a := s.analyzed(t, t.TempDir())
	d, err := reports.Load(f, a)
	require.NoError(t, err)
	all, err := reports.Figures(d, reports.FigureOptions{Choices: choices})
	require.NoError(t, err)
	files := map[string]string{}
	for _, file := range all.Files {
		files[file.Name] = string(file.Data)
	}
	return files, all.Omissions
}

func TestOverlayOverLoad(t *testing.T) {
	files, omissions := overlaidFigures(t, redisLoads(), results.FigureChoice{Kind: "load", Reference: "hz-redis", FullLoad: 60000})
	require.Empty(t, omissions)
	const name = "load-kv-latency-p99-by-rate-hz-redis"
	require.Contains(t, names(files), name+".csv")
	assertHas(t, files, name+".csv", `"HZ 1000, PREEMPT (published)",reference,kv.latency.p99,s,,12000,,,0.0023,`)
	assertHas(t, files, name+".csv", `"HZ 250, VOLUNTARY (published)",reference,kv.latency.p99,s,,60000,,,0.0049,`)
	for _, want := range []string{"HZ 1000, PREEMPT (published)", "not measured here", "Beside it, in grey, what was published"} {
		assertHas(t, files, name+".svg", want)
	}
}

func TestOverlayByRateNeedsNoFullLoad(t *testing.T) {
	files, omissions := overlaidFigures(t, redisLoads(), results.FigureChoice{Kind: "load", Reference: "memtier-vhost"})
	require.Empty(t, omissions)
	assertHas(t, files, "load-kv-latency-p99-by-rate-memtier-vhost.csv", "memtier over vhost-net (published),reference,kv.latency.p99,s,,83888.91,,,0.001583,")
}

// TestOverlayOverLevels: a published point stands where a level of the factor is
// its x.
func TestOverlayOverLevels(t *testing.T) {
	s := redisLoads()
	s.changeRun = func(r *results.Run) { r.Compare.Metrics = []string{"kv.latency.p99"} }
	files, omissions := overlaidFigures(t, s, results.FigureChoice{Kind: "interaction", Reference: "cpu-aware-redis", FullLoad: 60000})
	require.Empty(t, omissions)
	data := files["interaction-kv-latency-p99-by-rate-cpu-aware-redis.csv"]
	var published []string
	for line := range strings.Lines(data) {
		if strings.HasPrefix(line, "CPU-aware BPF (published)") {
			published = append(published, strings.TrimSpace(line))
		}
	}
	assert.Equal(t, []string{
		"CPU-aware BPF (published),kv.latency.p99,s,12000,0.00051,0.00051,0.00051",
		"CPU-aware BPF (published),kv.latency.p99,s,24000,0.00078,0.00078,0.00078",
		"CPU-aware BPF (published),kv.latency.p99,s,60000,0.0033,0.0033,0.0033",
	}, published)
}

func TestOverlayThatCannotBeIsOmitted(t *testing.T) {
	for name, c := range map[string]struct {
		choice results.FigureChoice
		want   string
	}{
		"another unit": {results.FigureChoice{Kind: "load", Reference: "avx-frequency"}, "avx-frequency is about frequency.min in Hz, this figure about kv.latency.p99 in s"},
		"not by load":  {results.FigureChoice{Kind: "load", Reference: "memtier-vhost-threads"}, "memtier-vhost-threads is by threads, not by load"},
		"no full load": {results.FigureChoice{Kind: "load", Reference: "hz-redis"}, "say in full_load"},
		"no level of it": {
			results.FigureChoice{Kind: "interaction", Of: "kv.latency.p99", Reference: "hz-redis", FullLoad: 7},
			"no level of rate is a load of hz-redis",
		},
		"by something else": {
			results.FigureChoice{Kind: "interaction", Of: "kv.latency.p99", Reference: "memtier-vhost-threads"},
			"memtier-vhost-threads is by threads, not by rate",
		},
		"no full load over levels": {results.FigureChoice{Kind: "interaction", Of: "kv.latency.p99", Reference: "hz-redis"}, "say in full_load"},
		"an unknown one":           {results.FigureChoice{Kind: "load", Reference: "<script>"}, "there is none of that name"},
		"an unfit figure":          {results.FigureChoice{Kind: "forest", Reference: "hz-redis"}, "a figure of the kind forest cannot show a published series"},
	} {
		t.Run(name, func(t *testing.T) {
			files, omissions := overlaidFigures(t, redisLoads(), c.choice)
			for name, data := range files { // without it
				assert.NotContains(t, data, "(published)", name)
			}
			require.NotEmpty(t, omissions)
			assert.Contains(t, omissions[0].Reason, c.want)
		})
	}
}

// levelled is redisLoads with other levels of a factor, at which kv is asked for
// rate(level) requests a second.
func levelled(factor string, levels []string, rate func(i int) float64) sample {
	s := redisLoads()
	change := s.changeRun
	s.changeRun = func(r *results.Run) {
		if change != nil {
			change(r)
		}
		r.Compare.Metrics = []string{"kv.latency.p99"}
		r.Factors[1] = results.Factor{Name: factor, Levels: levels}
		for i, p := range r.Plan {
			r.Plan[i].Treatment.Factors = map[string]string{"strategy": p.Treatment.Factors["strategy"], factor: p.Treatment.Factors["rate"]}
		}
	}
	s.rates = levels
	s.change = func(t *results.Trial, _ map[string][]results.Interval) {
		t.Scalars["kv.rate"] = rate(slices.Index(levels, t.Treatment.Factors[factor]))
	}
	return s
}

// TestOverlayOverOtherLevels: a number is a load only where the run asks for it, and
// what a factor is not called stands beside none of its levels.
func TestOverlayOverOtherLevels(t *testing.T) {
	same := func(int) float64 { return 60000 }
	rising := func(i int) float64 { return 12000 * float64(i+1) }
	for name, c := range map[string]struct {
		s         sample
		reference string
		full      float64
		omission  string
		published string // a row, or a part of it
		caveat    string
	}{
		"a dose is no load": {
			s: levelled("dose", []string{"0.25", "0.5", "1"}, same), reference: "hz-redis", full: 1, omission: "hz-redis is by load, not by dose",
		},
		"nor is one in per cent": {s: levelled("dose", []string{"20%", "100%"}, same), reference: "hz-redis", omission: "hz-redis is by load, not by dose"},
		"clients are no load":    {s: levelled("clients", []string{"20", "40"}, rising), reference: "hz-redis", full: 100, omission: "hz-redis is by load, not by clients"},
		"per cent of full load": {
			s: levelled("level", []string{"20%", "40%"}, rising), reference: "hz-redis", full: 7,
			published: `"HZ 1000, PREEMPT (published)",kv.latency.p99,s,20%,0.0023,`, caveat: "those of this run are as level says",
		},
		"the same threads": {
			s: levelled("threads", []string{"2", "4"}, rising), reference: "memtier-vhost-threads",
			published: "memtier over vhost-net (published),kv.latency.p99,s,4,0.002479,", caveat: "another load generator",
		},
		"achieved loads": {
			s: levelled("rate", []string{"83888.91", "167000"}, func(i int) float64 { return 83888.91 * float64(i+1) }), reference: "memtier-vhost",
			published: "memtier over vhost-net (published),kv.latency.p99,s,83888.91,0.001583,", caveat: "those of this run are what rate asks for",
		},
	} {
		t.Run(name, func(t *testing.T) {
			choice := results.FigureChoice{Kind: "interaction", Of: "kv.latency.p99", Reference: c.reference, FullLoad: c.full}
			files, omissions := overlaidFigures(t, c.s, choice)
			data, page := "", ""
			for name, text := range files {
				if strings.HasSuffix(name, ".csv") {
					data = text
				}
			}
			if c.omission != "" {
				require.NotEmpty(t, omissions)
				assert.Equal(t, c.omission, omissions[0].Reason)
				assert.NotContains(t, data, "published")
				return
			}
			require.Empty(t, omissions)
			assert.Contains(t, data, c.published)
			change := c.s.changeRun
			c.s.changeRun = func(r *results.Run) {
				change(r)
				r.Report = &results.Report{Figures: []results.FigureChoice{choice}}
			}
			_, written := written(t, c.s)
			page = written["index.html"]
			assert.Contains(t, page, c.caveat)
			assert.NotContains(t, page, "full_load says", "on which no level rests")
		})
	}
}

// TestOverlaySaysWhatIsUnfair: the page says in full sentences what stands in the
// way of comparing, the figure in few words.
func TestOverlaySaysWhatIsUnfair(t *testing.T) {
	s := redisLoads()
	s.changeRun = func(r *results.Run) {
		r.Workloads[0].Kind = "memcached"
		r.Report = &results.Report{Figures: []results.FigureChoice{{Kind: "load", Reference: "hz-redis", FullLoad: 100000}}}
	}
	change := s.change
	s.change = func(t *results.Trial, l map[string][]results.Interval) {
		change(t, l)
		t.Fidelity = results.FidelityVirtual
	}
	_, files := written(t, s)
	for _, want := range []string{
		"The grey lines are published, not measured here: p99 latency of redis by load",
		"The time of this run is virtual, that of the published values a machine&#39;s own",
		"The published values are of redis, those of this run of memcached.",
		"The published hardware and kernel release are not stated; this run is on Example CPU &lt;b&gt;&amp; with the kernel 6.18.0",
		"The published kernels have HZ 1000 and 250, that of this run 250.",
		"How the published load was generated is not stated; that of this run is open loop.",
		"here it is taken as 100 k/s",
		"from the heights of bars, with an error of a few per cent",
		"The published loads reach from 20.0 k/s to 100 k/s, those of this run from 12.0 k/s to 60.0 k/s.",
		"their effects are not told apart",
	} {
		assertHas(t, files, "index.html", want)
	}
	for _, want := range []string{"virtual time", "another", "HZ", "read from"} {
		assertHas(t, files, "figures/load-kv-latency-p99-by-rate-hz-redis.svg", want)
	}
}
