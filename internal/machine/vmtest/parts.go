package vmtest

import "testing"

// Kernel returns the path of the kernel that tests boot; a machine without one
// skips the test.
func Kernel(t testing.TB) string {
	t.Helper()
	return kernelImage(t)
}

// Pack writes an initramfs with this test binary as init, and the programs
// tools, and returns its path. For a test that starts its guest in a way of its
// own: with the kernel parameter czbench.test=NAME the guest runs that test.
func Pack(t testing.TB, tools ...string) string {
	t.Helper()
	return pack(t, tools)
}
