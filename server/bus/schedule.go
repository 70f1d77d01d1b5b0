package bus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A plan and what comes of it live in one stream: the server refuses a schedule whose target is elsewhere (error 10190).
const (
	remindersStream = "REMINDERS"
	planSubject     = "reminders.plan."
	dueSubject      = "reminders.due."
)

// DueReminders is the subject that Consume takes to hear of every plan whose time has come.
const DueReminders = dueSubject + ">"

// Schedule stores a message that comes up under reminders.due.NAME when at has come, at once when it is past. A second plan
// of the same name takes the place of the first. Name is one or more subject words; key travels with the message, and
// Schedules shows it, so that a caller can tell an outdated plan.
//
// There is no de-duplication by key here: a plan that was taken off and made again would be taken for a repetition.
func (b *Bus) Schedule(ctx context.Context, name, key string, at time.Time, data []byte) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	msg := nats.NewMsg(planSubject + name)
	msg.Header.Set(keyHeader, key)
	// Written by hand: the client's own option cuts the time to whole seconds and so fires up to one second early.
	msg.Header.Set("Nats-Schedule", "@at "+at.UTC().Format(time.RFC3339Nano))
	msg.Header.Set("Nats-Schedule-Target", dueSubject+name)
	msg.Data = data
	publish := func() error {
		_, err := b.js.PublishMsg(ctx, msg, jetstream.WithRetryAttempts(0))
		return err
	}
	err := publish()
	if errors.Is(err, jetstream.ErrNoStreamResponse) {
		if err = b.keepStreams(ctx); err == nil {
			err = publish()
		}
	}
	if err != nil {
		return fmt.Errorf("bus: schedule %s: %w", name, err)
	}
	return nil
}

// Unschedule takes the plan of that name off. One that is not there, or that has come up already, is no error.
func (b *Bus) Unschedule(ctx context.Context, name string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	stream, err := b.js.Stream(ctx, remindersStream)
	if err == nil {
		err = stream.Purge(ctx, jetstream.WithPurgeSubject(planSubject+name))
	}
	if err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return fmt.Errorf("bus: unschedule %s: %w", name, err)
	}
	return nil
}

// Schedules lists every plan that has not come up, by name, with its key. It asks the server once for each plan.
func (b *Bus) Schedules(ctx context.Context) (map[string]string, error) {
	stream, err := b.js.Stream(ctx, remindersStream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		if err = b.keepStreams(ctx); err == nil {
			stream, err = b.js.Stream(ctx, remindersStream)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("bus: list schedules: %w", err)
	}
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter(planSubject+">"))
	if err != nil {
		return nil, fmt.Errorf("bus: list schedules: %w", err)
	}
	plans := make(map[string]string, len(info.State.Subjects))
	for subject := range info.State.Subjects {
		msg, err := stream.GetLastMsgForSubject(ctx, subject)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue // it came up between the two questions
		}
		if err != nil {
			return nil, fmt.Errorf("bus: read schedule %s: %w", subject, err)
		}
		plans[strings.TrimPrefix(subject, planSubject)] = msg.Header.Get(keyHeader)
	}
	return plans, nil
}

// Incarnation names the memory of this bus: it stays over restarts and is another one when the streams had to be made
// anew, whatever lost them.
func (b *Bus) Incarnation(ctx context.Context) (string, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	var made []string
	for _, want := range streams(b.replicas) {
		stream, err := b.js.Stream(ctx, want.Name)
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			if err = b.keepStreams(ctx); err == nil {
				stream, err = b.js.Stream(ctx, want.Name)
			}
		}
		if err != nil {
			return "", fmt.Errorf("bus: look at stream %s: %w", want.Name, err)
		}
		made = append(made, stream.CachedInfo().Created.UTC().Format(time.RFC3339Nano))
	}
	return strings.Join(made, " "), nil
}
