// Package seal encrypts RTP with AEAD AES-GCM (RFC 7714), into a buffer of the
// caller's.
//
// It exists because pion's SRTP session marshals, encrypts and writes in one
// step of its own; the fan-out wants the packet encrypted where the kernel will
// read it. A Key belongs to one connection and may be used from anywhere; a
// Sealer belongs to one stream and one goroutine at a time. The rollover count
// is the caller's: whoever numbers packets without wrapping knows it, and the
// same packet sealed again is the same bytes. Never seal two different packets
// under the same number. No state is kept, so there is nothing to lock.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
)

// Sizes in bytes: of the master salt and of what a sealed packet grows by.
const (
	SaltSize = 12
	Overhead = 16
)

// The labels of the key derivation (RFC 3711 section 4.3.2).
const (
	labelKey  = 0
	labelSalt = 2
)

// ErrKey is returned for key material of the wrong size.
var ErrKey = errors.New("seal: key must be 16 or 32 bytes, salt 12")

// Key is the session key of one direction of one connection.
type Key struct {
	aead cipher.AEAD
	salt [SaltSize]byte
}

// NewKey derives the session key from the master key, of 16 or 32 bytes, and
// the master salt.
func NewKey(master, salt []byte) (*Key, error) {
	if len(master) != 16 && len(master) != 32 || len(salt) != SaltSize {
		return nil, ErrKey
	}
	session, err := derive(master, salt, labelKey, len(master))
	if err != nil {
		return nil, err
	}
	own, err := derive(master, salt, labelSalt, SaltSize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(session)
	if err != nil {
		return nil, fmt.Errorf("seal: session key: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("seal: session key: %w", err)
	}
	k := &Key{aead: aead}
	copy(k.salt[:], own)
	return k, nil
}

// derive is the key derivation function of RFC 3711 section 4.3.3 with a rate
// of zero: AES in counter mode over nothing, started at salt and label.
func derive(master, salt []byte, label byte, size int) ([]byte, error) {
	block, err := aes.NewCipher(master)
	if err != nil {
		return nil, fmt.Errorf("seal: master key: %w", err)
	}
	start := make([]byte, aes.BlockSize)
	copy(start, salt)
	start[7] ^= label
	out := make([]byte, size)
	cipher.NewCTR(block, start).XORKeyStream(out, out)
	return out, nil
}

// Sealer encrypts the packets of one SSRC.
type Sealer struct {
	key *Key
	// base is the salt with the SSRC in it; nonce is the scratch of Seal.
	base, nonce [SaltSize]byte
}

// Stream returns a sealer for one SSRC.
func (k *Key) Stream(ssrc uint32) *Sealer {
	s := &Sealer{key: k, base: k.salt}
	binary.BigEndian.PutUint32(s.base[2:], binary.BigEndian.Uint32(s.base[2:])^ssrc)
	return s
}

// Seal encrypts payload behind the header that packet begins with and returns
// the size of the whole. index is the packet's number without wrapping: the
// rollover count and, in the low 16 bits, the sequence number of the header
// (RFC 7714 section 8.1). packet must have room for Overhead more.
func (s *Sealer) Seal(packet []byte, header int, payload []byte, index uint64) int {
	s.nonce = s.base
	low := binary.BigEndian.Uint64(s.base[4:]) ^ index&(1<<48-1)
	binary.BigEndian.PutUint64(s.nonce[4:], low)
	return len(s.key.aead.Seal(packet[:header], s.nonce[:], payload, packet[:header]))
}
