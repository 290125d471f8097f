package kernel

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Facts are what a kernel says of itself in its configuration. The zero value
// says nothing.
type Facts struct {
	Version        string `json:"version,omitempty"`         // "6.12.117"
	HZ             int    `json:"hz,omitempty"`              // ticks a second
	Preempt        string `json:"preempt,omitempty"`         // the model that is built in
	PreemptDynamic bool   `json:"preempt_dynamic,omitempty"` // the kernel parameter "preempt" chooses another
	SchedExt       bool   `json:"sched_ext,omitempty"`       // schedulers can be written in BPF
	BTF            bool   `json:"btf,omitempty"`             // has its types with it
	NoHZFull       bool   `json:"nohz_full,omitempty"`       // the parameter "nohz_full" stops the tick of busy CPUs
}

// errNoConfig is a configuration without a tick: no kernel has that.
var errNoConfig = errors.New("not a kernel configuration: it has no CONFIG_HZ")

// maxConfig bounds what an untrusted compressed configuration may become, bytes.
const maxConfig = 4 << 20

// ReadConfig reads what a kernel's configuration says, gzipped as in
// /proc/config.gz or as text. See proc(5) and init/Kconfig, IKCONFIG_PROC.
func ReadConfig(r io.Reader) (Facts, error) {
	buffered := bufio.NewReader(r)
	var text io.Reader = buffered
	if magic, _ := buffered.Peek(2); string(magic) == "\x1f\x8b" {
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return Facts{}, fmt.Errorf("read kernel configuration: %w", err)
		}
		unzipped.Multistream(false) // what follows in an image is not ours
		text = unzipped
	}
	options, version, err := readOptions(io.LimitReader(text, maxConfig))
	if err != nil {
		return Facts{}, fmt.Errorf("read kernel configuration: %w", err)
	}
	f := factsOf(options, version)
	if f.HZ == 0 {
		return Facts{}, fmt.Errorf("read kernel configuration: %w", errNoConfig)
	}
	return f, nil
}

func factsOf(options map[string]string, version string) Facts {
	on := func(name string) bool { return options[name] == "y" }
	f := Facts{
		Version:        version,
		PreemptDynamic: on("CONFIG_PREEMPT_DYNAMIC"),
		SchedExt:       on("CONFIG_SCHED_CLASS_EXT"),
		BTF:            on("CONFIG_DEBUG_INFO_BTF"),
		NoHZFull:       on("CONFIG_NO_HZ_FULL"),
	}
	f.HZ, _ = strconv.Atoi(options["CONFIG_HZ"]) // 0 where there is none
	for name, model := range map[string]string{
		"CONFIG_PREEMPT_NONE": PreemptNone, "CONFIG_PREEMPT_VOLUNTARY": PreemptVoluntary,
		"CONFIG_PREEMPT": PreemptFull, "CONFIG_PREEMPT_LAZY": "lazy", "CONFIG_PREEMPT_RT": "rt",
	} {
		if on(name) {
			f.Preempt = model
		}
	}
	return f
}

// Contradicts says in what a kernel is not what a scenario says of it. A kernel
// that says nothing contradicts nothing.
func (f Facts) Contradicts(s Spec) []string {
	var out []string
	if f.HZ != 0 && s.HZ != 0 && f.HZ != s.HZ {
		out = append(out, fmt.Sprintf("the image has HZ %d and the scenario says %d", f.HZ, s.HZ))
	}
	if f.Preempt != "" && s.Preempt != "" && !f.PreemptDynamic && f.Preempt != s.Preempt {
		out = append(out, fmt.Sprintf("the image is built for preemption %q, without a choice, and the scenario says %q", f.Preempt, s.Preempt))
	}
	return out
}
