package social

import (
	"context"
	"net/url"
	"time"

	"lyceum/server/post"
	"lyceum/server/social/bluesky"
	"lyceum/server/social/mastodon"
)

// account is a channel that can be posted to. check answers the channel as the service describes it; find looks for a
// post of which an attempt may have arrived, and answers its link or ""; all errors are *post.Fault.
type account interface {
	check(ctx context.Context) (post.Channel, error)
	find(ctx context.Context, p post.Post, now time.Time) (string, error)
	post(ctx context.Context, p post.Post, language string) (string, error)
}

// account opens a channel's credentials.
func (s *Service) account(c post.Channel, sealed string) (account, error) {
	creds, err := s.sealer.open(sealed, c.Service+" "+c.Server)
	if err != nil {
		return nil, &post.Fault{Code: post.FaultUnreadable, Cause: err}
	}
	if c.Service != post.Bluesky {
		return s.adapter(c, creds), nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	client, kept := s.sessions[sealed]
	if !kept {
		client = s.bluesky(c, creds)
		s.sessions[sealed] = client
	}
	return blueskyAccount{c, client}, nil
}

func (s *Service) adapter(c post.Channel, creds credentials) account {
	if c.Service == post.Bluesky {
		return blueskyAccount{c, s.bluesky(c, creds)}
	}
	return mastodonAccount{c, mastodon.Client{HTTP: s.HTTP, Server: c.Server, Token: creds.Secret, Now: s.Now}}
}

func (s *Service) bluesky(c post.Channel, creds credentials) *bluesky.Client {
	return &bluesky.Client{HTTP: s.HTTP, Server: c.Server, Identifier: creds.Identifier, Password: creds.Secret, Now: s.Now}
}

type mastodonAccount struct {
	channel post.Channel
	client  mastodon.Client
}

func (m mastodonAccount) check(ctx context.Context) (post.Channel, error) {
	limits, err := m.client.Limits(ctx)
	if err != nil {
		return post.Channel{}, err
	}
	who, err := m.client.Account(ctx)
	if err != nil {
		return post.Channel{}, err
	}
	c := m.channel
	c.TextLimit, c.LinkLength = limits.Text, limits.Link
	c.Account = who.Name
	if u, err := url.Parse(c.Server); err == nil {
		c.Account += "@" + u.Host
	}
	return c, nil
}

// find is needed only when the server has forgotten the key; until then posting again is the better look.
func (m mastodonAccount) find(ctx context.Context, p post.Post, now time.Time) (string, error) {
	if now.Sub(p.MaybeAt) < mastodon.KeyKept {
		return "", nil
	}
	return m.client.Find(ctx, p.Text, p.TriedAt)
}

func (m mastodonAccount) post(ctx context.Context, p post.Post, language string) (string, error) {
	return m.client.Post(ctx, p.ID, p.Text, language)
}

type blueskyAccount struct {
	channel post.Channel
	client  *bluesky.Client
}

func (b blueskyAccount) check(ctx context.Context) (post.Channel, error) {
	session, err := b.client.SignIn(ctx)
	if err != nil {
		return post.Channel{}, err
	}
	c := b.channel
	c.Account, c.TextLimit, c.LinkLength = session.Handle, bluesky.MaxText, 0
	return c, nil
}

// find is never needed: the record's key makes a repetition harmless at any time.
func (blueskyAccount) find(context.Context, post.Post, time.Time) (string, error) { return "", nil }

func (b blueskyAccount) post(ctx context.Context, p post.Post, language string) (string, error) {
	return b.client.Post(ctx, bluesky.Key(p.ID, p.CreatedAt), bluesky.NewRecord(p.Text, language, p.TriedAt))
}
