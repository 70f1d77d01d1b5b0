package main

import "math"

// palette of the demo library: paper, ink and one accent.
func paper() colour  { return colour{250, 246, 236} }
func ink() colour    { return colour{32, 30, 38} }
func accent() colour { return colour{150, 48, 38} }
func shadow() colour { return colour{222, 212, 192} }

// drawScene draws the frame at t seconds of the minute: a clock with the second hand at t on the right, and
// on the left a book whose page turns every five seconds, under the title.
func drawScene(c *canvas, t float64) {
	c.fill(paper())
	c.box(0, 0, width, 8, accent())
	c.box(0, height-8, width, height, accent())
	c.word("Lyceum demo", point{36, 64}, 25, 4, ink())
	drawBook(c, point{140, 225}, t)
	drawClock(c, point{376, 112}, 80, t)
	s := int(t)
	c.digit(s/10, point{350, 210}, 38, 6, ink())
	c.digit(s%10, point{384, 210}, 38, 6, ink())
}

func drawClock(c *canvas, m point, r, t float64) {
	c.disc(m, r, ink())
	c.disc(m, r-5, colour{255, 255, 255})
	for i := range 60 {
		from, thick := r-13, 1.6
		if i%5 == 0 {
			from, thick = r-19, 4
		}
		c.line(onClock(m, float64(i)/60, from), onClock(m, float64(i)/60, r-9), thick, ink())
	}
	// The hand moves in steps and swings in within a quarter of a second, as station clocks do: a still
	// hand costs the encoder nothing.
	whole, part := math.Modf(t)
	turn := (whole - math.Exp(-14*part)*math.Cos(20*part)) / 60
	if whole == 0 && part == 0 {
		turn = 59.0 / 60
	}
	c.line(onClock(m, turn+0.5, 16), onClock(m, turn, r-14), 5, accent())
	c.disc(m, 8, accent())
}

// drawBook draws an open book with its spine's foot at s; one page lifts and falls every five seconds.
func drawBook(c *canvas, s point, t float64) {
	const w, h, rise = 96, 110, 14
	c.polygon(ink(), point{s.x - w - 8, s.y - h + rise - 4}, point{s.x, s.y - h - 2},
		point{s.x, s.y + 7}, point{s.x - w - 8, s.y + rise - 4})
	c.polygon(ink(), point{s.x, s.y - h - 2}, point{s.x + w + 8, s.y - h + rise - 4},
		point{s.x + w + 8, s.y + rise - 4}, point{s.x, s.y + 7})
	drawPage(c, s, -w, h, -rise)
	drawPage(c, s, w, h, -rise)
	phase := math.Mod(t, 5)
	if phase > 1.5 {
		return
	}
	// The turning page seen from the front: its outer edge runs from right to left while it rises.
	swing := math.Pi * (0.5 - 0.5*math.Cos(math.Pi*phase/1.5))
	drawPage(c, s, w*math.Cos(swing), h, -rise+30*math.Sin(swing))
}

// drawPage draws one page from the spine to w pixels aside, its outer edge lifted by lift, with lines of
// text.
func drawPage(c *canvas, s point, w, h, lift float64) {
	a, b := point{s.x, s.y - h}, point{s.x + w, s.y - h - lift - 6}
	d, e := point{s.x + w, s.y - lift - 6}, s
	if w < 0 {
		a, b, d, e = b, a, e, d
	}
	c.polygon(shadow(), a, b, d, e)
	inset := math.Copysign(math.Min(3, math.Abs(w)/8), w)
	if w > 0 {
		b.x -= inset
		d.x -= inset
	} else {
		a.x -= inset
		e.x -= inset
	}
	c.polygon(colour{255, 253, 246}, a, b, d, e)
	if math.Abs(w) < 20 {
		return
	}
	for i := range 6 {
		y := s.y - h + 22 + float64(i)*14
		slope := -lift - 6
		from, to := 0.14, 0.86
		if i == 5 {
			to = 0.5
		}
		if w < 0 {
			from, to = 1-to, 1-from
		}
		c.line(point{s.x + w*from, y + slope*from}, point{s.x + w*to, y + slope*to}, 3, colour{120, 112, 104})
	}
}
