package oktaauth

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"unicode/utf8"
)

// wireRequest is what okta_auth_request takes.
type wireRequest struct {
	Method        string              `json:"method"`
	Path          string              `json:"path"`
	Headers       map[string][]string `json:"headers,omitempty"`
	Body          *string             `json:"body,omitempty"`
	RemoteAddress string              `json:"remote_address,omitempty"`
	UserAgent     string              `json:"user_agent,omitempty"`
}

// wireRequestOf reads a request as it stands on the wire, or refuses it.
func wireRequestOf(r *http.Request, origin origin, body io.Reader) (*wireRequest, *reply) {
	refused := func(status int, code Code, texts ...string) (*wireRequest, *reply) {
		reply := refusal(status, code, texts...)
		return nil, &reply
	}
	request := wireRequest{
		Method: r.Method, Path: r.URL.EscapedPath(), Headers: passedOn(r.Header, origin), UserAgent: userAgentOf(r),
	}
	if request.Method == "" {
		request.Method = http.MethodGet
	}
	if !strings.HasPrefix(request.Path, "/v1/") {
		return refused(http.StatusNotFound, ErrUnsupportedPath)
	}
	if r.URL.RawQuery != "" {
		request.Path += "?" + r.URL.RawQuery
	}
	if origin.address.IsValid() {
		request.RemoteAddress = origin.address.String()
	}
	switch request.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
		tooLarge := func() (*wireRequest, *reply) {
			text := fmt.Sprintf("the body is larger than %d bytes", maxBody)
			return refused(http.StatusRequestEntityTooLarge, ErrTooLarge, text)
		}
		// What is announced to be larger is not waited for.
		if r.ContentLength > maxBody {
			return tooLarge()
		}
		read, err := io.ReadAll(body)
		var limit *http.MaxBytesError
		switch {
		case errors.As(err, &limit):
			return tooLarge()
		case err != nil:
			return refused(http.StatusBadRequest, ErrInvalidRequest, "the body cannot be read")
		}
		text := string(read)
		request.Body = &text
	}
	if !request.isUTF8() {
		return refused(http.StatusBadRequest, ErrInvalidRequest, "the request is not UTF-8")
	}
	return &request, nil
}

// isUTF8 is asked because encoding/json would put other characters in the place of what is not.
func (r *wireRequest) isUTF8() bool {
	valid := utf8.ValidString(r.Path) && (r.Body == nil || utf8.ValidString(*r.Body))
	for _, values := range r.Headers {
		for _, value := range values {
			valid = valid && utf8.ValidString(value)
		}
	}
	return valid
}

// passedOn are the headers that the door reads. Others stay out, so that a blank in a cookie is no reason to refuse.
// In the process they come as a program has put them into the map, in other letters perhaps than a server would have.
func passedOn(headers http.Header, origin origin) map[string][]string {
	passed := map[string][]string{}
	for name, values := range headers {
		name = http.CanonicalHeaderKey(name)
		if name == "Authorization" || name == "Content-Type" || strings.HasPrefix(name, "X-Vault-") {
			passed[name] = append(passed[name], values...)
		}
	}
	if origin.forwarded != "" {
		passed["X-Forwarded-For"] = []string{origin.forwarded}
	}
	return passed
}

// maxUserAgent is the library's limit, in bytes.
const maxUserAgent = 1024

// userAgentOf is empty for what the library would refuse: nobody is turned away for the name of his program.
func userAgentOf(r *http.Request) string {
	agent := r.UserAgent()
	unprintable := func(character rune) bool { return character < ' ' || character > '~' }
	if len(agent) > maxUserAgent || strings.ContainsFunc(agent, unprintable) {
		return ""
	}
	return agent
}

// origin is where a request comes from.
type origin struct {
	// address is the zero value where it is not known.
	address netip.Addr
	// forwarded is what an honest X-Forwarded-For says, from the client's address on.
	forwarded string
}

// proxies are networks.
type proxies []netip.Prefix

var errForwarded = errors.New("X-Forwarded-For does not hold IP addresses")

// origin follows X-Forwarded-For from the peer on for as long as it was written by a proxy.
func (p proxies) origin(r *http.Request) (origin, error) {
	peer, known := parseAddress(r.RemoteAddr)
	if !known || !p.contain(peer) {
		return origin{address: peer}, nil
	}
	found, err := forwardedFor(r.Header, p)
	if err == nil && !found.address.IsValid() {
		found.address = peer
	}
	return found, err
}

func (p proxies) contain(address netip.Addr) bool {
	for _, network := range p {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

func forwardedFor(headers http.Header, trusted proxies) (origin, error) {
	line := strings.TrimSpace(strings.Join(headers.Values("X-Forwarded-For"), ","))
	if line == "" {
		return origin{}, nil
	}
	hops := strings.Split(line, ",")
	for last := len(hops) - 1; ; last-- {
		hops[last] = strings.TrimSpace(hops[last])
		address, valid := parseAddress(hops[last])
		if !valid {
			return origin{}, errForwarded
		}
		if last == 0 || !trusted.contain(address) {
			return origin{address: address, forwarded: strings.Join(hops[last:], ", ")}, nil
		}
	}
}

// parseAddress takes an IP address with or without a port; one of IPv6 in brackets as well.
func parseAddress(text string) (netip.Addr, bool) {
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		text += ":0"
	}
	address, err := netip.ParseAddr(text)
	if err != nil {
		withPort, err := netip.ParseAddrPort(text)
		if err != nil {
			return netip.Addr{}, false
		}
		address = withPort.Addr()
	}
	return address.Unmap().WithZone(""), true
}
