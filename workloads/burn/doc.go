// Package burn keeps CPUs busy: loops of fused multiply-adds on vectors of 128,
// 256 or 512 bits in single or double precision, or of integer operations, one
// locked operating-system thread each. It decides the loops, their exact operation count and what of their work
// falls into a measured window; who runs it, where, and beside what, is not its
// business.
//
// One iteration of a vector loop is 12 vector instructions on 12 independent
// accumulators, so its operation count is exact: 12 vectors × lanes × 2 FLOPs.
package burn

//go:generate go run ./gen -out fma_amd64.s -stubs fma_amd64.go -pkg burn
