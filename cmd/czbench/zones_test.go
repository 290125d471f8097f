package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/assert"

	"github.com/czbench/czbench/internal/machine/kernel"
	"github.com/czbench/czbench/internal/machine/vm/libvirttest"
	"github.com/czbench/czbench/internal/machine/vmtest"
	"github.com/czbench/czbench/results"
)

// TestZoneScripts runs testdata/zones: whole runs in real virtual machines with a
// zone kernel of HZ 1000, emulated.
func TestZoneScripts(t *testing.T) {
	zoneScripts(t, "testdata/zones")
}

// TestZonesViaLibvirt runs testdata/libvirt against a libvirtd of its own.
func TestZonesViaLibvirt(t *testing.T) {
	vmtest.Kernel(t)
	libvirttest.Start(t)
	zoneScripts(t, "testdata/libvirt")
}

func zoneScripts(t *testing.T, dir string) {
	t.Helper()
	image := vmtest.Kernel(t)
	testscript.RunT(inTurn{t}, testscript.Params{
		Dir: dir,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "waitfor": waitFor, "nothingleft": nothingLeft, "sametrials": sameTrials,
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("NO_COLOR", "1")
			e.Setenv("CZBENCH_CACHE", kernel.DefaultCache().Dir)
			e.Setenv("LIBVIRT_DEFAULT_URI", os.Getenv("LIBVIRT_DEFAULT_URI"))
			e.Setenv("KERNEL", image)
			return nil
		},
	})
}

// sameTrials wants the trials of the latest runs below two folders to be the same
// to the last bit: sametrials a b.
func sameTrials(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sametrials FOLDER FOLDER")
	}
	var all [2][]results.Trial
	var dirs [2]string
	for i, root := range args {
		dir, err := results.Find(ts.MkAbs(root), "latest")
		ts.Check(err)
		folder, err := results.Open(dir)
		ts.Check(err)
		all[i], err = folder.Trials()
		ts.Check(err)
		dirs[i] = dir
	}
	if len(all[0]) == 0 || len(all[0]) != len(all[1]) {
		ts.Fatalf("%d and %d trials", len(all[0]), len(all[1]))
	}
	for i, a := range all[0] {
		b := all[1][i]
		a.Harness, b.Harness = results.HarnessCost{}, results.HarnessCost{} // has wall time in it
		if !assert.ObjectsAreEqual(a, b) {
			ts.Fatalf("trial %d differs:\n%+v\n%+v", a.Number, a, b)
		}
		for _, name := range []string{"latency.hlog", "series.parquet"} {
			var content [2][]byte
			for k, dir := range dirs {
				var err error
				content[k], err = os.ReadFile(filepath.Join(dir, "trials", fmt.Sprintf("%04d", a.Number), name))
				ts.Check(err)
			}
			if string(content[0]) != string(content[1]) {
				ts.Fatalf("trial %d: %s differs", a.Number, name)
			}
		}
	}
}
