// Package sfu is the media plane: it forwards what participants publish to
// everybody else in their room, over one UDP and TCP port.
//
// Open a Node, take a Room from it and Join participants. The server always
// offers, on two peer connections for each participant: one on which it
// receives what they publish, one on which it sends the rest of the room. Both
// are made when there is something to carry. WHIP and WHEP clients offer
// themselves and get one connection (AcceptPublisher, AcceptSubscriber).
//
// A packet goes: socket, pion, one reader for each incoming track, the gate,
// the publication's packet cache, and from there to each subscription with its
// own SSRC, sequence number and timestamp; one system call then sends it to
// all. The gate is shut until somebody opens it, and when Gate(src, false)
// returns, nothing of that publication leaves this server any more, whatever
// its publisher sends. The package knows no roles, rights or commands: who may
// publish and when a gate opens is decided in rooms/live.
package sfu
