package main

import "math"

// colour is red, green, blue from 0 to 255.
type colour [3]float64

// point is a place on the canvas in pixels, y downwards.
type point struct{ x, y float64 }

// canvas is a picture of packed RGB bytes with the few shapes the scene needs. Edges are softened over one
// pixel: encoders spend most of their bits on hard ones.
type canvas struct {
	w, h   int
	pixels []byte
}

func newCanvas(w, h int) *canvas { return &canvas{w: w, h: h, pixels: make([]byte, w*h*3)} }

func (c *canvas) fill(k colour) {
	for i := 0; i < len(c.pixels); i += 3 {
		c.pixels[i], c.pixels[i+1], c.pixels[i+2] = byte(k[0]), byte(k[1]), byte(k[2])
	}
}

// blend mixes k into one pixel; cover is how much of it the shape covers, 0 to 1.
func (c *canvas) blend(x, y int, k colour, cover float64) {
	if cover <= 0 || x < 0 || y < 0 || x >= c.w || y >= c.h {
		return
	}
	cover = math.Min(cover, 1)
	p := c.pixels[(y*c.w+x)*3:]
	for i := range k {
		p[i] = byte(float64(p[i])*(1-cover) + k[i]*cover + 0.5)
	}
}

// shade draws any shape given by its distance function (negative inside) within a box.
func (c *canvas) shade(x0, y0, x1, y1 float64, k colour, distance func(x, y float64) float64) {
	for y := int(y0) - 1; y <= int(y1)+1; y++ {
		for x := int(x0) - 1; x <= int(x1)+1; x++ {
			c.blend(x, y, k, 0.5-distance(float64(x)+0.5, float64(y)+0.5))
		}
	}
}

// line draws a stroke with round ends.
func (c *canvas) line(a, b point, thick float64, k colour) {
	r := thick / 2
	dx, dy := b.x-a.x, b.y-a.y
	length := dx*dx + dy*dy
	c.shade(math.Min(a.x, b.x)-r, math.Min(a.y, b.y)-r, math.Max(a.x, b.x)+r, math.Max(a.y, b.y)+r, k,
		func(x, y float64) float64 {
			t := 0.0
			if length > 0 {
				t = math.Max(0, math.Min(1, ((x-a.x)*dx+(y-a.y)*dy)/length))
			}
			return math.Hypot(x-a.x-t*dx, y-a.y-t*dy) - r
		})
}

// disc draws a filled circle.
func (c *canvas) disc(m point, r float64, k colour) { c.line(m, m, 2*r, k) }

// box draws a filled rectangle.
func (c *canvas) box(x0, y0, x1, y1 float64, k colour) {
	mx, my, hx, hy := (x0+x1)/2, (y0+y1)/2, (x1-x0)/2, (y1-y0)/2
	c.shade(x0, y0, x1, y1, k, func(x, y float64) float64 {
		return math.Max(math.Abs(x-mx)-hx, math.Abs(y-my)-hy)
	})
}

// polygon draws a filled convex shape whose corners run clockwise on the screen.
func (c *canvas) polygon(k colour, corners ...point) {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, p := range corners {
		x0, y0, x1, y1 = math.Min(x0, p.x), math.Min(y0, p.y), math.Max(x1, p.x), math.Max(y1, p.y)
	}
	c.shade(x0, y0, x1, y1, k, func(x, y float64) float64 {
		far := math.Inf(-1)
		for i, a := range corners {
			b := corners[(i+1)%len(corners)]
			nx, ny := b.y-a.y, a.x-b.x
			if n := math.Hypot(nx, ny); n > 0 {
				far = math.Max(far, ((x-a.x)*nx+(y-a.y)*ny)/n)
			}
		}
		return far
	})
}
