//go:build !windows

package filelock

import (
	"os"
	"syscall"
)

// Take takes the lock, or says at once that somebody else has it.
func Take(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
