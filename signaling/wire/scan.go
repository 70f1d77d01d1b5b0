package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

var errShape = errors.New("wire: not one plain JSON object")

// scan checks what encoding/json lets pass: invalid UTF-8, text after the object, nesting beyond maxDepth
// and keys given twice, of which two readers might believe different ones.
func scan(data []byte) error {
	if !utf8.Valid(data) {
		return errShape
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	first, err := dec.Token()
	if err != nil || first != json.Delim('{') {
		return errShape
	}
	if err := scanInside(dec, true, 1); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errShape
	}
	return nil
}

// scanInside reads to the end of the object or list whose opening was just read.
func scanInside(dec *json.Decoder, object bool, depth int) error {
	var seen map[string]bool
	if object {
		seen = make(map[string]bool)
	}
	for dec.More() {
		if object {
			key, err := dec.Token()
			name, ok := key.(string)
			if err != nil || !ok || seen[name] {
				return errShape
			}
			seen[name] = true
		}
		value, err := dec.Token()
		if err != nil {
			return errShape
		}
		if open, ok := value.(json.Delim); ok {
			if depth == maxDepth {
				return errShape
			}
			if err := scanInside(dec, open == '{', depth+1); err != nil {
				return err
			}
		}
	}
	if _, err := dec.Token(); err != nil {
		return errShape
	}
	return nil
}
