// Package batchconn is the one UDP socket all media goes through.
//
// It is handed to the ICE mux as its socket. RTP that is written to it waits
// in a ring until Flush, which the fan-out calls once per incoming packet, so
// that one sendmmsg carries it to every subscriber; STUN, DTLS and RTCP go out
// at once. Nothing waits for a timer. A packet that the kernel does not take is
// counted as lost, as on a full queue of a network card, and never delays the
// next. Where there is no sendmmsg the same type writes each packet directly
// and Flush does nothing.
//
// That ring has a lock, because pion writes to it from anywhere. Who encrypts
// for itself uses a Batch instead: it has no lock, its slots are where the
// packet is encrypted to, and what goes to one receiver goes as one message.
package batchconn
