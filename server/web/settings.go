package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"lyceum/server/registration"
	"lyceum/server/settings"
)

// mailWithin is what a test mail may take; the pages wait that long for an answer.
const mailWithin = 7 * time.Second

// Settings is what the library says about itself, as the console shows it.
type Settings struct {
	Library   string   `json:"library"`
	TimeZone  string   `json:"timeZone"`
	Languages []string `json:"languages" doc:"BCP 47."`
	Contact   string   `json:"contact"`
	Accent    string   `json:"accent" doc:"#rrggbb, or empty for the house's own."`
	Privacy   string   `json:"privacy" doc:"Markdown."`
	Sender    string   `json:"sender" doc:"The name mails come from; empty means the library's."`
	SetUp     bool     `json:"setUp" doc:"Whether somebody has saved them."`
	Known     []string `json:"known" doc:"The languages one can choose."`
	Open      bool     `json:"open" doc:"Whether registrations are taken."`
	Mail      Mail     `json:"mail"`
}

type settingsOutput struct{ Body Settings }

type settingsInput struct {
	Body struct {
		Library   string   `json:"library" maxLength:"1000"`
		TimeZone  string   `json:"timeZone" maxLength:"100"`
		Languages []string `json:"languages" maxItems:"20"`
		Contact   string   `json:"contact,omitempty" maxLength:"1000"`
		Accent    string   `json:"accent,omitempty" maxLength:"20"`
		Privacy   string   `json:"privacy,omitempty" maxLength:"40000"`
		Sender    string   `json:"sender,omitempty" maxLength:"1000"`
	}
}

type testMailInput struct {
	Body struct {
		To string `json:"to,omitempty" maxLength:"500" doc:"Where to; empty means one's own address."`
	}
}

func (s *site) settingsRoutes(a *api) {
	const path = "/api/staff/settings"
	handle(a, operation("settings", http.MethodGet, path, "What the library says about itself", http.StatusOK, 401), s.settings)
	handle(a, operation("save-settings", http.MethodPut, path, "Change what the library says about itself", http.StatusOK, 401, 403, 413, 415), s.saveSettings)
	handle(a, operation("test-mail", http.MethodPost, "/api/staff/test-mail", "Send a test mail now", http.StatusOK, 401, 403, 413, 415, 429, 502), s.testMail)
}

func (s *site) settings(context.Context, *empty) (*settingsOutput, error) {
	return &settingsOutput{Body: s.showSettings(s.House.Settings())}, nil
}

func (s *site) showSettings(now settings.Settings) Settings {
	return Settings{
		Library: now.Library, TimeZone: now.TimeZone, Languages: append([]string{}, now.Languages...), Contact: now.Contact,
		Accent: now.Accent, Privacy: now.Privacy, Sender: now.Sender, SetUp: now.SetUp(),
		Known: settings.Languages(), Open: s.House.Open(), Mail: s.House.Mail(),
	}
}

func (s *site) saveSettings(ctx context.Context, in *settingsInput) (*settingsOutput, error) {
	checked, err := settings.Check(settings.Draft{
		Library: in.Body.Library, TimeZone: in.Body.TimeZone, Languages: in.Body.Languages, Contact: in.Body.Contact,
		Accent: in.Body.Accent, Privacy: in.Body.Privacy, Sender: in.Body.Sender,
	})
	if err != nil {
		return nil, err
	}
	saved, err := s.House.SaveSettings(ctx, checked)
	if err != nil {
		return nil, err
	}
	return &settingsOutput{Body: s.showSettings(saved)}, nil
}

// testMail sends to the administrator who asks, or to an address they name. It is limited like sign-in links, because
// it mails on demand.
func (s *site) testMail(ctx context.Context, in *testMailInput) (*settingsOutput, error) {
	to := in.Body.To
	if to == "" {
		to = visitorFrom(ctx).staff.Email
	}
	applicant, err := registration.Parse("staff", to)
	if err != nil {
		return nil, err
	}
	if err := s.limits.sign.take(s.Keys.Person(applicant.Email)); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, mailWithin)
	defer cancel()
	if err := s.House.TestMail(ctx, applicant.Email); err != nil {
		var plain interface{ Plain() string }
		if !errors.As(err, &plain) {
			return nil, err
		}
		p := newProblem(codeMailFailed)
		p.Detail = plain.Plain()
		return nil, p
	}
	return s.settings(ctx, nil)
}
