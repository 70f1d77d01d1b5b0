package web

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// address is the site's public URL, taken apart once.
type address struct {
	origin string // scheme://host[:port], as browsers write it in Origin
	live   string // the websocket's URL
	socket string // its origin, for the content security policy
	secure bool   // https
}

func parseAddress(raw string) (address, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return address{}, fmt.Errorf("web: public URL: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return address{}, fmt.Errorf("web: public URL %q: want http or https, a host and nothing more", raw)
	}
	// Browsers leave the scheme's own port out of Origin (RFC 6454 section 6.2).
	host, secure := strings.ToLower(u.Host), u.Scheme == "https"
	if secure {
		host = strings.TrimSuffix(host, ":443")
	} else {
		host = strings.TrimSuffix(host, ":80")
	}
	socket := "ws" + strings.TrimPrefix(u.Scheme, "http") + "://" + host
	return address{origin: u.Scheme + "://" + host, socket: socket, live: socket + "/live", secure: secure}, nil
}

// cookie is the name of the staff session's cookie. The __Host- prefix makes the
// browser refuse it without Secure and Path=/, or from a sibling domain.
func (a address) cookie() string {
	if a.secure {
		return "__Host-lyceum"
	}
	return "lyceum"
}

// proxies are the networks whose X-Forwarded-For is believed.
type proxies []netip.Prefix

func parseProxies(list []string) (proxies, error) {
	var out proxies
	for _, text := range list {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			single, errSingle := netip.ParseAddr(text)
			if errSingle != nil {
				return nil, fmt.Errorf("web: trusted proxy %q: not an address or CIDR range", text)
			}
			prefix = netip.PrefixFrom(single.Unmap(), single.Unmap().BitLen())
		}
		out = append(out, prefix.Masked())
	}
	return out, nil
}

func (p proxies) trust(a netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(a) {
			return true
		}
	}
	return false
}

// client is the address a request really came from. Proxies append to
// X-Forwarded-For, so the list is read from its end as long as the sender is
// trusted; everything before that is what the client claims.
func (p proxies) client(c *fiber.Ctx) netip.Addr {
	peer, _ := netip.AddrFromSlice(c.Context().RemoteIP())
	peer = peer.Unmap()
	hops := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
	for i := len(hops) - 1; i >= 0 && p.trust(peer); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		peer = next.Unmap().WithZone("")
	}
	return peer
}

// network is the part of an address that limits count by: one IPv4 address, or
// the /64 that one IPv6 household or hall is given.
func network(a netip.Addr) string {
	if a.Is6() {
		if prefix, err := a.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return a.String()
}
