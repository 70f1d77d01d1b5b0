package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"lyceum/rooms/token"
	"lyceum/server/event"
	"lyceum/server/registration"
	"lyceum/server/settings"
	"lyceum/server/staff"
	"lyceum/signaling/client"
)

// What the demo library is called and where it stands; both are made up.
const (
	demoLibrary = "Quillhaven Public Library"
	demoZone    = "Europe/London"
	demoStaff   = "staff@quillhaven.invalid"
	// demoWindow is how long one live talk lasts before it is made longer.
	demoWindow = 12 * time.Hour
)

//go:embed demo/programme.json
var programme []byte

// planned is one line of the demo's programme.
type planned struct {
	Live bool `json:"live"`
	event.Draft
	Days   int `json:"days"` // from today
	Hour   int `json:"hour"`
	Minute int `json:"minute"`
}

func demoCommand(ctx context.Context, c console, args []string) error {
	if len(args) > 0 {
		return misused("demo takes no words. Run lyceum help.")
	}
	cfg, err := readConfig(c.env)
	if err != nil {
		return err
	}
	if !loopback(cfg.Listen) {
		return refuse("the demo shows everybody's mail, so it runs on this machine only. Set LYCEUM_LISTEN=127.0.0.1:8080, or use lyceum serve.")
	}
	s, err := assemble(ctx, c, cfg, true)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.setUpDemo(ctx); err != nil {
		return err
	}
	talk, err := s.seedDemo(ctx)
	if err != nil {
		return err
	}
	link, err := s.demoSignIn(ctx)
	if err != nil {
		return err
	}
	working, stop := context.WithCancel(ctx)
	speaking := s.startDemoSpeaker(working, talk)
	defer func() { stop(); <-speaking }()
	s.printDemo(c, talk, link)
	return s.serve(ctx)
}

func (s *site) printDemo(c console, talk event.Event, link string) {
	fmt.Fprintf(c.err, `
%s is open. Nothing here leaves this machine.

  Events          %s/events
  Live now        %s/events/%s
  Mailbox         %s/demo/mailbox    every mail the demo sends
  Sign in         %s    staff, works once, within a day

Ctrl-C ends it. The data stays in %s.
`, s.house.Settings().Library, s.url, s.url, talk.Slug, s.url, link, s.config.Data)
}

func (s *site) demoSignIn(ctx context.Context) (string, error) {
	keys := registration.Keys{Site: s.secret.Site}
	path, err := addStaff(ctx, s.store, staff.Staff{
		ID: uuid.Must(uuid.NewV7()).String(), Email: demoStaff, Name: "Demo Librarian",
		Person: keys.Person(demoStaff), Rights: []staff.Right{staff.Admin},
	}, s.now())
	return s.url + path, err
}

// setUpDemo gives the library its name, unless somebody has given it another.
func (s *site) setUpDemo(ctx context.Context) error {
	if s.house.Settings().SetUp() {
		return nil
	}
	named, err := settings.Check(settings.Draft{Library: demoLibrary, TimeZone: demoZone, Languages: []string{"en"}, Contact: demoStaff})
	if err != nil {
		return fmt.Errorf("demo: settings: %w", err)
	}
	_, err = s.house.SaveSettings(ctx, named)
	return err
}

// seedDemo makes sure that a dozen events lie ahead and that one talk is live,
// and answers the live one. What is there already stays.
func (s *site) seedDemo(ctx context.Context) (event.Event, error) {
	var plans []planned
	if err := json.Unmarshal(programme, &plans); err != nil {
		return event.Event{}, fmt.Errorf("demo: read the programme: %w", err)
	}
	now := s.now()
	there, _, err := s.store.Upcoming(ctx, now, "", 100)
	if err != nil {
		return event.Event{}, err
	}
	titles := map[string]event.Event{}
	for _, e := range there {
		titles[e.Title] = e
	}
	var talk event.Event
	for _, p := range plans {
		e, known := titles[p.Title]
		if !known {
			if e, err = s.addPlanned(ctx, p, now); err != nil {
				return event.Event{}, fmt.Errorf("demo: add %q: %w", p.Title, err)
			}
		}
		if p.Live {
			talk = e
		}
	}
	return s.keepLive(ctx, talk)
}

func (s *site) addPlanned(ctx context.Context, p planned, now time.Time) (event.Event, error) {
	zone, err := time.LoadLocation(demoZone)
	if err != nil {
		return event.Event{}, err
	}
	p.TimeZone = demoZone
	day := now.In(zone).AddDate(0, 0, p.Days)
	p.StartsAt = time.Date(day.Year(), day.Month(), day.Day(), p.Hour, p.Minute, 0, 0, zone)
	if p.Live {
		p.StartsAt = now.Truncate(time.Minute)
	}
	e, err := event.New(uuid.Must(uuid.NewV7()).String(), p.Draft, now)
	if err != nil {
		return event.Event{}, err
	}
	if err := s.store.AddEvent(ctx, e); err != nil {
		return event.Event{}, err
	}
	return s.store.Event(ctx, e.ID)
}

// keepLive makes the talk longer when it would soon be over.
func (s *site) keepLive(ctx context.Context, talk event.Event) (event.Event, error) {
	now := s.now()
	if talk.Live(now) && talk.EndsAt.Sub(now) > demoWindow/4 {
		return talk, nil
	}
	return s.store.MoveEvent(ctx, talk.ID, talk.StartsAt, now.Add(demoWindow).Truncate(time.Minute), now)
}

// startDemoSpeaker publishes the synthetic speaker into the talk, over
// loopback and by WHIP like anybody, until ctx ends. The channel closes when
// it has left.
func (s *site) startDemoSpeaker(ctx context.Context, talk event.Event) <-chan struct{} {
	left := make(chan struct{})
	go func() {
		defer close(left)
		s.keepTalking(ctx, talk)
	}()
	go func() {
		for tick := time.NewTicker(time.Minute); ; {
			select {
			case <-ctx.Done():
				tick.Stop()
				return
			case <-tick.C:
				if kept, err := s.keepLive(ctx, talk); err == nil {
					talk = kept
				}
			}
		}
	}()
	return left
}

func (s *site) keepTalking(ctx context.Context, talk event.Event) {
	where := func() (client.WHIP, error) {
		text, err := s.minter.Mint(token.Claims{Participant: "demo-speaker", Name: "Tock Pendulum", Person: "demo-speaker", Room: talk.ID, Role: "speaker"}, tokenLife)
		return client.WHIP{URL: s.url + "/whip/" + talk.ID, Token: text, Loopback: true, Log: s.log}, err
	}
	client.KeepPublishing(ctx, where, client.Speaker())
}
