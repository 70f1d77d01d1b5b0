// Package web is everything Lyceum says over HTTP, except the live connections.
//
// New builds one Fiber application: a visible list of middleware, the typed JSON
// API with its OpenAPI 3.1 document, the staff sessions, the built frontend's
// files and the health answers. The HTML pages are drawn by the package pages,
// which it mounts. A handler turns bytes into values of the rules packages or
// into a Problem, asks the Store or the Rooms it was given, and writes JSON; it
// decides nothing about seats, rights or rooms itself. Who may call what is one
// table (policy.go), what can go wrong is another (problem.go). The package knows
// no SQL, no mail and no media. Start reading at New.
package web
