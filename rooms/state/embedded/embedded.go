// Package embedded runs a Redis-protocol server inside the process, on loopback
// and a port of its own, for sites that configure no Redis. The client speaks to
// it over a socket exactly as to a real one: there is one code path. It keeps
// nothing on disk, so it serves one node and forgets everything when the process
// ends; rooms are then rebuilt from their journal. The listener asks for a random
// password, because other users of the machine can reach loopback too.
package embedded

import (
	"crypto/rand"
	"fmt"

	"github.com/alicebob/miniredis/v2"
)

// Server is a running embedded server.
type Server struct {
	mini     *miniredis.Miniredis
	password string
}

// Start listens on a free loopback port.
func Start() (*Server, error) {
	m := miniredis.NewMiniRedis()
	// Without it nothing ever expires.
	m.ClockTTL(true)
	s := &Server{mini: m, password: rand.Text()}
	m.RequireAuth(s.password)
	if err := m.Start(); err != nil {
		return nil, fmt.Errorf("embedded: start: %w", err)
	}
	return s, nil
}

// URL is how a client connects, password included.
func (s *Server) URL() string { return "redis://:" + s.password + "@" + s.mini.Addr() + "/0" }

// Addr is the host and port alone.
func (s *Server) Addr() string { return s.mini.Addr() }

// Close ends the server and all its connections.
func (s *Server) Close() { s.mini.Close() }
