package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"lyceum/server/post"
)

// Social is the part of the house that posts to social networks. Its errors are event.Problems, *post.Fault and the
// errors of package post.
type Social interface {
	Channels(ctx context.Context) ([]post.Channel, error)
	Connect(ctx context.Context, c ChannelDraft) (post.Channel, error)
	Check(ctx context.Context, id string) (post.Channel, error)
	Disconnect(ctx context.Context, id string) error
	Plans(ctx context.Context, eventID string) ([]PostPlan, error)
	Approve(ctx context.Context, eventID, channelID, moment, text, staffID string) (post.Post, error)
	Withdraw(ctx context.Context, id string) error
	Retry(ctx context.Context, id string) error
	Posts(ctx context.Context, limit int) ([]post.Shown, error)
}

// ChannelDraft is a channel as staff type it. The secret goes in and never comes out.
type ChannelDraft struct {
	Service string `json:"service" enum:"mastodon,bluesky"`
	Server  string `json:"server" maxLength:"300" doc:"The server's address, such as https://mastodon.example."`
	Handle  string `json:"handle,omitempty" maxLength:"300" doc:"Bluesky only."`
	Secret  string `json:"secret" maxLength:"1000" doc:"Access token (Mastodon) or app password (Bluesky)."`
}

// PostPlan is one place for a post: a channel and a moment, with the post or the draft of one.
type PostPlan struct {
	Channel post.Channel
	Moment  string
	DueAt   time.Time
	Draft   string
	Post    *post.Post
	Moot    string
}

// Channel is a connected account as the console shows it.
type Channel struct {
	ID         string    `json:"id"`
	Service    string    `json:"service"`
	Server     string    `json:"server"`
	Account    string    `json:"account"`
	TextLimit  int       `json:"textLimit"`
	LinkLength int       `json:"linkLength"`
	Fault      string    `json:"fault" doc:"Code of what the last check found; empty when all is well."`
	CheckedAt  time.Time `json:"checkedAt"`
}

// Post is a post, or on an event's page the draft of one, as the console shows it.
type Post struct {
	ID        string     `json:"id,omitempty"`
	EventID   string     `json:"eventId,omitempty"`
	Channel   Channel    `json:"channel"`
	Moment    string     `json:"moment" enum:"announced,hour-before"`
	Text      string     `json:"text"`
	State     string     `json:"state" enum:"draft,planned,sending,sent,failed,unknown"`
	Attempts  int        `json:"attempts"`
	Fault     string     `json:"fault" doc:"Code of what went wrong, or of why no post can go out; empty for nothing."`
	Link      string     `json:"link,omitempty" doc:"Where the post can be read."`
	DueAt     *time.Time `json:"dueAt,omitempty"`
	NextAt    *time.Time `json:"nextAt,omitempty" doc:"When the next attempt begins."`
	Again     bool       `json:"again" doc:"Whether another attempt can be asked for."`
	UpdatedAt *time.Time `json:"updatedAt,omitempty"`
}

type (
	channelInput   struct{ Body ChannelDraft }
	channelIDInput struct {
		ID string `path:"id" maxLength:"64"`
	}
	channelOutput  struct{ Body Channel }
	channelsOutput struct {
		Body struct {
			Items []Channel `json:"items"`
		}
	}
	postsOutput struct {
		Body struct {
			Items []Post `json:"items"`
		}
	}
	approveInput struct {
		ID   string `path:"id" maxLength:"200"`
		Body struct {
			Channel string `json:"channel" maxLength:"64"`
			Moment  string `json:"moment" enum:"announced,hour-before"`
			Text    string `json:"text" maxLength:"20000"`
		}
	}
	noContent struct{}
)

func (s *site) socialRoutes(a *api) {
	const channels, posts = "/api/staff/channels", "/api/staff/posts"
	handle(a, operation("list-channels", http.MethodGet, channels, "Connected social accounts", http.StatusOK, 401, 403), s.listChannels)
	handle(a, operation("connect-channel", http.MethodPost, channels, "Connect a social account", http.StatusCreated, 401, 403, 409), s.connectChannel)
	handle(a, operation("check-channel", http.MethodPost, channels+"/{id}/check", "Try an account's credentials", http.StatusOK, 401, 403, 404), s.checkChannel)
	handle(a, operation("disconnect-channel", http.MethodDelete, channels+"/{id}", "Erase an account's credentials", http.StatusNoContent, 401, 403, 404), s.disconnectChannel)
	handle(a, operation("list-event-posts", http.MethodGet, "/api/staff/events/{id}/posts", "An event's posts and drafts", http.StatusOK, 401, 403, 404), s.eventPosts)
	handle(a, operation("approve-post", http.MethodPost, "/api/staff/events/{id}/posts", "Let a text go out", http.StatusOK, 401, 403, 404, 409), s.approvePost)
	handle(a, operation("list-posts", http.MethodGet, posts, "What was posted lately", http.StatusOK, 401, 403), s.listPosts)
	handle(a, operation("retry-post", http.MethodPost, posts+"/{id}/retry", "Try a post again", http.StatusNoContent, 401, 403, 404, 409), s.retryPost)
	handle(a, operation("withdraw-post", http.MethodDelete, posts+"/{id}", "Take a planned post back", http.StatusNoContent, 401, 403, 409), s.withdrawPost)
}

func (s *site) listChannels(ctx context.Context, _ *empty) (*channelsOutput, error) {
	list, err := s.Social.Channels(ctx)
	if err != nil {
		return nil, err
	}
	out := &channelsOutput{}
	out.Body.Items = make([]Channel, len(list))
	for i, c := range list {
		out.Body.Items[i] = showChannel(c)
	}
	return out, nil
}

func (s *site) connectChannel(ctx context.Context, in *channelInput) (*channelOutput, error) {
	c, err := s.Social.Connect(ctx, in.Body)
	if err != nil {
		return nil, channelProblem(err)
	}
	return &channelOutput{showChannel(c)}, nil
}

func (s *site) checkChannel(ctx context.Context, in *channelIDInput) (*channelOutput, error) {
	c, err := s.Social.Check(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &channelOutput{showChannel(c)}, nil
}

func (s *site) disconnectChannel(ctx context.Context, in *channelIDInput) (*noContent, error) {
	return nil, s.Social.Disconnect(ctx, in.ID)
}

func (s *site) eventPosts(ctx context.Context, in *eventInput) (*postsOutput, error) {
	plans, err := s.Social.Plans(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &postsOutput{}
	out.Body.Items = make([]Post, len(plans))
	for i, plan := range plans {
		shown := Post{Channel: showChannel(plan.Channel), Moment: plan.Moment, Text: plan.Draft, State: "draft", Fault: plan.Moot}
		if plan.Post != nil {
			shown = showPost(post.Shown{Post: *plan.Post, Channel: plan.Channel})
		}
		shown.DueAt = timeOrNil(plan.DueAt)
		out.Body.Items[i] = shown
	}
	return out, nil
}

func (s *site) approvePost(ctx context.Context, in *approveInput) (*struct{ Body Post }, error) {
	p, err := s.Social.Approve(ctx, in.ID, in.Body.Channel, in.Body.Moment, in.Body.Text, visitorFrom(ctx).staff.ID)
	if err != nil {
		return nil, channelProblem(err)
	}
	s.Poke()
	return &struct{ Body Post }{showPost(post.Shown{Post: p})}, nil
}

func (s *site) listPosts(ctx context.Context, _ *empty) (*postsOutput, error) {
	list, err := s.Social.Posts(ctx, listLimit)
	if err != nil {
		return nil, err
	}
	out := &postsOutput{}
	out.Body.Items = make([]Post, len(list))
	for i, p := range list {
		out.Body.Items[i] = showPost(p)
	}
	return out, nil
}

func (s *site) retryPost(ctx context.Context, in *channelIDInput) (*noContent, error) {
	if err := s.Social.Retry(ctx, in.ID); err != nil {
		return nil, err
	}
	s.Poke()
	return nil, nil
}

func (s *site) withdrawPost(ctx context.Context, in *channelIDInput) (*noContent, error) {
	return nil, s.Social.Withdraw(ctx, in.ID)
}

// channelProblem answers a service's fault with its code as the field error of the whole form.
func channelProblem(err error) error {
	var f *post.Fault
	if !errors.As(err, &f) {
		return err
	}
	p := newProblem(codeChannel)
	p.Errors = []FieldError{{Field: "channel", Code: f.Code, Detail: p.Detail}}
	return p
}

func showChannel(c post.Channel) Channel {
	return Channel{ID: c.ID, Service: c.Service, Server: c.Server, Account: c.Account, TextLimit: c.TextLimit, LinkLength: c.LinkLength, Fault: c.Fault, CheckedAt: c.CheckedAt}
}

func showPost(p post.Shown) Post {
	return Post{
		ID: p.Post.ID, EventID: p.Post.EventID, Channel: showChannel(p.Channel), Moment: p.Post.Moment, Text: p.Post.Text,
		State: p.Post.State, Attempts: p.Post.Attempts, Fault: p.Post.Fault, Link: p.Post.Link,
		NextAt: timeOrNil(p.Post.NextAt), Again: p.Post.Again(), UpdatedAt: timeOrNil(p.Post.UpdatedAt),
	}
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// noSocial is a house that posts nowhere.
type noSocial struct{}

func (noSocial) Channels(context.Context) ([]post.Channel, error) { return nil, nil }
func (noSocial) Connect(context.Context, ChannelDraft) (post.Channel, error) {
	return post.Channel{}, post.ErrNotFound
}
func (noSocial) Check(context.Context, string) (post.Channel, error) {
	return post.Channel{}, post.ErrNotFound
}
func (noSocial) Disconnect(context.Context, string) error          { return post.ErrNotFound }
func (noSocial) Plans(context.Context, string) ([]PostPlan, error) { return nil, nil }
func (noSocial) Withdraw(context.Context, string) error            { return post.ErrNotFound }
func (noSocial) Retry(context.Context, string) error               { return post.ErrNotFound }
func (noSocial) Posts(context.Context, int) ([]post.Shown, error)  { return nil, nil }
func (noSocial) Approve(context.Context, string, string, string, string, string) (post.Post, error) {
	return post.Post{}, post.ErrNotFound
}
