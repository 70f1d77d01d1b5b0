package pages

import (
	_ "embed"
	"html/template"
	"net/http"

	"github.com/gofiber/fiber/v2"
)

// operatorsGuide is for who runs the site. It is public: there is nothing secret in how to run one.
//
//go:embed docs/operators.md
var operatorsGuide string

type guideView struct{ Text template.HTML }

func (s *Site) operators(c *fiber.Ctx) error {
	return s.render(c, http.StatusOK, "guide", page{
		Title: s.texts.text("public.guide.title"), View: guideView{Text: s.markdown.render(operatorsGuide)},
	})
}
