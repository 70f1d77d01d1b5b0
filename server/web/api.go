package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
)

const (
	openAPIPath = "/api/openapi.json"
	// maxJSON is the largest JSON body of a call, in bytes; the description of an
	// event is the longest thing anybody sends.
	maxJSON = 96 << 10
)

// api is one huma API and what its operations share.
type api struct {
	huma.API
	site *site
	errs []error // operations without a policy row
}

// mountAPI adds the JSON API and its description.
func (s *site) mountAPI(app *fiber.App) error {
	config := huma.DefaultConfig("Lyceum", "1")
	config.Info.Description = "Events, registrations, live rooms and the staff's console of one library. " +
		"Errors are RFC 9457 problem details with a stable code."
	config.Servers = []*huma.Server{{URL: s.address.origin}}
	config.CreateHooks = nil // else a $schema link in every body
	config.DocsPath = ""     // huma's docs page loads a script from another site
	config.OpenAPIPath = ""  // we serve one format, computed once
	config.SchemasPath = ""
	config.Transformers = []huma.Transformer{fromHuma}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"ticket": {Type: "http", Scheme: "bearer", Description: "The part after # of a personal link."},
		"staff":  {Type: "apiKey", In: "cookie", Name: s.address.cookie()},
	}
	a := &api{API: humafiber.NewWithGroup(app, withHead{app}, config), site: s}
	s.eventRoutes(a)
	s.registrationRoutes(a)
	s.roomRoutes(a)
	s.sessionRoutes(a)
	s.staffRoutes(a)
	s.settingsRoutes(a)
	s.banRoutes(a)
	s.socialRoutes(a)
	if err := errors.Join(a.errs...); err != nil {
		return err
	}
	return s.serveDescription(app, a)
}

// withHead gives every GET operation its HEAD, which huma's adapter leaves out.
type withHead struct{ fiber.Router }

// Add registers a route; fasthttp leaves the body out of answers to HEAD.
func (r withHead) Add(method, path string, handlers ...fiber.Handler) fiber.Router {
	if method == fiber.MethodGet {
		r.Router.Add(fiber.MethodHead, path, handlers...)
	}
	return r.Router.Add(method, path, handlers...)
}

// operation describes one call to huma. Its policy row decides who may use it.
func operation(id, method, path, summary string, status int, problems ...int) huma.Operation {
	return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, DefaultStatus: status, Errors: problems, MaxBodyBytes: maxJSON}
}

// handle registers an operation behind the guard of its policy row and turns
// every error it returns into a Problem.
func handle[I, O any](a *api, op huma.Operation, do func(context.Context, *I) (*O, error)) {
	route := op.Method + " " + strings.NewReplacer("{", ":", "}", "").Replace(op.Path)
	r, listed := a.site.policy[route]
	if !listed {
		a.errs = append(a.errs, fmt.Errorf("web: route %s has no row in the policy", route))
		return
	}
	op.Middlewares = huma.Middlewares{a.site.guard(r)}
	switch r.need {
	case ticket:
		op.Security = []map[string][]string{{"ticket": {}}}
	case signedIn, right:
		op.Security = []map[string][]string{{"staff": {}}}
	case ticketOrHost:
		op.Security = []map[string][]string{{"ticket": {}}, {"staff": {}}}
	}
	huma.Register(a.API, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, in)
		if err == nil {
			return out, nil
		}
		p := problemOf(err)
		if p.Status >= http.StatusInternalServerError {
			a.site.Log.Error("request failed", "route", route, "request", requestFrom(ctx).id, "error", err.Error())
		}
		return nil, p
	})
}

// serveDescription writes the OpenAPI document once. huma describes errors by its
// own model, which no answer has; ours takes its place.
func (s *site) serveDescription(app *fiber.App, a *api) error {
	schemas := a.OpenAPI().Components.Schemas
	problem := schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	delete(schemas.Map(), "ErrorModel")
	delete(schemas.Map(), "ErrorDetail")
	document, err := json.Marshal(a.OpenAPI())
	if err != nil {
		return fmt.Errorf("web: describe the API: %w", err)
	}
	document = []byte(strings.ReplaceAll(string(document), "#/components/schemas/ErrorModel", problem.Ref))
	app.Get(openAPIPath, func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		c.Set(fiber.HeaderCacheControl, "no-cache")
		return c.Send(document)
	})
	return nil
}
