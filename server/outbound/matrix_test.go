package outbound_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"lyceum/server/outbound"
)

// canary listens where nobody may call, and counts who does.
func canary(t *testing.T) (*net.TCPListener, *atomic.Int32) {
	t.Helper()
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	var calls atomic.Int32
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			calls.Add(1)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l, &calls
}

// names stands for a name server, with the spellings of addresses that some systems' resolvers understand.
func names(_ context.Context, name string) ([]netip.Addr, error) {
	known := map[string]string{
		"localhost": "127.0.0.1", "canary.example": "127.0.0.1", "metadata.example": "169.254.169.254",
		"metadata.google.internal": "169.254.169.254", "both.example": "93.184.216.34 127.0.0.1",
		"six.example": "::1", "mapped.example": "::ffff:127.0.0.1", "private.example": "10.0.0.5",
		"2130706433": "127.0.0.1", "017700000001": "127.0.0.1", "0x7f000001": "127.0.0.1", "127.1": "127.0.0.1",
		"0177.0.0.1": "127.0.0.1", "0x7f.0.0.1": "127.0.0.1", "0": "0.0.0.0", "3232235521": "192.168.0.1", "2852039166": "169.254.169.254",
	}
	texts, found := known[name]
	if !found {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	var out []netip.Addr
	for text := range strings.FieldsSeq(texts) {
		out = append(out, netip.MustParseAddr(text))
	}
	return out, nil
}

// The rule (reliability S7): the canary sees nobody, and every row is refused by the guard, not by a network that happens
// to be out of reach.
func TestTheMatrixOfForbiddenAddresses(t *testing.T) {
	l, calls := canary(t)
	_, port, _ := net.SplitHostPort(l.Addr().String())
	hosts := []string{
		"127.0.0.1", "127.0.0.2", "127.255.255.254", "127.1", "2130706433", "017700000001", "0x7f000001", "0177.0.0.1", "0x7f.0.0.1",
		"0", "0.0.0.0", "0.1.2.3", "localhost", "canary.example", "both.example", "six.example", "mapped.example", "private.example",
		"metadata.example", "metadata.google.internal", "3232235521", "2852039166",
		"10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255", "169.254.169.254", "169.254.0.1",
		"172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.0.1",
		"192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]", "[::127.0.0.1]",
		"[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]", "[100::1]", "[2001::1]", "[2001:2::1]", "[2001:10::1]", "[2001:db8::1]",
		"[2002:7f00:1::]", "[3fff::1]", "[5f00::1]", "[fc00::1]", "[fd00:ec2::254]", "[fe80::1]", "[fe80::1%25lo]", "[fec0::1]", "[ff02::1]", "[2620:4f:8000::1]",
	}
	rows := []string{
		"http://93.184.216.34/", "http://93.184.216.34:443/", "https://93.184.216.34:22/", "https://93.184.216.34:8080/", "https://93.184.216.34:6379/",
		"https://user:password@93.184.216.34/", "ftp://93.184.216.34/", "file:///etc/passwd", "gopher://127.0.0.1/", "https:///nowhere",
		"https://127.0.0.1:" + port + "/", "http://127.0.0.1:" + port + "/", "https://[::ffff:127.0.0.1]:" + port + "/", "http://canary.example:" + port + "/",
	}
	for _, host := range hosts {
		rows = append(rows, "https://"+host+"/", "https://"+host+":"+port+"/")
	}
	if len(rows) < 60 {
		t.Fatalf("only %d rows", len(rows))
	}
	c := outbound.New(outbound.Config{Lookup: names})
	for _, address := range rows {
		refused(t, c, address)
	}
	if n := calls.Load(); n != 0 {
		t.Errorf("the canary saw %d connections", n)
	}
}

// refused calls an address and wants the guard's refusal.
func refused(t *testing.T, c *outbound.Client, address string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	response, err := c.Do(r)
	var failed *outbound.Error
	if err == nil {
		_ = response.Body.Close()
	}
	if !errors.As(err, &failed) || !failed.Refused() || failed.Sent() {
		t.Errorf("%s: %v, want a refusal", address, err)
	}
}

// Every address that is forbidden to call is forbidden to be sent to.
func TestARedirectIsCheckedLikeTheFirstAddress(t *testing.T) {
	l, calls := canary(t)
	var to atomic.Value
	hop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, to.Load().(string), http.StatusFound)
	}))
	defer hop.Close()
	here, err := outbound.ParseAllow([]string{hop.Listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	c := outbound.New(outbound.Config{Lookup: names, Allow: here})
	for _, target := range []string{
		"http://" + l.Addr().String(), "http://canary.example:" + strings.Split(l.Addr().String(), ":")[1], "http://169.254.169.254/latest/meta-data/",
		"http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://10.0.0.1/", "http://100.64.0.1/", "http://0.0.0.0/", "http://[fd00::1]/", "http://93.184.216.34/",
		"https://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "http://a:b@" + l.Addr().String(),
	} {
		to.Store(target)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, hop.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Do(r)
		var failed *outbound.Error
		if !errors.As(err, &failed) || !failed.Refused() && !strings.Contains(err.Error(), "unsupported protocol") {
			t.Errorf("redirect to %s: %v", target, err)
		}
	}
	if n := calls.Load(); n != 0 {
		t.Errorf("the canary saw %d connections", n)
	}
}

func TestANameThatChangesItsMindGainsNothing(t *testing.T) {
	_, calls := canary(t)
	lookups := 0
	c := outbound.New(outbound.Config{Lookup: func(context.Context, string) ([]netip.Addr, error) {
		lookups++
		return []netip.Addr{netip.MustParseAddr([]string{"127.0.0.1", "10.0.0.1"}[lookups%2])}, nil
	}})
	for range 4 {
		refused(t, c, "https://flip.example/")
	}
	if lookups != 4 || calls.Load() != 0 {
		t.Errorf("%d look-ups, %d connections", lookups, calls.Load())
	}
}
