package oktaauth

import (
	"os"
	"strings"
	"testing"
	"time"

	"oktaauth/internal/loopback"
)

// okta is the Okta on 127.0.0.1 that the tests talk to; it ends with the test program.
var okta *loopback.Okta

func TestMain(m *testing.M) {
	os.Exit(loopback.While(func(running *loopback.Okta) int {
		okta = running
		return m.Run()
	}))
}

// control asks the loopback something and reads the answer into a value, unless that is nil.
func control(t testing.TB, path string, body, into any) {
	t.Helper()
	must(t, okta.Control(path, body, into))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// object is a JSON object.
type object = map[string]any

const password = "correct horse"

// user gives the loopback a user, who replaces one of the same name.
func user(t testing.TB, login string, members object) {
	t.Helper()
	members["login"], members["password"] = login, password
	control(t, "/users", members, nil)
}

// push is a factor whose pushes are answered after so many milliseconds.
func push(afterMS int, members object) object {
	members["after_ms"] = afterMS
	return object{"factors": []object{{"type": "push", "pushes": []object{members}}}}
}

// client is open and configured for the loopback, and closed with the test.
func client(t testing.TB, options Options) *Client {
	t.Helper()
	control(t, "/reset", nil, nil)
	options.CAFile = okta.CAFile
	client, err := Open(options)
	must(t, err)
	t.Cleanup(func() { must(t, client.Close()) })
	_, err = client.Configure(t.Context(), object{"org_url": okta.URL, "api_token": okta.APIToken})
	must(t, err)
	return client
}

// withID gives a user's factor its id.
func withID(user object, id string) object {
	user["factors"].([]object)[0]["id"] = id
	return user
}

// paths are those of the calls that Okta got since last asked.
func paths(t testing.TB) []string {
	t.Helper()
	var calls []struct{ Path string }
	control(t, "/calls/take", nil, &calls)
	paths := make([]string, len(calls))
	for number, call := range calls {
		paths[number] = call.Path
	}
	return paths
}

// callsAbout counts those with this text in their paths.
func callsAbout(t testing.TB, text string) int {
	t.Helper()
	count := 0
	for _, path := range paths(t) {
		if strings.Contains(path, text) {
			count++
		}
	}
	return count
}

// eventually waits until a condition holds.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !condition(); {
		if time.Now().After(end) {
			t.Fatalf("it never came that %s", what)
		}
		<-time.After(time.Millisecond)
	}
}
