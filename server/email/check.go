package email

import (
	"context"
	"errors"
	"fmt"

	"github.com/wneessen/go-mail"
)

// Check speaks with the mail server as for a mail, with TLS and password, and sends none. The error is a *Passing whose
// Detail says in plain words what is wrong. A folder has nothing to check.
func Check(ctx context.Context, sender Sender) error {
	s, smtp := sender.(smtpSender)
	if !smtp {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, conversation)
	defer cancel()
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	if err := client.DialWithContext(ctx); err != nil {
		return &Passing{Detail: fault(err).detail, Err: errors.New("email: check the mail server")}
	}
	_ = client.Close() // it has said yes; how it says goodbye changes nothing
	return nil
}

// client is set up for one conversation, which ends with ctx.
func (s smtpSender) client(ctx context.Context) (*mail.Client, error) {
	options := s.options(ctx)
	client, err := mail.NewClient(s.host, options...)
	if err != nil {
		return nil, fmt.Errorf("email: set up SMTP: %w", err)
	}
	return client, nil
}
