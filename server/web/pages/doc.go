// Package pages is everything the public sees that is not the live room: the list of events, one event and its form,
// the page of one's own seat, feeds, error pages, and the empty shells that the room and the console grow in.
//
// Pages are html/template on the server and work without JavaScript; the few islands only add comfort. A handler turns
// the request into a small view value, and a template turns that into HTML; no template asks a store anything. Every
// word comes from the message catalogue (keys "public.*"), and every value is escaped by html/template.
//
// The package knows nothing of SQL, mail or sockets. It does not answer API calls, set security headers or count
// requests: package web does that around it. Start reading at Mount; the registration form is in register.go.
package pages
