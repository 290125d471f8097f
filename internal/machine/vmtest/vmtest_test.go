package vmtest_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/vmtest"
)

func TestMain(m *testing.M) {
	vmtest.Main(m)
	os.Exit(m.Run())
}

func TestInsideRunsUnderAKernelOfItsOwn(t *testing.T) {
	if !vmtest.Inside(t, vmtest.Options{VCPUs: 2}) {
		return
	}
	assert.Equal(t, 1, os.Getpid())
	controllers, err := os.ReadFile("/sys/fs/cgroup/cgroup.controllers")
	require.NoError(t, err)
	assert.Subset(t, strings.Fields(string(controllers)), []string{"cpu", "cpuset", "memory"})
	assert.FileExists(t, "/sys/kernel/sched_ext/state")
	up, err := os.ReadFile("/proc/uptime")
	require.NoError(t, err)
	t.Logf("up %s", up)
}
