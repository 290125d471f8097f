package guest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/proto"
)

// line is the serial line over which results leave a zone with a virtual clock.
// Unlike any virtio device it takes a byte when the guest writes it, so that
// the guest's time does not depend on how busy the host is.
const line = "/dev/ttyS1"

// serveTrial executes the part in the initramfs. Nothing is said before it has
// ended.
func serveTrial(ctx context.Context, r trial.Registry) error {
	self := hello()
	spec, err := trial.ReadSpec(SpecPath)
	if err != nil {
		return err
	}
	answer := answer{}
	failed := execute(ctx, spec, trial.Options{Registry: r, Exact: true}, &answer)
	tty, err := openLine()
	if err != nil {
		return err
	}
	send := func(m proto.Message) error { return proto.Write(tty, m) }
	if err := send(self); err != nil {
		return err
	}
	return answer.send(send, 1, failed)
}

// answer keeps the data of an answer until it may leave.
type answer struct{ data []byte }

// Write keeps p.
func (a *answer) Write(p []byte) (int, error) {
	a.data = append(a.data, p...)
	return len(p), nil
}

// send sends the data and how it ended as the answer to question id.
func (a *answer) send(send func(proto.Message) error, id uint64, failed error) error {
	if failed != nil {
		return send(proto.Message{ID: id, Kind: proto.Fail, Error: failed.Error()})
	}
	if _, err := proto.DataWriter(id, send).Write(a.data); err != nil {
		return err
	}
	return send(proto.Message{ID: id, Kind: proto.Reply, Body: json.RawMessage("{}")})
}

// openLine opens the serial line and makes it transparent (termios(3)).
func openLine() (*os.File, error) {
	tty, err := os.OpenFile(line, os.O_WRONLY|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", line, err)
	}
	t, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	if err == nil {
		t.Oflag &^= unix.OPOST
		t.Lflag &^= unix.ECHO | unix.ICANON | unix.ISIG
		t.Cflag = t.Cflag&^(unix.CBAUD|unix.CSIZE|unix.PARENB) | unix.B115200 | unix.CS8 | unix.CLOCAL
		err = unix.IoctlSetTermios(int(tty.Fd()), unix.TCSETS, t)
	}
	if err != nil {
		return nil, fmt.Errorf("set %s up: %w", line, err)
	}
	return tty, nil
}
