// Package rooms says what a room is: who is in it, where they stand, what they
// may do and what happened. It is pure: no clock, no socket, no store, and
// nothing else of ours.
//
// Start with [Apply]: it takes the state, the acting participant, a command and
// the time, and answers with the events that would follow, or with an [Error].
// It never changes the state; [State.Evolve] does, one event at a time, so that
// replaying a room's journal gives the same state again. Who may do what is one
// table, policy.go, printed to testdata/policy.txt. What may be forwarded is one
// question, [State.Forwards]: the media gates follow it and nothing else.
// Running rooms, their stores and their media are joined in rooms/live.
package rooms
