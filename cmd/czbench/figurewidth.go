package main

import (
	"fmt"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/reports/figures"
)

// Styles of figures.
const (
	stylePaper  = "paper"
	styleSlides = "slides"
)

// mostWidth is wider than any page or slide.
const mostWidth = 20 * vg.Inch

// figureLayout returns the layout of a style, which is width wide unless that is
// empty.
func figureLayout(style, width string) (figures.Layout, error) {
	l := figures.Layout{Width: figures.Page, Scale: 1}
	if style == styleSlides {
		l = figures.Layout{Width: 12 * vg.Inch, Scale: 2}
	}
	if width == "" {
		return l, nil
	}
	var err error
	if l.Width, err = parseWidth(width); err != nil {
		return l, err
	}
	if least := figures.Narrowest * vg.Length(l.Scale); l.Width < least || l.Width > mostWidth {
		return l, fmt.Errorf("%s is out of range: with --style %s a figure is %gin to %gin wide; one column of two is 3.33in, a page 7in",
			width, style, least/vg.Inch, mostWidth/vg.Inch)
	}
	return l, nil
}

// parseWidth reads a length with its unit: 3.33in, 8.5cm, 85mm, 240pt.
func parseWidth(text string) (vg.Length, error) {
	units := map[string]vg.Length{"in": vg.Inch, "cm": vg.Centimeter, "mm": vg.Millimeter, "pt": vg.Points(1)}
	number := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyz")
	unit, known := units[strings.TrimPrefix(text, number)]
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	switch {
	case err == nil && strings.TrimPrefix(text, number) == "":
		return 0, fmt.Errorf("%s has no unit: write %sin, %scm, %smm or %spt", text, text, text, text, text)
	case err != nil || !known || !(v > 0):
		return 0, fmt.Errorf("%q is no length: write a number and in, cm, mm or pt, as in 3.33in", text)
	}
	return vg.Length(v) * unit, nil
}
