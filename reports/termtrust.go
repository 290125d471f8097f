package reports

// capacity writes the largest load under each SLO.
func (t *terminal) capacity() {
	for _, table := range capacityTables(t.a) {
		t.b.WriteByte('\n')
		t.line("", table.Title)
		names, load, ratio := column{}, column{header: "load"}, column{header: "against the baseline"}
		for _, r := range table.Rows {
			names.rows = append(names.rows, []cell{{text: t.name(r.Label)}})
			load.rows = append(load.rows, []cell{{text: t.clean(r.Load)}})
			ratio.rows = append(ratio.rows, []cell{{text: t.clean(r.Ratio)}})
		}
		t.b.WriteString(layTable(names, []column{load, ratio}, t.o.Width, t.o.Color))
		for _, r := range table.Rows {
			for _, note := range r.Notes {
				t.line("  ", t.name(r.Label)+": "+note)
			}
		}
	}
}

// trust writes the noise floor, the windows that are not flat and the stopping
// rule.
func (t *terminal) trust() {
	v := trustOf(t.a)
	t.noise(v.Noise)
	t.windows(v.Windows)
	if v.Stopping != "" {
		t.b.WriteByte('\n')
		t.line("  ", v.Stopping)
	}
}

func (t *terminal) noise(rows []noiseRow) {
	if len(rows) == 0 {
		return
	}
	t.b.WriteByte('\n')
	names, labels := column{header: "noise floor"}, column{header: "of"}
	change, floor := column{header: "the baseline against itself"}, column{header: "floor"}
	for _, r := range rows {
		names.rows = append(names.rows, []cell{{text: t.name(r.Metric)}})
		labels.rows = append(labels.rows, []cell{{text: t.name(r.Label)}})
		change.rows = append(change.rows, []cell{{text: t.clean(r.Change)}})
		floor.rows = append(floor.rows, []cell{{text: t.clean(r.Floor)}})
	}
	t.b.WriteString(layTable(names, []column{labels, change, floor}, t.o.Width, t.o.Color))
	for _, r := range rows {
		for _, note := range r.Notes {
			t.line("  ", r.Metric+": "+note)
		}
	}
}

// windows writes those that are not flat, and counts the others.
func (t *terminal) windows(rows []windowRow) {
	if len(rows) == 0 {
		return
	}
	t.b.WriteByte('\n')
	names, metrics, verdicts := column{header: "windows of"}, column{header: "metric"}, column{header: "verdict"}
	trials := column{header: "trials"}
	others := map[string]int{}
	for _, r := range rows {
		if !r.Unsteady {
			others[r.Verdict]++
			continue
		}
		names.rows = append(names.rows, []cell{{text: t.name(r.Label)}})
		metrics.rows = append(metrics.rows, []cell{{text: t.name(r.Metric)}})
		verdicts.rows = append(verdicts.rows, []cell{{text: t.clean(r.Verdict)}})
		trials.rows = append(trials.rows, []cell{{text: t.clean(r.Trials)}})
	}
	what := "Measured windows: "
	if len(names.rows) > 0 {
		t.b.WriteString(layTable(names, []column{metrics, verdicts, trials}, t.o.Width, t.o.Color))
		what = "Other windows: "
	}
	if len(others) > 0 {
		t.line("  ", what+counted(others)+".")
	}
}
