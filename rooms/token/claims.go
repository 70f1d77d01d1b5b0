package token

import (
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// claims is the payload, with every member that must be there. Times are whole
// seconds; a fraction, a string or an array where one value belongs is refused.
// It implements jwt.Claims for the library's signing; the checking of values is
// in verify.go, where it can be read in one place.
type claims struct {
	Issuer    string `json:"iss"`
	Subject   string `json:"sub"`
	Audience  string `json:"aud"`
	ExpiresAt int64  `json:"exp"`
	NotBefore int64  `json:"nbf"`
	IssuedAt  int64  `json:"iat"`
	ID        string `json:"jti"`
	Name      string `json:"name,omitempty"`
	Person    string `json:"person,omitempty"`
	Role      string `json:"role"`
}

func date(seconds int64) *jwt.NumericDate { return jwt.NewNumericDate(time.Unix(seconds, 0)) }

// GetExpirationTime and its five siblings are jwt.Claims (RFC 7519, section 4.1).
func (c *claims) GetExpirationTime() (*jwt.NumericDate, error) { return date(c.ExpiresAt), nil }
func (c *claims) GetIssuedAt() (*jwt.NumericDate, error)       { return date(c.IssuedAt), nil }
func (c *claims) GetNotBefore() (*jwt.NumericDate, error)      { return date(c.NotBefore), nil }
func (c *claims) GetIssuer() (string, error)                   { return c.Issuer, nil }
func (c *claims) GetSubject() (string, error)                  { return c.Subject, nil }
func (c *claims) GetAudience() (jwt.ClaimStrings, error) {
	return jwt.ClaimStrings{c.Audience}, nil
}
