// Package socket is the websocket side of signalling: GET /live, subprotocol lyceum.v1, as PROTOCOL.md says.
// It turns bytes from strangers into commands of a known participant and hands them to a running room
// (rooms/live); it decides nothing about rooms itself. Who somebody is comes from the token of the hello and
// never from a later message.
//
// Each connection has one goroutine that reads and one that writes, joined by a bounded queue: a client that
// does not keep up is cut, and nobody waits for it. Sizes, rates and silences are limited per connection. A
// panic ends the connection it happened in and no other. Start with [Mount]; [Server.Close] says goodbye to
// everybody and waits, which Fiber's own shutdown does not do for websockets.
package socket
