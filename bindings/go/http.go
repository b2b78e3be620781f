package oktaauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"time"
)

// Handler serves Vault's HTTP API below /v1/, through the door of Client.Request: with its verbs (LIST and ?list=true
// among them), headers, statuses and bodies. Everything else is 404. A request's end cancels what it asked for; its body
// may have 32 MiB. The address that token_bound_cidrs are compared with is the peer's, and X-Forwarded-For is dropped,
// unless the peer is one of TrustedProxies.
func Handler(client *Client, options ...HandlerOption) http.Handler {
	handler := &handler{client: client}
	for _, option := range options {
		option(&handler.proxies)
	}
	return handler
}

// HandlerOption is an option of Handler.
type HandlerOption func(*proxies)

// TrustedProxies names the networks of reverse proxies whose X-Forwarded-For counts: the right-most address there that
// is not in them is the client's. What stands before it was written by the client and is dropped.
func TrustedProxies(networks ...netip.Prefix) HandlerOption {
	return func(trusted *proxies) {
		for _, network := range networks {
			*trusted = append(*trusted, unmapped(network))
		}
	}
}

// unmapped is a network of IPv4 where it is written in its IPv6 form, as addresses are compared in that of IPv4.
func unmapped(network netip.Prefix) netip.Prefix {
	const mapped = 96
	if network.Addr().Is4In6() && network.Bits() >= mapped {
		return netip.PrefixFrom(network.Addr().Unmap(), network.Bits()-mapped)
	}
	return network
}

// NewTransport carries out the requests of an http.Client in this process, without a socket: those of a client of
// Vault's, whatever host it thinks it talks to. They come from no address, so that nothing that is bound to addresses lets
// them in, unless RemoteAddress names one; X-Forwarded-For is dropped. What has no answer is an *Error, or that of the
// request's context.
func NewTransport(client *Client, options ...TransportOption) http.RoundTripper {
	transport := &transport{client: client}
	for _, option := range options {
		option(&transport.origin)
	}
	return transport
}

// TransportOption is an option of NewTransport.
type TransportOption func(*origin)

// RemoteAddress is the address that requests come from, for token_bound_cidrs and for Okta.
func RemoteAddress(address netip.Addr) TransportOption {
	return func(from *origin) { from.address = address.Unmap().WithZone("") }
}

type handler struct {
	client  *Client
	proxies proxies
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	origin, err := h.proxies.origin(r)
	var reply reply
	if err == nil {
		reply, err = h.client.carryOut(r, origin, http.MaxBytesReader(w, r.Body, maxBody))
	}
	if err != nil {
		reply = replyTo(err)
	}
	for name, values := range reply.header() {
		w.Header()[name] = values
	}
	w.WriteHeader(reply.status)
	// A client that has gone away reads nothing any more.
	_, _ = w.Write(reply.body)
}

type transport struct {
	client *Client
	origin origin
}

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	body := r.Body
	if body == nil {
		body = http.NoBody
	}
	defer body.Close()
	reply, err := t.client.carryOut(r, t.origin, http.MaxBytesReader(nil, body, maxBody))
	if err != nil {
		return nil, err
	}
	return reply.response(r), nil
}

// maxBody is the library's limit of a body, in bytes.
const maxBody = 32 << 20

// reply is an answer on its way back over HTTP.
type reply struct {
	status     int
	body       []byte
	retryAfter time.Duration
}

func (r reply) header() http.Header {
	header := http.Header{
		"Cache-Control":  {"no-store"},
		"Content-Type":   {"application/json"},
		"Content-Length": {strconv.Itoa(len(r.body))},
	}
	if r.status == http.StatusNoContent {
		header.Del("Content-Length")
	}
	if r.retryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int((r.retryAfter+time.Second-1)/time.Second)))
	}
	return header
}

func (r reply) response(request *http.Request) *http.Response {
	body := r.body
	// What a server would not send.
	if request.Method == http.MethodHead {
		body = nil
	}
	return &http.Response{
		Status:        strconv.Itoa(r.status) + " " + http.StatusText(r.status),
		StatusCode:    r.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        r.header(),
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(r.body)),
		Request:       request,
	}
}

// carryOut passes a request through the door. The error says why there is no answer.
func (c *Client) carryOut(r *http.Request, origin origin, body io.Reader) (reply, error) {
	request, refused := wireRequestOf(r, origin, body)
	if refused != nil {
		return *refused, nil
	}
	answer, err := c.Request(r.Context(), request)
	var failure *Error
	switch {
	case err == nil:
		return reply{status: answer.Status, body: answer.Raw}, nil
	case errors.As(err, &failure) && failure.Status > 0:
		return reply{status: failure.Status, body: failure.Raw, retryAfter: failure.RetryAfter}, nil
	default:
		return reply{}, err
	}
}

// replyTo is for those to whom an error cannot be returned.
func replyTo(err error) reply {
	var failure *Error
	switch {
	case errors.Is(err, errForwarded):
		return refusal(http.StatusBadRequest, ErrInvalidRequest, errForwarded.Error())
	case errors.Is(err, context.DeadlineExceeded):
		return refusal(http.StatusServiceUnavailable, ErrDeadlineExceeded, "the time of the request was up")
	case errors.As(err, &failure):
		status := http.StatusInternalServerError
		switch failure.Code {
		case ErrTooLarge:
			status = http.StatusRequestEntityTooLarge
		case ErrForked, ErrCancelled, ErrClosed:
			status = http.StatusServiceUnavailable
		}
		return refusal(status, failure.Code, "there is no answer: "+string(failure.Code))
	default:
		return refusal(http.StatusServiceUnavailable, ErrCancelled, "the request was cancelled")
	}
}

func refusal(status int, code Code, texts ...string) reply {
	body, _ := json.Marshal(map[string]any{"errors": append([]string{}, texts...), "code": code})
	return reply{status: status, body: body}
}
