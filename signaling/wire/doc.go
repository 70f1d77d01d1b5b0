// Package wire holds the messages of the live protocol, lyceum.v1, and nothing else: no sockets, no rooms,
// no policy. PROTOCOL.md beside it says what each message means; the vectors in testdata are read by these
// tests and by the TypeScript ones, so that the two codecs cannot drift apart.
//
// A server decodes with [DecodeClient] and encodes with [Encode]; a client in Go uses [DecodeServer].
// Decoding is where hostile bytes become values that may be trusted in shape: sizes, nesting, duplicate
// keys, names and argument kinds are all checked here and refused with one of a few stable codes
// ([Refusal]). What a participant is allowed to do is not decided here.
package wire
