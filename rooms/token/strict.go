package token

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

var errNotStrict = errors.New("token: not one flat object of distinct known members")

// decodeSegment reads base64url without padding and without stray bits: one
// value has one spelling (RFC 7515, section 2). The library's decoder skips line
// breaks; a token has none.
func decodeSegment(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, errNotStrict
	}
	return base64.RawURLEncoding.Strict().DecodeString(s)
}

// decodeObject reads one flat JSON object into v. Every member must be known to
// v, spelled exactly so, and be there once; encoding/json alone would take the
// last of two and ignore case.
func decodeObject(raw []byte, v any, members []string) error {
	if !utf8.Valid(raw) {
		return errNotStrict
	}
	if err := distinct(raw, members); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

func distinct(raw []byte, members []string) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errNotStrict
	}
	seen := map[string]bool{}
	for _, m := range members {
		seen[m] = false
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return errNotStrict
		}
		key, _ := name.(string)
		if before, known := seen[key]; before || !known {
			return errNotStrict
		}
		seen[key] = true
		// A value that opens an array or object, or is null, is not flat.
		switch value, err := d.Token(); value.(type) {
		case string, json.Number:
		default:
			return errors.Join(errNotStrict, err)
		}
	}
	if _, err := d.Token(); err != nil {
		return errNotStrict
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errNotStrict
	}
	return nil
}
