// Package czyaml reads and writes the YAML description of a control zone, and
// turns it into the zone and kernel blocks of a scenario and back. What one of
// the two cannot say, it reports; what a zone or a kernel means is decided
// elsewhere.
//
// The format is that of a control zone manager on libvirt: a VM with a kernel, a
// disk and one vCPU on each CPU of a cpuset.
//
//	meta:
//	  name: controlzone01
//	  workdir: /var/lib/cz
//	  share_folder: /var/lib/cz/share
//	os:
//	  kernel: /var/lib/cz/kernels/bzImage
//	  initram_fs: /var/lib/cz/initramfs
//	  rootfs: /var/lib/cz/images/root.qcow2
//	  kcmdline: root=/dev/vda console=ttyS0 preempt=full
//	resource:
//	  cpuset: 2-5
//	  memory: 4096
//	  static_net:
//	    address: 192.0.2.10
//	    netmask: 255.255.255.0
//	    gateway: 192.0.2.1
package czyaml

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/units"
)

// megabyte is the unit of memory, in bytes: libvirt's MB.
const megabyte = 1_000_000

// maxFile bounds the files that are read, in bytes.
const maxFile = 1 << 20

// File is the description of one control zone.
type File struct {
	Meta     Meta     `yaml:"meta"`
	OS       OS       `yaml:"os"`
	Resource Resource `yaml:"resource,omitempty"`
}

// Meta says what the zone is called and where its files are.
type Meta struct {
	Name        string `yaml:"name"`
	Workdir     string `yaml:"workdir,omitempty"`      // what relative paths are relative to
	ShareFolder string `yaml:"share_folder,omitempty"` // of the host, visible inside
}

// OS says what the zone boots.
type OS struct {
	Kernel    string `yaml:"kernel"` // path of an image
	InitramFS string `yaml:"initram_fs,omitempty"`
	RootFS    string `yaml:"rootfs,omitempty"` // path of a disk image
	KCmdline  string `yaml:"kcmdline,omitempty"`
}

// Resource says what the zone gets of the machine.
type Resource struct {
	CPUSet    units.CPUSet `yaml:"cpuset,omitempty"` // one vCPU on each
	Memory    uint64       `yaml:"memory,omitempty"` // MB, 10^6 bytes
	StaticNet *StaticNet   `yaml:"static_net,omitempty"`
}

// StaticNet is a network address of the zone.
type StaticNet struct {
	Address string `yaml:"address"`
	Netmask string `yaml:"netmask,omitempty"`
	Gateway string `yaml:"gateway,omitempty"`
}

// Read reads one description. The error joins everything that is wrong with it,
// each with its line.
func Read(r io.Reader) (File, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return File{}, fmt.Errorf("read control zone: %w", err)
	}
	if len(data) > maxFile {
		return File{}, fmt.Errorf("read control zone: more than %d bytes", maxFile)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return File{}, fmt.Errorf("read control zone: %w", err)
	}
	if len(doc.Content) == 0 {
		return File{}, errors.New("read control zone: the file is empty")
	}
	var f File
	rd := reader{}
	rd.block("", doc.Content[0], fields{
		"meta": rd.in(fields{
			"name": rd.text(&f.Meta.Name), "workdir": rd.text(&f.Meta.Workdir), "share_folder": rd.text(&f.Meta.ShareFolder),
		}),
		"os": rd.in(fields{
			"kernel": rd.text(&f.OS.Kernel), "initram_fs": rd.text(&f.OS.InitramFS),
			"rootfs": rd.text(&f.OS.RootFS), "kcmdline": rd.text(&f.OS.KCmdline),
		}),
		"resource": rd.in(fields{
			"cpuset": rd.cpus(&f.Resource.CPUSet), "memory": rd.megabytes(&f.Resource.Memory),
			"static_net": rd.staticNet(&f.Resource.StaticNet),
		}),
	})
	rd.require("meta.name", f.Meta.Name)
	rd.require("os.kernel", f.OS.Kernel)
	return f, errors.Join(rd.errs...)
}

// Write writes f as YAML.
func (f File) Write(w io.Writer) error {
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	return errors.Join(enc.Encode(f), enc.Close())
}

// reader collects what is wrong while a document is taken apart.
type reader struct{ errs []error }

// fields say what takes the value of a key; the key's path is given to it.
type fields map[string]func(path string, n *yaml.Node)

func (r *reader) fail(n *yaml.Node, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("line %d: %s", n.Line, fmt.Sprintf(format, args...)))
}

func (r *reader) require(path, value string) {
	if value == "" && len(r.errs) == 0 {
		r.errs = append(r.errs, fmt.Errorf("%s is missing", path))
	}
}

// block takes a mapping apart whose keys are those of known.
func (r *reader) block(path string, n *yaml.Node, known fields) {
	if n.Kind != yaml.MappingNode {
		r.fail(n, "%s holds keys with values, as in name: value", cmp.Or(path, "a control zone"))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		full := strings.TrimPrefix(path+"."+key.Value, ".")
		take := known[key.Value]
		switch {
		case take == nil:
			r.fail(key, "%s is not known%s", full, config.DidYouMean(key.Value, slices.Collect(maps.Keys(known))))
		case seen[key.Value]:
			r.fail(key, "%s stands twice; remove one of them", full)
		case value.Tag != "!!null":
			take(full, value)
		}
		seen[key.Value] = true
	}
}

// in returns what takes a nested block.
func (r *reader) in(known fields) func(string, *yaml.Node) {
	return func(path string, n *yaml.Node) { r.block(path, n, known) }
}

func (r *reader) text(dst *string) func(string, *yaml.Node) {
	return func(path string, n *yaml.Node) {
		if n.Kind != yaml.ScalarNode {
			r.fail(n, "%s is a text", path)
			return
		}
		*dst = n.Value
	}
}

func (r *reader) cpus(dst *units.CPUSet) func(string, *yaml.Node) {
	return func(path string, n *yaml.Node) {
		var err error
		if *dst, err = units.ParseCPUSet(n.Value); err != nil || n.Kind != yaml.ScalarNode {
			r.fail(n, "%s is a CPU list such as 0-3,8", path)
		}
	}
}

func (r *reader) megabytes(dst *uint64) func(string, *yaml.Node) {
	return func(path string, n *yaml.Node) {
		var err error
		if *dst, err = strconv.ParseUint(n.Value, 10, 32); err != nil || *dst == 0 {
			r.fail(n, "%s is a whole number of MB, such as 4096", path)
		}
	}
}

func (r *reader) staticNet(dst **StaticNet) func(string, *yaml.Node) {
	return func(path string, n *yaml.Node) {
		var net StaticNet
		r.block(path, n, fields{"address": r.text(&net.Address), "netmask": r.text(&net.Netmask), "gateway": r.text(&net.Gateway)})
		*dst = &net
	}
}
