package oktaauth

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"time"
)

// Transaction is the state of a login transaction, as StartTransaction and ContinueTransaction answer it.
type Transaction struct {
	ID           string            `json:"id"`
	State        string            `json:"state"`
	Factors      []Factor          `json:"factors"`
	Factor       *Factor           `json:"factor"`
	Challenge    *Challenge        `json:"challenge"`
	PollAfter    *int              `json:"poll_after"`
	ExpiresAt    time.Time         `json:"expires_at"`
	AttemptsLeft *int              `json:"attempts_left"`
	LastError    *TransactionError `json:"last_error"`
}

// Factor is a second factor of the user.
type Factor struct {
	ID        string `json:"id"`
	Type      string `json:"type"`
	Provider  string `json:"provider"`
	Name      string `json:"name"`
	Supported bool   `json:"supported"`
}

// Challenge is what a transaction waits for.
type Challenge struct {
	// Type is "push", "number", "passcode" or "question".
	Type string `json:"type"`
	// Number is what the user has to tap in Okta Verify; it may be 0.
	Number   *int    `json:"number"`
	Question *string `json:"question"`
	// ResendAfter is in seconds.
	ResendAfter *int `json:"resend_after"`
}

// TransactionError is why the last step of an open transaction brought nothing.
type TransactionError struct {
	Code Code   `json:"code"`
	Text string `json:"text"`
}

// How long Okta is left alone after an answer that got lost or came with an unknown wait.
const pauseUntold = 2 * time.Second

// LoginWithPush logs a user in whose second factor is Okta Verify's push, and tells show what the user has to do while
// he is waited for: a challenge of type "number" has the number to tap. Without a second factor show is not called; who
// has others but no push is refused. The end of the context cancels the login at Okta, too, as does a panic of show. The
// request is that of StartTransaction, and the answer that of Login: it holds Auth, or with "wrap_ttl" WrapInfo. For a
// factor with a code use StartTransaction and ContinueTransaction.
func (c *Client) LoginWithPush(ctx context.Context, request map[string]any, show func(Challenge)) (*Answer, error) {
	start, next := map[string]any{}, map[string]any{}
	maps.Copy(start, request)
	if start["totp"] == nil && start["factor_id"] == nil && start["factor_type"] == nil {
		start["factor_type"] = "push"
	}
	for _, repeated := range []string{"mount_point", "remote_address", "user_agent", "request_id", "wrap_ttl"} {
		if member, given := request[repeated]; given {
			next[repeated] = member
		}
	}
	var shown Challenge
	answer, err := c.StartTransaction(ctx, start)
	for err != nil || answer.Status == http.StatusAccepted {
		transaction, pause, ended := open(answer, err)
		if ended != nil {
			return nil, ended
		}
		next["id"] = transaction.ID
		if transaction.Challenge == nil {
			return nil, c.withoutPush(ctx, transaction, next)
		}
		if !sameChallenge(*transaction.Challenge, shown) {
			shown = *transaction.Challenge
			if show != nil {
				c.tell(ctx, show, shown, next)
			}
		}
		answer, err = c.goOn(ctx, pause, next)
	}
	return answer, nil
}

// open is the state of a transaction that goes on, and how long to leave it alone: an error leaves it open where Okta
// asks to slow down or its answer was lost.
func open(answer *Answer, err error) (Transaction, time.Duration, error) {
	var state Transaction
	if err == nil {
		err = answer.Data(&state)
		if state.PollAfter == nil {
			return state, pauseUntold, err
		}
		return state, time.Duration(*state.PollAfter) * time.Second, err
	}
	var failure *Error
	if !errors.As(err, &failure) ||
		failure.Status != http.StatusTooManyRequests && failure.Status != http.StatusServiceUnavailable ||
		json.Unmarshal(failure.Data, &state) != nil || state.Challenge == nil {
		return state, 0, err
	}
	if failure.RetryAfter == 0 {
		return state, pauseUntold, nil
	}
	return state, failure.RetryAfter, nil
}

// tell calls the caller's function, whose panic leaves nobody who waits.
func (c *Client) tell(ctx context.Context, show func(Challenge), challenge Challenge, request map[string]any) {
	returned := false
	defer func() {
		if !returned {
			c.farewell(ctx, request)
		}
	}()
	show(challenge)
	returned = true
}

// goOn polls when it is time; a transaction that nobody waits for any more is cancelled.
func (c *Client) goOn(ctx context.Context, pause time.Duration, request map[string]any) (*Answer, error) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return c.ContinueTransaction(ctx, request)
	case <-ctx.Done():
		c.farewell(ctx, request)
		return nil, ctx.Err()
	}
}

// withoutPush ends a login of a user who has no push: the password alone is no login.
func (c *Client) withoutPush(ctx context.Context, transaction Transaction, request map[string]any) error {
	c.farewell(ctx, request)
	failure := &Error{Status: http.StatusBadRequest, Code: ErrFactorUnavailable}
	if why := transaction.LastError; why != nil {
		failure.Code, failure.Errors = why.Code, []string{why.Text}
	}
	return failure
}

// farewell has Okta told that nobody waits any more.
func (c *Client) farewell(ctx context.Context, request map[string]any) {
	cleaning, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, _ = c.CancelTransaction(cleaning, request)
}

func sameChallenge(one, other Challenge) bool {
	if one.Type != other.Type || (one.Number == nil) != (other.Number == nil) {
		return false
	}
	return one.Number == nil || *one.Number == *other.Number
}
