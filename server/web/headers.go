package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"
)

// secureHeaders puts the browser on our side for every answer.
func (s *site) secureHeaders(c *fiber.Ctx) error {
	s.setSecureHeaders(c)
	return c.Next()
}

func (s *site) setSecureHeaders(c *fiber.Ctx) {
	c.Set("Content-Security-Policy", s.contentPolicy())
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderXFrameOptions, "DENY")
	// Not no-referrer: with that, browsers send "Origin: null" on our own forms.
	c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.Set(fiber.HeaderPermissionsPolicy, "camera=(self), microphone=(self), display-capture=(self), autoplay=(self), "+
		"fullscreen=(self), screen-wake-lock=(self), geolocation=(), payment=(), usb=()")
	if s.address.secure {
		c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000; includeSubDomains")
	}
	if isAPI(c.Path()) {
		c.Set(fiber.HeaderCacheControl, "no-store")
	}
}

// contentPolicy allows our own files and nothing inline (W3C CSP Level 3). The
// room needs its websocket, pictures it draws itself and media streams; "self"
// does not cover ws: in every browser, so the socket's origin is named.
func (s *site) contentPolicy() string {
	return strings.Join([]string{
		"default-src 'self'",
		"script-src 'self'",
		"style-src 'self'",
		"img-src 'self' data: blob:",
		"media-src 'self' blob:",
		"connect-src 'self' " + s.address.socket,
		"worker-src 'self'",
		"object-src 'none'",
		"base-uri 'none'",
		"form-action 'self'",
		"frame-ancestors 'none'",
		// Svelte's own policy is the only one that may make HTML (W3C Trusted Types).
		"require-trusted-types-for 'script'",
		"trusted-types svelte-trusted-html",
	}, "; ")
}

// checkOrigin keeps other websites from acting through a visitor's browser. A
// browser sends Origin with every request that can change something; a foreign
// or "null" one is refused. Where it is missing, Sec-Fetch-Site must not speak of
// another site, and a request that carries the staff cookie needs one of the two.
// Programs send neither and prove themselves by a bearer credential.
func (s *site) checkOrigin(c *fiber.Ctx) error {
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return c.Next()
	}
	origin, site := c.Get(fiber.HeaderOrigin), c.Get("Sec-Fetch-Site")
	ownSite := site == "same-origin" || site == "none"
	switch {
	case origin != "" && origin != s.address.origin,
		site != "" && !ownSite,
		origin == "" && !ownSite && c.Cookies(s.address.cookie()) != "":
		return newProblem(codeOriginRefused)
	}
	return c.Next()
}
