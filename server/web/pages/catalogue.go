package pages

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// catalogue is the list of texts by key. It is read once and never changes, so that requests share it freely.
type catalogue map[string]string

func parseCatalogue(data []byte) (catalogue, error) {
	var texts catalogue
	if err := json.Unmarshal(data, &texts); err != nil {
		return nil, fmt.Errorf("pages: read message catalogue: %w", err)
	}
	return texts, nil
}

// text answers the text of key with its {name} placeholders filled from pairs: name, value, name, value. The result is
// plain text; html/template escapes it where it is printed. A missing key answers itself, so that a page never breaks
// over a word; a test keeps that from happening.
func (c catalogue) text(key string, pairs ...any) string {
	text, known := c[key]
	if !known {
		return key
	}
	if len(pairs) == 0 {
		return text
	}
	replace := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		replace = append(replace, fmt.Sprintf("{%v}", pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return strings.NewReplacer(replace...).Replace(text)
}

// count answers key.one or key.other with {count} filled: the two plural forms that English has.
func (c catalogue) count(key string, n int, pairs ...any) string {
	form := ".other"
	if n == 1 {
		form = ".one"
	}
	return c.text(key+form, append([]any{"count", strconv.Itoa(n)}, pairs...)...)
}
