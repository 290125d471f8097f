package analysis

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/czbench/czbench/results"
)

// whyUnpaired returns the first reason why the blocks of two runs do not belong
// together, as a sentence, and nothing where they do: the n-th block of both
// then has the same treatments in the same order, with the same arrivals and
// keys, on the same machine.
func (p pair) whyUnpaired() string {
	a, b := p.runs[0], p.runs[1]
	switch {
	case a.Scenario != b.Scenario:
		return fmt.Sprintf("the scenarios are different ones: %s and %s", a.Scenario, b.Scenario)
	case a.Seed != b.Seed:
		return fmt.Sprintf("the seeds differ: %d and %d", a.Seed, b.Seed)
	}
	if why := orderDiffers(blocksOf(a), blocksOf(b)); why != "" {
		return why
	}
	if a.Fingerprint != b.Fingerprint {
		return "the machines, kernels or tools differ: " + factsDiffer(a.Facts, b.Facts)
	}
	return ""
}

// blocksOf returns what each block of a plan consists of, in order.
func blocksOf(r results.Run) map[int]string {
	blocks := map[int]string{}
	for _, planned := range r.Plan {
		blocks[planned.Block] += fmt.Sprintf("%s of seed %d, ", planned.Treatment.Key(), planned.Seed)
	}
	return blocks
}

func orderDiffers(a, b map[int]string) string {
	common := 0
	for _, block := range slices.Sorted(maps.Keys(a)) {
		other, has := b[block]
		if has && a[block] != other {
			return fmt.Sprintf("the plans differ: block %d has other treatments, another order or another seed", block)
		}
		if has {
			common++
		}
	}
	if common == 0 {
		return "the plans have no block in common"
	}
	return ""
}

// factsDiffer names a few facts that two machines do not share, with what they
// are.
func factsDiffer(a, b results.Facts) string {
	const most = 3
	union := maps.Clone(a)
	if union == nil {
		union = results.Facts{}
	}
	maps.Copy(union, b)
	var differing []string
	for _, key := range slices.Sorted(maps.Keys(union)) {
		if a[key] != b[key] {
			differing = append(differing, fmt.Sprintf("%s is %s and %s", key, short(a[key]), short(b[key])))
		}
	}
	if len(differing) == 0 {
		return "no recorded fact says how"
	}
	if more := len(differing) - most; more > 0 {
		differing = append(differing[:most], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(differing, ", ")
}

// short quotes a fact, or the beginning of a long one.
func short(fact string) string {
	const most = 40
	if utf8.RuneCountInString(fact) > most {
		fact = string([]rune(fact)[:most]) + "…"
	}
	if fact == "" {
		return "not known"
	}
	return fmt.Sprintf("%q", fact)
}
