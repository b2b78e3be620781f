package oktaauth

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Answer is what an operation answered. It is read when it is asked for.
type Answer struct {
	// Status is 200, 204, or 202 for a login transaction that is open.
	Status int
	// Raw is the whole body, JSON; empty with 204.
	Raw json.RawMessage
}

// Auth is the token that a login or a renewal brought.
type Auth struct {
	ClientToken   string            `json:"client_token"`
	Accessor      string            `json:"accessor"`
	Policies      []string          `json:"policies"`
	TokenPolicies []string          `json:"token_policies"`
	Metadata      map[string]string `json:"metadata"`
	LeaseDuration int64             `json:"lease_duration"`
	Renewable     bool              `json:"renewable"`
	EntityID      string            `json:"entity_id"`
	TokenType     string            `json:"token_type"`
	Orphan        bool              `json:"orphan"`
	NumUses       int64             `json:"num_uses"`
}

// ErrNoAuth is what Answer.Auth returns where there is no token.
var ErrNoAuth = errors.New("oktaauth: the answer holds no token")

// Auth is the token.
func (a *Answer) Auth() (*Auth, error) {
	var body struct {
		Auth *Auth `json:"auth"`
	}
	if err := a.decode(&body); err != nil {
		return nil, err
	}
	if body.Auth == nil {
		return nil, ErrNoAuth
	}
	return body.Auth, nil
}

// WrapInfo is what an answer is unwrapped with that was asked for with "wrap_ttl".
type WrapInfo struct {
	// Token is what Unwrap takes, once, within TTL seconds.
	Token        string    `json:"token"`
	Accessor     string    `json:"accessor"`
	TTL          int64     `json:"ttl"`
	CreationTime time.Time `json:"creation_time"`
	CreationPath string    `json:"creation_path"`
	// WrappedAccessor is that of the token inside; empty where there is none.
	WrappedAccessor string `json:"wrapped_accessor"`
}

// ErrNotWrapped is what Answer.WrapInfo returns where the answer itself is there.
var ErrNotWrapped = errors.New("oktaauth: the answer is not wrapped")

// WrapInfo is what the answer is unwrapped with.
func (a *Answer) WrapInfo() (*WrapInfo, error) {
	var body struct {
		WrapInfo *WrapInfo `json:"wrap_info"`
	}
	if err := a.decode(&body); err != nil {
		return nil, err
	}
	if body.WrapInfo == nil {
		return nil, ErrNotWrapped
	}
	return body.WrapInfo, nil
}

// Data reads what was asked for into a value.
func (a *Answer) Data(into any) error {
	var body struct {
		Data     json.RawMessage `json:"data"`
		WrapInfo *struct{}       `json:"wrap_info"`
	}
	if err := a.decode(&body); err != nil {
		return err
	}
	if body.WrapInfo != nil {
		return errors.New("oktaauth: the answer has no data; it is wrapped: see WrapInfo")
	}
	if body.Data == nil {
		return errors.New("oktaauth: the answer has no data")
	}
	return json.Unmarshal(body.Data, into)
}

// Warnings are Vault's.
func (a *Answer) Warnings() ([]string, error) {
	var body struct {
		Warnings []string `json:"warnings"`
	}
	return body.Warnings, a.decode(&body)
}

func (a *Answer) decode(into any) error {
	if len(a.Raw) == 0 {
		return nil
	}
	return json.Unmarshal(a.Raw, into)
}

// Error is why an operation was refused or failed; errors.As finds it, and errors.Is compares its code.
type Error struct {
	// Status is the HTTP status that Vault would send, or a negative code of okta_auth.h.
	Status int
	// Code is the stable name.
	Code Code
	// Errors are Vault's texts.
	Errors []string
	// RetryAfter is how long to wait before another try; 0 where nothing is known.
	RetryAfter time.Duration
	// Okta is what Okta said, where it said something.
	Okta *OktaError
	// Data is the member "data", which most errors lack: of a refused Authorize why, and by which rule.
	Data json.RawMessage
	// Raw is the whole body.
	Raw json.RawMessage
}

// OktaError is what Okta said about a refusal or failure.
type OktaError struct {
	Status    int    `json:"status"`
	ErrorCode string `json:"error_code"`
	ErrorID   string `json:"error_id"`
}

// Error has the status, Vault's texts, why and by which rule Authorize refused, and the code, as in Python and C++:
// "status 403: permission denied (code permission_denied)".
func (e *Error) Error() string {
	var said []string
	for _, text := range e.Errors {
		// Vault indents the items of a list on lines of their own, which would break up a log.
		words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n", r) })
		if len(words) > 0 {
			said = append(said, strings.Join(words, " "))
		}
	}
	line := "status " + strconv.Itoa(e.Status)
	if len(said) > 0 {
		line += ": " + strings.Join(said, "; ")
	}
	var decision struct{ Reason, Rule string }
	if json.Unmarshal(e.Data, &decision) == nil && decision.Reason != "" {
		line += ": " + decision.Reason
		if decision.Rule != "" {
			line += " (rule " + decision.Rule + ")"
		}
	}
	if e.Code != "" {
		line += " (code " + string(e.Code) + ")"
	}
	return line
}

// Is makes errors.Is compare the code.
func (e *Error) Is(target error) bool {
	code, isCode := target.(Code)
	return isCode && code == e.Code
}

func answerOf(status int, body []byte) (*Answer, error) {
	if status == 200 || status == 202 || status == 204 {
		return &Answer{Status: status, Raw: body}, nil
	}
	failure := &Error{Status: status, Raw: body}
	var members struct {
		Code       Code       `json:"code"`
		Errors     []string   `json:"errors"`
		RetryAfter float64    `json:"retry_after"`
		Okta       *OktaError `json:"okta"`
		Data       json.RawMessage
	}
	// A body that cannot be read leaves the status, which says enough.
	if json.Unmarshal(body, &members) == nil {
		failure.Code, failure.Errors, failure.Okta = members.Code, members.Errors, members.Okta
		failure.Data = members.Data
		failure.RetryAfter = time.Duration(members.RetryAfter * float64(time.Second))
	}
	return nil, failure
}

// errorOf is for functions that return 0 or a negative code, and no body.
func errorOf(status int) error {
	if status == 0 {
		return nil
	}
	return &Error{Status: status, Code: codesByNumber[status]}
}
