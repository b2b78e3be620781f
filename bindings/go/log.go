package oktaauth

/*
#include <okta_auth.h>

extern void oktaAuthGoLog(uintptr_t logger, int32_t level, const char *record, size_t length);

static void okta_auth_go_log(void *user_data, int32_t level, const char *record, size_t length) {
	oktaAuthGoLog((uintptr_t)user_data, level, record, length);
}

// What C keeps is a number, never a pointer into Go's memory.
static int32_t okta_auth_go_set_logger(okta_auth_handle handle, int32_t level, uintptr_t logger) {
	return okta_auth_set_logger(handle, level, logger == 0 ? NULL : okta_auth_go_log, (void *)logger);
}
*/
import "C"

import (
	"runtime/cgo"
	"sync"
)

// logging is the log function that is registered.
type logging struct {
	mutex  sync.Mutex
	handle cgo.Handle
}

// SetLogger sends the log to a function: records up to a level (LevelError … LevelDebug), each one JSON object. A nil
// function ends it. The function may be called from several goroutines at once and must not call the client. When
// SetLogger returns, the function before is not running and never runs again.
func (c *Client) SetLogger(level int, log func(level int, record []byte)) error {
	c.logging.mutex.Lock()
	defer c.logging.mutex.Unlock()
	var next cgo.Handle
	if log != nil {
		next = cgo.NewHandle(log)
	}
	if err := errorOf(int(C.okta_auth_go_set_logger(c.handle, C.int32_t(level), C.uintptr_t(next)))); err != nil {
		if next != 0 {
			next.Delete()
		}
		return err
	}
	c.logging.replace(next)
	return nil
}

// drop is for the time after a close: the library has forgotten the function.
func (l *logging) drop() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.replace(0)
}

func (l *logging) replace(next cgo.Handle) {
	if l.handle != 0 {
		l.handle.Delete()
	}
	l.handle = next
}
