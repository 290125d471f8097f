package history

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/results"
)

// Options say what a history is.
type Options struct {
	// Suspect is the variable of the scenario that says what is under test; empty
	// for none. It alone may differ between nights.
	Suspect string
	// Differing returns the names of the facts in which two machines, kernels or sets
	// of tools are not comparable.
	Differing func(was, is results.Facts) []string
	// Runs are the runs to choose from; nil for all that are below the root.
	Runs []results.Listing
}

// History is the completed runs of a scenario that can be compared.
type History struct {
	nights  []night // oldest first, the judged run last
	older   int
	leftOut []LeftOut
	o       Options
}

// night is a run with one value for each treatment and metric.
type night struct {
	run      results.Run
	sources  map[string][sha256.Size]byte // by name, a hash of each file: many nights are kept
	analysis *analysis.Analysis
}

// Read collects the runs under root that were started before judged and are
// comparable with it, the newest Window − 1 of them. A run that is not is left
// out, with the first reason. An error means that judged itself cannot be judged:
// it is not complete, compares nothing, or lacks the suspect variable.
func Read(root string, judged *results.Folder, o Options) (*History, error) {
	last, err := readNight(judged, analysis.Analyze)
	if err != nil {
		return nil, err
	}
	if err := last.judgeable(o.Suspect); err != nil {
		return nil, err
	}
	runs := slices.Clone(o.Runs)
	if o.Runs == nil {
		if runs, err = results.List(root); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(runs, func(a, b results.Listing) int { return b.Started.Compare(a.Started) })
	h := &History{nights: []night{last}, o: o}
	for _, l := range runs {
		if l.Scenario != last.run.Scenario || l.ID == last.run.ID || (l.Problem == "" && !l.Started.Before(last.run.Started)) {
			continue
		}
		h.add(l)
	}
	slices.Reverse(h.nights)
	slices.Reverse(h.leftOut)
	return h, nil
}

// ErrDropped says that too many trials of a run failed or were invalid for it to
// be judged.
var ErrDropped = errors.New("too many trials failed or were invalid")

// judgeable says what a run lacks to be judged.
func (n night) judgeable(suspect string) error {
	err := n.lacks(suspect)
	if err != nil {
		err = fmt.Errorf("judge run %s: %w", n.run.ID, err)
	}
	return err
}

func (n night) lacks(suspect string) error {
	if n.run.Status != results.Complete {
		return fmt.Errorf("it is %s: only a complete run can be judged; czbench resume goes on with an interrupted one", n.run.Status)
	}
	if len(n.run.Compare.Metrics) == 0 {
		return errors.New("it compares nothing: name metrics in the compare block of the scenario")
	}
	if _, known := valueOf(n.run, suspect); suspect != "" && !known {
		return fmt.Errorf("it has no variable %q", suspect)
	}
	if bad := dropped(n.analysis); bad > n.run.MaxDropped {
		return fmt.Errorf("%w: %.0f %%, and the scenario allows %.0f %%", ErrDropped, 100*bad, 100*n.run.MaxDropped)
	}
	return nil
}

// valueOf returns the value that a variable had in a run.
func valueOf(run results.Run, name string) (value string, known bool) {
	i := slices.IndexFunc(run.Variables, func(v results.Variable) bool { return v.Name == name })
	if i < 0 {
		return "", false
	}
	return run.Variables[i].Value, true
}

// night is n as a Result has it.
func (n night) night(suspect string) Night {
	value, _ := valueOf(n.run, suspect)
	return Night{Run: n.run.ID, Started: n.run.Started, Suspect: value}
}

// readNight analyses a run.
func readNight(f *results.Folder, analyze func(*results.Folder, analysis.Options) (*analysis.Analysis, error)) (night, error) {
	a, err := analyze(f, analysis.Options{})
	if err != nil {
		return night{}, err
	}
	sources, err := f.Sources()
	n := night{run: f.Run(), sources: map[string][sha256.Size]byte{}, analysis: a}
	for name, text := range sources {
		n.sources[name] = sha256.Sum256(text)
	}
	return n, err
}

// add takes a run into the history, newer ones first, or says why not.
func (h *History) add(l results.Listing) {
	if l.Problem != "" {
		h.leave(l.ID, unreadable+l.Problem)
		return
	}
	if len(h.nights) == Window {
		h.older++
		return
	}
	f, err := results.Open(l.Dir)
	if err != nil {
		h.leave(l.ID, unreadable+err.Error())
		return
	}
	if reason := h.differs(f.Run()); reason != "" {
		h.leave(l.ID, reason)
		return
	}
	n, err := readNight(f, analysis.AnalyzeScalars)
	if err != nil {
		h.leave(l.ID, unreadable+err.Error())
		return
	}
	judged := h.nights[0]
	switch bad := dropped(n.analysis); {
	case n.analysis.Fidelity != judged.analysis.Fidelity:
		h.leave(l.ID, fmt.Sprintf("fidelity: its trials are %s, those of the judged run %s", n.analysis.Fidelity, judged.analysis.Fidelity))
	case bad > n.run.MaxDropped:
		h.leave(l.ID, fmt.Sprintf("trials: %.0f %% failed or were invalid", 100*bad))
	default:
		h.nights = append(h.nights, n)
	}
}

// Parts of a reason that LeftOut.Kind knows.
const (
	unreadable    = "unreadable: "
	ofFingerprint = "fingerprint"
	ofVariables   = "variables"
	wasThere      = " was "
)

func (h *History) leave(run, reason string) {
	h.leftOut = append(h.leftOut, LeftOut{Run: run, Reason: reason})
}

// dropped returns the share of the trials of an analysed run that failed or were
// invalid, 0…1.
func dropped(a *analysis.Analysis) float64 {
	bad, all := 0, 0
	for _, t := range a.Treatments {
		bad += t.Invalid + t.Failed
		all += t.OK + t.Invalid + t.Failed
	}
	return float64(bad) / float64(max(1, all))
}

// differs returns the first reason why a run is not comparable with the judged
// one; empty where it is.
func (h *History) differs(was results.Run) string {
	is := h.nights[0].run
	if was.Status != results.Complete {
		return "status: " + was.Status
	}
	if facts := h.o.Differing(was.Facts, is.Facts); len(facts) > 0 {
		return ofFingerprint + ": " + factsDiffer(facts, was.Facts, is.Facts)
	}
	if names := factorNames(was); !slices.Equal(names, factorNames(is)) {
		return fmt.Sprintf("matrix: its factors are %s, those of the judged run %s", listed(names), listed(factorNames(is)))
	}
	if !slices.Equal(was.Compare.Metrics, is.Compare.Metrics) {
		return "metrics: it compares " + listed(was.Compare.Metrics)
	}
	if was.Warmup != is.Warmup || was.Measure != is.Measure {
		return fmt.Sprintf("window: it warmed up for %g s and measured for %g s, the judged run for %g and %g s", was.Warmup, was.Measure, is.Warmup, is.Measure)
	}
	for _, v := range variableChanges(was, is) {
		if v.What != variableChange(h.o.Suspect) && v.What != variableChange(blocksVariable) {
			return fmt.Sprintf(ofVariables+": %s"+wasThere+"%s, is %s", strings.TrimPrefix(v.What, variableChange("")), v.Was, v.Is)
		}
	}
	return ""
}

// factsDiffer names the first of differing facts, and how many more there are.
func factsDiffer(names []string, was, is results.Facts) string {
	text := fmt.Sprintf("%s"+wasThere+"%q, is %q", names[0], was[names[0]], is[names[0]])
	if more := len(names) - 1; more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return text
}

func factorNames(run results.Run) []string {
	var names []string
	for _, f := range run.Factors {
		names = append(names, f.Name)
	}
	return names
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// blocksVariable is what --blocks is recorded as. Nights may have more or fewer
// blocks: each of them is one value.
const blocksVariable = "scenario.blocks"

func variableChange(name string) string { return "variable " + name }

// variableChanges returns the variables in which two runs differ.
func variableChanges(was, is results.Run) []Change {
	names := map[string]bool{}
	for _, v := range slices.Concat(was.Variables, is.Variables) {
		names[v.Name] = true
	}
	var changes []Change
	for _, name := range slices.Sorted(maps.Keys(names)) {
		a, _ := valueOf(was, name)
		b, _ := valueOf(is, name)
		if a != b {
			changes = append(changes, Change{What: variableChange(name), Was: a, Is: b})
		}
	}
	return changes
}

// changes returns everything recorded in which two nights differ.
func changes(was, is night) []Change {
	all := variableChanges(was.run, is.run)
	keys := map[string]bool{}
	for key := range was.run.Facts {
		keys[key] = true
	}
	for key := range is.run.Facts {
		keys[key] = true
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if a, b := was.run.Facts[key], is.run.Facts[key]; a != b {
			all = append(all, Change{What: "fact " + key, Was: a, Is: b})
		}
	}
	if !maps.Equal(was.sources, is.sources) {
		all = append(all, Change{What: TextChange, Was: was.run.ID, Is: is.run.ID})
	}
	return all
}
