// Package server groups everything Lyceum does outside a live room.
//
// The rules come first: event, registration and staff are plain values and
// functions that know no database, no network and no clock; time is handed to
// them. Around them stand the technologies, one package each: store keeps what
// was promised in SQL, bus carries what is due, jobs moves rows from one to the
// other, email renders and sends, and web speaks HTTP. Technologies import the
// rules and never each other; cmd/lyceum joins them.
//
// This package holds no code. Start reading at server/registration, then follow
// Register in server/store.
package server
