package kvload

import (
	"context"
	"fmt"
)

// Preload gives every key of cfg, from KeyMin to KeyMax, a value of DataSize
// bytes, many of them with one command.
func Preload(ctx context.Context, cfg Config) error {
	if problems := cfg.Check(); len(problems) > 0 {
		return problems[0]
	}
	c, err := Dial(ctx, cfg.Network, cfg.Address)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	undo := c.during(ctx)
	defer undo()
	enc := newEncoder(cfg)
	batch := max(1, chunk/int64(len(enc.value)+len(enc.prefix)+maxFraming))
	var buf []byte
	for key := cfg.KeyMin; key <= cfg.KeyMax; key += batch {
		count := min(batch, cfg.KeyMax-key+1)
		buf = enc.appendMany(buf[:0], key, count)
		if err := c.exchange(buf); err != nil {
			return c.fault(ctx, fmt.Sprintf("preload keys up to %d into", key+count-1), err)
		}
	}
	return nil
}

// exchange writes a whole command and reads the reply.
func (c *Client) exchange(command []byte) error {
	if _, err := c.conn.Write(command); err != nil {
		return err
	}
	_, err := c.reply(0)
	return err
}
