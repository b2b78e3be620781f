// Package oktaauth does in your own process what HashiCorp Vault's Okta auth method does behind an HTTP server: keep the
// configuration of an Okta organisation, map users and groups to policies, log users in with password and second factor,
// issue tokens, and say later what they may do.
//
// A Client is opened once and shared by all goroutines. Every operation takes a context, whose end reaches Okta: no
// further request leaves after it. A request is anything that encoding/json writes as an object: a map, a struct with
// tags, a json.RawMessage; nil stands for no members. The manual of the operations is okta_auth.h.
package oktaauth

/*
// The library keeps no pointer into Go's memory, so what is passed to it may stay on a goroutine's stack. A call may call
// back, for the log; letting go of an answer may not.
#cgo noescape okta_auth_go_call
#cgo noescape okta_auth_buffer_free
#cgo nocallback okta_auth_buffer_free
#include <okta_auth.h>
#include <stdlib.h>

typedef int32_t (*okta_auth_go_operation)(okta_auth_handle, const char *, size_t, okta_auth_buffer *);

static int32_t okta_auth_go_call(okta_auth_go_operation operation, okta_auth_handle handle, const char *request,
                                 size_t length, okta_auth_buffer *answer) {
	return operation(handle, request, length, answer);
}
*/
import "C"

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"
	"unsafe"
)

// Client is an open storage with its mounts and connections to Okta. It is safe for concurrent use. One that is not
// closed keeps its storage open until the process ends.
type Client struct {
	handle  C.okta_auth_handle
	waiting *waiting
	logging hostFunction
	audit   hostFunction
	closing sync.Once
	closed  error
}

// Open opens a client. The options are those of okta_auth_open: Options, or whatever else is written as that JSON.
func Open(options any) (*Client, error) {
	if err := checkLibrary(); err != nil {
		return nil, err
	}
	text, err := marshal(options)
	if err != nil {
		return nil, err
	}
	var handle C.okta_auth_handle
	var body C.okta_auth_buffer
	status := C.okta_auth_open(pointer(text), C.size_t(len(text)), &handle, &body)
	if _, err := take(status, &body); err != nil {
		return nil, err
	}
	return &Client{handle: handle, waiting: newWaiting(handle)}, nil
}

// Close ends what is running, which then fails with ErrCancelled, and lets go of the storage. Further calls of it do
// nothing; other calls fail with ErrClosed from then on.
func (c *Client) Close() error {
	c.closing.Do(func() {
		c.closed = errorOf(int(C.okta_auth_close(c.handle)))
		c.waiting.end()
		c.logging.drop()
		c.audit.drop()
	})
	return c.closed
}

// Version is the version of the library that was loaded.
func Version() string {
	return C.GoString(C.okta_auth_version())
}

// Request is the door for requests of others: it carries out a whole request of Vault's HTTP API with the authority of
// the token that comes with it. See okta_auth_request.
func (c *Client) Request(ctx context.Context, request any) (*Answer, error) {
	return c.submit(ctx, "request", request)
}

// checkLibrary refuses a library that these bindings were not made for.
func checkLibrary() error {
	abi, other := uint32(C.okta_auth_abi_version()), ""
	switch {
	case abi > headerABIVersion:
		// What was there under a lower number keeps its meaning.
		return nil
	case abi == headerABIVersion && uint64(C.okta_auth_header_checksum()) == headerChecksum:
		return nil
	case abi == headerABIVersion:
		other = " with other declarations"
	}
	return fmt.Errorf("oktaauth: the library that was loaded is version %s (ABI %d), these bindings were made for version %s (ABI %d)%s",
		Version(), abi, headerVersion, headerABIVersion, other)
}

// call carries out an operation that does not wait for Okta, on the caller's own thread.
func (c *Client) call(ctx context.Context, operation C.okta_auth_go_operation, request any) (*Answer, error) {
	text, err := encode(ctx, request)
	if err != nil {
		return nil, err
	}
	var body C.okta_auth_buffer
	status := C.okta_auth_go_call(operation, c.handle, pointer(text), C.size_t(len(text)), &body)
	return take(status, &body)
}

// submit is for operations that may wait for Okta, or for a user's phone: no thread is blocked meanwhile.
func (c *Client) submit(ctx context.Context, operation string, request any) (*Answer, error) {
	text, err := encode(ctx, request)
	if err != nil {
		return nil, err
	}
	name := C.CString(operation)
	defer C.free(unsafe.Pointer(name))
	return c.waiting.run(ctx, func(ticket *C.okta_auth_ticket) error {
		var body C.okta_auth_buffer
		status := C.okta_auth_submit(c.handle, name, pointer(text), C.size_t(len(text)), ticket, &body)
		_, err := take(status, &body)
		return err
	})
}

// grace lets the end of a context come before the library's own, in milliseconds, so that it is the reason that is told.
const grace = 100

var errNoObject = errors.New("oktaauth: a request must be a JSON object")

func marshal(value any) ([]byte, error) {
	switch value := value.(type) {
	case nil:
		return []byte("{}"), nil
	case json.RawMessage:
		return value, nil
	default:
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		// The body of a request over HTTP is a text in here, which with six bytes for each < would be too long.
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(value); err != nil {
			return nil, fmt.Errorf("oktaauth: the request cannot be written as JSON: %w", err)
		}
		return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
	}
}

// encode writes a request, with the deadline of the context as its timeout_ms.
func encode(ctx context.Context, request any) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	text, err := marshal(request)
	if err != nil {
		return nil, err
	}
	deadline, limited := ctx.Deadline()
	if !limited {
		return text, nil
	}
	if bytes.Contains(text, []byte(`"timeout_ms"`)) {
		var members map[string]json.RawMessage
		if json.Unmarshal(text, &members) == nil && members["timeout_ms"] != nil {
			return text, nil
		}
	}
	rest, isObject := bytes.CutPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{"))
	if !isObject {
		return nil, errNoObject
	}
	const begin, longest = `{"timeout_ms":`, len("9223372036854775807,")
	limit := append(make([]byte, 0, len(begin)+longest+len(rest)), begin...)
	limit = strconv.AppendInt(limit, max(0, time.Until(deadline).Milliseconds())+grace, 10)
	if bytes.HasPrefix(bytes.TrimLeft(rest, " \t\r\n"), []byte("}")) {
		return append(limit, rest...), nil
	}
	return append(append(limit, ','), rest...), nil
}

// take copies an answer out of the library's memory and frees it there, which wipes it.
func take(status C.int32_t, body *C.okta_auth_buffer) (*Answer, error) {
	text := C.GoBytes(unsafe.Pointer(body.data), C.int(body.len))
	C.okta_auth_buffer_free(body)
	return answerOf(int(status), text)
}

// pointer gives C a view of a Go text for the time of one call; C keeps none of it.
func pointer(text []byte) *C.char {
	return (*C.char)(unsafe.Pointer(unsafe.SliceData(text)))
}
