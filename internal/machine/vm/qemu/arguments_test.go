package qemu

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files")

func TestArguments(t *testing.T) {
	base := Machine{
		Name: "cz", Kernel: "/k/bzImage", Initrd: "/t/initramfs", Params: []string{"preempt=full", "czbench.mode=agent"},
		VCPUs: 2, Memory: 512 << 20, Console: "/t/console",
	}
	agent := base
	agent.Monitor, agent.Agent, agent.Port = "/t/a,b/monitor.sock", "/t/a,b/agent.sock", "org.czbench.agent"
	kvm := agent
	kvm.KVM = true
	virtual := base
	virtual.Virtual, virtual.Shift, virtual.Output, virtual.Monitor = true, 2, "/t/output", "/t/monitor.sock"
	for name, m := range map[string]Machine{"plain": base, "real": agent, "kvm": kvm, "virtual": virtual} {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(m.Arguments(), "\n") + "\n"
			golden := filepath.Join("testdata", name+".txt")
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), got)
		})
	}
}
