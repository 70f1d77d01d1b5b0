package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"github.com/google/uuid"

	"lyceum/server/event"
)

func eventCommand(ctx context.Context, t *toolbox, c console, args []string) error {
	actions := map[string]tool{"add": eventAdd, "move": eventMove, "cancel": eventCancel}
	if len(args) == 0 || actions[args[0]] == nil {
		return misused("write: lyceum event add, lyceum event move or lyceum event cancel. Run lyceum help.")
	}
	return actions[args[0]](ctx, t, c, args[1:])
}

// eventAdd adds an event and prints its id.
func eventAdd(ctx context.Context, t *toolbox, c console, args []string) error {
	house, err := t.store.Settings(ctx)
	if err != nil {
		return err
	}
	draft := event.Draft{TimeZone: house.TimeZone, Audience: "general", Format: "online"}
	flags := flag.NewFlagSet("event add", flag.ContinueOnError)
	flags.StringVar(&draft.Title, "title", "", "")
	flags.StringVar((*string)(&draft.Kind), "kind", "author-talk", "")
	flags.StringVar(&draft.Summary, "summary", "", "")
	flags.StringVar(&draft.Speaker, "speaker", "", "")
	flags.IntVar(&draft.Minutes, "minutes", 60, "")
	flags.IntVar(&draft.Capacity, "capacity", 50, "")
	starts := flags.String("starts", "now", "")
	if _, err := parse(flags, args); err != nil {
		return err
	}
	if draft.StartsAt, err = moment(*starts, t.now()); err != nil {
		return err
	}
	e, err := event.New(uuid.Must(uuid.NewV7()).String(), draft, t.now())
	var problems event.Problems
	if errors.As(err, &problems) {
		return misused("the event cannot be added: --%s is %s.", problems[0].Field, problems[0].Code)
	} else if err != nil {
		return err
	}
	if err := t.store.AddEvent(ctx, e); err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.out, e.ID)
	return err
}

func eventMove(ctx context.Context, t *toolbox, _ console, args []string) error {
	flags := flag.NewFlagSet("event move", flag.ContinueOnError)
	starts := flags.String("starts", "", "")
	minutes := flags.Int("minutes", 0, "")
	id, err := parse(flags, args)
	if err != nil {
		return err
	}
	startsAt, err := moment(*starts, t.now())
	if id == "" || err != nil {
		return misused("write: lyceum event move ID --starts 2027-01-31T18:00:00Z")
	}
	return t.onEvent(ctx, id, func(db eventStore, e event.Event) error {
		moved, err := e.Move(startsAt, *minutes, t.now())
		var problems event.Problems
		switch {
		case errors.Is(err, event.ErrCancelled):
			return refuse("event %s was cancelled, which is final. Add a new one.", id)
		case errors.As(err, &problems):
			return misused("the event cannot be moved: --%s is %s.", map[string]string{"startsAt": "starts", "minutes": "minutes"}[problems[0].Field], problems[0].Code)
		case err != nil:
			return err
		}
		_, err = db.MoveEvent(ctx, e.ID, moved.StartsAt, moved.EndsAt, t.now())
		return err
	})
}

func eventCancel(ctx context.Context, t *toolbox, _ console, args []string) error {
	id, err := parse(flag.NewFlagSet("event cancel", flag.ContinueOnError), args)
	if err != nil {
		return err
	}
	if id == "" {
		return misused("write: lyceum event cancel ID")
	}
	return t.onEvent(ctx, id, func(db eventStore, e event.Event) error { return db.CancelEvent(ctx, e.ID, t.now()) })
}

// eventStore is what the tools do to an event.
type eventStore interface {
	MoveEvent(ctx context.Context, id string, startsAt, endsAt, now time.Time) (event.Event, error)
	CancelEvent(ctx context.Context, id string, now time.Time) error
}

// onEvent finds an event and changes it; mails that this queues go out at once.
func (t *toolbox) onEvent(ctx context.Context, id string, act func(eventStore, event.Event) error) error {
	e, err := t.store.Event(ctx, id)
	if errors.Is(err, event.ErrNotFound) {
		return refuse("there is no event %s. lyceum event add prints the id of the one it makes.", id)
	} else if err != nil {
		return err
	}
	if err := act(t.store, e); err != nil {
		return err
	}
	t.poke()
	return nil
}

// moment reads "now" or an RFC 3339 time.
func moment(text string, now time.Time) (time.Time, error) {
	if text == "now" {
		return now.UTC().Truncate(time.Second), nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, misused("--starts %q is not a time. Write now, or a time like 2027-01-31T18:00:00Z.", text)
	}
	return t.UTC(), nil
}
