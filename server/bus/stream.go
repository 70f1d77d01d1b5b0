package bus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// streams is everything that Lyceum keeps in JetStream. MAIL is a work queue: a message is gone once it is done, and one
// that nobody takes yet waits.
func streams(replicas int) []jetstream.StreamConfig {
	return []jetstream.StreamConfig{{
		Name:        "MAIL",
		Description: "Mail that is due. The outbox in SQL is the truth; this is work in flight.",
		Subjects:    []string{"mail.>"},
		Retention:   jetstream.WorkQueuePolicy,
		Storage:     jetstream.FileStorage,
		Duplicates:  10 * time.Minute,
		Replicas:    replicas,
	}}
}

// keepStreams makes or updates every stream and reads back what the server made of it: an old server accepts settings
// that it does not know and drops them without a word.
func (b *Bus) keepStreams(ctx context.Context) error {
	for _, want := range streams(b.replicas) {
		stream, err := b.js.CreateOrUpdateStream(ctx, want)
		if errors.Is(err, jetstream.ErrJetStreamNotEnabled) || errors.Is(err, nats.ErrNoResponders) {
			return errors.New("bus: the NATS server runs without JetStream; start it with JetStream enabled (nats-server -js)")
		}
		if err != nil {
			return fmt.Errorf("bus: make stream %s: %w", want.Name, err)
		}
		if setting := ignored(want, stream.CachedInfo().Config); setting != "" {
			return fmt.Errorf("bus: the NATS server ignored the %s of stream %s; use NATS server 2.12 or newer", setting, want.Name)
		}
	}
	return nil
}

// ignored names the first setting that the server did not keep, or "".
func ignored(want, got jetstream.StreamConfig) string {
	switch {
	case !slices.Equal(want.Subjects, got.Subjects):
		return "subjects"
	case want.Retention != got.Retention:
		return "retention"
	case want.Storage != got.Storage:
		return "storage"
	case want.Duplicates != got.Duplicates:
		return "duplicate window"
	case want.Replicas != got.Replicas:
		return "number of copies"
	}
	return ""
}
