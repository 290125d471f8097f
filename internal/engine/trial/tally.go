package trial

import (
	"io"
	"strings"
	"sync"

	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/schedulers"
)

// tally adds up what the strategies of a trial count, one after another.
type tally struct {
	mu      sync.Mutex
	before  map[string]float64  // of the strategies that are gone
	current schedulers.Counting // nil when the one in effect counts nothing
}

// follow counts what an attached strategy counts, until the closer that it
// returns detaches it.
func (t *tally) follow(attached io.Closer) io.Closer {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.current, _ = attached.(schedulers.Counting)
	return closer(func() error {
		t.mu.Lock()
		t.before, t.current = t.sum(), nil
		t.mu.Unlock()
		return attached.Close()
	})
}

// read returns the sums by name, without the owner "machine".
func (t *tally) read() map[string]float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sum()
}

func (t *tally) sum() map[string]float64 {
	all := map[string]float64{}
	for name, v := range t.before {
		all[name] += v
	}
	if t.current != nil {
		for name, v := range t.current.Counters() {
			all[strings.TrimPrefix(name, machineOwner+".")] += v
		}
	}
	return all
}

// closer is a function that closes something.
type closer func() error

// Close calls it.
func (c closer) Close() error { return c() }

// counted declares what strategies count, without the owner.
func counted() []results.Metric {
	metrics := schedulers.Metrics()
	for i := range metrics {
		metrics[i].Name = strings.TrimPrefix(metrics[i].Name, machineOwner+".")
	}
	return metrics
}
