package email

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"
)

const (
	smtpPort  = 587 // submission with STARTTLS, RFC 6409
	smtpsPort = 465 // submission over TLS, RFC 8314
	// conversation bounds one mail from the first byte of the connection to the last answer.
	conversation = 25 * time.Second
)

type smtpSender struct {
	host     string
	port     int
	implicit bool // TLS from the first byte
	policy   mail.TLSPolicy
	user     string
	password string
	signsIn  bool
}

// NewSMTPSender sends through the server in an address like smtp://user:password@host:587 (STARTTLS) or smtps://host:465 (TLS
// from the start). With a user name or over smtps nothing is sent without a certificate that the system trusts. Without a user
// name, smtp:// uses STARTTLS when the server offers it: that is for a relay on the same machine or network.
func NewSMTPSender(address string) (Sender, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("email: LYCEUM_MAIL_URL cannot be read; write it like smtp://user:password@host:587") // err shows the password
	}
	s := smtpSender{host: u.Hostname(), port: smtpPort, policy: mail.TLSOpportunistic}
	switch u.Scheme {
	case "smtp":
	case "smtps":
		s.implicit, s.port = true, smtpsPort
	default:
		return nil, fmt.Errorf("email: LYCEUM_MAIL_URL begins with %q; it must be file:, smtp:// or smtps://", u.Scheme)
	}
	if s.host == "" || (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("email: LYCEUM_MAIL_URL needs a host and nothing after its port, like smtp://user:password@host:587")
	}
	if u.Port() != "" {
		if s.port, err = strconv.Atoi(u.Port()); err != nil || s.port < 1 || s.port > 65535 {
			return nil, fmt.Errorf("email: LYCEUM_MAIL_URL has no usable port")
		}
	}
	if u.User != nil {
		s.signsIn, s.user = true, u.User.Username()
		s.password, _ = u.User.Password()
		if !s.implicit {
			s.policy = mail.TLSMandatory // never a password in the clear
		}
	}
	return s, nil
}

// Send opens a connection for this one mail: libraries send few, and a fresh connection has no old state to go wrong.
func (s smtpSender) Send(ctx context.Context, msg *mail.Msg) error {
	ctx, cancel := context.WithTimeout(ctx, conversation)
	defer cancel()
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if err != nil && !msg.IsDelivered() { // once the server has said 250, a broken farewell changes nothing
		return fmt.Errorf("email: send by SMTP: %w", err)
	}
	return nil
}

func (s smtpSender) options(ctx context.Context) []mail.Option {
	options := []mail.Option{
		mail.WithPort(s.port), mail.WithTimeout(conversation), mail.WithTLSPolicy(s.policy),
		mail.WithDialContextFunc(s.dialer(ctx)), mail.WithoutNoop(),
	}
	if s.policy == mail.TLSOpportunistic && !s.implicit {
		// Nothing secret is told to such a server, and plain text is its alternative: encryption with whatever certificate it has
		// is better (RFC 7435). Mail relays on the same machine mostly have a self-made one.
		options = append(options, mail.WithTLSConfig(&tls.Config{ServerName: s.host, InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}))
	}
	if s.signsIn {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.user), mail.WithPassword(s.password))
	}
	return options
}

// dialer ties the connection to ctx for its whole life; the client itself looks at a context only while it dials.
func (s smtpSender) dialer(whole context.Context) mail.DialContextFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		context.AfterFunc(whole, func() { _ = conn.Close() }) // already closed when all went well
		if !s.implicit {
			return conn, nil
		}
		secure := tls.Client(conn, &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12})
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return nil, err
		}
		return secure, nil
	}
}
