// Command slimrun copies runs as small fixtures: the trials with their values,
// their latencies and the series that figures are drawn from, and of the machine
// only what says what it was. What tools printed, undo journals, analyses and
// reports stay behind. Numbers stay as they are; the copy has a journal with
// checksums of its own.
//
//	go run ./scripts/slimrun [-no-latency] RUN… TO
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/czbench/czbench/results"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "slimrun: %s\n", err)
		os.Exit(1) //nolint:forbidigo // the exit point of a program of its own
	}
}

// run copies the runs that args name and says where the copies are.
func run(args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("slimrun", flag.ContinueOnError)
	noLatency := flags.Bool("no-latency", false, "leave the latency histograms behind too")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() < 2 {
		return errors.New("write [-no-latency] RUN… TO")
	}
	last := flags.NArg() - 1
	for _, from := range flags.Args()[:last] {
		dir, err := slim(from, flags.Arg(last), *noLatency)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(stdout, dir); err != nil {
			return err
		}
	}
	return nil
}

// slim copies the run at from below the folder to and returns the copy.
func slim(from, to string, noLatency bool) (dir string, err error) {
	f, err := results.Open(from)
	if err != nil {
		return "", err
	}
	trials, err := f.Trials()
	if err != nil {
		return "", err
	}
	sources, err := f.Sources()
	if err != nil {
		return "", err
	}
	whole := f.Run()
	run := whole
	run.Facts = results.Facts{}
	for _, key := range keptFacts() {
		if v, known := whole.Facts[key]; known {
			run.Facts[key] = v
		}
	}
	w, err := results.Create(to, run, sources)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	for _, t := range trials {
		if err := slimTrial(w, filepath.Join(from, f.TrialDir(t.Number)), run.Plan, noLatency); err != nil {
			return "", err
		}
	}
	return w.Dir(), w.UpdateRun(func(r *results.Run) { r.Status, r.Finished = whole.Status, whole.Finished })
}

// slimTrial copies the trial folder at from.
func slimTrial(w *results.Writer, from string, plan []results.Planned, noLatency bool) error {
	l, err := results.ReadLone(from)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(plan, func(p results.Planned) bool { return p.Number == l.Trial.Number })
	if at < 0 {
		return fmt.Errorf("trial %d is not planned", l.Trial.Number)
	}
	dir, err := w.Begin(plan[at])
	if err != nil {
		return err
	}
	if noLatency {
		l.Latency = nil
	}
	series := slices.DeleteFunc(l.Series, func(s results.Sample) bool { return !drawn(l.Trial, s.Metric) })
	if err := results.WriteTrial(dir, l.Trial, l.Latency, series); err != nil {
		return err
	}
	_, err = w.Finish(plan[at])
	return err
}

// keptFacts are the facts that say what the machine was, and nothing else about
// it.
func keptFacts() []string {
	return []string{
		"clock.source", "cpu.count", "cpu.model", "cpu.topology", "kernel.hz", "kernel.preempt", "mem.total",
		"os.release", "tool.redis-server",
	}
}

// drawn says whether figures show the series of a metric of a trial.
func drawn(t results.Trial, metric string) bool {
	if _, _, waits := results.ParseWaits(metric); waits {
		return true
	}
	return slices.Contains([]string{results.SineWanted, results.SineAchieved}, metric) ||
		len(t.Phases) > 0 && slices.Contains([]string{"cgroup.cpu", "cpu"}, metric)
}
