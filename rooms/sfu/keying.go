package sfu

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"sync"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/prf"
	"github.com/pion/dtls/v3/pkg/protocol/extension"
	"github.com/pion/dtls/v3/pkg/protocol/handshake"
	"github.com/pion/webrtc/v4"

	"lyceum/rooms/sfu/seal"
)

// keying finds out the key that one connection sends its RTP under, which pion
// keeps to itself. It listens to two things that pion says during the DTLS
// handshake: our ServerHello (what was agreed on and our random bytes) and the
// key log (the client's random bytes and the master secret). From these the
// SRTP keys follow (RFC 5764 section 4.2, RFC 5705 section 4). What was heard
// is forgotten when the key has been made. Where anything is not as expected
// there is no key, and the connection is written to through pion.
type keying struct {
	mu      sync.Mutex
	random  [handshake.RandomLength]byte // the server's
	suite   dtls.CipherSuiteID
	profile dtls.SRTPProtectionProfile
	client  []byte // the client's random bytes
	secret  []byte
}

// listen makes the connections of these settings tell k. Each connection needs
// settings of its own.
func (k *keying) listen(s *webrtc.SettingEngine) {
	s.SetDTLSServerHelloMessageHook(k.hello)
	s.SetDTLSKeyLogWriter(k)
}

// hello notes what our ServerHello says and lets it pass.
func (k *keying) hello(m handshake.MessageServerHello) handshake.Message {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.random = m.Random.MarshalFixed()
	k.suite, k.profile = 0, 0
	if m.CipherSuiteID != nil {
		k.suite = dtls.CipherSuiteID(*m.CipherSuiteID)
	}
	for _, e := range m.Extensions {
		if use, ok := e.(*extension.UseSRTP); ok && len(use.ProtectionProfiles) == 1 && len(use.MasterKeyIdentifier) == 0 {
			k.profile = use.ProtectionProfiles[0]
		}
	}
	return &m
}

// Write takes a line of the key log: label, client random, master secret.
func (k *keying) Write(line []byte) (int, error) {
	f := bytes.Fields(line)
	if len(f) != 3 || string(f[0]) != "CLIENT_RANDOM" {
		return len(line), nil
	}
	client, err := hex.AppendDecode(nil, f[1])
	if err != nil {
		return len(line), nil
	}
	secret, err := hex.AppendDecode(nil, f[2])
	if err != nil {
		return len(line), nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.client, k.secret = client, secret
	return len(line), nil
}

// key makes the key of what the server sends. It is nil when the other end was
// the DTLS server, or agreed on something that is not AES-GCM over DTLS 1.2.
func (k *keying) key() *seal.Key {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer func() { clear(k.secret); k.secret = nil }()
	size := keySize(k.profile)
	pseudorandom := hashOf(k.suite)
	if k.secret == nil || size == 0 || pseudorandom == nil {
		return nil
	}
	seed := append([]byte("EXTRACTOR-dtls_srtp"), k.client...)
	seed = append(seed, k.random[:]...)
	material, err := prf.PHash(k.secret, seed, 2*(size+seal.SaltSize), pseudorandom)
	if err != nil {
		return nil
	}
	defer clear(material)
	// In order: the client's key, the server's key, their salts.
	key, err := seal.NewKey(material[size:2*size], material[2*size+seal.SaltSize:])
	if err != nil {
		return nil
	}
	return key
}

func keySize(p dtls.SRTPProtectionProfile) int {
	switch p {
	case dtls.SRTP_AEAD_AES_128_GCM:
		return 16
	case dtls.SRTP_AEAD_AES_256_GCM:
		return 32
	}
	return 0
}

// hashOf is the hash of a cipher suite's pseudorandom function, nil for suites
// that pion does not speak.
func hashOf(suite dtls.CipherSuiteID) prf.HashFunc {
	switch suite {
	case dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, dtls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA:
		return func() hash.Hash { return sha256.New() }
	case dtls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384:
		return func() hash.Hash { return sha512.New384() }
	}
	return nil
}
