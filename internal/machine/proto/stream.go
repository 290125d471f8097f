package proto

import "io"

// dataWriter sends what is written to it as the data of the answer to one
// question.
type dataWriter struct {
	id   uint64
	send func(Message) error
}

// DataWriter returns a writer whose bytes go out as data messages of question
// id through send.
func DataWriter(id uint64, send func(Message) error) io.Writer {
	return &dataWriter{id: id, send: send}
}

// Write sends p in pieces that fit a frame.
func (d *dataWriter) Write(p []byte) (int, error) {
	for sent := 0; sent < len(p); {
		n := min(len(p)-sent, MaxData)
		if err := d.send(Message{ID: d.id, Kind: Data, Data: p[sent : sent+n]}); err != nil {
			return sent, err
		}
		sent += n
	}
	return len(p), nil
}
