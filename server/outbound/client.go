package outbound

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"
)

// Limits of one call, redirects included.
const (
	Within       = 5 * time.Second
	MaxBody      = 1 << 20 // bytes
	MaxRedirects = 3
	maxHeader    = 64 << 10 // bytes
)

// Config is what a Client is made of.
type Config struct {
	Allow []Allow
	// Lookup finds the addresses of a name; nil asks the system.
	Lookup func(ctx context.Context, name string) ([]netip.Addr, error)
	// TLS is nil but in tests, which trust a certificate of their own.
	TLS *tls.Config
	// Within replaces the constant when it is not 0; tests of slow servers are fast that way.
	Within time.Duration
}

// Client makes calls. It is safe for use by many goroutines.
type Client struct {
	allow  []Allow
	lookup func(ctx context.Context, name string) ([]netip.Addr, error)
	within time.Duration
	http   *http.Client
}

// New makes a client. It never uses a proxy of the environment: the proxy would make the connection, and the check with it.
func New(cfg Config) *Client {
	c := &Client{allow: cfg.Allow, lookup: cfg.Lookup, within: cfg.Within}
	if c.lookup == nil {
		c.lookup = func(ctx context.Context, name string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", name)
		}
	}
	if c.within == 0 {
		c.within = Within
	}
	c.http = &http.Client{CheckRedirect: c.redirect, Transport: &http.Transport{
		DialContext: c.dial, TLSClientConfig: cfg.TLS, ForceAttemptHTTP2: true,
		// Each call has a connection of its own. On a kept one net/http repeats a request by itself when the connection
		// breaks, and then nobody knows how often it was sent.
		DisableKeepAlives:   true,
		TLSHandshakeTimeout: c.within, ResponseHeaderTimeout: c.within, MaxResponseHeaderBytes: maxHeader,
	}}
	return c
}

// Error is how a call failed. Its text names no credentials; it may name the address.
type Error struct {
	refused bool
	sent    bool
	cause   error
}

func (e *Error) Error() string { return "outbound: " + e.cause.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Refused tells that the guard forbade the call: nothing was connected to.
func (e *Error) Refused() bool { return e.refused }

// Sent tells that the request went out, so that it may have had its effect.
func (e *Error) Sent() bool { return e.sent }

// guarded is the cause of everything the guard forbids.
type guarded struct{ reason string }

func (g *guarded) Error() string { return "refused: " + g.reason }

type plainKey struct{}

// Do makes a call and reads the answer whole; its body is in memory and need not be closed. The error is an *Error.
func (c *Client) Do(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(r.Context(), c.within)
	defer cancel()
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	ctx = context.WithValue(ctx, plainKey{}, r.URL.Scheme == "http")
	if err := check(r); err != nil {
		return nil, &Error{refused: true, cause: err}
	}
	response, err := c.http.Do(r.WithContext(ctx))
	if err != nil {
		var g *guarded
		return nil, &Error{refused: errors.As(err, &g), sent: sent.Load(), cause: err}
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, MaxBody+1))
	_ = response.Body.Close() // what is left of it is of no interest
	if err == nil && len(body) > MaxBody {
		err = fmt.Errorf("the answer has more than %d bytes", MaxBody)
	}
	if err != nil {
		return nil, &Error{sent: true, cause: err}
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// check refuses addresses by what stands in them.
func check(r *http.Request) error {
	switch {
	case r.URL.Scheme != "https" && r.URL.Scheme != "http":
		return &guarded{"only https addresses are called"}
	case r.URL.Hostname() == "" || r.URL.Opaque != "":
		return &guarded{"the address has no host"}
	case r.URL.User != nil:
		return &guarded{"the address holds a user name"}
	}
	return nil
}

// redirect decides about one hop. A POST is never sent on: it may hold a password, and it may have done its work.
func (c *Client) redirect(next *http.Request, via []*http.Request) error {
	first := via[0]
	switch {
	case first.Method != http.MethodGet && first.Method != http.MethodHead:
		return http.ErrUseLastResponse
	case len(via) > MaxRedirects:
		return &guarded{"too many redirects"}
	case next.URL.Scheme != first.URL.Scheme:
		return &guarded{"a redirect to another scheme"}
	case next.URL.Host != first.URL.Host:
		next.Header.Del("Authorization")
	}
	return check(next)
}

// dial looks a name up and connects to the first of its addresses that takes the connection. One forbidden address among
// them is enough to refuse: a public service has no private address.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addresses := []netip.Addr{}
	if ip, err := netip.ParseAddr(host); err == nil {
		addresses = append(addresses, ip)
	} else if addresses, err = c.lookup(ctx, host); err != nil {
		return nil, err
	}
	number, err := net.DefaultResolver.LookupPort(ctx, network, port)
	if err != nil || len(addresses) == 0 {
		return nil, fmt.Errorf("no address for %s", host)
	}
	for _, ip := range addresses {
		if why := c.permit(ip, uint16(number), plain(ctx)); why != "" {
			return nil, &guarded{why}
		}
	}
	dialer := net.Dialer{ControlContext: c.control}
	var failed error
	for _, ip := range addresses {
		conn, err := dialer.DialContext(ctx, network, netip.AddrPortFrom(ip, uint16(number)).String())
		if err == nil {
			return conn, nil
		}
		failed = errors.Join(failed, err)
	}
	return nil, failed
}

func plain(ctx context.Context) bool {
	value, _ := ctx.Value(plainKey{}).(bool)
	return value
}

// control is the last wall: the kernel is about to connect to exactly this address.
func (c *Client) control(ctx context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return &guarded{"the address cannot be read"}
	}
	if why := c.permit(to.Addr(), to.Port(), plain(ctx)); why != "" {
		return &guarded{why}
	}
	return nil
}
