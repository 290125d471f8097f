package runq

import (
	"encoding/binary"
	"fmt"

	"github.com/cilium/ebpf"
)

// Snapshot is what a probe has counted from its start to one instant.
type Snapshot struct {
	Workloads []Counts // in the order of Options
	// Of the zones that have both LC and BE, summed:
	Starts  uint64 // BE threads that were given a CPU while an LC thread waited
	Overlap uint64 // ns in which a BE thread ran while an LC thread waited
	// Lost is how many events did not reach the probe: 0 on a sound kernel. Each
	// makes one count too few or one time wrong until the thread's next event.
	Lost uint64
}

// Counts are those of one workload.
type Counts struct {
	Waits       Histogram // times from runnable to running, by length
	Longest     uint64    // ns; of those that ended in the measured window
	Voluntary   uint64    // times that a thread left its CPU to wait for something
	Involuntary uint64    // times that it left its CPU although it wanted to run on
	Preemptions uint64    // of these, those that gave the CPU to none of the workload's threads
	OnCPU       uint64    // ns in which at least one thread ran
	Stalled     uint64    // ns in which no thread ran and at least one waited to run
}

// Exclusive reports whether a zone has both LC and BE, without which Starts and
// Overlap say nothing.
func (p *Probe) Exclusive() bool {
	for _, both := range p.both {
		if both {
			return true
		}
	}
	return false
}

// Read brings s up to now, in ns of CLOCK_MONOTONIC. The counts of different
// workloads are taken one after another, within microseconds.
func (p *Probe) Read(now int64, s *Snapshot) error {
	if s.Workloads == nil {
		s.Workloads = make([]Counts, p.work)
	}
	for i := range s.Workloads {
		if err := p.readWorkload(i, uint64(now), &s.Workloads[i]); err != nil {
			return err
		}
	}
	if err := p.readZones(uint64(now), s); err != nil {
		return err
	}
	if err := p.objects.Lost.Get(&s.Lost); err != nil {
		return fmt.Errorf("read what was lost: %w", err)
	}
	return nil
}

func (p *Probe) readWorkload(i int, now uint64, c *Counts) error {
	var w programWorkload
	if err := p.objects.Workloads.LookupWithFlags(uint32(i), &w, ebpf.LookupLock); err != nil {
		return fmt.Errorf("read workload: %w", err)
	}
	*c = Counts{OnCPU: w.OnCpu, Stalled: w.Stalled}
	if w.Running > 0 {
		c.OnCPU += since(w.Since, now)
	} else if w.Waiting > 0 {
		c.Stalled += since(w.Since, now)
	}
	for cpu := range p.cpus {
		if _, err := p.counted.ReadAt(p.buf, int64(i*p.cpus+cpu)*int64(len(p.buf))); err != nil {
			return fmt.Errorf("read counts: %w", err)
		}
		c.add(p.buf)
	}
	return nil
}

// add adds what one CPU has counted, a programCounts.
func (c *Counts) add(buf []byte) {
	next := func() uint64 {
		n := binary.NativeEndian.Uint64(buf)
		buf = buf[8:]
		return n
	}
	for i := range c.Waits {
		c.Waits[i] += next()
	}
	c.Longest = max(c.Longest, next())
	c.Voluntary += next()
	c.Involuntary += next()
	c.Preemptions += next()
}

func (p *Probe) readZones(now uint64, s *Snapshot) error {
	s.Starts, s.Overlap = 0, 0
	for i, both := range p.both {
		if !both {
			continue
		}
		var z programZone
		if err := p.objects.Zones.LookupWithFlags(uint32(i), &z, ebpf.LookupLock); err != nil {
			return fmt.Errorf("read zone: %w", err)
		}
		s.Starts += z.Starts
		s.Overlap += z.Overlap
		if z.Waiting > 0 && z.Running > 0 {
			s.Overlap += since(z.Since, now)
		}
	}
	return nil
}

// since returns the time from then to now; 0 when then is later, as it is where
// the state changed after now was read.
func since(then, now uint64) uint64 {
	if now < then {
		return 0
	}
	return now - then
}
