package guest

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/proto"
	"github.com/czbench/czbench/internal/machine/vm"
)

// Everything else of a guest is tested in real ones, by the tests of cmd/czbench.

func TestOpenPortGoesByTheName(t *testing.T) {
	dir := t.TempDir()
	for port, name := range map[string]string{"vport1p1": "org.qemu.guest_agent.0", "vport1p2": "org.other"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, port), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, port, "name"), []byte(name+"\n"), 0o644))
	}
	_, err := openPort(dir)
	assert.ErrorContains(t, err, "no virtio-serial port "+vm.AgentPort)
}

func TestRun(t *testing.T) {
	var out bytes.Buffer
	reply, err := run(t.Context(), proto.ExecCall{Argv: []string{"sh", "-c", "echo $WORD; exit 7"}, Env: []string{"WORD=hello"}}, &out)
	require.NoError(t, err)
	assert.Equal(t, 7, reply.Status)
	assert.Equal(t, "hello\n", out.String())

	reply, err = run(t.Context(), proto.ExecCall{Argv: []string{"sh", "-c", "kill -9 $$"}}, &out)
	require.NoError(t, err)
	assert.Equal(t, 137, reply.Status)

	_, err = run(t.Context(), proto.ExecCall{Argv: []string{"/nowhere"}}, &out)
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = run(t.Context(), proto.ExecCall{}, &out)
	assert.EqualError(t, err, "no command")
}

func TestAnswerCarriesDataOrTheFault(t *testing.T) {
	var sent []proto.Message
	send := func(m proto.Message) error { sent = append(sent, m); return nil }
	a := &answer{}
	_, err := a.Write(bytes.Repeat([]byte("x"), proto.MaxData+1))
	require.NoError(t, err)
	require.NoError(t, a.send(send, 3, nil))
	require.Len(t, sent, 3)
	assert.Equal(t, []string{proto.Data, proto.Data, proto.Reply}, []string{sent[0].Kind, sent[1].Kind, sent[2].Kind})

	sent = nil
	require.NoError(t, a.send(send, 3, os.ErrPermission))
	assert.Equal(t, []proto.Message{{ID: 3, Kind: proto.Fail, Error: os.ErrPermission.Error()}}, sent)
}

func TestUptime(t *testing.T) {
	file := filepath.Join(t.TempDir(), "uptime")
	require.NoError(t, os.WriteFile(file, []byte("2.53 1.98\n"), 0o644))
	assert.InDelta(t, 2.53, uptime(file), 0)
	assert.Zero(t, uptime("/nowhere"))
}
