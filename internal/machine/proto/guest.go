package proto

import (
	"github.com/czbench/czbench/internal/machine/kernel"
)

// Questions that an agent answers.
const (
	OpTrial = "trial" // Body: the spec; events: EventReady, then from the harness EventWindow; data: the trial folder as tar; Reply: TrialReply
	OpClock = "clock" // Reply: ClockReply
	OpExec  = "exec"  // Body: ExecCall; data: what it writes; Reply: ExecReply
)

// Events of OpTrial.
const (
	EventReady  = "ready"  // the part waits at its gate
	EventWindow = "window" // Body: gate.Window in the guest's CLOCK_MONOTONIC
)

// HelloBody is what a guest says of itself when it is up.
type HelloBody struct {
	Release string       `json:"release"` // of its kernel, as uname(2) says it
	Version string       `json:"version"`
	Uptime  float64      `json:"uptime"` // seconds from the start of its kernel to the agent
	CPUs    string       `json:"cpus"`   // online
	Memory  int64        `json:"memory"` // bytes
	Kernel  kernel.Facts `json:"kernel"` // by its own /proc/config.gz
}

// ClockReply is what time it is in the guest.
type ClockReply struct {
	Monotonic int64 `json:"monotonic"` // CLOCK_MONOTONIC, ns
}

// TrialReply ends a trial in a guest.
type TrialReply struct {
	Error string `json:"error,omitempty"` // why there is no trial folder
}

// ExecCall asks for one command. There is no shell.
type ExecCall struct {
	Argv []string `json:"argv"`
	Env  []string `json:"env,omitempty"` // in addition to the agent's
}

// ExecReply is how a command ended.
type ExecReply struct {
	Status int `json:"status"` // exit status; 128 + the signal that ended it
}
