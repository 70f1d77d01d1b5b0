package pages

import (
	"bytes"
	"html/template"
	"slices"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// markdown turns an event's description into safe HTML. Two walls stand behind each other: goldmark drops raw HTML and
// dangerous addresses, and bluemonday then lets only the few elements through that a description needs.
type markdown struct {
	parser goldmark.Markdown
	policy *bluemonday.Policy
}

func newMarkdown() markdown {
	policy := bluemonday.NewPolicy()
	policy.AllowElements("p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "strong", "em", "code", "pre")
	policy.AllowAttrs("href").OnElements("a")
	policy.AllowURLSchemes("https", "http", "mailto")
	policy.RequireParseableURLs(true)
	policy.RequireNoFollowOnLinks(true)
	policy.RequireNoReferrerOnLinks(true)
	return markdown{parser: goldmark.New(), policy: policy}
}

// render answers "" for text that cannot be rendered: an event page without its description is better than none.
func (m markdown) render(source string) template.HTML {
	src := []byte(source)
	doc := m.parser.Parser().Parse(text.NewReader(src))
	lowerHeadings(doc)
	var out bytes.Buffer
	if err := m.parser.Renderer().Render(&out, src, doc); err != nil {
		return ""
	}
	return template.HTML(m.policy.SanitizeBytes(out.Bytes()))
}

// lowerHeadings keeps the page's outline whole: the description stands under an h2, so the highest level it uses becomes
// h3, the next one it uses h4, and so on without a gap.
func lowerHeadings(doc ast.Node) {
	var headings []*ast.Heading
	var levels []int
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if h, is := n.(*ast.Heading); is && entering {
			headings = append(headings, h)
			levels = append(levels, h.Level)
		}
		return ast.WalkContinue, nil
	})
	slices.Sort(levels)
	levels = slices.Compact(levels)
	for _, h := range headings {
		h.Level = min(3+slices.Index(levels, h.Level), 6)
	}
}
