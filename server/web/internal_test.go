package web

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"
)

// A limiter's memory has an end, and a key in use survives a flood of others.
func TestLimiterForgetsIdleKeysOnly(t *testing.T) {
	now := time.Unix(0, 0)
	l := newLimiter(1, 1e-9, func() time.Time { return now })
	if err := l.take("victim"); err != nil {
		t.Fatal(err)
	}
	for i := range 5 * maxBuckets {
		_ = l.take(strconv.Itoa(i)) // the answer to the flood does not matter
		if i%(maxBuckets/2) == 0 && l.take("victim") == nil {
			t.Fatalf("the victim's bucket was full again after %d other keys", i)
		}
	}
	if held := len(l.young) + len(l.old); held > 2*maxBuckets {
		t.Errorf("%d buckets held, want at most %d", held, 2*maxBuckets)
	}
}

func TestEveryStatusFindsItsProblem(t *testing.T) {
	for status := 400; status < 600; status++ {
		p := problemForStatus(status)
		if p.Code == "" || p.Title == "" || status < 500 && p.Status >= 500 {
			t.Errorf("status %d became %+v", status, p)
		}
	}
}

// huma says what is wrong in English only. This holds its texts to our codes, so
// that an update of huma cannot change an answer unseen.
func TestHumasTextsBecomeCodes(t *testing.T) {
	for _, row := range []struct{ text, location, want string }{
		{validation.MsgUnexpectedProperty, "body.admin", "admin unexpected"},
		{fmt.Sprintf(validation.MsgExpectedRequiredProperty, "name"), "body", "name required"},
		{fmt.Sprintf(validation.MsgExpectedRequiredProperty, "name"), "body.person", "person.name required"},
		{"required query parameter is missing", "query.after", "after required"},
		{fmt.Sprintf(validation.MsgExpectedMaxLength, 5), "body.name", "name too-long"},
		{fmt.Sprintf(validation.MsgExpectedMinLength, 5), "body.name", "name too-short"},
		{fmt.Sprintf(validation.MsgExpectedMinimumNumber, 1), "query.limit", "limit out-of-range"},
		{fmt.Sprintf(validation.MsgExpectedMaximumNumber, 9), "query.limit", "limit out-of-range"},
		{fmt.Sprintf(validation.MsgExpectedOneOf, "a, b"), "body.kind", "kind unknown"},
		{validation.MsgExpectedNumber, "body.capacity", "capacity wrong-type"},
		{validation.MsgExpectedString, "body.name", "name wrong-type"},
		{validation.MsgExpectedRFC3339DateTime, "body.startsAt", "startsAt wrong-type"},
		{"invalid integer", "query.limit", "limit wrong-type"},
	} {
		got := fieldError(&huma.ErrorDetail{Message: row.text, Location: row.location})
		if got.Field+" "+got.Code != row.want || got.Detail == "" {
			t.Errorf("%q at %s: %+v, want %s", row.text, row.location, got, row.want)
		}
	}
}
