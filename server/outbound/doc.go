// Package outbound is the only way out: the one HTTP client for addresses that somebody typed.
//
// A client refuses everything that is not a public address on port 443 over TLS, so that nobody can make the site call
// itself, its neighbours or a cloud's metadata service. The address is checked at the moment of connecting, after names
// were looked up, on every hop: a name that changes its mind between two look-ups gains nothing. Answers are read whole,
// within a time and a size; redirects are followed for GET only, at most three.
//
// An operator may open single addresses or networks with LYCEUM_OUTBOUND_ALLOW (see ParseAllow), for an intranet or for
// tests; only there plain http and other ports work. Start at New.
package outbound
