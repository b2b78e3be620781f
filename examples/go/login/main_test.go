package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"oktaauth/internal/loopback"
)

// The test program is the example, too, when it is started again with this set.
const itself = "OKTA_AUTH_EXAMPLE"

func TestMain(m *testing.M) {
	if os.Getenv(itself) != "" {
		main()
		return
	}
	os.Exit(loopback.While(func(okta *loopback.Okta) int {
		running = okta
		return m.Run()
	}))
}

var running *loopback.Okta

func TestANumberIsShownAndFredLoggedIn(t *testing.T) {
	push := map[string]any{"type": "push", "pushes": []any{map[string]any{"waiting": 1, "number": 42}}}
	user := map[string]any{"login": "fred@acme.com", "password": "correct horse", "factors": []any{push}}
	if err := running.Control("/users", user, nil); err != nil {
		t.Fatal(err)
	}
	database := filepath.Join(t.TempDir(), "okta.db")
	for password, expected := range map[string]string{
		"correct horse": "In Okta Verify, tap 42\nfred has the policies [default dev ops]\n",
		"wrong":         "invalid_credentials",
	} {
		program := exec.Command(os.Args[0], running.URL, running.CAFile, database, running.APIToken, password)
		program.Env = append(os.Environ(), itself+"=1")
		printed, err := program.CombinedOutput()
		if (err != nil) != (password == "wrong") || !strings.Contains(string(printed), expected) {
			t.Errorf("%q: %v, %s", password, err, printed)
		}
	}
	source, err := os.ReadFile("main.go")
	if lines := strings.Count(string(source), "\n"); err != nil || lines >= 40 {
		t.Errorf("an example has less than forty lines, this one %d", lines)
	}
}
