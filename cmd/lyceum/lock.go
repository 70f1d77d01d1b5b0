package main

import (
	"os"
	"path/filepath"
	"syscall"
)

// lockFolder makes sure that one process alone runs on a data folder. The
// kernel drops the lock when the process ends, however it ends.
func lockFolder(dir string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, refuse("the folder %s cannot be written to. Change its owner, or choose another: LYCEUM_DATA=/path/to/folder.", dir)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, refuse("another Lyceum is running on the folder %s. Stop it first, or give this one its own: LYCEUM_DATA=/path/to/folder.", dir)
	}
	return func() { _ = f.Close() }, nil
}
