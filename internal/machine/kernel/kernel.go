// Package kernel provides the kernels of control zones: it configures and
// builds them, keeps them in a cache under a hash of everything that went into
// them, and reads from an image what it is.
package kernel

// Spec is a kernel as a scenario declares it. Plain data: it survives JSON.
type Spec struct {
	Name    string   `json:"name"`
	HZ      int      `json:"hz,omitempty" hcl:"hz,optional"`           // 100, 250, 300 or 1000; 0 is 250, and of an image whatever it has
	Preempt string   `json:"preempt,omitempty" hcl:"preempt,optional"` // none, voluntary or full; empty is the kernel's own default
	Source  string   `json:"source,omitempty" hcl:"source,optional"`   // a source tree or archive; empty is Debian's linux-source-6.12
	Config  []string `json:"config,omitempty" hcl:"config,optional"`   // further lines, as in "CONFIG_NO_HZ_FULL=y"
	Cmdline []string `json:"cmdline,omitempty" hcl:"cmdline,optional"` // further kernel parameters
	Image   string   `json:"image,omitempty" hcl:"image,optional"`     // a kernel that is built already; excludes source and config
}
