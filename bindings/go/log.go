package oktaauth

/*
#include <okta_auth.h>

extern void oktaAuthGoLog(uintptr_t logger, int32_t level, const char *record, size_t length);

static void okta_auth_go_log(void *user_data, int32_t level, const char *record, size_t length) {
	oktaAuthGoLog((uintptr_t)user_data, level, record, length);
}

extern int32_t oktaAuthGoAudit(uintptr_t audit, const char *line, size_t length);

static int32_t okta_auth_go_audit(void *user_data, const char *line, size_t length) {
	return oktaAuthGoAudit((uintptr_t)user_data, line, length);
}

static int32_t okta_auth_go_set_audit(okta_auth_handle handle, uintptr_t audit) {
	return okta_auth_set_audit(handle, audit == 0 ? NULL : okta_auth_go_audit, (void *)audit);
}

// What C keeps is a number, never a pointer into Go's memory.
static int32_t okta_auth_go_set_logger(okta_auth_handle handle, int32_t level, uintptr_t logger) {
	return okta_auth_set_logger(handle, level, logger == 0 ? NULL : okta_auth_go_log, (void *)logger);
}
*/
import "C"

import (
	"errors"
	"runtime/cgo"
	"sync"
)

// SetLogger sends the log to a function: records up to a level (LevelError … LevelDebug), each one JSON object. A nil
// function ends it. The function may be called from several goroutines at once; a client that it calls fails with
// ErrReentered, and its panic ends there. When SetLogger returns, the function before is not running and never runs again.
func (c *Client) SetLogger(level int, log func(level int, record []byte)) error {
	return c.logging.exchange(handleOf(log, log == nil), func(next cgo.Handle) int {
		return int(C.okta_auth_go_set_logger(c.handle, C.int32_t(level), C.uintptr_t(next)))
	})
}

// SetAudit sends the lines of the audit log to a function, too: one JSON object each, with nothing after it. A nil
// function ends it. It returns whether it has taken the line, which one that panics has not; where Options.Audit demands
// all lines, nothing is done and nothing answered without one. It is called like that of SetLogger, while operations wait
// for it.
func (c *Client) SetAudit(audit func(line []byte) bool) error {
	return c.audit.exchange(handleOf(audit, audit == nil), func(next cgo.Handle) int {
		return int(C.okta_auth_go_set_audit(c.handle, C.uintptr_t(next)))
	})
}

// hostFunction is a function that the library calls.
type hostFunction struct {
	mutex  sync.Mutex
	handle cgo.Handle
}

// handleOf is 0 for no function.
func handleOf(function any, isNil bool) cgo.Handle {
	if isNil {
		return 0
	}
	return cgo.NewHandle(function)
}

// exchange puts a function in the place of the one before, which the library does not call any more once it has
// registered the next.
func (h *hostFunction) exchange(next cgo.Handle, register func(cgo.Handle) int) error {
	// Found out first: called by such a function, this would wait for the end of its own caller.
	err := errorOf(int(C.okta_auth_cancel(0, 0)))
	if !errors.Is(err, ErrReentered) {
		h.mutex.Lock()
		defer h.mutex.Unlock()
		err = errorOf(register(next))
	}
	switch {
	case err == nil:
		h.replace(next)
	case next != 0:
		next.Delete()
	}
	return err
}

// drop is for the time after a close: the library has forgotten the function.
func (h *hostFunction) drop() {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.replace(0)
}

func (h *hostFunction) replace(next cgo.Handle) {
	if h.handle != 0 {
		h.handle.Delete()
	}
	h.handle = next
}
