package oktaauth

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"oktaauth/internal/loopback"
)

// lines are those that an audit function has got.
type lines struct {
	mutex sync.Mutex
	all   []string
}

func (l *lines) add(line []byte) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.all = append(l.all, string(line))
	return true
}

// functions says which functions the lines are about.
func functions(t *testing.T, lines []string) string {
	t.Helper()
	var functions []string
	for _, line := range lines {
		var read struct {
			Request struct{ Function string }
		}
		must(t, json.Unmarshal([]byte(line), &read))
		functions = append(functions, read.Request.Function)
	}
	return strings.Join(functions, " ")
}

func TestOptionsHaveEveryMemberOfTheHeaders(t *testing.T) {
	header, err := os.ReadFile(filepath.Join(loopback.Root(), "include", "okta_auth.h"))
	must(t, err)
	_, text, _ := strings.Cut(string(header), "`options` is a JSON object.")
	text, _, _ = strings.Cut(text, "\n *\n * Returns")
	items := strings.Split(regexp.MustCompile(`(?s)\{.*?\}`).ReplaceAllString(text, ""), "\n * - ")[1:]
	var named, members []string
	for _, found := range regexp.MustCompile(`"([a-z_]+)"(?::|,| or | \(\d)`).FindAllStringSubmatch(strings.Join(items, "\n"), -1) {
		named = append(named, found[1])
	}
	options := reflect.TypeFor[Options]()
	for number := range options.NumField() {
		name, _, _ := strings.Cut(options.Field(number).Tag.Get("json"), ",")
		members = append(members, name)
	}
	slices.Sort(named)
	slices.Sort(members)
	if !slices.Equal(named, members) {
		t.Errorf("the header has %q, Options %q", named, members)
	}
}

func TestAuditLinesAreAddedToTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "audit.log")
	first := client(t, Options{Audit: &Audit{File: file}})
	_, err := first.RegisterUser(t.Context(), object{"username": "fred"})
	must(t, err)
	text, err := os.ReadFile(file)
	must(t, err)
	if got := functions(t, strings.Split(strings.TrimSpace(string(text)), "\n")); got != "configure configure register_user register_user" {
		t.Error(got)
	}
	nowhere := filepath.Join(t.TempDir(), "missing", "audit.log")
	if _, err := Open(Options{Audit: &Audit{File: nowhere}}); !errors.Is(err, ErrAuditFailed) {
		t.Error(err)
	}
	client(t, Options{Audit: &Audit{File: nowhere, BestEffort: true}})
}

func TestAnAuditFunctionGetsTheLinesUntilItIsTakenAway(t *testing.T) {
	client, err := Open(Options{Audit: &Audit{}})
	must(t, err)
	ctx, fred := t.Context(), object{"username": "fred"}
	if _, err = client.RegisterUser(ctx, fred); !errors.Is(err, ErrAuditFailed) {
		t.Error(err)
	}
	var first, second lines
	must(t, client.SetAudit(first.add))
	_, err = client.RegisterUser(ctx, fred)
	must(t, err)
	must(t, client.SetAudit(second.add))
	// This one by a thread of the library.
	if _, err = client.Request(ctx, object{"method": "GET", "path": "sys/auth"}); !errors.Is(err, ErrPermissionDenied) {
		t.Error(err)
	}
	must(t, client.SetAudit(func([]byte) bool { return false }))
	if _, err = client.RegisterUser(ctx, fred); !errors.Is(err, ErrAuditFailed) {
		t.Error(err)
	}
	must(t, client.SetAudit(nil))
	if got := functions(t, first.all) + ", " + functions(t, second.all); got != "register_user register_user, request request" {
		t.Error(got)
	}
	must(t, client.SetAudit(first.add))
	must(t, client.Close())
	if err = client.SetAudit(second.add); !errors.Is(err, ErrClosed) || len(first.all) != 2 {
		t.Error(err)
	}
}

func TestAFunctionOfTheHostsMayNotCallBack(t *testing.T) {
	client := client(t, Options{})
	var refused []error
	callBack := func() {
		_, listing := client.ListUsers(t.Context(), nil)
		_, door := client.Request(t.Context(), object{"method": "GET", "path": "sys/auth"})
		refused = append(refused, listing, door, client.SetAudit(nil), client.SetLogger(LevelOff, nil))
	}
	must(t, client.SetAudit(func([]byte) bool { callBack(); return true }))
	_, err := client.RegisterUser(t.Context(), object{"username": "fred"})
	must(t, err)
	must(t, client.SetAudit(nil))
	if len(refused) != 8 {
		t.Errorf("%d calls", len(refused))
	}
	for _, err := range refused {
		if !errors.Is(err, ErrReentered) {
			t.Error(err)
		}
	}
}

func TestAPanicOfAFunctionOfTheHostsEndsThere(t *testing.T) {
	client, err := Open(Options{Audit: &Audit{}})
	must(t, err)
	defer client.Close()
	ctx, fred := t.Context(), object{"username": "fred"}
	panicked := 0
	must(t, client.SetAudit(func([]byte) bool { panicked++; panic("no room") }))
	if _, err = client.RegisterUser(ctx, fred); !errors.Is(err, ErrAuditFailed) || panicked == 0 {
		t.Errorf("%v after %d panics", err, panicked)
	}
	var taken lines
	must(t, client.SetAudit(taken.add))
	panicked = 0
	must(t, client.SetLogger(LevelDebug, func(int, []byte) { panicked++; panic("no room") }))
	if _, err = client.RegisterUser(ctx, fred); err != nil || panicked == 0 || len(taken.all) != 2 {
		t.Errorf("%v after %d panics, %q", err, panicked, taken.all)
	}
}

func TestAnAuditFunctionThatRunsIsWaitedFor(t *testing.T) {
	client := client(t, Options{})
	inside, goOn := make(chan struct{}), make(chan struct{})
	var entered sync.Once
	var done lines
	must(t, client.SetAudit(func(line []byte) bool {
		entered.Do(func() { close(inside) })
		<-goOn
		return done.add(line)
	}))
	go func() { _, _ = client.RegisterUser(t.Context(), object{"username": "fred"}) }()
	<-inside
	counted := make(chan int)
	go func() {
		_ = client.SetAudit(nil)
		counted <- len(done.all)
	}()
	close(goOn)
	if count := <-counted; count == 0 || count != len(done.all) {
		t.Errorf("%d lines, then %d", count, len(done.all))
	}
}
