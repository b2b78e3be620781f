package middleware

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"oktaauth"
	"oktaauth/internal/loopback"
)

type object = map[string]any

var okta *loopback.Okta

func TestMain(m *testing.M) {
	os.Exit(loopback.While(func(running *loopback.Okta) int {
		okta = running
		return m.Run()
	}))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhoBringsATokenIsLetIn(t *testing.T) {
	push := object{"type": "push", "pushes": []object{{"waiting": 1}}}
	must(t, okta.Control("/users", object{"login": "fred@acme.com", "password": "correct horse", "factors": []object{push}}, nil))
	client, err := oktaauth.Open(oktaauth.Options{CAFile: okta.CAFile})
	must(t, err)
	_, err = client.Configure(t.Context(), object{"org_url": okta.URL, "api_token": okta.APIToken})
	must(t, err)
	policy := object{"name": "web", "policy": `path "web/some/*" { capabilities = ["read"] }`}
	_, err = client.CreateOrUpdateACLPolicy(t.Context(), policy)
	must(t, err)
	_, err = client.RegisterUser(t.Context(), object{"username": "fred", "policies": "web"})
	must(t, err)
	server := httptest.NewServer(Handler(client, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "Hello, ", r.Context().Value(Name{}))
	})))
	defer server.Close()
	ask := func(method, path, header, body string, status int) string {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
		must(t, err)
		if header != "" {
			request.Header.Set("Authorization", header)
		}
		response, err := server.Client().Do(request)
		must(t, err)
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		must(t, err)
		if response.StatusCode != status {
			t.Errorf("%s %s: %d %s", method, path, response.StatusCode, text)
		}
		return string(text)
	}

	const login = "/v1/auth/okta/login/fred"
	ask("POST", login, "", `{"password":"wrong"}`, 400)
	ask("POST", login, "", `{}`, 400)
	ask("POST", login, "", `fred`, 400)
	ask("GET", login, "", "", 405)
	ask("GET", "/v1/auth/okta/config", "", "", 401)
	var body struct{ Auth oktaauth.Auth }
	must(t, json.Unmarshal([]byte(ask("POST", login, "", `{"password":"correct horse"}`, 200)), &body))
	token := body.Auth.ClientToken
	for _, header := range []string{"", "Bearer", "Bearer ", "Bearer hvs.invented", token, "Basic " + token} {
		ask("GET", "/some/page", header, "", 401)
	}
	if hello := ask("GET", "/some/page", "Bearer "+token, "", 200); hello != "Hello, fred@acme.com" {
		t.Error(hello)
	}
	// A token is no login: one that wraps, one without the right, one that is bound elsewhere.
	ask("GET", "/another/page", "Bearer "+token, "", 401)
	ask("POST", "/some/page", "Bearer "+token, "", 401)
	far := object{"role_name": "far", "allowed_policies": "web", "token_bound_cidrs": "192.0.2.0/24"}
	_, err = client.CreateOrUpdateTokenRole(t.Context(), far)
	must(t, err)
	for _, wish := range []object{
		{"policies": []string{"web"}, "wrap_ttl": "10m"}, {"policies": []string{"dev"}}, {"role_name": "far"},
	} {
		answer, err := client.CreateToken(t.Context(), wish)
		must(t, err)
		var refused string
		if wrapped, err := answer.WrapInfo(); err == nil {
			refused = wrapped.Token
		} else {
			auth, err := answer.Auth()
			must(t, err)
			refused = auth.ClientToken
		}
		ask("GET", "/some/page", "Bearer "+refused, "", 401)
	}
	_, err = client.RevokeToken(t.Context(), map[string]any{"token": token})
	must(t, err)
	ask("GET", "/some/page", "Bearer "+token, "", 401)
	// Who cannot be checked is not let in, and may come again.
	must(t, client.Close())
	ask("GET", "/some/page", "Bearer "+token, "", 503)
}

func TestTheExampleHasLessThanFortyLines(t *testing.T) {
	source, err := os.ReadFile("middleware.go")
	must(t, err)
	if lines := strings.Count(string(source), "\n"); lines >= 40 {
		t.Errorf("%d lines", lines)
	}
}
