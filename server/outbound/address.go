package outbound

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// special are the ranges of IANA's special-purpose registries that no service for the public lives in (RFC 6890 and its
// later additions, read November 2026), IPv4 and those within 2000::/3. All of IPv6 outside 2000::/3 is refused as a
// whole: loopback, v4-mapped, NAT64, discard-only, unique-local, link-local, multicast.
var special = func() []netip.Prefix {
	texts := []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
		"192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
		"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
	}
	prefixes := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		prefixes[i] = netip.MustParsePrefix(text)
	}
	return prefixes
}()

var global6 = netip.MustParsePrefix("2000::/3")

// Public tells whether an address may belong to a service on the open internet.
func Public(ip netip.Addr) bool {
	ip = ip.Unmap()
	if !ip.IsValid() || ip.Zone() != "" || ip.Is6() && !global6.Contains(ip) {
		return false
	}
	for _, p := range special {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

// Allow is one exception: a network, and one port of it or, as 0, all.
type Allow struct {
	Network netip.Prefix
	Port    uint16
}

// ParseAllow reads exceptions as an operator writes them: "10.1.2.3", "10.1.0.0/16", "10.1.2.3:8443", "[fd00::1]:443".
func ParseAllow(texts []string) ([]Allow, error) {
	var out []Allow
	for _, text := range texts {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		a, err := parseAllow(text)
		if err != nil {
			return nil, fmt.Errorf("outbound: %q is neither an address, a network nor address:port", text)
		}
		out = append(out, a)
	}
	return out, nil
}

func parseAllow(text string) (Allow, error) {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return Allow{Network: prefix.Masked()}, nil
	}
	if ip, err := netip.ParseAddr(text); err == nil {
		return Allow{Network: netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen())}, nil
	}
	both, err := netip.ParseAddrPort(text)
	if err != nil {
		return Allow{}, err
	}
	ip := both.Addr().Unmap()
	return Allow{Network: netip.PrefixFrom(ip, ip.BitLen()), Port: both.Port()}, nil
}

// permit says why a connection to ip:port must not be made, or "". plain is a connection without TLS.
func (c *Client) permit(ip netip.Addr, port uint16, plain bool) string {
	ip = ip.Unmap()
	for _, a := range c.allow {
		if a.Network.Contains(ip) && (a.Port == 0 || a.Port == port) {
			return ""
		}
	}
	switch {
	case !Public(ip):
		return "the address is not public"
	case plain:
		return "the connection would be without TLS"
	case port != 443:
		return "port " + strconv.Itoa(int(port)) + " is not 443"
	}
	return ""
}
