package kvload

import (
	"context"
	"fmt"
)

// Preload gives every key of cfg, from KeyMin to KeyMax, a value of DataSize
// bytes, over one pipelined connection.
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
	var buf []byte
	for key := cfg.KeyMin; key <= cfg.KeyMax; {
		buf = buf[:0]
		asked := 0
		for ; key <= cfg.KeyMax && len(buf) < chunk; key++ {
			buf = enc.append(buf, newRequest(0, opSet, key))
			asked++
		}
		if err := c.exchange(buf, asked); err != nil {
			return c.fault(ctx, fmt.Sprintf("preload keys up to %d into", key-1), err)
		}
	}
	return nil
}

// exchange writes whole commands and reads a reply to each.
func (c *Client) exchange(commands []byte, replies int) error {
	if _, err := c.conn.Write(commands); err != nil {
		return err
	}
	for range replies {
		if _, err := c.reply(0); err != nil {
			return err
		}
	}
	return nil
}
