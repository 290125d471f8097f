package zones

// Group is the processes of one workload in one zone.
type Group struct{}

// Process is a started command.
type Process struct{}
