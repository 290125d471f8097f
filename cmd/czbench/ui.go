package main

import (
	"context"
	"fmt"
	"net"

	"github.com/spf13/cobra"

	"github.com/czbench/czbench/reports/ui"
)

const uiLong = `Serve a local web page over all runs: search them, open their reports, put two
side by side, and follow a metric over the nights with its change points. The
first line on standard output is the address. Nothing is written and nothing is
fetched from elsewhere. Ctrl-C ends it.

Only this machine is answered, unless --listen names a host of the network: then
whoever can reach it can read the results.`

const uiExample = `  czbench ui
  czbench ui --dir /data/nightly --listen 127.0.0.1:8080
  ssh -L 8080:127.0.0.1:8080 server czbench ui --listen 127.0.0.1:8080`

func newUICommand(p *process) *cobra.Command {
	var root, address string
	cmd := &cobra.Command{
		Use:     "ui",
		Short:   "browse, search and compare runs in a web browser",
		Long:    uiLong,
		Example: uiExample,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return serveUI(cmd.Context(), p, root, address) },
	}
	cmd.Flags().StringVar(&root, "dir", defaultRuns, "show the runs below `DIR`")
	cmd.Flags().StringVar(&address, "listen", "127.0.0.1:0", "listen at `HOST:PORT`; port 0 is any that is free")
	return cmd
}

// serveUI serves the page until ctx ends.
func serveUI(ctx context.Context, p *process, root, address string) error {
	listener, err := ui.Listen(ctx, address)
	if err != nil {
		return err
	}
	defer listener.Close() //nolint:errcheck // Serve has closed it
	name, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	handler, err := ui.New(ui.Options{
		Dir: root, Host: name,
		Differing: differingFacts,
	})
	if err != nil {
		return err
	}
	if ui.Public(listener) {
		fmt.Fprintf(p.stderr, "czbench: warning: whoever can reach %s can read the results; nothing is asked for a password or encrypted\n", listener.Addr())
		fmt.Fprintln(p.stderr, "czbench: others open it by an IP address of this machine, or by the name that --listen has")
	}
	if _, err := fmt.Fprintf(p.stdout, "http://%s/\n", listener.Addr()); err != nil {
		return err
	}
	return ui.Serve(ctx, listener, handler)
}
