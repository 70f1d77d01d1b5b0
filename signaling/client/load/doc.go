// Package load puts a room under load and measures what reaches the listeners.
//
// A Fleet publishes one synthetic track by WHIP and joins any number of
// receivers by WHEP, so it works against every server that speaks both. To
// stay cheap it counts and times RTP below pion, from the unencrypted header,
// at the kernel's own time of arrival; one packet in 128 goes on to be
// decrypted, and the number in its payload must be the one its header stands
// for. Every receiver has its own socket and its own token. The package knows
// nothing of processes or files: who measures a server's CPU does that around
// it. Servers on loopback are met on 127.0.0.1 alone.
package load
