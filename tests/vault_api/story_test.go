// Package vault_api shows that HashiCorp's own client works with oktaauth, in the process and over HTTP.
package vault_api

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/vault/api"

	"oktaauth"
	"oktaauth/internal/loopback"
)

var okta *loopback.Okta

func TestMain(m *testing.M) {
	os.Exit(loopback.While(func(running *loopback.Okta) int {
		okta = running
		return m.Run()
	}))
}

type object = map[string]any

const dev = `
path "auth/corp/users/*" { capabilities = ["read", "list"] }
path "auth/corp/users/fred" { capabilities = ["update"] }
`

const password = "correct horse"

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// vault is Vault's client with a token that may do everything.
func vault(t *testing.T, open func(*testing.T, *oktaauth.Client) (string, http.RoundTripper)) *api.Client {
	t.Helper()
	client, err := oktaauth.Open(oktaauth.Options{CAFile: okta.CAFile})
	must(t, err)
	t.Cleanup(func() { must(t, client.Close()) })
	answer, err := client.CreateToken(t.Context(), object{"policies": "root"})
	must(t, err)
	root, err := answer.Auth()
	must(t, err)
	address, transport := open(t, client)
	vault, err := api.NewClient(&api.Config{Address: address, HttpClient: &http.Client{Transport: transport}})
	must(t, err)
	vault.SetToken(root.ClientToken)
	return vault
}

func inProcess(_ *testing.T, client *oktaauth.Client) (string, http.RoundTripper) {
	return "https://vault.example", oktaauth.NewTransport(client)
}

func overHTTP(t *testing.T, client *oktaauth.Client) (string, http.RoundTripper) {
	server := httptest.NewServer(oktaauth.Handler(client))
	t.Cleanup(server.Close)
	// No proxy of the machine's environment stands between.
	return server.URL, &http.Transport{DisableKeepAlives: true}
}

func TestAStoryInTheProcess(t *testing.T) { story(t, vault(t, inProcess)) }

func TestAStoryOverHTTP(t *testing.T) { story(t, vault(t, overHTTP)) }

func story(t *testing.T, vault *api.Client) {
	operator := vault.Token()
	fred := object{"login": "fred@acme.com", "password": password, "factors": []object{
		{"type": "push", "pushes": []object{{"waiting": 1, "number": 42}}},
	}}
	must(t, okta.Control("/reset", nil, nil))
	must(t, okta.Control("/users", fred, nil))

	mount(t, vault)
	configure(t, vault)
	policies(t, vault)
	login(t, vault)
	wrap(t, vault)

	vault.SetToken(operator)
	must(t, vault.Sys().DisableAuth("corp"))
	mounts, err := vault.Sys().ListAuth()
	must(t, err)
	if mounts["corp/"] != nil {
		t.Error("the mount is still there")
	}
}

func mount(t *testing.T, vault *api.Client) {
	health, err := vault.Sys().Health()
	must(t, err)
	if !health.Initialized || health.Sealed || health.Standby {
		t.Errorf("health is %+v", health)
	}
	options := &api.EnableAuthOptions{Type: "okta", Description: "Logins of the company"}
	must(t, vault.Sys().EnableAuthWithOptions("corp", options))
	mounts, err := vault.Sys().ListAuth()
	must(t, err)
	if mounts["corp/"] == nil || mounts["corp/"].Description != options.Description {
		t.Errorf("mounts are %v", mounts)
	}
	twoHours := "2h"
	must(t, vault.Sys().TuneMountAllowNil("auth/corp", api.TuneMountConfigInput{DefaultLeaseTTL: &twoHours}))
	tuned, err := vault.Sys().MountConfig("auth/corp")
	must(t, err)
	if tuned.DefaultLeaseTTL != 7200 {
		t.Errorf("tuned to %+v", tuned)
	}
}

func configure(t *testing.T, vault *api.Client) {
	write(t, vault, "auth/corp/config", object{"org_url": okta.URL, "api_token": okta.APIToken, "token_ttl": "1h"})
	if url := read(t, vault, "auth/corp/config")["org_url"]; url != okta.URL {
		t.Errorf("configured for %v", url)
	}
	write(t, vault, "auth/corp/users/fred", object{"policies": "dev", "groups": []string{"on-call"}})
	write(t, vault, "auth/corp/groups/on-call", object{"policies": "ops"})
	for path, key := range map[string]string{"auth/corp/users": "fred", "auth/corp/groups": "on-call"} {
		list, err := vault.Logical().List(path)
		must(t, err)
		if keys := texts(list.Data["keys"]); !slices.Equal(keys, []string{key}) {
			t.Errorf("%s: %v", path, keys)
		}
	}
}

func policies(t *testing.T, vault *api.Client) {
	must(t, vault.Sys().PutPolicy("dev", dev))
	must(t, vault.Sys().PutPolicy("old", `path "x" { policy = "read" }`))
	must(t, vault.Sys().DeletePolicy("old"))
	text, err := vault.Sys().GetPolicy("dev")
	must(t, err)
	names, err := vault.Sys().ListPolicies()
	must(t, err)
	if text != dev || !slices.Equal(names, []string{"default", "dev", "root"}) {
		t.Errorf("policies are %v, dev is %s", names, text)
	}
	refused(t, 400, func() error { return vault.Sys().PutPolicy("bad", "path {") })
}

// login is what the user does; in the end his token is revoked.
func login(t *testing.T, vault *api.Client) {
	const nonce = "0123456789abcdef"
	type outcome struct {
		secret *api.Secret
		err    error
	}
	ended := make(chan outcome)
	user, err := vault.Clone()
	must(t, err)
	go func() {
		secret, err := user.Logical().Write("auth/corp/login/fred", object{"password": password, "nonce": nonce})
		ended <- outcome{secret, err}
	}()
	deadline := time.Now().Add(30 * time.Second)
	for {
		number, err := vault.Logical().Read("auth/corp/verify/" + nonce)
		must(t, err)
		if number != nil {
			if fmt.Sprint(number.Data["correct_answer"]) != "42" {
				t.Errorf("the number is %v", number.Data)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("there never was a number")
		}
		<-time.After(10 * time.Millisecond)
	}
	outcomeOfLogin := <-ended
	must(t, outcomeOfLogin.err)
	auth := outcomeOfLogin.secret.Auth
	if !slices.Equal(auth.Policies, []string{"default", "dev", "ops"}) || auth.LeaseDuration != 3600 {
		t.Errorf("logged in as %+v", auth)
	}
	user.SetToken(auth.ClientToken)
	found, err := user.Auth().Token().LookupSelf()
	must(t, err)
	if found.Data["display_name"] != "corp-fred" {
		t.Errorf("looked up %v", found.Data)
	}
	renewed, err := user.Auth().Token().RenewSelf(1800)
	must(t, err)
	if renewed.Auth.LeaseDuration != 1800 {
		t.Errorf("renewed for %d", renewed.Auth.LeaseDuration)
	}
	for path, expected := range map[string][]string{
		"auth/corp/users/wilma": {"list", "read"},
		"auth/corp/users/fred":  {"update"},
		"auth/corp/config":      {"deny"},
	} {
		own, err := user.Sys().CapabilitiesSelf(path)
		must(t, err)
		told, err := vault.Sys().Capabilities(auth.ClientToken, path)
		must(t, err)
		if !slices.Equal(own, expected) || !slices.Equal(told, expected) {
			t.Errorf("%s: %v %v", path, own, told)
		}
	}
	write(t, user, "auth/corp/users/fred", object{"policies": "dev"})
	for _, path := range []string{"auth/corp/users/fred", "auth/corp/config"} {
		refused(t, 403, func() error { _, err := user.Logical().Read(path); return err })
	}
	must(t, user.Auth().Token().RevokeSelf(""))
	refused(t, 403, func() error { _, err := user.Auth().Token().LookupSelf(); return err })
	refused(t, 400, func() error {
		_, err := user.Logical().Write("auth/corp/login/fred", object{"password": "wrong"})
		return err
	})
}

func wrap(t *testing.T, vault *api.Client) {
	wrapping, err := vault.Clone()
	must(t, err)
	wrapping.SetToken(vault.Token())
	wrapping.SetWrappingLookupFunc(func(string, string) string { return "60s" })
	secret, err := wrapping.Logical().Read("auth/corp/users/fred")
	must(t, err)
	if secret.WrapInfo == nil || secret.WrapInfo.TTL != 60 || secret.WrapInfo.CreationPath != "auth/corp/users/fred" {
		t.Fatalf("wrapped as %+v", secret)
	}
	unwrapped, err := vault.Logical().Unwrap(secret.WrapInfo.Token)
	must(t, err)
	if policies := texts(unwrapped.Data["policies"]); !slices.Equal(policies, []string{"dev"}) {
		t.Errorf("unwrapped %v", policies)
	}
	refused(t, 400, func() error { _, err := vault.Logical().Unwrap(secret.WrapInfo.Token); return err })
}

func write(t *testing.T, vault *api.Client, path string, data object) {
	t.Helper()
	_, err := vault.Logical().Write(path, data)
	must(t, err)
}

func read(t *testing.T, vault *api.Client, path string) object {
	t.Helper()
	secret, err := vault.Logical().Read(path)
	must(t, err)
	if secret == nil {
		t.Fatalf("nothing at %s", path)
	}
	return secret.Data
}

func refused(t *testing.T, status int, act func() error) {
	t.Helper()
	var refusal *api.ResponseError
	if err := act(); !errors.As(err, &refusal) || refusal.StatusCode != status {
		t.Errorf("not %d: %v", status, err)
	}
}

func texts(list any) []string {
	var texts []string
	for _, one := range list.([]any) {
		texts = append(texts, fmt.Sprint(one))
	}
	return texts
}
