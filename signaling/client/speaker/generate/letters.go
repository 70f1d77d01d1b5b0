package main

import "math"

// stroke is a straight line, or, when r is not 0, the arc around x, y from one part of a turn to another
// (0 is the top, clockwise). The unit is a sixth of a capital's height; y 0 is its top, 6 the base line.
type stroke struct{ x, y, x2, y2, r, from, to float64 }

func straight(x, y, x2, y2 float64) stroke { return stroke{x: x, y: y, x2: x2, y2: y2} }

func arc(x, y, r, from, to float64) stroke { return stroke{x: x, y: y, r: r, from: from, to: to} }

// letter gives the strokes of the few letters we need and their width. Drawing our own keeps fonts and
// their licences out.
func letter(r rune) ([]stroke, float64) {
	switch r {
	case 'L':
		return []stroke{straight(0, 0, 0, 6), straight(0, 6, 3.2, 6)}, 3.2
	case 'y':
		return []stroke{straight(0, 2, 2, 6), straight(4, 2, 1.2, 7.8)}, 4
	case 'c':
		return []stroke{arc(2, 4, 2, 0.37, 1.13)}, 3.6
	case 'e':
		return []stroke{straight(0, 4, 4, 4), arc(2, 4, 2, 0.37, 1.25)}, 4
	case 'u':
		return []stroke{straight(0, 2, 0, 4.2), arc(1.8, 4.2, 1.8, 0.25, 0.75), straight(3.6, 2, 3.6, 6)}, 3.6
	case 'm':
		return []stroke{straight(0, 2, 0, 6), arc(1.4, 3.4, 1.4, 0.75, 1.25), straight(2.8, 3.4, 2.8, 6),
			arc(4.2, 3.4, 1.4, 0.75, 1.25), straight(5.6, 3.4, 5.6, 6)}, 5.6
	case 'd':
		return []stroke{arc(2, 4, 2, 0, 1), straight(4, 0, 4, 6)}, 4
	case 'o':
		return []stroke{arc(2, 4, 2, 0, 1)}, 4
	}
	return nil, 1.4
}

// word draws text from the left end of its base line; size is the height of a capital.
func (c *canvas) word(text string, at point, size, thick float64, k colour) {
	unit := size / 6
	for _, r := range text {
		lines, wide := letter(r)
		for _, s := range lines {
			c.stroke(s, point{at.x, at.y - size}, unit, thick, k)
		}
		at.x += (wide + 1.7) * unit
	}
}

func (c *canvas) stroke(s stroke, origin point, unit, thick float64, k colour) {
	at := func(x, y float64) point { return point{origin.x + x*unit, origin.y + y*unit} }
	if s.r == 0 {
		c.line(at(s.x, s.y), at(s.x2, s.y2), thick, k)
		return
	}
	const steps = 24
	last := onClock(at(s.x, s.y), s.from, s.r*unit)
	for i := 1; i <= steps; i++ {
		next := onClock(at(s.x, s.y), s.from+(s.to-s.from)*float64(i)/steps, s.r*unit)
		c.line(last, next, thick, k)
		last = next
	}
}

// segments says which of the seven bars a digit lights, in the order top, upper left, upper right, middle,
// lower left, lower right, bottom.
func segments(digit int) string {
	return [...]string{"1110111", "0010010", "1011101", "1011011", "0111010",
		"1101011", "1101111", "1010010", "1111111", "1111011"}[digit]
}

// digit draws a seven-segment digit of the given height from its top left corner.
func (c *canvas) digit(n int, at point, h, thick float64, k colour) {
	w, m := h*0.55, h/2
	bars := [...][4]float64{{0, 0, w, 0}, {0, 0, 0, m}, {w, 0, w, m}, {0, m, w, m},
		{0, m, 0, h}, {w, m, w, h}, {0, h, w, h}}
	for i, on := range segments(n) {
		if on == '1' {
			b := bars[i]
			c.line(point{at.x + b[0], at.y + b[1]}, point{at.x + b[2], at.y + b[3]}, thick, k)
		}
	}
}

// onClock is the point at a part of a turn (0 is the top, clockwise) and a distance from m.
func onClock(m point, turn, r float64) point {
	sin, cos := math.Sincos(turn * 2 * math.Pi)
	return point{m.x + r*sin, m.y - r*cos}
}
