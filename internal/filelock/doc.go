// Package filelock lets one process at a time write to a file.
//
// The lock is exclusive and is not waited for. It ends when the file is closed or
// its process ends, however that ends, and keeps nobody from reading:
//
//	if err := filelock.Take(f); err != nil {
//		return fmt.Errorf("%s is in use: %w", f.Name(), err)
//	}
//	defer f.Close()
package filelock
