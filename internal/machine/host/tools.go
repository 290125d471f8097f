package host

import (
	"context"
	"os/exec"
	"strings"
	"time"
)

// toolTimeout bounds how long a tool may take to say its version.
const toolTimeout = 5 * time.Second

// ToolVersions asks each command that is in PATH for its version and returns
// facts "tool.<name>": the first line of what "<name> --version" prints, or
// "unknown" when that fails. A command that is not in PATH is left out; Lookup
// says what to do about it.
func (m *Machine) ToolVersions(ctx context.Context, commands []string) map[string]string {
	versions := map[string]string{}
	for _, name := range commands {
		if path, missing := m.Lookup(name); missing == nil {
			versions["tool."+name] = toolVersion(ctx, path)
		}
	}
	return versions
}

func toolVersion(ctx context.Context, path string) string {
	ctx, cancel := context.WithTimeout(ctx, toolTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "--version")
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if err != nil || line == "" {
		return unknown
	}
	return strings.TrimSpace(line)
}
