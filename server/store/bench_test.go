package store_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/store"
)

// BenchmarkRegister is the whole transaction under load: many callers, one event,
// the disk flushed before each answer.
func BenchmarkRegister(b *testing.B) {
	s, err := store.Open(b.Context(), "sqlite:", b.TempDir(), quiet)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	now := time.Now()
	e, err := event.New(uuid.NewString(), event.Draft{Title: "t", Kind: event.Class, StartsAt: now, Capacity: event.MaxCapacity}, now)
	if err != nil {
		b.Fatal(err)
	}
	if err := s.AddEvent(b.Context(), e); err != nil {
		b.Fatal(err)
	}
	keys := registration.Keys{Site: []byte("a key for tests, 32 bytes long ..")}
	var n atomic.Int64
	b.SetParallelism(128)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			mail := fmt.Sprintf("r%d@example.org", n.Add(1))
			_, err := s.Register(b.Context(), store.RegisterInput{
				EventID: e.ID, Applicant: registration.Applicant{Name: "n", Email: mail}, Person: keys.Person(mail), Now: now,
			})
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
}
