package oktaauth

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// endsAlone is set for this test program when it is started again to end while logins wait.
const endsAlone = "OKTA_AUTH_TEST_ENDS_ALONE"

// A program whose main returns, or that exits, asks nobody who still waits.
func TestAProgramEndsWhileLoginsWait(t *testing.T) {
	if how := os.Getenv(endsAlone); how != "" {
		endWhileLoginsWait(t, how)
		return
	}
	control(t, "/reset", nil, nil)
	user(t, "fred@acme.com", push(3_600_000, object{}))
	for how, code := range map[string]int{"returns": 0, "exits": 7} {
		program := exec.Command(os.Args[0], "-test.run=^TestAProgramEndsWhileLoginsWait$")
		program.Env = append(os.Environ(), endsAlone+"="+how, "OKTA_URL="+okta.URL, "OKTA_CA="+okta.CAFile)
		printed, _ := program.CombinedOutput()
		if program.ProcessState.ExitCode() != code || strings.Contains(string(printed), "panic") {
			t.Errorf("%s: %v, %s", how, program.ProcessState, printed)
		}
		if count := callsAbout(t, "/authn"); count == 0 {
			t.Errorf("%s: no login waited", how)
		}
	}
}

func endWhileLoginsWait(t *testing.T, how string) {
	client, err := Open(Options{CAFile: os.Getenv("OKTA_CA")})
	must(t, err)
	ctx := context.Background()
	_, err = client.Configure(ctx, object{"org_url": os.Getenv("OKTA_URL")})
	must(t, err)
	shown := make(chan struct{})
	var once sync.Once
	go func() {
		_, _ = client.LoginWithPush(ctx, fred, func(Challenge) { once.Do(func() { close(shown) }) })
	}()
	go func() { _, _ = client.Login(ctx, fred) }()
	<-shown
	if how == "exits" {
		os.Exit(7)
	}
}

// Go starts other programs by a fork and an exec: what the library has open must not get there.
func TestAStartedProgramInheritsNothing(t *testing.T) {
	inherited := func() []string {
		t.Helper()
		opened, err := exec.Command("ls", "/proc/self/fd").Output()
		must(t, err)
		return strings.Fields(string(opened))
	}
	before := inherited()
	client := client(t, Options{Storage: SQLite(filepath.Join(t.TempDir(), "okta.db"))})
	user(t, "fred@acme.com", object{})
	_, err := client.Login(t.Context(), fred)
	must(t, err)
	if after := inherited(); !slices.Equal(after, before) {
		t.Errorf("%v, and %v before", after, before)
	}
	// The library notices the fork, and goes on in the parent.
	_, err = client.Login(t.Context(), fred)
	must(t, err)
}

func TestACloseAmongThousandsOfCallsIsToldToEach(t *testing.T) {
	client := client(t, Options{})
	var group sync.WaitGroup
	begun := make(chan struct{}, 1)
	for range 64 {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				_, err := client.ReadConfig(t.Context(), nil)
				switch {
				case err == nil:
					select {
					case begun <- struct{}{}:
					default:
					}
				case errors.Is(err, ErrClosed):
					return
				default:
					t.Error(err)
					return
				}
			}
		}()
	}
	<-begun
	must(t, client.Close())
	group.Wait()
}

func TestAWrongTypeOfAMemberIsAnInvalidRequest(t *testing.T) {
	client := client(t, Options{})
	for member, call := range map[string]func() (*Answer, error){
		"username": func() (*Answer, error) { return client.ReadUser(t.Context(), object{"username": 7}) },
		"password": func() (*Answer, error) {
			return client.Login(t.Context(), object{"username": "fred", "password": object{"secret": "hunter2"}})
		},
		"timeout_ms": func() (*Answer, error) { return client.ListUsers(t.Context(), object{"timeout_ms": -1}) },
		"storage":    func() (*Answer, error) { _, err := Open(object{"storage": 7}); return nil, err },
		"missing":    func() (*Answer, error) { _, err := client.LoginWithPush(t.Context(), nil, nil); return nil, err },
	} {
		_, err := call()
		if !errors.Is(err, ErrInvalidRequest) || !strings.Contains(fmt.Sprint(err), member) || strings.Contains(fmt.Sprint(err), "hunter2") {
			t.Errorf("%s: %v", member, err)
		}
	}
}
