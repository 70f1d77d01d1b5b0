// Package signaling is how clients and rooms reach each other. PROTOCOL.md is the text that clients are
// written against: the websocket protocol lyceum.v1, and WHIP and WHEP over plain HTTP.
//
// wire has the messages and the vectors that Go and TypeScript are both tested with; socket and whip are the
// two servers; client is a participant in Go. All of them talk to rooms/live and to nothing behind it. The
// package itself holds no code: its tests run both servers on a real room with real media.
package signaling
