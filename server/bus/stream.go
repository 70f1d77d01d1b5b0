package bus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// streams is everything that Lyceum keeps in JetStream. Each is a work queue: a message is gone once it is done, and one
// that nobody takes yet waits. (Interest retention would drop plans, which nobody consumes.)
func streams(replicas int) []jetstream.StreamConfig {
	return []jetstream.StreamConfig{{
		Name:        "MAIL",
		Description: "Mail that is due. The outbox in SQL is the truth; this is work in flight.",
		Subjects:    []string{"mail.>"},
		Retention:   jetstream.WorkQueuePolicy,
		Storage:     jetstream.FileStorage,
		Duplicates:  10 * time.Minute,
		Replicas:    replicas,
	}, {
		Name:        "POSTS",
		Description: "Posts to social networks that are due. SQL is the truth here too.",
		Subjects:    []string{"post.>"},
		Retention:   jetstream.WorkQueuePolicy,
		Storage:     jetstream.FileStorage,
		Duplicates:  10 * time.Minute,
		Replicas:    replicas,
	}, {
		Name:              remindersStream,
		Description:       "Reminders that are planned or due. The rows in SQL are the truth; this is the alarm clock.",
		Subjects:          []string{planSubject + ">", dueSubject + ">"},
		Retention:         jetstream.WorkQueuePolicy,
		Storage:           jetstream.FileStorage,
		Duplicates:        10 * time.Minute,
		Replicas:          replicas,
		AllowMsgSchedules: true,
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

// untilReady repeats a question that only a starting server leaves open. A cluster that has just come up has no leader for
// some seconds, and what it was asked meanwhile is never answered; a stream made on one server is not at once known on all.
func untilReady(ctx context.Context, ask func(context.Context) error) error {
	again := time.NewTicker(250 * time.Millisecond)
	defer again.Stop()
	for {
		once, cancel := context.WithTimeout(ctx, 2*time.Second)
		err := ask(once)
		cancel()
		if !starting(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("bus: NATS answers, but JetStream does not get ready: %w", err)
		case <-again.C:
		}
	}
}

// starting tells a server that is not ready yet from one that says no.
func starting(err error) bool {
	const noSuitablePeers = 10005 // fewer servers than copies have joined so far
	var api *jetstream.APIError
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, jetstream.ErrStreamNotFound) ||
		errors.As(err, &api) && (api.Code == 503 || api.ErrorCode == noSuitablePeers)
}

// streamOf names the stream that keeps subject, or "" when none does.
func streamOf(subject string) string {
	for _, s := range streams(1) {
		for _, kept := range s.Subjects {
			if prefix, wild := strings.CutSuffix(kept, ">"); kept == subject || wild && strings.HasPrefix(subject, prefix) {
				return s.Name
			}
		}
	}
	return ""
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
	case want.AllowMsgSchedules != got.AllowMsgSchedules:
		return "message schedules" // NATS 2.9 to 2.11 take a plan, say yes, and never fire it
	}
	return ""
}
