// Package whip lets encoders and players take part by plain HTTP: WHIP (RFC 9725) publishes one microphone
// and one camera, WHEP (draft-ietf-wish-whep) receives the room. PROTOCOL.md, section 8, lists every status.
//
// A request proves who it is with a room token in the Authorization header, never in the address. What it
// gets back is a Location of 128 random bits: whoever knows it may end the session with DELETE, nothing
// else. Rooms decide who may come in (rooms/live); this package only checks form and passes the offer on.
// Start with [Mount]; [Server.Close] ends every session.
package whip
