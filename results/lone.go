package results

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Lone is a trial folder on its own, outside a run: what a control zone sends
// home.
type Lone struct {
	Trial   Trial
	Latency map[string][]Interval // by workload
	Series  []Sample
}

// ReadLone reads the trial folder at dir. The content is not trusted: it is
// bounded and checked as that of a run is.
func ReadLone(dir string) (Lone, error) {
	l := Lone{Latency: map[string][]Interval{}}
	err := withRoot(dir, func(r *os.Root) error {
		if err := readTrial(r, "", &l.Trial); err != nil {
			return err
		}
		err := readPart(r, latencyFile, func(file *os.File, _ int64) error {
			return readLatency(file, func(workload string, iv Interval) error {
				l.Latency[workload] = append(l.Latency[workload], iv)
				return nil
			})
		})
		if err != nil {
			return err
		}
		return readPart(r, seriesFile, func(file *os.File, size int64) (err error) {
			l.Series, err = readSeries(file, size)
			return err
		})
	})
	if err != nil {
		return l, fmt.Errorf("read trial folder %s: %w", dir, err)
	}
	return l, nil
}

// readPart opens a file of a trial folder; one that is not there is not read.
func readPart(r *os.Root, name string, do func(*os.File, int64) error) error {
	file, size, err := openFile(r, name, maxBinary)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(do(file, size), file.Close())
}
