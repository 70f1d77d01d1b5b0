// Package email turns a job into one mail and records what became of it.
//
// A job holds ids only. Service.Handle reads what is true now, renders text, HTML and a calendar entry, hands the mail to a
// Sender (a folder of .eml files, or an SMTP server) and notes the outcome as a delivery. The ticket in a link is computed
// here, at the last moment, and lives nowhere else.
//
// The same job may come twice. A delivery that was sent is not sent again; one whose outcome was lost is, with the same
// Message-ID, so that a mail program can show it once. What can never succeed is a *Permanent error; everything else is
// worth another attempt. The package knows no queue: whoever calls Handle decides when to call again.
package email
