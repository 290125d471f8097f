package scx

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/zones"
)

// Classes of tasks, as in bpf/common.bpf.h.
const (
	classLC = 1
	classBE = 2
)

// maxCPUs is how many CPUs the schedulers know of, MAX_CPUS in bpf/common.bpf.h.
const maxCPUs = 1024

// switchPartial is SCX_OPS_SWITCH_PARTIAL of enum scx_ops_flags,
// kernel/sched/ext.c.
const switchPartial = 1 << 3

// opsName is the scheduler's name in the kernel.
func opsName(scheduler string) string { return "czbench_" + scheduler }

// VerifierError says that the kernel's verifier refused a scheduler.
type VerifierError struct {
	Summary string // one line
	Log     string // all that the verifier said
	err     error
}

func (e *VerifierError) Error() string { return "the kernel's verifier refuses it: " + e.Summary }

func (e *VerifierError) Unwrap() error { return e.err }

// object is a scheduler of our own in the kernel.
type object struct {
	objects *ebpf.Collection
	link    link.Link
	cpu     int // that dispatches; −1 when there is none
}

// load puts a scheduler's settings in and has the kernel verify it.
func load(ctx context.Context, s Spec, t Target) (*object, error) {
	spec, err := compiled(s)
	if err != nil {
		return nil, err
	}
	l := &object{cpu: -1}
	if s.Scheduler == Central {
		l.cpu = s.CPU
	}
	if err := l.load(ctx, spec, t); err != nil {
		return nil, err
	}
	return l, nil
}

// compiled reads a compiled scheduler and puts its settings in.
func compiled(s Spec) (*ebpf.CollectionSpec, error) {
	read, ok := map[string]func() (*ebpf.CollectionSpec, error){
		FIFO: loadFifo, VTime: loadVtime, LCFirst: loadLcfirst, Central: loadCentral,
	}[s.Scheduler]
	if !ok {
		return nil, fmt.Errorf("there is no scheduler %q", s.Scheduler)
	}
	cpus, err := ebpf.PossibleCPU()
	if err != nil {
		return nil, err
	}
	if cpus > maxCPUs {
		return nil, fmt.Errorf("the machine can have %d CPUs and the schedulers know of %d", cpus, maxCPUs)
	}
	if s.CPU >= cpus {
		return nil, host.Missing{
			Key:    fmt.Sprintf("cpu:%d", s.CPU),
			What:   fmt.Sprintf("there is no CPU %d to dispatch on", s.CPU),
			Remedy: "let cpu name one that the machine or the VM zone has",
		}
	}
	spec, err := read()
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]any{
		"slice_ns":      uint64(s.slice()), //nolint:gosec // checked, at most 1 s
		"nr_cpus":       uint32(cpus),      //nolint:gosec // checked above
		"wait_permille": s.waitPermille(),
		"central_cpu":   int32(s.CPU), //nolint:gosec // checked above
	} {
		if v := spec.Variables[name]; v != nil {
			if err := v.Set(value); err != nil {
				return nil, fmt.Errorf("set %s: %w", name, err)
			}
		}
	}
	if s.Partial {
		return spec, addToOps(spec, "flags", switchPartial)
	}
	return spec, nil
}

// addToOps sets bits of a member of struct sched_ext_ops before it is loaded.
func addToOps(spec *ebpf.CollectionSpec, member string, bits uint64) error {
	ops := spec.Maps["ops"]
	layout, isStruct := ops.Value.(*btf.Struct)
	value, isBytes := ops.Contents[0].Value.([]byte)
	if !isStruct || !isBytes {
		return fmt.Errorf("set %s: the object has no struct sched_ext_ops", member)
	}
	for _, m := range layout.Members {
		if m.Name != member {
			continue
		}
		at := value[m.Offset.Bytes():]
		if size, err := btf.Sizeof(m.Type); err == nil && size == 4 && bits <= math.MaxUint32 {
			binary.NativeEndian.PutUint32(at, binary.NativeEndian.Uint32(at)|uint32(bits))
			return nil
		}
		binary.NativeEndian.PutUint64(at, binary.NativeEndian.Uint64(at)|bits)
		return nil
	}
	return fmt.Errorf("set %s: struct sched_ext_ops has no such member", member)
}

// load has the kernel verify the scheduler, and tells it the classes.
func (l *object) load(ctx context.Context, spec *ebpf.CollectionSpec, t Target) error {
	var err error
	if l.objects, err = ebpf.NewCollection(spec); err != nil {
		return explain(err)
	}
	if err := errors.Join(l.classify(t.LC, classLC), l.classify(t.BE, classBE)); err != nil {
		return errors.Join(err, l.stop(ctx))
	}
	return nil
}

// enter has the kernel use the scheduler.
func (l *object) enter() error {
	var err error
	l.link, err = link.AttachStructOps(link.StructOpsOptions{Map: l.objects.Maps["ops"]})
	return errors.Join(err, l.gone())
}

// explain tells a refusal by the verifier from other errors.
func explain(err error) error {
	var refused *ebpf.VerifierError
	if !errors.As(err, &refused) {
		return err
	}
	summary, _, _ := strings.Cut(refused.Error(), "\n")
	return &VerifierError{Summary: summary, Log: fmt.Sprintf("%+v", refused), err: err}
}

// classify tells the scheduler the class of the groups' tasks. The id of a v2
// cgroup is the inode number of its folder.
func (l *object) classify(groups []*zones.Group, class uint32) error {
	for _, g := range groups {
		var fs unix.Statfs_t
		var stat unix.Stat_t
		path := g.WatchPath()
		if path == "" || unix.Statfs(path, &fs) != nil || fs.Type != unix.CGROUP2_SUPER_MAGIC {
			return host.Missing{
				Key:    "cgroup:v2",
				What:   "workload " + g.Workload() + " has no cgroup v2 by which a BPF scheduler could tell it",
				Remedy: `give its zone driver = "cgroup", and mount cgroup v2`,
			}
		}
		if err := unix.Stat(path, &stat); err != nil {
			return fmt.Errorf("find id of cgroup %s: %w", path, err)
		}
		if err := l.objects.Maps["groups"].Put(stat.Ino, class); err != nil {
			return fmt.Errorf("classify workload %s: %w", g.Workload(), err)
		}
	}
	return nil
}

// begin starts the timer of the central CPU, on that CPU.
func (l *object) begin() error {
	if l.cpu < 0 {
		return nil
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, only unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return fmt.Errorf("read affinity: %w", err)
	}
	only.Set(l.cpu)
	if err := unix.SchedSetaffinity(0, &only); err != nil {
		return fmt.Errorf("go to CPU %d: %w", l.cpu, err)
	}
	status, err := l.objects.Programs["start_timer"].Run(&ebpf.RunOptions{})
	if err == nil && status != 0 {
		err = unix.Errno(-int32(status)) //nolint:gosec // a negative errno
	}
	if err != nil {
		err = fmt.Errorf("start timer on CPU %d: %w", l.cpu, err)
	}
	return errors.Join(err, unix.SchedSetaffinity(0, &before))
}

// ending mirrors struct ending of bpf/common.bpf.h: what ops.exit was told in
// struct scx_exit_info, include/linux/sched/ext.h.
type ending struct {
	Kind    uint64
	Code    int64
	Reason  [128]byte
	Message [1024]byte
}

// unregistered is SCX_EXIT_UNREG: the scheduler was taken out by its loader.
const unregistered = 64

func (l *object) gone() error {
	var e ending
	if err := l.objects.Variables["ending"].Get(&e); err != nil {
		return fmt.Errorf("read how the scheduler ended: %w", err)
	}
	if e.Kind == 0 || e.Kind == unregistered {
		return nil
	}
	text := unix.ByteSliceToString(e.Reason[:])
	if message := unix.ByteSliceToString(e.Message[:]); message != "" {
		text += ": " + message
	}
	return fmt.Errorf("%s (exit kind %d)", text, e.Kind)
}

func (l *object) stop(context.Context) error {
	var err error
	if l.link != nil {
		err = l.link.Close()
	}
	l.objects.Close()
	return err
}
