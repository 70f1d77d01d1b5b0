// Package seqmap keeps sequence numbers and timestamps continuous.
//
// There are two steps. Map turns the numbers of whatever stream a publisher
// sends now (which changes when it publishes again, changes its SSRC, or was
// not forwarded for a while) into one numbering that only grows, shared by all
// subscribers. Line turns that into what one subscriber sees, from the packet
// it joined at. Timeline does the same for RTP timestamps. All are plain
// values without locks, clocks or sockets; a number that was handed out is
// never handed out for another packet.
package seqmap
