// Package client takes part in a room from Go. [Dial] is a whole participant over the websocket: commands,
// events and both peer connections. [Publish] sends media by WHIP and [Listen] receives it by WHEP, with
// nothing but HTTP. [KeepPublishing] with [Speaker] is the demo library's synthetic speaker, which comes in
// over the network like anybody.
//
// It is used by the demo, by tests and by load tests, so it counts what it receives ([Meter]) rather than
// playing it. It knows the protocol (signaling/PROTOCOL.md) and no server internals. Media addresses are
// those of this machine; only when told so (Loopback) it binds 127.0.0.1 and nothing else.
package client
