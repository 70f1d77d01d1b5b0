package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// startServe runs lyceum serve until the test ends or stop is called.
func startServe(t *testing.T, env []string) (url string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out := newScreen()
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, console{out: out, err: out, now: time.Now, env: env}, []string{"serve"}) }()
	url = out.until(t, `Lyceum is running at (\S+)`)[1]
	stopped := false
	stop = func() {
		cancel()
		if stopped {
			return
		}
		stopped = true
		select {
		case code := <-ended:
			if code != 0 {
				t.Errorf("serve ended with code %d", code)
			}
		case <-time.After(20 * time.Second):
			t.Error("serve does not end")
		}
	}
	t.Cleanup(stop)
	return url, stop
}

// selfMade writes a certificate for 127.0.0.1 and answers the value of LYCEUM_TLS.
func selfMade(t *testing.T, dir, name string, ends time.Time) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(ends.UnixNano()), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: ends,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: cert}, keyFile: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile + "," + keyFile
}

// The site does TLS with a certificate from files, cookies and addresses follow.
func TestServeWithACertificate(t *testing.T) {
	dir := t.TempDir()
	pair := selfMade(t, dir, "first", time.Now().Add(90*24*time.Hour))
	url, _ := startServe(t, append(demoEnv(t.TempDir()), "LYCEUM_TLS="+pair))
	if !strings.HasPrefix(url, "https://127.0.0.1:") {
		t.Fatalf("the site says it is at %s", url)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	answer, err := client.Get(url + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != 200 || answer.TLS.PeerCertificates[0].Subject.CommonName != "first" || answer.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%d %v", answer.StatusCode, answer.Header)
	}
}

// A renewed certificate is taken up; a broken one leaves the good one in force.
func TestCertificateFilesAreReadAgain(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	files := &certificateFiles{pair: selfMade(t, dir, "first", now.Add(time.Hour)), now: func() time.Time { return now }}
	served := func() string {
		cert, err := files.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		return cert.Leaf.Subject.CommonName
	}
	if got := served(); got != "first" {
		t.Fatal(got)
	}
	later := now.Add(time.Minute)
	selfMade(t, dir, "second", now.Add(2*time.Hour))
	if err := os.Chtimes(filepath.Join(dir, "cert.pem"), later, later); err != nil {
		t.Fatal(err)
	}
	if got := served(); got != "first" {
		t.Errorf("looked at the files at every visit: %s", got)
	}
	now = now.Add(certificateChecked)
	if got := served(); got != "second" {
		t.Errorf("after a renewal: %s", got)
	}
	if err := os.WriteFile(filepath.Join(dir, "cert.pem"), []byte("half a fi"), 0o600); err != nil {
		t.Fatal(err)
	}
	now = now.Add(certificateChecked)
	if got := served(); got != "second" {
		t.Errorf("after a broken renewal: %s", got)
	}
}

func TestTLSRefusals(t *testing.T) {
	dir := t.TempDir()
	pair := selfMade(t, dir, "loose", time.Now().Add(time.Hour))
	if err := os.Chmod(filepath.Join(dir, "key.pem"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name string
		env  []string
		want string
	}{
		{"a key that others may read", []string{"LYCEUM_TLS=" + pair}, "other users may read the key"},
		{"files that are not there", []string{"LYCEUM_TLS=/no/cert.pem,/no/key.pem"}, "cannot be read"},
		{"one file", []string{"LYCEUM_TLS=/no/cert.pem"}, "Write off, auto, or two files"},
		{"auto without a name", []string{"LYCEUM_TLS=auto"}, "needs the site's public name"},
		{"auto with an address", []string{"LYCEUM_TLS=auto", "LYCEUM_PUBLIC_URL=https://192.0.2.7"}, "needs the site's public name"},
		{"an http address", []string{"LYCEUM_TLS=auto", "LYCEUM_PUBLIC_URL=http://127.0.0.1"}, "Write it with https"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, said, code := command(t, append(demoEnv(t.TempDir()), row.env...), "serve")
			if code == 0 || !strings.Contains(said, row.want) || strings.Count(said, "\n") != 1 {
				t.Errorf("code %d, printed %q, want one line with %q", code, said, row.want)
			}
		})
	}
}

// The doctor's lines: what is well, what is not, and the exit code.
func TestDoctor(t *testing.T) {
	diagnose := func(env []string) (map[string]finding, int) {
		out, _, code := command(t, env, "doctor", "--json")
		var answer struct {
			OK     bool      `json:"ok"`
			Checks []finding `json:"checks"`
		}
		if err := json.Unmarshal([]byte(out), &answer); err != nil || answer.OK != (code == 0) {
			t.Fatalf("%v: code %d: %s", err, code, out)
		}
		found := map[string]finding{}
		for _, f := range answer.Checks {
			found[f.Name] = f
		}
		return found, code
	}
	healthy := t.TempDir()
	url, _ := startServe(t, demoEnv(healthy))
	here := strings.TrimPrefix(url, "http://")
	damaged, loose := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(damaged, "lyceum.db"), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(loose, "secret.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	ended := selfMade(t, t.TempDir(), "ended", time.Now().Add(-time.Minute))
	for _, row := range []struct {
		name  string
		env   []string
		check string
		state string
		says  string
	}{
		{"a running site answers", []string{"LYCEUM_DATA=" + healthy, "LYCEUM_LISTEN=" + here}, "port", fine, "answers on"},
		{"a running site's database is whole", []string{"LYCEUM_DATA=" + healthy, "LYCEUM_LISTEN=" + here}, "database", fine, "is whole"},
		{"nobody has set the library up", []string{"LYCEUM_DATA=" + healthy, "LYCEUM_LISTEN=" + here}, "settings", warn, "library's name"},
		{"a busy port is another program's", []string{"LYCEUM_DATA=" + t.TempDir(), "LYCEUM_LISTEN=" + here}, "port", bad, "taken by another program"},
		{"a damaged database", []string{"LYCEUM_DATA=" + damaged}, "database", bad, "cannot be used"},
		{"a loose secret file", []string{"LYCEUM_DATA=" + loose}, "secret", bad, "Other users may read"},
		{"a certificate that has ended", []string{"LYCEUM_DATA=" + t.TempDir(), "LYCEUM_TLS=" + ended}, "TLS", bad, "ended on"},
		{"a mail server that is not there", []string{"LYCEUM_DATA=" + t.TempDir(), "LYCEUM_MAIL_URL=smtp://127.0.0.1:1"}, "mail", bad, "cannot be reached"},
		{"file mail on a public site", []string{"LYCEUM_DATA=" + t.TempDir(), "LYCEUM_PUBLIC_URL=https://library.example"}, "mail", bad, "reaches nobody"},
		{"a public site whose media stay inside", []string{"LYCEUM_DATA=" + t.TempDir(), "LYCEUM_PUBLIC_URL=https://library.example", "LYCEUM_MEDIA_ADDR=127.0.0.1:0"}, "media port", bad, "for this machine only"},
		{"the outside is not promised", []string{"LYCEUM_DATA=" + t.TempDir(), "LYCEUM_PUBLIC_URL=https://library.example", "LYCEUM_MEDIA_ADDR=0.0.0.0:0"}, "media port", warn, "cannot be seen from here"},
		{"a remote Redis without a password", []string{"LYCEUM_REDIS_URL=redis://redis.internal"}, "variables", bad, "without a password"},
		{"a Redis that is not there", []string{"LYCEUM_DATA=" + t.TempDir(), "LYCEUM_REDIS_URL=redis://127.0.0.1:1"}, "room state", bad, "does not answer"},
	} {
		t.Run(row.name, func(t *testing.T) {
			env := row.env
			if !strings.Contains(strings.Join(env, " "), "MEDIA_ADDR") {
				env = append(env, "LYCEUM_MEDIA_ADDR=127.0.0.1:0")
			}
			found, code := diagnose(env)
			got := found[row.check]
			if got.State != row.state || !strings.Contains(got.Says, row.says) {
				t.Errorf("%+v, want %s with %q", got, row.state, row.says)
			}
			if row.state == bad && code != 1 {
				t.Errorf("code %d", code)
			}
			if row.state == bad && got.Advice == "" && !strings.Contains(got.Says, ": ") && row.check != "TLS" {
				t.Errorf("no advice with %q", got.Says)
			}
		})
	}
}
