package social

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"lyceum/server/event"
	"lyceum/server/post"
)

// Plan is one place for a post on an event's page: the post itself, or the draft of one that staff may approve.
type Plan struct {
	Channel post.Channel
	Moment  string
	DueAt   time.Time
	Draft   string     // the text to begin with
	Post    *post.Post // nil until staff approve
	Moot    string     // why no post can go out any more, or ""
}

// Plans lists every connected channel and moment of an event, and what was posted to channels that are gone since.
func (s *Service) Plans(ctx context.Context, eventID string) ([]Plan, error) {
	e, err := s.Store.Event(ctx, eventID)
	if err != nil {
		return nil, err
	}
	channels, err := s.Store.Channels(ctx)
	if err != nil {
		return nil, err
	}
	shown, err := s.Store.PostsOfEvent(ctx, e.ID)
	if err != nil {
		return nil, err
	}
	byPlace := map[[2]string]post.Shown{}
	for _, p := range shown {
		byPlace[[2]string{p.Channel.ID, p.Post.Moment}] = p
	}
	var out []Plan
	for _, c := range channels {
		for _, moment := range post.Moments() {
			plan := s.plan(e, c, moment)
			if p, there := byPlace[[2]string{c.ID, moment}]; there {
				plan.Post = &p.Post
			}
			out = append(out, plan)
		}
	}
	for _, p := range shown {
		if !p.Channel.RemovedAt.IsZero() {
			plan := s.plan(e, p.Channel, p.Post.Moment)
			plan.Post, plan.Moot = &p.Post, post.FaultDisconnected
			out = append(out, plan)
		}
	}
	return out, nil
}

func (s *Service) plan(e event.Event, c post.Channel, moment string) Plan {
	now := s.Now()
	return Plan{
		Channel: c, Moment: moment, DueAt: post.DueAt(e, moment, now), Moot: post.Moot(e, moment, now),
		Draft: post.Draft(e, moment, s.page(e), c.TextLimit, Measure(c)),
	}
}

// page is the event's public page, the one link that posts carry.
func (s *Service) page(e event.Event) string { return s.PublicURL + "/events/" + e.Slug }

// Approve lets a text go out: at once for an announcement, else when its moment comes. The error is event.Problems for a
// text that may not go out, post.ErrOut when it is too late to change it, or the *post.Fault of a moment that has passed.
func (s *Service) Approve(ctx context.Context, eventID, channelID, moment, text, staffID string) (post.Post, error) {
	e, err := s.Store.Event(ctx, eventID)
	if err != nil {
		return post.Post{}, err
	}
	c, _, err := s.Store.Channel(ctx, channelID)
	if err != nil {
		return post.Post{}, err
	}
	if err := removed(c); err != nil {
		return post.Post{}, err
	}
	if moment != post.Announced && moment != post.HourBefore {
		return post.Post{}, event.Problems{{Field: "moment", Code: event.CodeUnknown}}
	}
	if ps := post.Problems(text, s.PublicURL, c.TextLimit, Measure(c)); ps != nil {
		return post.Post{}, ps
	}
	if why := post.Moot(e, moment, s.Now()); why != "" {
		return post.Post{}, &post.Fault{Code: why}
	}
	id, err := uuid.NewV7()
	if err != nil {
		return post.Post{}, fmt.Errorf("social: make a post id: %w", err)
	}
	return s.Store.ApprovePost(ctx, post.Post{
		ID: id.String(), EventID: e.ID, ChannelID: c.ID, Moment: moment, Text: text, ApprovedBy: staffID,
	}, s.Now())
}

// Retry makes another attempt of a post that failed or whose outcome is unknown.
func (s *Service) Retry(ctx context.Context, id string) error {
	return s.Store.RetryPost(ctx, id, s.Now())
}

// Withdraw forgets a post that has not been tried yet.
func (s *Service) Withdraw(ctx context.Context, id string) error { return s.Store.DropPost(ctx, id) }

// Posts lists posts of all events, newest first.
func (s *Service) Posts(ctx context.Context, limit int) ([]post.Shown, error) {
	return s.Store.Posts(ctx, limit)
}
