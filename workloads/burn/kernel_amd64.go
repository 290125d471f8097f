package burn

import (
	"runtime"

	"github.com/klauspost/cpuid/v2"
)

// detect asks the CPU. AVX and AVX512F count only where the operating system
// saves the registers; FMA3 by itself says nothing about that.
func detect() features {
	return features{
		fma:    cpuid.CPU.Supports(cpuid.AVX, cpuid.FMA3),
		avx512: cpuid.CPU.Supports(cpuid.AVX, cpuid.FMA3, cpuid.AVX512F),
		arch:   runtime.GOARCH,
	}
}

func double(width int) step[float64] {
	return map[int]step[float64]{128: fmaDouble128, 256: fmaDouble256, 512: fmaDouble512}[width]
}

func single(width int) step[float32] {
	return map[int]step[float32]{128: fmaSingle128, 256: fmaSingle256, 512: fmaSingle512}[width]
}
