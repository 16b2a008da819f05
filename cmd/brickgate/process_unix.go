//go:build linux || darwin

package main

import (
	"errors"
	"syscall"
)

// alive tells whether this machine has such a process; one of somebody else's may
// not be signalled, and is there.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
