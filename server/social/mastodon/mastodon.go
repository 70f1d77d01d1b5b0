// Package mastodon speaks the part of Mastodon's client API that posting needs (docs.joinmastodon.org, read November 2026):
// the instance's limits, whose token it is, one new status, and the account's latest statuses.
//
// A status is posted with an Idempotency-Key, which the server remembers for an hour: within it the same key answers with
// the same status. Later the caller looks the status up first. It was never verified against a live server; strict
// fakes and the requests of the npm package masto stand in for one.
package mastodon

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/html"

	"lyceum/server/post"
	"lyceum/server/social/call"
)

// KeyKept is how long a key is safe to repeat: the server's hour, less what clocks may differ.
const KeyKept = 55 * time.Minute

// Client is one account on one server.
type Client struct {
	HTTP   call.Doer
	Server string // origin
	Token  string
	Now    func() time.Time
}

// Limits is what a server says about texts.
type Limits struct{ Text, Link int }

// Limits asks the server how long a text may be and what a link counts for.
func (c Client) Limits(ctx context.Context) (Limits, error) {
	a, err := c.call(ctx, http.MethodGet, "/api/v2/instance", nil, nil)
	if err != nil {
		return Limits{}, service(err)
	}
	var instance struct {
		Configuration struct {
			Statuses struct {
				Max  int `json:"max_characters"`
				Link int `json:"characters_reserved_per_url"`
			} `json:"statuses"`
		} `json:"configuration"`
	}
	if err := a.Read(&instance); err != nil {
		return Limits{}, err
	}
	l := Limits{instance.Configuration.Statuses.Max, instance.Configuration.Statuses.Link}
	if l.Text <= 0 {
		return Limits{}, &post.Fault{Code: post.FaultNoService}
	}
	return l, nil
}

// service says of a server that refuses the question every server answers that it is not one.
func service(err error) error {
	if f, is := err.(*post.Fault); is && (f.Code == post.FaultRefused || f.Code == post.FaultScope) {
		return &post.Fault{Code: post.FaultNoService, Cause: f.Cause}
	}
	return err
}

// Account is who the token belongs to.
type Account struct {
	ID   string `json:"id"`
	Name string `json:"username"`
	URL  string `json:"url"`
}

// Account asks whose token it is, and so whether it is good.
func (c Client) Account(ctx context.Context) (Account, error) {
	a, err := c.call(ctx, http.MethodGet, "/api/v1/accounts/verify_credentials", nil, nil)
	if err != nil {
		return Account{}, err
	}
	var account Account
	if err := a.Read(&account); err != nil {
		return Account{}, err
	}
	if account.ID == "" || account.Name == "" {
		return Account{}, &post.Fault{Code: post.FaultNoService}
	}
	return account, nil
}

// status is a new status; the fields in the order of the SDK.
type status struct {
	Status     string `json:"status"`
	Visibility string `json:"visibility"`
	Language   string `json:"language"`
}

// Post publishes a text under a key and answers where it can be read.
func (c Client) Post(ctx context.Context, key, text, language string) (string, error) {
	a, err := c.call(ctx, http.MethodPost, "/api/v1/statuses", map[string]string{"Idempotency-Key": key}, status{text, "public", language})
	if err != nil {
		if f, is := err.(*post.Fault); is && a.Status == http.StatusUnprocessableEntity && strings.Contains(string(a.Body), "character limit") {
			return "", &post.Fault{Code: post.FaultTooLong, Cause: f.Cause}
		}
		return "", err
	}
	var made struct {
		ID  string `json:"id"`
		URL string `json:"url"`
	}
	if err := a.Read(&made); err != nil || made.ID == "" {
		return "", &post.Fault{Code: post.FaultSilent, Passing: true, Maybe: true, Cause: err}
	}
	return made.URL, nil
}

// pagesAtMost bounds a look back: 40 statuses each, the most the server gives.
const pagesAtMost = 25

// Find looks for a text among the account's statuses since a time, and answers where it can be read, or "". When there are
// too many to look through it is a fault: not found would mean to post again.
func (c Client) Find(ctx context.Context, text string, since time.Time) (string, error) {
	account, err := c.Account(ctx)
	if err != nil {
		return "", err
	}
	want, older := strings.Join(strings.Fields(text), ""), ""
	for range pagesAtMost {
		list, err := c.page(ctx, account.ID, older)
		if err != nil {
			return "", err
		}
		for _, s := range list {
			if s.Created.Before(since.Add(-5 * time.Minute)) { // our clocks may differ
				return "", nil
			}
			if plain(s.Content) == want {
				return s.URL, nil
			}
			older = s.ID
		}
		if len(list) == 0 {
			return "", nil
		}
	}
	return "", &post.Fault{Code: post.FaultSilent, Maybe: true}
}

// shown is a status as lists have it.
type shown struct {
	ID      string    `json:"id"`
	URL     string    `json:"url"`
	Content string    `json:"content"`
	Created time.Time `json:"created_at"`
}

// page is the account's latest statuses, or those older than one.
func (c Client) page(ctx context.Context, account, older string) ([]shown, error) {
	path := "/api/v1/accounts/" + url.PathEscape(account) + "/statuses?limit=40&exclude_reblogs=true"
	if older != "" {
		path += "&max_id=" + url.QueryEscape(older)
	}
	a, err := c.call(ctx, http.MethodGet, path, nil, nil)
	if err != nil {
		return nil, err
	}
	var list []shown
	err = a.Read(&list)
	return list, err
}

// plain is the text of a status without markup and white space; Mastodon hides parts of links, but keeps them as text.
func plain(content string) string {
	var out strings.Builder
	for z := html.NewTokenizer(strings.NewReader(content)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return strings.Join(strings.Fields(out.String()), "")
		case html.TextToken:
			out.WriteString(z.Token().Data) // entities are text again
		}
	}
}

func (c Client) call(ctx context.Context, method, path string, header map[string]string, body any) (call.Answer, error) {
	all := map[string]string{"Authorization": "Bearer " + c.Token}
	for name, value := range header {
		all[name] = value
	}
	return call.JSON(ctx, c.HTTP, method, c.Server+path, all, body, c.Now())
}
