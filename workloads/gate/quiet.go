package gate

import (
	"runtime"
	"runtime/debug"
)

// Quiet keeps the Go runtime out of the way of an engine's threads, each of
// which keeps its processor all the time: no garbage collection, and a processor
// beyond theirs for what else the program does. What it returns puts that back.
func Quiet(threads int) (undo func()) {
	runtime.GC()
	percent := debug.SetGCPercent(-1)
	procs := runtime.GOMAXPROCS(0)
	if procs < threads+1 {
		runtime.GOMAXPROCS(threads + 1)
	}
	return func() {
		runtime.GOMAXPROCS(procs)
		debug.SetGCPercent(percent)
	}
}
