package results

import (
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// Trials returns every trial that the journal calls whole, by number. Each
// folder is held against its checksum; one that differs, is missing or does not
// read is given as failed, with the damage as its reason and its treatment
// from the plan, so that nothing damaged is used and nothing damaged is hidden.
func (f *Folder) Trials() ([]Trial, error) {
	ended := f.ended()
	numbers := slices.Sorted(maps.Keys(ended))
	plan := make(map[int]Planned, len(f.run.Plan))
	for _, p := range f.run.Plan {
		plan[p.Number] = p
	}
	trials := make([]Trial, len(numbers))
	err := withRoot(f.dir, func(r *os.Root) error {
		var group errgroup.Group
		group.SetLimit(runtime.GOMAXPROCS(0))
		for i, number := range numbers {
			group.Go(func() error {
				trials[i] = readWhole(r, ended[number], plan)
				return nil
			})
		}
		return group.Wait()
	})
	return trials, err
}

// ended returns the last entry that made each trial whole. A trial that was
// started again is not whole until it ends again.
func (f *Folder) ended() map[int]Entry {
	ended := map[int]Entry{}
	for _, e := range f.journal {
		if e.Event == TrialStarted {
			delete(ended, e.Trial)
		} else {
			ended[e.Trial] = e
		}
	}
	return ended
}

func readWhole(r *os.Root, e Entry, plan map[int]Planned) Trial {
	p, planned := plan[e.Trial]
	t, err := readChecked(r, e)
	if err == nil && planned && (p.Block != t.Block || p.Treatment.Key() != t.Treatment.Key()) {
		err = fmt.Errorf("its block or treatment is not the planned one")
	}
	if err == nil {
		return t
	}
	return Trial{
		Schema: SchemaVersion, Number: e.Trial, Block: p.Block, Position: p.Position, Treatment: p.Treatment, Seed: p.Seed,
		Verdict: Failed, Reason: "damaged on disk: " + err.Error(),
	}
}

func readChecked(r *os.Root, e Entry) (t Trial, err error) {
	dir := trialName(e.Trial)
	sum, err := checksum(r, dir, false)
	if err != nil {
		return t, err
	}
	if sum != e.Checksum {
		return t, fmt.Errorf("its content is not what the journal recorded (checksum %s, recorded %q)", sum, e.Checksum)
	}
	if err := readTrial(r, dir, &t); err != nil {
		return t, err
	}
	if t.Number != e.Trial || eventOf(t.Verdict) != e.Event {
		return t, fmt.Errorf("it is trial %d, %s; the journal says trial %d, %s", t.Number, t.Verdict, e.Trial, e.Event)
	}
	return t, nil
}
