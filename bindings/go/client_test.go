package oktaauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

var fred = object{"username": "fred", "password": password}

func TestALifeFromLoginToRevocation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "okta.db")
	client := client(t, Options{Storage: SQLite(path)})
	user(t, "fred@acme.com", object{"groups": []object{{"name": "Engineers"}}})
	ctx := t.Context()
	_, err := client.RegisterUser(ctx, object{"username": "fred", "policies": []string{"dev"}})
	must(t, err)
	_, err = client.RegisterGroup(ctx, object{"name": "engineers", "policies": "ops"})
	must(t, err)
	answer, err := client.Login(ctx, fred)
	must(t, err)
	auth, err := answer.Auth()
	must(t, err)
	if got := strings.Join(auth.Policies, " "); got != "default dev ops" {
		t.Errorf("policies are %s", got)
	}
	token := object{"token": auth.ClientToken}
	var data struct {
		Accessor string
		TTL      int64
	}
	answer, err = client.LookupToken(ctx, token)
	must(t, err)
	must(t, answer.Data(&data))
	if data.Accessor != auth.Accessor || data.TTL <= 0 {
		t.Errorf("looked up %+v", data)
	}
	_, err = client.RenewToken(ctx, token)
	must(t, err)
	answer, err = client.RevokeToken(ctx, token)
	must(t, err)
	if answer.Status != 204 || len(answer.Raw) != 0 {
		t.Errorf("revoked with %d %s", answer.Status, answer.Raw)
	}
	if _, err = client.LookupToken(ctx, token); !errors.Is(err, ErrInvalidToken) {
		t.Errorf("a revoked token: %v", err)
	}
	// What was answered is there for the next client.
	must(t, client.Close())
	again, err := Open(Options{Storage: SQLite(path)})
	must(t, err)
	defer again.Close()
	_, err = again.ReadUser(ctx, object{"username": "FRED"})
	must(t, err)
}

func TestAWrappedLoginIsUnwrappedOnce(t *testing.T) {
	client := client(t, Options{})
	user(t, "fred@acme.com", object{})
	ctx := t.Context()
	wrapped := object{"wrap_ttl": "5m"}
	maps.Copy(wrapped, fred)
	answer, err := client.Login(ctx, wrapped)
	must(t, err)
	if _, err := answer.Auth(); !errors.Is(err, ErrNoAuth) {
		t.Errorf("a wrapped answer has a token: %v", err)
	}
	info, err := answer.WrapInfo()
	must(t, err)
	if info.TTL != 300 || info.CreationPath != "auth/okta/login/fred" || info.CreationTime.IsZero() {
		t.Errorf("wrapped as %+v", info)
	}
	answer, err = client.Unwrap(ctx, object{"token": info.Token})
	must(t, err)
	auth, err := answer.Auth()
	must(t, err)
	if auth.Accessor != info.WrappedAccessor {
		t.Errorf("unwrapped the token of %s, not of %s", auth.Accessor, info.WrappedAccessor)
	}
	if _, err := answer.WrapInfo(); !errors.Is(err, ErrNotWrapped) {
		t.Errorf("an unwrapped answer is wrapped: %v", err)
	}
	if _, err = client.Unwrap(ctx, object{"token": info.Token}); !errors.Is(err, ErrInvalidToken) {
		t.Errorf("unwrapped twice: %v", err)
	}
}

func TestRefusalsAreErrorsWithCodes(t *testing.T) {
	client := client(t, Options{})
	user(t, "fred@acme.com", object{})
	_, err := client.Login(t.Context(), object{"username": "fred", "password": "hunter2"})
	var failure *Error
	if !errors.Is(err, ErrInvalidCredentials) || !errors.As(err, &failure) {
		t.Fatalf("a wrong password: %v", err)
	}
	if failure.Status != 400 || failure.Okta == nil || failure.Okta.ErrorCode != "E0000004" {
		t.Errorf("%+v", failure)
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Error("the password is in the text")
	}
	control(t, "/faults", []object{{"path": "/api/v1/authn", "kind": object{"rate_limited": "normal"}}}, nil)
	_, err = client.Login(t.Context(), fred)
	if !errors.As(err, &failure) || failure.Code != ErrRateLimited || failure.RetryAfter < time.Second {
		t.Errorf("%v", err)
	}
}

func TestWhatIsNoRequestIsRefused(t *testing.T) {
	client := client(t, Options{})
	limited, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, ctx := range []context.Context{t.Context(), limited} {
		for _, request := range []any{[]int{1}, "text", 7, json.RawMessage(`{"username":`), json.RawMessage("\xff"), func() {}, object{"username": 'a' + 1i}} {
			for name, call := range map[string]func(context.Context, any) (*Answer, error){"login": client.Login, "read": client.ReadUser} {
				if _, err := call(ctx, request); err == nil {
					t.Errorf("%s took %v", name, request)
				}
			}
		}
	}
	if _, err := Open(object{"storag": nil}); !errors.Is(err, ErrInvalidRequest) || !strings.Contains(err.Error(), "storag") {
		t.Errorf("%v", err)
	}
	if _, err := Open(Options{Storage: SQLite(t.TempDir())}); err == nil {
		t.Error("a folder was opened as a database")
	}
}

func TestTheDeadlineOfTheContextIsThatOfTheOperation(t *testing.T) {
	for _, text := range []string{`{}`, ` { } `, `{"a":1}`, ` {"a":{"timeout_ms":1}}`} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		encoded, err := encode(ctx, json.RawMessage(text))
		cancel()
		must(t, err)
		var members struct {
			Timeout int `json:"timeout_ms"`
		}
		must(t, json.Unmarshal(encoded, &members))
		if members.Timeout < 50_000 || members.Timeout > 60_000+grace {
			t.Errorf("%s became %s", text, encoded)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if encoded, _ := encode(ctx, object{"timeout_ms": 5}); string(encoded) != `{"timeout_ms":5}` {
		t.Errorf("%s", encoded)
	}
}

func TestTheEndOfTheContextReachesOkta(t *testing.T) {
	client := client(t, Options{})
	user(t, "fred@acme.com", withID(push(3_600_000, object{}), "opf1fred"))
	user(t, "barney@acme.com", withID(push(3_600_000, object{}), "opf1barney"))
	other, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		_, _ = client.Login(other, object{"username": "barney", "password": password})
		close(ended)
	}()
	for name, context := range map[string]func() (context.Context, context.CancelFunc){
		"cancel": func() (context.Context, context.CancelFunc) { return context.WithCancel(t.Context()) },
		"deadline": func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(t.Context(), 300*time.Millisecond)
		},
	} {
		ctx, cancel := context()
		done := make(chan error)
		go func() {
			_, err := client.Login(ctx, fred)
			done <- err
		}()
		if name == "cancel" {
			eventually(t, "the push is sent", func() bool { return callsAbout(t, "opf1fred") > 0 })
			cancel()
		}
		err := <-done
		if err == nil || !errors.Is(err, ctx.Err()) {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
		// What was on its way arrives before another login's next poll but one.
		eventually(t, "another login polls", func() bool { return callsAbout(t, "opf1barney") > 0 })
		control(t, "/calls/take", nil, nil)
		seen, late := 0, 0
		eventually(t, "another login polls twice", func() bool {
			for _, path := range paths(t) {
				if strings.Contains(path, "opf1barney") {
					seen++
				} else {
					late++
				}
			}
			return seen >= 2
		})
		if late != 0 {
			t.Errorf("%s: %d calls came after the end", name, late)
		}
	}
	stop()
	<-ended
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Login(gone, fred); !errors.Is(err, context.Canceled) || len(paths(t)) != 0 {
		t.Errorf("%v", err)
	}
}

func TestCloseEndsWhatWaits(t *testing.T) {
	client := client(t, Options{})
	user(t, "fred@acme.com", push(3_600_000, object{}))
	const logins = 50
	results := make(chan error, logins)
	for range logins {
		go func() {
			_, err := client.Login(t.Context(), fred)
			results <- err
		}()
	}
	eventually(t, "a login waits", func() bool { return len(paths(t)) > 0 })
	must(t, client.Close())
	for range logins {
		if err := <-results; !errors.Is(err, ErrCancelled) && !errors.Is(err, ErrClosed) && !errors.Is(err, ErrRateLimited) {
			t.Errorf("%v", err)
		}
	}
	must(t, client.Close())
	if _, err := client.ListUsers(t.Context(), nil); !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
	if _, err := client.Login(t.Context(), fred); !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
	if err := client.SetLogger(LevelInfo, func(int, []byte) {}); !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
}

func TestNothingIsDoneWithoutItsAuditLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "audit.log")
	client := client(t, Options{Audit: &Audit{File: file}})
	user(t, "fred@acme.com", object{})
	var mutex sync.Mutex
	var lines []string
	must(t, client.SetAudit(func(line []byte) bool {
		mutex.Lock()
		defer mutex.Unlock()
		lines = append(lines, string(line))
		return json.Valid(line)
	}))
	_, err := client.Login(t.Context(), fred)
	must(t, err)
	must(t, client.SetAudit(func([]byte) bool { return false }))
	if _, err := client.Login(t.Context(), fred); !errors.Is(err, ErrAuditFailed) {
		t.Errorf("%v", err)
	}
	must(t, client.SetAudit(nil))
	_, err = client.Login(t.Context(), fred)
	must(t, err)
	mutex.Lock()
	defer mutex.Unlock()
	if len(lines) != 2 || strings.Contains(strings.Join(lines, ""), password) {
		t.Errorf("%q", lines)
	}
	text, err := os.ReadFile(file)
	must(t, err)
	if !strings.Contains(string(text), strings.Join(lines, "\n")) {
		t.Errorf("%s", text)
	}
}

func TestTheNumberToTapIsShown(t *testing.T) {
	client := client(t, Options{})
	user(t, "fred@acme.com", push(100, object{"number": 0}))
	var shown []int
	answer, err := client.LoginWithPush(t.Context(), fred, func(challenge Challenge) {
		if challenge.Number != nil {
			shown = append(shown, *challenge.Number)
		}
	})
	must(t, err)
	auth, err := answer.Auth()
	must(t, err)
	if len(shown) != 1 || shown[0] != 0 || auth.ClientToken == "" {
		t.Errorf("shown %v", shown)
	}
	user(t, "barney@acme.com", object{})
	answer, err = client.LoginWithPush(t.Context(), object{"username": "barney", "password": password}, nil)
	must(t, err)
	auth, err = answer.Auth()
	must(t, err)
	if auth.Metadata["username"] != "barney" {
		t.Errorf("%+v", auth)
	}
	user(t, "wilma@acme.com", object{"factors": []object{{"type": "sms"}}})
	paths(t)
	_, err = client.LoginWithPush(t.Context(), object{"username": "wilma", "password": password}, nil)
	if made := paths(t); !errors.Is(err, ErrFactorUnavailable) || !strings.HasPrefix(made[len(made)-1], "/api/v1/authn/cancel") {
		t.Errorf("%v after %v", err, made)
	}
}

func TestTheAnswerOfALoginWithPushIsWrapped(t *testing.T) {
	client := client(t, Options{})
	user(t, "fred@acme.com", push(1, object{}))
	answer, err := client.LoginWithPush(t.Context(), object{"username": "fred", "password": password, "wrap_ttl": "60s"}, nil)
	must(t, err)
	if _, err := answer.Auth(); !errors.Is(err, ErrNoAuth) {
		t.Errorf("%v", err)
	}
	wrapped, err := answer.WrapInfo()
	must(t, err)
	inside, err := client.Unwrap(t.Context(), object{"token": wrapped.Token})
	must(t, err)
	auth, err := inside.Auth()
	must(t, err)
	if auth.ClientToken == "" || auth.Accessor != wrapped.WrappedAccessor {
		t.Errorf("%+v in %+v", auth, wrapped)
	}
}

func TestALoginOutlivesAnAnswerThatIsLostInTheMiddle(t *testing.T) {
	client := client(t, Options{})
	user(t, "fred@acme.com", withID(push(3_600_000, object{}), "opf1fred"))
	shown := 0
	answer, err := client.LoginWithPush(t.Context(), fred, func(Challenge) {
		shown++
		fault := object{"path": "/api/v1/authn/factors/opf1fred/verify", "times": 1, "kind": object{"rate_limited": "normal"}}
		control(t, "/faults", []object{fault}, nil)
		control(t, "/tap", object{"login": "fred@acme.com"}, nil)
	})
	must(t, err)
	if _, err := answer.Auth(); err != nil || shown != 1 {
		t.Errorf("%v, shown %d times", err, shown)
	}
}

func TestALoginWhoseFunctionPanicsIsCancelledAtOkta(t *testing.T) {
	client := client(t, Options{})
	user(t, "fred@acme.com", push(3_600_000, object{}))
	defer func() {
		made := paths(t)
		if last := made[len(made)-1]; recover() != "no screen" || !strings.HasPrefix(last, "/api/v1/authn/cancel") {
			t.Errorf("the last call was %s", last)
		}
	}()
	_, _ = client.LoginWithPush(t.Context(), fred, func(Challenge) { panic("no screen") })
}

func TestALoginThatIsGivenUpIsCancelledAtOkta(t *testing.T) {
	client := client(t, Options{})
	user(t, "fred@acme.com", push(3_600_000, object{}))
	ctx, cancel := context.WithCancel(t.Context())
	_, err := client.LoginWithPush(ctx, fred, func(Challenge) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("%v", err)
	}
	made := paths(t)
	if last := made[len(made)-1]; !strings.HasPrefix(last, "/api/v1/authn/cancel") {
		t.Errorf("the last call was %s", last)
	}
}

// Each goroutine checks its own answer, while garbage is collected all the time.
func TestThousandsOfGoroutinesGetTheirOwnAnswers(t *testing.T) {
	client := client(t, Options{})
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	}()
	var group sync.WaitGroup
	for number := range 3000 {
		group.Add(1)
		go func() {
			defer group.Done()
			id := fmt.Sprintf("request-%d", number)
			request := object{"request_id": id, "policies": []string{"p" + id}}
			call := client.CreateToken
			if number%3 == 0 {
				// The same through a ticket.
				call = func(ctx context.Context, request any) (*Answer, error) {
					return client.submit(ctx, "create_token", request)
				}
			}
			answer, err := call(t.Context(), request)
			if err != nil {
				t.Error(err)
				return
			}
			var body struct {
				RequestID string `json:"request_id"`
			}
			auth, err := answer.Auth()
			if err != nil || answer.decode(&body) != nil || body.RequestID != id || auth.Policies[1] != "p"+id {
				t.Errorf("%s got %s", id, answer.Raw)
			}
		}()
	}
	group.Wait()
}

func TestNoThreadWaitsForAPhone(t *testing.T) {
	client := client(t, Options{})
	const logins = 200
	for number := range logins {
		user(t, fmt.Sprintf("user%d@acme.com", number), push(3_600_000, object{}))
	}
	before := threads(t)
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	for number := range logins {
		group.Add(1)
		go func() {
			defer group.Done()
			_, err := client.Login(ctx, object{"username": fmt.Sprintf("user%d", number), "password": password})
			if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}()
	}
	sent := 0
	eventually(t, "all pushes are sent", func() bool { sent += len(paths(t)); return sent >= 2*logins })
	if during := threads(t); during > before+20 {
		t.Errorf("%d threads became %d", before, during)
	}
	cancel()
	group.Wait()
}

func threads(t *testing.T) int {
	t.Helper()
	tasks, err := os.ReadDir("/proc/self/task")
	must(t, err)
	return len(tasks)
}

func TestTheLogIsOneLineOfJSONEach(t *testing.T) {
	client := client(t, Options{})
	user(t, "fred@acme.com", object{})
	var mutex sync.Mutex
	var records []string
	must(t, client.SetLogger(LevelDebug, func(level int, record []byte) {
		mutex.Lock()
		defer mutex.Unlock()
		if !json.Valid(record) || level < LevelError || level > LevelDebug {
			t.Errorf("%d %s", level, record)
		}
		records = append(records, string(record))
	}))
	_, err := client.Login(t.Context(), fred)
	must(t, err)
	must(t, client.SetLogger(LevelOff, nil))
	mutex.Lock()
	count := len(records)
	if count == 0 || strings.Contains(strings.Join(records, ""), password) {
		t.Errorf("%q", records)
	}
	mutex.Unlock()
	_, err = client.Login(t.Context(), fred)
	must(t, err)
	if len(records) != count {
		t.Error("a log function was called after it had been taken away")
	}
}

func TestALoginOfAForgottenClientIsNotCollected(t *testing.T) {
	control(t, "/reset", nil, nil)
	user(t, "fred@acme.com", push(500, object{}))
	result := make(chan error, 1)
	func() {
		client, err := Open(Options{CAFile: okta.CAFile})
		must(t, err)
		_, err = client.Configure(t.Context(), object{"org_url": okta.URL, "api_token": okta.APIToken})
		must(t, err)
		go func() {
			_, err := client.Login(t.Context(), fred)
			result <- err
		}()
	}()
	for {
		select {
		case err := <-result:
			must(t, err)
			return
		default:
			runtime.GC()
		}
	}
}

func TestAnErrorReadsAsInTheOtherLanguages(t *testing.T) {
	for _, shown := range []struct {
		status     int
		body, line string
	}{
		{400, `{"errors":[" first:\n\t* point\n\n","","second"],"code":"c"}`, "status 400: first: * point; second (code c)"},
		{403, `{"errors":["no"],"code":"c","data":{"reason":"why","rule":"a/*"}}`, "status 403: no: why (rule a/*) (code c)"},
		{403, `{"errors":[],"code":"c","data":{"reason":"why","rule":null}}`, "status 403: why (code c)"},
		{400, `{"errors":["no"],"code":"c","data":{"rule":"a/*"}}`, "status 400: no (code c)"},
		{-12, `{"code":"closed"}`, "status -12 (code closed)"},
		{500, "", "status 500"},
	} {
		if _, failure := answerOf(shown.status, []byte(shown.body)); failure.Error() != shown.line {
			t.Errorf("%q, not %q", failure, shown.line)
		}
	}
}
