// Package quantity writes values as people read them: three significant digits
// and a scaled unit. Everything that shows a number (terminal, tables, HTML,
// axes of figures) asks this package, so that a value looks the same
// everywhere. It decides notation only; values stay in base units until then.
package quantity
