//go:build !windows

package sandbox

import (
	"os"
	"syscall"
)

// lockFile takes an exclusive lock that ends with the file's closing, or says at
// once that it is taken.
func lockFile(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
