package bus

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// An internal test: no server at hand drops these settings, and the reading back is the invariant.
func TestASettingThatTheServerDroppedIsNamed(t *testing.T) {
	want := streams(3)[0]
	for _, c := range []struct {
		setting string
		change  func(*jetstream.StreamConfig)
	}{
		{"", func(*jetstream.StreamConfig) {}},
		{"subjects", func(s *jetstream.StreamConfig) { s.Subjects = []string{"mail.one"} }},
		{"retention", func(s *jetstream.StreamConfig) { s.Retention = jetstream.LimitsPolicy }},
		{"storage", func(s *jetstream.StreamConfig) { s.Storage = jetstream.MemoryStorage }},
		{"duplicate window", func(s *jetstream.StreamConfig) { s.Duplicates = time.Minute }},
		{"number of copies", func(s *jetstream.StreamConfig) { s.Replicas = 1 }},
	} {
		got := want
		c.change(&got)
		if setting := ignored(want, got); setting != c.setting {
			t.Errorf("named %q, want %q", setting, c.setting)
		}
	}
}

// NATS 2.9 to 2.11 take the setting, drop it, take a plan, and never fire it.
func TestAServerWithoutSchedulesIsNamed(t *testing.T) {
	for _, want := range streams(1) {
		got := want
		got.AllowMsgSchedules = false
		if setting := ignored(want, got); (setting == "message schedules") != want.AllowMsgSchedules {
			t.Errorf("stream %s: named %q", want.Name, setting)
		}
	}
}

func TestBackOffGrowsToAnHour(t *testing.T) {
	last := time.Duration(0)
	for attempt := range attemptsAtMost {
		pause := backOff(attempt)
		if pause < last || pause > time.Hour {
			t.Fatalf("attempt %d waits %v after %v", attempt, pause, last)
		}
		last = pause
	}
	if last != time.Hour {
		t.Errorf("the last pause is %v, want one hour", last)
	}
	if _, dropped, _ := verdict(jetstream.ErrNoHeartbeat, attemptsAtMost); !dropped {
		t.Error("a message that never succeeds stays for ever")
	}
}
