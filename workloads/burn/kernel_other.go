//go:build !amd64

package burn

import "runtime"

// detect reports that there are no loops for this architecture.
func detect() features { return features{arch: runtime.GOARCH} }

func double(int) step[float64] { return nil }

func single(int) step[float32] { return nil }
