package pages

import "io"

// RenderMarkdown is an event's description as the page shows it.
func RenderMarkdown(source string) string { return string(newMarkdown().render(source)) }

// MailText reads a mail and answers its text part and the addresses that the mailbox would make links of.
func MailText(r io.Reader, site string) (text string, links []string, err error) {
	m, err := parseMail(r)
	if err != nil {
		return "", nil, err
	}
	for _, segment := range linkify(m.text, site) {
		text += segment.Text
		if segment.Href != "" {
			links = append(links, segment.Href)
		}
	}
	return text, links, nil
}
