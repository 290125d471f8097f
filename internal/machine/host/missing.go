// Package host knows the machine: topology, kernel, frequency, cgroup layout,
// what it can do and what it lacks, and the undo journal by which every change
// to it is put back. It decides nothing about experiments.
package host

import "fmt"

// Missing is something that the machine lacks. It is an error that a caller can
// tell from a fault.
type Missing struct {
	Key    string // short and stable: "root", "command:redis-server", "cpu:avx512f", "cgroup:cpu"
	What   string // "redis-server is not installed"
	Remedy string // "apt-get install redis-server"
}

func (m Missing) Error() string {
	if m.Remedy == "" {
		return m.What
	}
	return fmt.Sprintf("%s (%s)", m.What, m.Remedy)
}
