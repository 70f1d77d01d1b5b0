package social

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"lyceum/server/event"
	"lyceum/server/post"
	"lyceum/server/social/bluesky"
	"lyceum/server/social/call"
)

// Store is what the service reads and writes; see the methods of the same names in package store.
type Store interface {
	Event(ctx context.Context, idOrSlug string) (event.Event, error)
	AddChannel(ctx context.Context, c post.Channel, sealed string) (post.Channel, error)
	Channels(ctx context.Context) ([]post.Channel, error)
	Channel(ctx context.Context, id string) (c post.Channel, sealed string, err error)
	NoteChannel(ctx context.Context, c post.Channel) error
	RemoveChannel(ctx context.Context, id string, now time.Time) error
	ApprovePost(ctx context.Context, p post.Post, now time.Time) (post.Post, error)
	RetryPost(ctx context.Context, id string, now time.Time) error
	DropPost(ctx context.Context, id string) error
	BeginPost(ctx context.Context, id string, now time.Time) (post.Post, error)
	FinishPost(ctx context.Context, id string, o post.Outcome, now time.Time) error
	PostsOfEvent(ctx context.Context, eventID string) ([]post.Shown, error)
	Posts(ctx context.Context, limit int) ([]post.Shown, error)
}

// Config is everything a Service works with; every field is needed.
type Config struct {
	Store     Store
	HTTP      call.Doer
	Site      []byte // the site key
	PublicURL string
	Language  string // of the texts, such as "en" (BCP 47)
	Now       func() time.Time
	Log       *slog.Logger
}

// giveUpAfter is how long a post is tried. Later it would be news of yesterday.
const giveUpAfter = 24 * time.Hour

// noteWithin is what writing down an outcome may take when the service is being stopped.
const noteWithin = 2 * time.Second

// Service connects channels and posts to them. It may be used by many goroutines.
type Service struct {
	Config
	sealer sealer

	mu       sync.Mutex
	sessions map[string]*bluesky.Client // by sealed credentials: new ones never meet an old session
}

// New checks the configuration.
func New(c Config) (*Service, error) {
	s, err := newSealer(c.Site)
	if err != nil {
		return nil, err
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	return &Service{Config: c, sealer: s, sessions: map[string]*bluesky.Client{}}, nil
}

// Handle makes one attempt of the post with that id, unless another is under way or none is due. Whatever comes of it is
// written down, with the time of the next attempt where there is one; an error is a fault of our own store.
func (s *Service) Handle(ctx context.Context, id string) error {
	p, err := s.Store.BeginPost(ctx, id, s.Now())
	if errors.Is(err, post.ErrBusy) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("social: begin post %s: %w", id, err)
	}
	e, err := s.Store.Event(ctx, p.EventID)
	if err != nil {
		return fmt.Errorf("social: post %s: %w", id, err)
	}
	link, err := s.attempt(ctx, p, e)
	return s.finish(ctx, p, s.outcome(p, link, err))
}

// attempt posts, or finds that an earlier attempt did.
func (s *Service) attempt(ctx context.Context, p post.Post, e event.Event) (string, error) {
	c, sealed, err := s.Store.Channel(ctx, p.ChannelID)
	switch {
	case err != nil:
		return "", &post.Fault{Code: post.FaultServer, Passing: true, Cause: err}
	case !c.RemovedAt.IsZero():
		return "", &post.Fault{Code: post.FaultDisconnected}
	}
	if why := post.Moot(e, p.Moment, s.Now()); why != "" && p.MaybeAt.IsZero() {
		return "", &post.Fault{Code: why}
	}
	account, err := s.account(c, sealed)
	if err != nil {
		return "", err
	}
	if !p.MaybeAt.IsZero() {
		link, err := account.find(ctx, p, s.Now())
		if err != nil || link != "" {
			return link, lookup(err)
		}
		if why := post.Moot(e, p.Moment, s.Now()); why != "" {
			return "", &post.Fault{Code: why}
		}
	}
	return account.post(ctx, p, s.Language)
}

// lookup is a fault of looking for a post: what that post is stays unknown.
func lookup(err error) error {
	var f *post.Fault
	if errors.As(err, &f) {
		return &post.Fault{Code: f.Code, Passing: f.Passing, Maybe: true, After: f.After, Cause: f.Cause}
	}
	return err
}

// outcome is what an attempt's end means for the post.
func (s *Service) outcome(p post.Post, link string, err error) post.Outcome {
	now := s.Now()
	if err == nil {
		return post.Outcome{State: post.Sent, Link: link}
	}
	var f *post.Fault
	if !errors.As(err, &f) {
		f = &post.Fault{Code: post.FaultServer, Passing: true, Maybe: true, Cause: err}
	}
	s.Log.Warn("social: not posted", "post", p.ID, "fault", f.Code, "attempt", p.Attempts)
	o := post.Outcome{State: post.Failed, Fault: f.Code, MaybeAt: p.MaybeAt}
	if f.Maybe {
		o.State = post.Unknown
		if p.MaybeAt.IsZero() {
			o.MaybeAt = now
		}
	}
	if f.Passing && now.Sub(p.TriedAt) < giveUpAfter {
		o.NextAt = now.Add(post.Pause(p.Attempts, f.After))
	}
	return o
}

// finish notes the outcome also when ctx has just ended.
func (s *Service) finish(ctx context.Context, p post.Post, o post.Outcome) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteWithin)
	defer cancel()
	if err := s.Store.FinishPost(ctx, p.ID, o, s.Now()); err != nil {
		return fmt.Errorf("social: finish post %s: %w", p.ID, err)
	}
	return nil
}

// Connection is what staff type to connect a channel.
type Connection struct {
	Service string
	Server  string
	Handle  string // Bluesky only
	Secret  string // access token or app password
}

// Connect tries the credentials at the service and keeps them sealed when they are good. The error is event.Problems for
// what was typed, or the *post.Fault that the service gave.
func (s *Service) Connect(ctx context.Context, in Connection) (post.Channel, error) {
	server, ps := origin(in.Server), event.Problems{}
	if in.Service != post.Mastodon && in.Service != post.Bluesky {
		ps.Add("service", event.CodeUnknown)
	}
	if server == "" {
		ps.Add("server", event.CodeUnknown)
	}
	creds := credentials{Secret: strings.TrimSpace(in.Secret)}
	if creds.Secret == "" || strings.ContainsAny(creds.Secret, " \r\n\t") {
		ps.Add("secret", event.CodeRequired)
	}
	if in.Service == post.Bluesky {
		if creds.Identifier = strings.TrimPrefix(strings.TrimSpace(in.Handle), "@"); creds.Identifier == "" {
			ps.Add("handle", event.CodeRequired)
		}
	}
	if len(ps) > 0 {
		return post.Channel{}, ps
	}
	id, err := uuid.NewV7()
	if err != nil {
		return post.Channel{}, fmt.Errorf("social: make a channel id: %w", err)
	}
	now := s.Now()
	c := post.Channel{ID: id.String(), Service: in.Service, Server: server, CheckedAt: now, CreatedAt: now}
	if c, err = s.adapter(c, creds).check(ctx); err != nil {
		return post.Channel{}, err
	}
	sealed, err := s.sealer.seal(creds, c.Service+" "+c.Server)
	if err != nil {
		return post.Channel{}, err
	}
	return s.Store.AddChannel(ctx, c, sealed)
}

// origin cleans a server's address: the scheme may be left out; a path, a user or nonsense answers "".
func origin(text string) string {
	text = strings.TrimRight(strings.TrimSpace(text), "/")
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return u.Scheme + "://" + strings.ToLower(u.Host)
}

// Check asks the service whether the credentials still work and how long a text may be, and keeps the answer.
func (s *Service) Check(ctx context.Context, id string) (post.Channel, error) {
	c, sealed, err := s.Store.Channel(ctx, id)
	if err != nil || !c.RemovedAt.IsZero() {
		return post.Channel{}, errors.Join(err, removed(c))
	}
	found := c
	account, err := s.account(c, sealed)
	if err == nil {
		found, err = account.check(ctx)
	}
	var f *post.Fault
	switch {
	case errors.As(err, &f):
		found, found.Fault = c, f.Code
	case err != nil:
		return post.Channel{}, err
	default:
		found.Fault, found.Account = "", c.Account
	}
	found.CheckedAt = s.Now()
	return found, s.Store.NoteChannel(ctx, found)
}

func removed(c post.Channel) error {
	if c.RemovedAt.IsZero() {
		return nil
	}
	return post.ErrNotFound
}

// Channels lists the connected accounts.
func (s *Service) Channels(ctx context.Context) ([]post.Channel, error) { return s.Store.Channels(ctx) }

// Disconnect erases a channel's credentials.
func (s *Service) Disconnect(ctx context.Context, id string) error {
	return s.Store.RemoveChannel(ctx, id, s.Now())
}
