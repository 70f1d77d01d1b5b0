package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"lyceum/scripts/attack/house"
)

const (
	idleSockets    = 2000
	idleRooms      = 100
	idleKilobytes  = 40
	comings        = 500
	atTheSameTime  = 8
	leftBehind     = 5 // descriptors
	settlingWithin = 30 * time.Second
)

// Idle is what sockets cost that do nothing: the growth of the process's resident memory, divided.
type Idle struct {
	Sockets  int     `json:"sockets"`
	Before   int64   `json:"residentBeforeKB"`
	After    int64   `json:"residentAfterKB"`
	EachKB   float64 `json:"eachKB"`
	PeopleIn int     `json:"peopleARoom"`
}

func idle(_ context.Context, h *house.House, report *Report) error {
	result := &Idle{Sockets: idleSockets, PeopleIn: idleSockets / idleRooms}
	report.Idle = result
	// The first of each room is not counted: a room is not a socket.
	for r := range idleRooms {
		ws, err := enter(h, fmt.Sprint("idle-", r), "first", 0)
		if err != nil {
			return err
		}
		defer ws.Close()
	}
	result.Before = resident(h)
	for i := range idleSockets {
		ws, err := enter(h, fmt.Sprint("idle-", i%idleRooms), fmt.Sprint("idler-", i), 0)
		if err != nil {
			return err
		}
		defer ws.Close()
	}
	result.After = resident(h)
	result.EachKB = float64(result.After-result.Before) / idleSockets
	if result.EachKB > idleKilobytes {
		report.missed("an idle socket costs %.1f KB, the goal is %d", result.EachKB, idleKilobytes)
	}
	return nil
}

// Cycles is what comings and goings leave behind.
type Cycles struct {
	Cycles            int   `json:"cycles"`
	Seconds           int64 `json:"seconds"`
	DescriptorsBefore int   `json:"descriptorsBefore"`
	DescriptorsAfter  int   `json:"descriptorsAfter"`
	ResidentBefore    int64 `json:"residentBeforeKB"`
	ResidentAfter     int64 `json:"residentAfterKB"`
}

func cycles(ctx context.Context, h *house.House, report *Report) error {
	result := &Cycles{Cycles: comings}
	report.Cycles = result
	speaker, err := speak(ctx, h, "cycles")
	if err != nil {
		return err
	}
	defer func() { _ = speaker.Close(context.WithoutCancel(ctx)) }()
	if err := comeAndGo(ctx, h, 0, 50); err != nil { // what is made once and kept is not left behind
		return err
	}
	result.DescriptorsBefore, result.ResidentBefore = settled(h, 0), resident(h)
	began := time.Now()
	if err := comeAndGo(ctx, h, 50, comings); err != nil {
		return err
	}
	result.Seconds = int64(time.Since(began).Seconds())
	result.DescriptorsAfter, result.ResidentAfter = settled(h, result.DescriptorsBefore+leftBehind), resident(h)
	if result.DescriptorsAfter > result.DescriptorsBefore+leftBehind {
		report.missed("%d descriptors became %d", result.DescriptorsBefore, result.DescriptorsAfter)
	}
	return nil
}

// comeAndGo has people come in, hear the speaker and leave.
func comeAndGo(ctx context.Context, h *house.House, from, count int) error {
	failures := make(chan error, count) // one each
	turns := make(chan struct{}, atTheSameTime)
	var all sync.WaitGroup
	for i := range count {
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			conn, err := hear(ctx, h, "cycles", fmt.Sprint("cycler-", from+i))
			if err == nil {
				conn.Leave()
			}
			failures <- err
		})
	}
	all.Wait()
	close(failures)
	for err := range failures {
		if err != nil {
			return err
		}
	}
	return nil
}

// settled counts the site's descriptors once they are at most goal, or no longer fall.
func settled(h *house.House, goal int) int {
	least := descriptors(h)
	for end := time.Now().Add(settlingWithin); least > goal && time.Now().Before(end); {
		pause(100 * time.Millisecond)
		if n := descriptors(h); n < least {
			least = n
		} else if goal == 0 {
			break
		}
	}
	return least
}

func descriptors(h *house.House) int {
	entries, _ := os.ReadDir(filepath.Join("/proc", strconv.Itoa(h.Process()), "fd"))
	return len(entries)
}

// resident is the site's resident memory in kilobytes.
func resident(h *house.House) int64 {
	text, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(h.Process()), "status"))
	for line := range strings.Lines(string(text)) {
		if rest, is := strings.CutPrefix(line, "VmRSS:"); is {
			kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb
		}
	}
	return 0
}
