package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"lyceum/rooms"
	"lyceum/scripts/attack/house"
	"lyceum/signaling/client"
)

// The doors open: L2.
const (
	joinRooms  = 10
	joinsARoom = 30
	joinWithin = 30 * time.Second
	firstSound = 2500 // ms, p95
)

// Joins is how 300 people came in; the times go from dialling to the first audio packet.
type Joins struct {
	Rooms    int   `json:"rooms"`
	Joins    int   `json:"joins"`
	Failures int   `json:"failures"`
	P50      int64 `json:"firstAudioP50Ms"`
	P95      int64 `json:"firstAudioP95Ms"`
	Max      int64 `json:"firstAudioMaxMs"`
}

func joins(ctx context.Context, h *house.House, report *Report) error {
	result := &Joins{Rooms: joinRooms}
	report.Joins = result
	for r := range joinRooms {
		speaker, err := speak(ctx, h, fmt.Sprint("joins-", r))
		if err != nil {
			return err
		}
		defer func() { _ = speaker.Close(context.WithoutCancel(ctx)) }()
	}
	var mu sync.Mutex
	var times []time.Duration
	var all sync.WaitGroup
	inside := make(chan *client.Conn, joinRooms*joinsARoom) // everybody, until the end
	every := time.NewTicker(joinWithin / (joinRooms * joinsARoom))
	defer every.Stop()
	for i := range joinRooms * joinsARoom {
		<-every.C
		all.Go(func() {
			began := time.Now()
			conn, err := hear(ctx, h, fmt.Sprint("joins-", i%joinRooms), fmt.Sprint("guest-", i))
			mu.Lock()
			defer mu.Unlock()
			result.Joins++
			if err != nil {
				result.Failures++
				report.missed("join %d: %v", i, err)
				return
			}
			times = append(times, time.Since(began))
			inside <- conn
		})
	}
	all.Wait()
	close(inside)
	leave(inside)
	result.P50, result.P95, result.Max = percentile(times, 0.5), percentile(times, 0.95), percentile(times, 1)
	if result.P95 > firstSound {
		report.missed("p95 to the first audio is %d ms, the goal is %d", result.P95, firstSound)
	}
	return nil
}

// leave lets everybody go, at the same time.
func leave(inside <-chan *client.Conn) {
	var all sync.WaitGroup
	for conn := range inside {
		all.Go(conn.Drop)
	}
	all.Wait()
}

// speak has a synthetic speaker talk in a room.
func speak(ctx context.Context, h *house.House, room string) (*client.Publication, error) {
	at := client.WHIP{URL: h.URL + "/whip/" + room, Token: h.Token(room, "speaker", rooms.RoleSpeaker), Loopback: true}
	return client.Publish(ctx, at, client.Media{Audio: client.Speaker().Audio})
}

// hear comes into a room and answers when the speaker is heard.
func hear(ctx context.Context, h *house.House, room, id string) (*client.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	conn, err := client.Dial(ctx, h.Live, h.Token(room, id, rooms.RoleAttendee), client.Options{Loopback: true})
	if err != nil {
		return nil, err
	}
	if err := conn.Wait(ctx, client.Flow{Participant: "speaker", Source: "mic"}, 1); err != nil {
		conn.Drop()
		return nil, err
	}
	return conn, nil
}
