// Package figures draws the figures of a report for papers and slides: PDF with
// an embedded font, SVG, PNG, and the data of each figure as CSV. Each kind
// of figure is one file and one type that implements Drawing. The package
// decides how data looks; what is drawn, and what it means, its callers decide.
//
// The same input gives the same bytes.
//
// Colours are those of Okabe and Ito, "Color Universal Design" (2008), and
// every series also has a dash pattern and a marker of its own, so that a
// figure can be read in grey.
package figures
