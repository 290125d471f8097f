package czyaml

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/czbench/czbench/internal/machine/kernel"
)

// HCL returns the zone and kernel blocks that stand for f, and a sentence for
// each thing that they cannot say, which is a comment in them too.
func (f File) HCL() ([]byte, []string) {
	name := zoneName(f.Meta.Name)
	words, preempt, dropped := parameters(f.OS.KCmdline)
	file := hclwrite.NewEmptyFile()

	image := file.Body().AppendNewBlock("kernel", []string{name}).Body()
	image.SetAttributeValue("image", cty.StringVal(f.path(f.OS.Kernel)))
	if preempt != "" {
		image.SetAttributeValue("preempt", cty.StringVal(preempt))
	}
	if len(words) > 0 {
		image.SetAttributeValue("cmdline", cty.ListVal(words))
	}
	file.Body().AppendNewline()

	zone := file.Body().AppendNewBlock("zone", []string{name}).Body()
	zone.SetAttributeValue("driver", cty.StringVal("vm"))
	zone.SetAttributeTraversal("kernel", hcl.Traversal{hcl.TraverseRoot{Name: "kernel"}, hcl.TraverseAttr{Name: name}})
	if cpus := f.Resource.CPUSet; len(cpus) > 0 {
		zone.SetAttributeValue("vcpus", cty.NumberIntVal(int64(len(cpus))))
		zone.SetAttributeValue("cpus", cty.StringVal(cpus.String()))
	}
	if f.Resource.Memory > 0 {
		zone.SetAttributeValue("memory", cty.StringVal(fmt.Sprintf("%dMB", f.Resource.Memory)))
	}
	lost := f.lost(name, dropped)
	for _, sentence := range lost {
		zone.AppendUnstructuredTokens(hclwrite.Tokens{{Type: hclsyntax.TokenComment, Bytes: []byte("# " + sentence + "\n")}})
	}
	return hclwrite.Format(file.Bytes()), lost
}

// path makes a path of the file relative to its working folder.
func (f File) path(path string) string {
	if f.Meta.Workdir == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(f.Meta.Workdir, path)
}

// lost says what the blocks cannot say, and what is done instead.
func (f File) lost(name string, dropped []string) []string {
	var all []string
	add := func(key, value, instead string) {
		if value != "" {
			all = append(all, fmt.Sprintf("%s %q has no counterpart: %s", key, value, instead))
		}
	}
	if name != f.Meta.Name {
		add("meta.name", f.Meta.Name, fmt.Sprintf("it cannot be the name of a folder, and the zone is named %q", name))
	}
	add("meta.workdir", f.Meta.Workdir, "the files of a VM are in a private folder as long as it runs")
	add("meta.share_folder", f.Meta.ShareFolder, "everything that a workload needs is packed into the guest; name further programs in tools")
	add("os.initram_fs", f.OS.InitramFS, "the guest boots an initramfs made for the trial, with czbench as its first process")
	add("os.rootfs", f.OS.RootFS, "the guest has no disk: programs and their libraries are in its initramfs")
	add("os.kcmdline", strings.Join(dropped, " "), "these parameters are set for the guest, or are about its disk")
	if net := f.Resource.StaticNet; net != nil {
		add("resource.static_net", strings.TrimSpace(net.Address+" "+net.Netmask+" "+net.Gateway),
			"a load on the host reaches the service through a port that is forwarded for the trial")
	}
	return all
}

// maxName is the longest name of a zone, in bytes.
const maxName = 64

// zoneName makes a name that a zone can have.
func zoneName(name string) string {
	name = regexp.MustCompile(`[^a-z0-9-]+`).ReplaceAllString(strings.ToLower(name), "-")
	name = strings.TrimLeft(name, "-0123456789")
	if name = name[:min(len(name), maxName)]; name == "" {
		return "cz"
	}
	return name
}

// parameters takes a kernel command line apart: the words that a kernel block
// keeps, the preemption model, and what has no place in a guest without disk.
func parameters(cmdline string) (kept []cty.Value, preempt string, dropped []string) {
	for i, word := range strings.Fields(cmdline) {
		key, value, _ := strings.Cut(word, "=")
		switch {
		case key == "preempt" && slices.Contains([]string{kernel.PreemptNone, kernel.PreemptVoluntary, kernel.PreemptFull}, value):
			preempt = value
		case i == 0 && strings.HasPrefix(word, "vmlinuz"), // what a boot loader was given
			slices.Contains(ownParameters(), key), strings.Contains(word, `"`):
			dropped = append(dropped, word)
		default:
			kept = append(kept, cty.StringVal(word))
		}
	}
	return kept, preempt, dropped
}

// ownParameters are those of the boot and of the disk, see the kernel's
// Documentation/admin-guide/kernel-parameters.txt.
func ownParameters() []string {
	return []string{
		"BOOT_IMAGE", "console", "init", "initrd", "modules", "rdinit", "ro", "root", "rootdelay", "rootflags", "rootfstype", "rootwait", "rw",
	}
}
