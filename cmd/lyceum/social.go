package main

import (
	"context"
	"encoding/json"

	"lyceum/server/bus"
	"lyceum/server/jobs"
	"lyceum/server/outbound"
	"lyceum/server/post"
	"lyceum/server/social"
	"lyceum/server/web"
)

// openSocial starts the service that posts to social networks, and the job that finds what is due.
func (s *site) openSocial(context.Context, bool) error {
	allow, err := outbound.ParseAllow(s.config.OutboundAllow)
	if err != nil {
		return refuse("LYCEUM_OUTBOUND_ALLOW cannot be understood. Write addresses or networks with commas between, such as 10.1.2.3:8443,10.2.0.0/16.")
	}
	s.social, err = social.New(social.Config{
		Store: s.store, HTTP: outbound.New(outbound.Config{Allow: allow}), Site: s.secret.Site,
		PublicURL: s.url, Language: "en", Now: s.now, Log: s.log,
	})
	if err != nil {
		return err
	}
	stop, err := s.bus.Consume(context.Background(), "social", "post.>", func(ctx context.Context, m bus.Message) error {
		var job jobs.Message
		if err := json.Unmarshal(m.Data, &job); err != nil {
			return bus.Drop(err)
		}
		return s.social.Handle(ctx, job.Post)
	})
	if err != nil {
		return err
	}
	s.onClose(stop)
	s.keepRunning(jobs.NewPosts(s.store, s.relay.Poke, s.now, s.log).Run)
	return nil
}

// socialDesk shows the social-posting service to the website.
type socialDesk struct{ *social.Service }

func (d socialDesk) Connect(ctx context.Context, c web.ChannelDraft) (post.Channel, error) {
	return d.Service.Connect(ctx, social.Connection(c))
}

func (d socialDesk) Plans(ctx context.Context, eventID string) ([]web.PostPlan, error) {
	plans, err := d.Service.Plans(ctx, eventID)
	shown := make([]web.PostPlan, len(plans))
	for i, p := range plans {
		shown[i] = web.PostPlan(p)
	}
	return shown, err
}
