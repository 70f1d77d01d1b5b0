package wire_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lyceum/signaling/wire"
)

// vector is one entry of testdata/*.json, which the TypeScript tests read too.
type vector struct {
	Name      string          `json:"name"`
	Direction string          `json:"direction"`
	Valid     bool            `json:"valid"`
	Message   json.RawMessage `json:"message"`
	Code      string          `json:"code"`
}

// text is the frame of a vector: the message itself, or its raw text when it was given as a string.
func (v vector) text() []byte {
	var raw string
	if json.Unmarshal(v.Message, &raw) == nil && v.Message[0] == '"' {
		return []byte(raw)
	}
	return v.Message
}

func (v vector) decode() (wire.Message, error) {
	if v.Direction == "to-server" {
		return wire.DecodeClient(v.text())
	}
	return wire.DecodeServer(v.text())
}

func mustVectors(t testing.TB) []vector {
	t.Helper()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("vectors: %d files, %v", len(files), err)
	}
	var all []vector
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var some []vector
		if err := json.Unmarshal(data, &some); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, some...)
	}
	return all
}

// Every vector is taken or refused exactly as it says.
func TestVectors(t *testing.T) {
	for _, v := range mustVectors(t) {
		t.Run(v.Direction+"/"+v.Name, func(t *testing.T) {
			m, err := v.decode()
			if v.Valid {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				checkSame(t, v, m)
				return
			}
			var refusal *wire.Refusal
			if !errors.As(err, &refusal) {
				t.Fatalf("took %#v, error %v; want refusal %s", m, err, v.Code)
			}
			if refusal.Code != v.Code {
				t.Errorf("code %s, want %s", refusal.Code, v.Code)
			}
		})
	}
}

// checkSame holds that encoding the decoded message gives the same JSON, apart from unknown fields and
// empty arguments.
func checkSame(t *testing.T, v vector, m wire.Message) {
	t.Helper()
	out, err := wire.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"type":"` + m.Type() + `"`; !strings.HasPrefix(string(out), want) {
		t.Errorf("encoded %s does not begin with %s", out, want)
	}
	var got, want map[string]any
	if json.Unmarshal(out, &got) != nil || json.Unmarshal(v.text(), &want) != nil {
		t.Fatalf("not an object: %s", out)
	}
	delete(want, "colour")
	if args, ok := got["args"].(map[string]any); ok && len(args) == 0 {
		delete(got, "args")
		delete(want, "args")
	}
	if diff := cmp.Diff(want, got, cmp.FilterPath(optional, cmp.Ignore())); diff != "" {
		t.Errorf("encoded again (-want +got):\n%s", diff)
	}
}

// optional paths are those a sender may leave out although the value is the zero one.
func optional(p cmp.Path) bool { return strings.HasSuffix(p.String(), `["move"]`) }

// A refusal carries the id whenever there was a readable one, so that the client can match it.
func TestRefusalCarriesID(t *testing.T) {
	for _, text := range []string{
		`{"type":"dance","id":"9"}`,
		`{"type":"command","id":"9","name":"room.destroy"}`,
		`{"type":"command","id":"9","name":"publish","args":{"source":"nose"}}`,
	} {
		_, err := wire.DecodeClient([]byte(text))
		var refusal *wire.Refusal
		if !errors.As(err, &refusal) || refusal.ID != "9" {
			t.Errorf("%s: %v, want a refusal with id 9", text, err)
		}
	}
}

// Close numbers are distinct, so that a client which misses the bye still knows why.
func TestCloseNumbersAreDistinct(t *testing.T) {
	seen := map[int]string{}
	for _, v := range mustVectors(t) {
		m, err := v.decode()
		bye, ok := m.(wire.Bye)
		if err != nil || !ok || bye.Code == "" {
			continue
		}
		n := wire.CloseNumber(bye.Code)
		if n < 4400 || n > 4599 || seen[n] != "" {
			t.Errorf("%s closes with %d, which %q has", bye.Code, n, seen[n])
		}
		seen[n] = bye.Code
	}
	if len(seen) != 14 {
		t.Errorf("%d bye codes in the vectors, want 14", len(seen))
	}
}

func FuzzDecodeClient(f *testing.F) {
	for _, v := range mustVectors(f) {
		f.Add(v.text())
	}
	f.Add([]byte(strings.Repeat(`{"a":`, 10000)))
	f.Add([]byte("\xff\xfe"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := wire.DecodeClient(data)
		checkFuzzed(t, m, err, wire.DecodeClient)
	})
}

func FuzzDecodeServer(f *testing.F) {
	for _, v := range mustVectors(f) {
		f.Add(v.text())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := wire.DecodeServer(data)
		checkFuzzed(t, m, err, wire.DecodeServer)
	})
}

// checkFuzzed: what was taken encodes to something that is taken again as the same message.
func checkFuzzed(t *testing.T, m wire.Message, err error, decode func([]byte) (wire.Message, error)) {
	t.Helper()
	if err != nil {
		var refusal *wire.Refusal
		if !errors.As(err, &refusal) {
			t.Fatalf("error %v is not a refusal", err)
		}
		return
	}
	out, err := wire.Encode(m)
	if err != nil {
		t.Fatalf("encode what was decoded: %v", err)
	}
	again, err := decode(out)
	if err != nil {
		t.Fatalf("%s was encoded but is refused: %v", out, err)
	}
	if diff := cmp.Diff(m, again); diff != "" {
		t.Errorf("changed on the way (-first +second):\n%s", diff)
	}
}
