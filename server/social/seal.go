package social

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// credentials are what a channel posts with: an access token, or a handle and an app password.
type credentials struct {
	Identifier string `json:"identifier,omitempty"`
	Secret     string `json:"secret"`
}

// errSealed stands for every reason why sealed text does not open: another key, another channel, a changed byte.
var errSealed = errors.New("social: the credentials do not open with this site's key")

// sealer is AES-256-GCM under a key made from the site key (RFC 5869), so that a stolen database holds no passwords.
type sealer struct{ aead cipher.AEAD }

func newSealer(site []byte) (sealer, error) {
	key, err := hkdf.Key(sha256.New, site, nil, "lyceum channels v1", 32)
	if err != nil {
		return sealer{}, fmt.Errorf("social: make the sealing key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return sealer{}, fmt.Errorf("social: make the sealing key: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return sealer{aead}, err
}

// seal binds the credentials to where they may be sent: moved to another row of the table they do not open.
func (s sealer) seal(c credentials, place string) (string, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("social: seal credentials: %w", err)
	}
	return base64.RawStdEncoding.EncodeToString(s.aead.Seal(nil, nil, text, []byte(place))), nil
}

func (s sealer) open(sealed, place string) (credentials, error) {
	raw, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil {
		return credentials{}, errSealed
	}
	text, err := s.aead.Open(nil, nil, raw, []byte(place))
	if err != nil {
		return credentials{}, errSealed
	}
	var c credentials
	if json.Unmarshal(text, &c) != nil {
		return credentials{}, errSealed
	}
	return c, nil
}
