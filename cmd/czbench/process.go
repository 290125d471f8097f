package main

import (
	"errors"
	"io"
)

// process is what the program takes from its surroundings, so that the command
// line is tested in-process.
type process struct {
	args    []string // without the program's name
	environ []string
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
	tty     bool   // standard error is a terminal
	exe     string // this program, for engines in processes of their own
}

// Exit codes that users script against.
const (
	exitOK          = 0
	exitFault       = 1   // something broke that is nobody's input
	exitUsage       = 3   // scenario or usage error
	exitDropped     = 4   // more trials failed or invalid than the scenario allows
	exitMissing     = 5   // the machine lacks something
	exitInterrupted = 130 // resumable state kept
)

// exitError carries the exit code of an error to main.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// exitCode returns the exit code for err; an error without one is a usage error.
func exitCode(err error) int {
	var e *exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &e):
		return e.code
	default:
		return exitUsage
	}
}
