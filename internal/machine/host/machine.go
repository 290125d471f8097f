package host

// Machine is one machine, read through its roots.
type Machine struct{}
