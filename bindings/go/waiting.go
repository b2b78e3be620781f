package oktaauth

/*
#include <okta_auth.h>
*/
import "C"

import (
	"context"
	"errors"
	"os"
	"sync"
)

// waiting hands the results of submitted operations to the goroutines that wait for them. One goroutine listens to the
// library's descriptor through Go's own poller, so that neither a thread nor a goroutine is blocked in C.
type waiting struct {
	handle C.okta_auth_handle

	mutex sync.Mutex
	// Channels that are closed when a ticket has ended.
	tickets map[C.okta_auth_ticket]chan struct{}
	// Tickets that had ended before their numbers were known here.
	early map[C.okta_auth_ticket]struct{}
	file  *os.File
	ended bool
}

func newWaiting(handle C.okta_auth_handle) *waiting {
	return &waiting{
		handle:  handle,
		tickets: map[C.okta_auth_ticket]chan struct{}{},
		early:   map[C.okta_auth_ticket]struct{}{},
	}
}

// run submits an operation and waits for its end, or for that of the context.
func (w *waiting) run(ctx context.Context, submit func(*C.okta_auth_ticket) error) (*Answer, error) {
	if err := w.listen(); err != nil {
		return nil, err
	}
	var ticket C.okta_auth_ticket
	if err := submit(&ticket); err != nil {
		return nil, err
	}
	completed := w.completed(ticket)
	select {
	case <-completed:
		return w.collect(ticket)
	case <-ctx.Done():
	}
	// The library ends it within a tenth of a second; what was done before the end of the context stays done.
	C.okta_auth_cancel(w.handle, ticket)
	<-completed
	answer, err := w.collect(ticket)
	if errors.Is(err, ErrCancelled) || errors.Is(err, ErrDeadlineExceeded) {
		err = ctx.Err()
	}
	return answer, err
}

// collect fetches a result that is there. After a close it says that the client is closed.
func (w *waiting) collect(ticket C.okta_auth_ticket) (*Answer, error) {
	var body C.okta_auth_buffer
	status := C.okta_auth_wait(w.handle, ticket, -1, &body)
	return take(status, &body)
}

// completed is to be called once for a ticket.
func (w *waiting) completed(ticket C.okta_auth_ticket) <-chan struct{} {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	channel := make(chan struct{})
	_, early := w.early[ticket]
	delete(w.early, ticket)
	if early || w.ended {
		close(channel)
	} else {
		w.tickets[ticket] = channel
	}
	return channel
}

// listen starts the listener with the first operation that is submitted.
func (w *waiting) listen() error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.file != nil || w.ended {
		return nil
	}
	var descriptor C.int32_t
	if err := errorOf(int(C.okta_auth_completion_fd(w.handle, &descriptor))); err != nil {
		return err
	}
	w.file = os.NewFile(uintptr(descriptor), "okta_auth completions")
	connection, err := w.file.SyscallConn()
	if err != nil {
		return err
	}
	go func() {
		// False asks Go's poller to wait until the descriptor is readable. It ends when the file is closed.
		_ = connection.Read(func(uintptr) bool { return !w.announce() })
		w.end()
	}()
	return nil
}

// announce wakes the goroutines whose operations have ended. False: the client is closed.
func (w *waiting) announce() bool {
	for {
		var ticket C.okta_auth_ticket
		switch C.okta_auth_next_completed(w.handle, &ticket) {
		case 0:
			w.mutex.Lock()
			if channel, known := w.tickets[ticket]; known {
				delete(w.tickets, ticket)
				close(channel)
			} else {
				w.early[ticket] = struct{}{}
			}
			w.mutex.Unlock()
		case codePending:
			return true
		default:
			return false
		}
	}
}

// end wakes everybody: after a close there is nothing to wait for.
func (w *waiting) end() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.ended {
		return
	}
	w.ended = true
	if w.file != nil {
		_ = w.file.Close()
	}
	for ticket, channel := range w.tickets {
		delete(w.tickets, ticket)
		close(channel)
	}
}
