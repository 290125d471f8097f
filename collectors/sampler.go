package collectors

import (
	"context"
	"time"

	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/gate"
)

// LateTicks is the metric, with the collector's kind before it, in which a
// collector reports how often it read more than a tenth of an interval late.
const LateTicks = "late_ticks"

// lateMetric declares the collector's own lateness.
func lateMetric(kind string) results.Metric {
	return results.Metric{
		Name: kind + "." + LateTicks, Unit: "1", Better: results.Lower, Kind: results.Scalar, Scale: results.Difference,
		Source: "the " + kind + " collector's clock",
		Help:   "readings taken more than a tenth of the interval after their time, or skipped, in warm-up and window",
	}
}

// sampler calls a reader on ticks that do not drift: at the window's start, at
// begin + k·interval, and at its end.
type sampler struct {
	kind     string
	window   *gate.Window
	interval int64 // ns
}

func newSampler(kind string, e Env) sampler {
	return sampler{kind: kind, window: e.Window, interval: max(int64(e.Interval), int64(units.Duration(time.Millisecond)))}
}

// run reads on every tick and returns after the one at the window's end, or
// early when ctx ends. A tick that is past before its turn is skipped and
// counted as late, except those at begin and end. read gets the time of the
// reading in seconds since the window's begin.
func (s sampler) run(ctx context.Context, emit func(results.Sample), read func(t float64) error) error {
	late := 0
	for tick := s.window.Start; ; tick = s.next(tick) {
		if !gate.SleepUntil(ctx.Done(), tick) {
			break
		}
		now := gate.Now()
		if now-tick > s.interval/10 {
			late++
		}
		skip := now >= s.next(tick) && tick != s.window.Begin && tick != s.window.End
		if !skip {
			if err := read(s.seconds(now)); err != nil {
				return err
			}
		}
		if tick >= s.window.End {
			break
		}
	}
	emit(results.Sample{
		Time: s.seconds(gate.Now()), Metric: s.kind + "." + LateTicks, Workload: "machine", Value: float64(late),
	})
	return nil
}

// next returns the tick after t; the end is the last one.
func (s sampler) next(t int64) int64 {
	k := (t - s.window.Begin) / s.interval
	if t < s.window.Begin && (t-s.window.Begin)%s.interval != 0 {
		k-- // division truncates towards zero, ticks need the floor
	}
	return min(s.window.Begin+(k+1)*s.interval, s.window.End)
}

func (s sampler) seconds(t int64) float64 { return float64(t-s.window.Begin) / 1e9 }
