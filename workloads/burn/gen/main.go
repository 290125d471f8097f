// Command gen writes the vector kernels of package burn as Go assembly.
package main

import (
	"strconv"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// accumulators is how many independent FMA chains a loop holds: enough for two
// FMA units with a latency of up to six cycles, and few enough that the chains
// and the constant fit into 16 registers.
const accumulators = 12

// element is a floating-point type with the instructions that work on it.
type element struct {
	name, goType string
	move         func(...operand.Op)
	fma          func(...operand.Op)
	broadcast    func(constant operand.Mem, to reg.VecVirtual, width int)
}

func main() {
	double := element{"Double", "float64", build.VMOVUPD, build.VFMADD213PD, broadcastDouble}
	single := element{"Single", "float32", build.VMOVUPS, build.VFMADD213PS, broadcastSingle}
	for _, e := range []element{double, single} {
		kernel(e, 128, build.XMM)
		kernel(e, 256, build.YMM)
		kernel(e, 512, build.ZMM)
	}
	build.Generate()
}

// kernel writes one loop: n times x = x·x + c for every element of
// accumulators vectors.
func kernel(e element, width int, register func() reg.VecVirtual) {
	name := strconv.Itoa(width)
	build.TEXT("fma"+e.name+name, attr.NOSPLIT, "func(n uint64, x, c *"+e.goType+")")
	build.Pragma("noescape")
	build.Doc("fma" + e.name + name + " computes x = x*x + c n times for the " + name + "-bit vectors at x.")
	n := build.Load(build.Param("n"), build.GP64())
	x := operand.Mem{Base: build.Load(build.Param("x"), build.GP64())}
	c := operand.Mem{Base: build.Load(build.Param("c"), build.GP64())}

	constant := register()
	e.broadcast(c, constant, width)
	acc := make([]reg.VecVirtual, accumulators)
	for i := range acc {
		acc[i] = register()
		e.move(x.Offset(i*width/8), acc[i])
	}
	build.TESTQ(n, n)
	build.JZ(operand.LabelRef("done"))
	build.Label("loop")
	for _, a := range acc {
		e.fma(constant, a, a)
	}
	build.DECQ(n)
	build.JNZ(operand.LabelRef("loop"))
	build.Label("done")
	for i, a := range acc {
		e.move(a, x.Offset(i*width/8))
	}
	build.VZEROUPPER()
	build.RET()
}

// broadcastDouble copies a constant into every lane; VBROADCASTSD has no
// 128-bit form, VMOVDDUP does the same there.
func broadcastDouble(constant operand.Mem, to reg.VecVirtual, width int) {
	if width == 128 {
		build.VMOVDDUP(constant, to)
		return
	}
	build.VBROADCASTSD(constant, to)
}

func broadcastSingle(constant operand.Mem, to reg.VecVirtual, _ int) {
	build.VBROADCASTSS(constant, to)
}
