package gate

import (
	"runtime"
	"sync"
)

// Threads are operating-system threads that exist before there is work for them,
// so that a scheduling strategy can act on them.
type Threads struct {
	jobs    []chan func()
	ended   sync.WaitGroup
	unquiet func()
}

// NewThreads brings n threads up, one or more, and keeps the Go runtime out of
// their way.
func NewThreads(n int) *Threads {
	t := &Threads{unquiet: Quiet(n)}
	var up sync.WaitGroup
	for range n {
		jobs := make(chan func())
		t.jobs = append(t.jobs, jobs)
		up.Add(1)
		t.ended.Go(func() {
			runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
			up.Done()
			for job := range jobs {
				job()
			}
		})
	}
	up.Wait()
	return t
}

// Each runs job on every thread, with its number from 0, and waits for all.
func (t *Threads) Each(job func(i int)) {
	var working sync.WaitGroup
	working.Add(len(t.jobs))
	for i, jobs := range t.jobs {
		jobs <- func() {
			defer working.Done()
			job(i)
		}
	}
	working.Wait()
}

// Close ends the threads. It must not be called while Each works.
func (t *Threads) Close() {
	for _, jobs := range t.jobs {
		close(jobs)
	}
	t.ended.Wait()
	t.unquiet()
}
