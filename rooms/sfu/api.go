package sfu

import (
	"errors"

	"lyceum/rooms"
)

// Side names one of a participant's two peer connections.
type Side string

// The sides, seen from the participant.
const (
	SidePublish   Side = "publish"
	SideSubscribe Side = "subscribe"
)

// Track says what a media section of an offer carries.
type Track struct {
	Mid         string
	Participant string
	Source      rooms.Source
}

// Offer is a session description for the participant to answer. Numbers grow
// by one for each offer of a side; an answer must name the number it answers.
//
// After Signal.Failed the next offer of that side belongs to a new peer
// connection, and so does the first of all (number 1).
type Offer struct {
	Side   Side
	Number int
	SDP    string
	Tracks []Track
}

// Signal is how a Peer reaches its participant. Neither method may block.
type Signal interface {
	Offer(Offer)
	// Failed says that the peer connection of that side is lost and closed on
	// this end. A new offer follows unless it keeps failing.
	Failed(Side)
}

// The errors a caller can tell apart.
var (
	// ErrClosed is returned for what is closed already.
	ErrClosed = errors.New("sfu: closed")
	// ErrStale is returned for an answer to an offer that is not outstanding.
	ErrStale = errors.New("sfu: no such offer is waiting for an answer")
	// ErrMalformed is returned for a session description or candidate that
	// cannot be used.
	ErrMalformed = errors.New("sfu: malformed session description or candidate")
	// ErrUnknown is returned for a side or source that does not exist.
	ErrUnknown = errors.New("sfu: no such side or source")
)

// Stats are a room's counters since it was made, and what is in it now.
type Stats struct {
	Peers, Publications, Subscriptions int

	// PacketsIn and BytesIn were let through by a gate; Shut were not.
	PacketsIn, BytesIn, Shut uint64
	// PacketsOut counts every forwarded or retransmitted packet.
	PacketsOut uint64
	// ThroughPion are those of PacketsOut that took pion's way to the socket:
	// to receivers over TCP, and those without AES-GCM.
	ThroughPion uint64
	// Dropped counts duplicates, packets too late, malformed or of a codec
	// that its source may not carry, and failed writes.
	Dropped uint64
	// Unheard are packets of microphones that were not among the loudest of a
	// large room.
	Unheard uint64
	// NACKs are packets asked for again; Resent those that were sent again.
	NACKs, Resent uint64
	// PLIs are keyframe requests of subscribers; Keyframes those passed on to
	// publishers.
	PLIs, Keyframes uint64
}
