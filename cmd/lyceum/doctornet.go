package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"lyceum/rooms/state"
	"lyceum/server/bus"
)

// certificateWarns is how long before its end a certificate is worth a word.
const certificateWarns = 21 * 24 * time.Hour

// quiet is a log for opening things only to look at them.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func (d *doctor) messages(ctx context.Context) []finding {
	if d.config.NATSURL == "embedded" {
		return []finding{{"messages", fine, "Messages are kept inside the site, in " + filepath.Join(d.config.Data, "bus") + ".", ""}}
	}
	b, err := bus.Open(ctx, d.config.NATSURL, "", quiet())
	if err == nil {
		err = errors.Join(b.Healthy(ctx), b.Close())
	}
	if err != nil {
		return []finding{{"messages", bad, "NATS does not answer as it should.", "Check LYCEUM_NATS_URL, and that JetStream is on: mails wait until it does."}}
	}
	return []finding{{"messages", fine, "NATS answers and keeps messages.", ""}}
}

func (d *doctor) roomState(ctx context.Context) []finding {
	if d.config.RedisURL == "embedded" {
		return []finding{{"room state", fine, "Rooms are remembered inside the site, for one machine.", ""}}
	}
	s, err := state.Open(ctx, d.config.RedisURL)
	if err == nil {
		err = errors.Join(s.Healthy(ctx), s.Close())
	}
	if err != nil {
		return []finding{{"room state", bad, "Redis does not answer.", "Check LYCEUM_REDIS_URL. Rooms that run go on; nobody new gets in."}}
	}
	return []finding{{"room state", fine, "Redis answers.", ""}}
}

// ports tries the addresses: a running site must answer, otherwise they must be free.
func (d *doctor) ports(ctx context.Context) []finding {
	if d.running {
		if err := dial(ctx, d.config.Listen); err != nil {
			return []finding{{"port", bad, "The site is running but " + d.config.Listen + " does not answer.", "Restart it; look into its log."}}
		}
		return []finding{{"port", fine, "The site answers on " + d.config.Listen + ".", ""}}
	}
	listener, err := net.Listen("tcp", d.config.Listen)
	if err != nil {
		return []finding{{"port", bad, said(explainListen("LYCEUM_LISTEN", d.config.Listen, err)), ""}}
	}
	_ = listener.Close()
	return []finding{{"port", fine, d.config.Listen + " is free for the site.", ""}}
}

// media looks at the one port of sound and picture. Whether the outside reaches
// it cannot be seen from inside, and is said so.
func (d *doctor) media(ctx context.Context) []finding {
	address := d.config.MediaAddr
	if d.running {
		if err := dial(ctx, address); err != nil {
			return []finding{{"media port", bad, "The site is running but its media port " + address + " does not answer.", "Restart it; look into its log."}}
		}
	} else {
		listener, err := net.Listen("tcp", address)
		if err == nil {
			_ = listener.Close()
			var packets net.PacketConn
			if packets, err = net.ListenPacket("udp", address); err == nil {
				_ = packets.Close()
			}
		}
		if err != nil {
			return []finding{{"media port", bad, said(explainListen("LYCEUM_MEDIA_ADDR", address, err)), ""}}
		}
	}
	host, port, err := net.SplitHostPort(address)
	if d.onlyHere() || err != nil {
		return []finding{{"media port", fine, "The media port " + address + " works on this machine.", ""}}
	}
	if loopback(host) {
		return []finding{{"media port", bad, "The media port " + address + " is for this machine only: patrons will see and hear nothing.", "Set LYCEUM_MEDIA_ADDR=0.0.0.0:" + port + " and open it in the firewall, UDP and TCP."}}
	}
	outside := finding{"media port", warn, "Whether patrons reach the media port " + port + " cannot be seen from here.", "Open it in the firewall, UDP and TCP, then open a live room from a telephone outside your network."}
	if ip := net.ParseIP(host); len(d.config.MediaAnnounce) == 0 && (ip == nil || ip.IsUnspecified() || ip.IsPrivate()) && !hasPublicAddress() {
		outside.Advice = "This machine has no public address: set LYCEUM_MEDIA_ANNOUNCE to the one that leads to it. " + outside.Advice
	}
	return []finding{outside}
}

// onlyHere tells whether the site is for this machine alone.
func (d *doctor) onlyHere() bool {
	return loopback(d.config.Listen) && (d.config.PublicURL == "" || loopback(hostOf(d.config.PublicURL)))
}

func hasPublicAddress() bool {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return true
	}
	for _, a := range addresses {
		if ip, _, err := net.ParseCIDR(a.String()); err == nil && ip.IsGlobalUnicast() && !ip.IsPrivate() {
			return true
		}
	}
	return false
}

// public asks the site's public address from this machine: name, certificate,
// proxy, and whether the proxy lets websockets through.
func (d *doctor) public(ctx context.Context) []finding {
	if d.onlyHere() {
		return []finding{{"public", fine, "The site is for this machine only.", ""}}
	}
	if d.config.PublicURL == "" {
		return []finding{{"public", bad, "The site listens for others but does not know its own address.", "Set LYCEUM_PUBLIC_URL=https://your.site"}}
	}
	if !d.running {
		return []finding{{"public", warn, "Whether " + d.config.PublicURL + " leads here can be seen only while the site runs.", ""}}
	}
	base := strings.TrimRight(d.config.PublicURL, "/")
	answer, err := get(ctx, base+"/healthz", nil)
	if err != nil {
		var untrusted *tls.CertificateVerificationError
		if errors.As(err, &untrusted) {
			return []finding{{"public", bad, "The certificate of " + base + " cannot be trusted.", "Get one for this name; see the guide."}}
		}
		return []finding{{"public", bad, base + " does not answer from this machine.", "Check the name's address, the proxy and the firewall. Some networks cannot reach themselves: then try from outside."}}
	}
	if answer.StatusCode != http.StatusOK {
		return []finding{{"public", bad, fmt.Sprintf("%s answers %d: something else is in front of the site.", base, answer.StatusCode), "Let the proxy pass everything to " + d.config.Listen + "."}}
	}
	found := []finding{{"public", fine, base + " leads to the site.", ""}}
	if answer.TLS != nil && len(answer.TLS.PeerCertificates) > 0 {
		if end := answer.TLS.PeerCertificates[0].NotAfter; end.Sub(d.now) < certificateWarns {
			found = append(found, finding{"certificate", warn, "The certificate ends on " + end.Format("2 January 2006") + ".", "Renew it."})
		}
	}
	return append(found, d.websockets(ctx, base), d.proxies())
}

// websockets asks to switch protocols, as a room does.
func (d *doctor) websockets(ctx context.Context, base string) finding {
	answer, err := get(ctx, base+"/live", http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key": {"AAAAAAAAAAAAAAAAAAAAAA=="}, "Sec-Websocket-Protocol": {"lyceum.v1"}, "Origin": {base},
	})
	if err != nil || answer.StatusCode != http.StatusSwitchingProtocols {
		return finding{"websockets", bad, "The proxy in front of the site lets no websocket through, so nobody can enter a room.", "Let it pass the headers Upgrade and Connection; see the guide."}
	}
	return finding{"websockets", fine, "Websockets get through to the rooms.", ""}
}

func (d *doctor) proxies() finding {
	if strings.HasPrefix(d.config.PublicURL, "https:") && d.config.TLS == "off" && len(d.config.TrustedProxies) == 0 {
		return finding{"proxy", warn, "A proxy does TLS, but none is trusted: all visitors look like one, and share one limit.", "Set LYCEUM_TRUSTED_PROXIES to its address."}
	}
	return finding{"proxy", fine, "Visitors' addresses are read as they should be.", ""}
}

func (d *doctor) tls(context.Context) []finding {
	if d.config.TLS == "off" {
		return []finding{{"TLS", fine, "The site itself does no TLS; a proxy does, or nobody needs to.", ""}}
	}
	if d.config.TLS == "auto" {
		return []finding{{"TLS", warn, "The site gets its certificate by itself; whether that works shows at the first visit.", "Port 443 must be reachable from outside under the site's name."}}
	}
	cert, err := readCertificate(d.config.TLS)
	if err != nil {
		return []finding{{"TLS", bad, said(err), ""}}
	}
	left := cert.Leaf.NotAfter.Sub(d.now)
	switch {
	case left < 0:
		return []finding{{"TLS", bad, "The certificate ended on " + cert.Leaf.NotAfter.Format("2 January 2006") + ".", "Renew it; the site takes the new file up by itself."}}
	case left < certificateWarns:
		return []finding{{"TLS", warn, "The certificate ends on " + cert.Leaf.NotAfter.Format("2 January 2006") + ".", "Renew it; the site takes the new file up by itself."}}
	}
	return []finding{{"TLS", fine, "The certificate is good until " + cert.Leaf.NotAfter.Format("2 January 2006") + ".", ""}}
}

func dial(ctx context.Context, address string) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return conn.Close()
}

// get answers a response whose body is of no interest. It follows no redirect.
func get(ctx context.Context, address string, header http.Header) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		request.Header[name] = values
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	client := http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	_ = answer.Body.Close()
	return answer, nil
}
