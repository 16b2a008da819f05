package filelock

import (
	"os"

	"golang.org/x/sys/windows"
)

// farAway is where the locked byte is. Windows keeps others from reading what is
// locked, so it lies where no file has anything.
const farAway = 1 << 30

// Take takes the lock, or says at once that somebody else has it.
func Take(f *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	return windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{OffsetHigh: farAway})
}
