package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/workloads/burn"
	"github.com/czbench/czbench/workloads/gate"
)

// burnWarmup precedes the measured time of `czbench burn`, so that the vector
// units are powered up and the clock has settled.
const burnWarmup = 200 * time.Millisecond

// newBurnCommand returns `czbench burn`.
func newBurnCommand(p *process) *cobra.Command {
	cfg := burn.Config{Precision: burn.Double, Threads: runtime.NumCPU()}
	length := 5 * time.Second
	asJSON := false
	cmd := &cobra.Command{
		Use:   "burn",
		Short: "Keep the vector units busy and report GFLOP/s for each thread",
		Long: `Run loops of fused multiply-adds, one locked thread each, and report what each
thread did: iterations of the loop, operations and CPU time. It is the engine of
the workload "avx", by itself.`,
		Example: `  czbench burn
  czbench burn --width 256 --precision single --threads 2 --time 5s
  czbench burn --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if length <= 0 {
				return fmt.Errorf("--time %s: write a positive time such as 5s", length)
			}
			r, err := runBurn(cmd.Context(), cfg, length)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(p.stdout).Encode(r)
			}
			return printBurn(p.stdout, r)
		},
	}
	f := cmd.Flags()
	f.IntVar(&cfg.Width, "width", 0, "vector width in bits: 128, 256 or 512; 0 is the widest that the CPU has")
	f.StringVar(&cfg.Precision, "precision", cfg.Precision, "precision: double or single")
	f.IntVar(&cfg.Threads, "threads", cfg.Threads, "number of threads")
	f.DurationVar(&length, "time", length, "length of the measurement")
	f.BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func runBurn(ctx context.Context, cfg burn.Config, length time.Duration) (burn.Result, error) {
	e, err := burn.Start(cfg)
	var missing host.Missing
	if errors.As(err, &missing) {
		return burn.Result{}, &exitError{code: exitMissing, err: err}
	}
	if err != nil {
		return burn.Result{}, err
	}
	defer e.Close()
	now := gate.Now()
	begin := now + burnWarmup.Nanoseconds()
	r, err := e.Run(ctx, gate.Window{Start: now, Begin: begin, End: begin + length.Nanoseconds()})
	if ctx.Err() != nil {
		return burn.Result{}, &exitError{code: exitInterrupted, err: err}
	}
	return r, err
}

// printBurn prints a line for each thread and the sum.
func printBurn(out io.Writer, r burn.Result) error {
	if _, err := fmt.Fprintf(out, "%d bits, %s precision, %d FLOPs an iteration, %.3g s\n\n",
		r.Width, r.Precision, r.FLOPs, r.Seconds); err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := func(name string, t burn.Thread) {
		rate := t.Iterations / r.Seconds
		_, _ = fmt.Fprintf(w, "%s\t%.0f\t%.2f\t%.1f\t\n", // the table is in memory until Flush
			name, rate, rate*float64(r.FLOPs)/1e9, 100*t.CPUSeconds/r.Seconds)
	}
	_, _ = fmt.Fprintln(w, "thread\titerations/s\tGFLOP/s\tCPU %\t")
	for i, t := range r.Threads {
		line(fmt.Sprint(i), t)
	}
	line("sum", r.Total())
	return w.Flush()
}

// runBurnEngine is `czbench engine burn`: the engine behind its gate on standard
// input and output.
func runBurnEngine(p *process) error { return burn.Serve(p.stdin, p.stdout) }
