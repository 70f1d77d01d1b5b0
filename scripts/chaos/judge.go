package main

import (
	"fmt"
	"sync"
)

// judge collects broken promises from many goroutines.
type judge struct {
	mu     sync.Mutex
	broken []string // the first maxSaid of them
	count  int
}

const maxSaid = 20

func (j *judge) broke(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.count++; len(j.broken) < maxSaid {
		j.broken = append(j.broken, fmt.Sprintf(format, args...))
	}
}

func (j *judge) clean() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.count == 0
}

func (j *judge) said() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]string{}, j.broken...)
}
