// Package jobs does what must happen later or again: it relays the outbox to the bus and deletes what has expired.
//
// A commit that promises a mail writes an outbox row in the same transaction; Relay finds the row and publishes its ids
// under the row's own id as key. A crash anywhere repeats a publish and never loses one, and the key lets the bus and the
// receiver see the repetition. Rows are claimed by lease, so any number of nodes may run a relay at the same time.
//
// The package knows rows and subjects, not what a mail says and not how rows are stored: it declares the small interfaces
// that it needs, and time is passed in.
package jobs
