package oktaauth

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// token is one with these policies.
func token(t testing.TB, client *Client, members object) string {
	t.Helper()
	answer, err := client.CreateToken(t.Context(), members)
	must(t, err)
	auth, err := answer.Auth()
	must(t, err)
	return auth.ClientToken
}

func root(t testing.TB, client *Client) string {
	return token(t, client, object{"policies": "root"})
}

// served is the address of a server of a client.
func served(t testing.TB, client *Client, options ...HandlerOption) string {
	server := httptest.NewServer(Handler(client, options...))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// raw sends text and reads the answer to it.
func raw(t testing.TB, address, text string) (*http.Response, string) {
	t.Helper()
	connection, err := net.Dial("tcp", address)
	must(t, err)
	defer connection.Close()
	must(t, connection.SetDeadline(time.Now().Add(30*time.Second)))
	_, err = io.WriteString(connection, text)
	must(t, err)
	method, _, _ := strings.Cut(text, " ")
	response, err := http.ReadResponse(bufio.NewReader(connection), &http.Request{Method: method})
	must(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(t, err)
	return response, string(body)
}

// asked sends a request with a token and headers, one line each.
func asked(t testing.TB, address, method, path, token, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	lines := append([]string{method + " " + path + " HTTP/1.1", "Host: vault", "X-Vault-Token: " + token}, headers...)
	if body != "" {
		lines = append(lines, "Content-Length: "+strconv.Itoa(len(body)))
	}
	return raw(t, address, strings.Join(lines, "\r\n")+"\r\n\r\n"+body)
}

func TestHTTPHasVaultsVerbsStatusesAndHeaders(t *testing.T) {
	client := client(t, Options{})
	address, token := served(t, client), root(t, client)
	const patch = "Content-Type: application/merge-patch+json"
	for _, step := range []struct {
		method, path, body, headers string
		status                      int
		part                        string
	}{
		{"POST", "/v1/auth/okta/users/fred", `{"policies":"dev"}`, "", 204, ""},
		{"PUT", "/v1/auth/okta/users/wilma%20f", `{"policies":"ops"}`, "", 204, ""},
		{"POST", "/v1/auth/okta/users/form", "policies=a", "Content-Type: application/x-www-form-urlencoded", 204, ""},
		{"GET", "/v1/auth/okta/users/FRED", "", "", 200, `"policies":["dev"]`},
		{"LIST", "/v1/auth/okta/users", "", "", 200, `"keys":["form","fred","wilma f"]`},
		{"GET", "/v1/auth/okta/users?list=true", "", "", 200, `"keys":["form","fred","wilma f"]`},
		{"GET", "/v1/auth/okta/users/fred?list=maybe", "", "", 400, `"errors":[]`},
		{"DELETE", "/v1/auth/okta/users/fred", "", "", 204, ""},
		{"GET", "/v1/auth/okta/users/fred", "", "", 404, `"errors":[]`},
		{"HEAD", "/v1/auth/okta/users/fred", "", "", 405, ""},
		{"HEAD", "/v1/sys/health", "", "", 200, ""},
		{"HEAD", "/v1/auth/okta/%00", "", "", 400, ""},
		{"HEAD", "/ui/", "", "", 404, ""},
		{"TRACE", "/v1/auth/okta/config", "", "", 405, `"errors":[]`},
		{"GET", "/v1/sys/health?standbyok=true", "", "", 200, `"initialized":true`},
		{"GET", "/v1/auth/okta/users?list=true&list=true", "", "", 400, `"errors":[]`},
		{"GET", "/v1/auth/okta/users/form?list=false", "", "", 200, `"policies":["a"]`},
		{"GET", "/v1/auth/okta/users/form?help=1", "", "", 200, `"help":"Request:`},
		{"OPTIONS", "/v1/auth/okta/config", "", "", 405, "unsupported operation"},
		{"SCAN", "/v1/auth/okta/config", "", "", 405, `"errors":[]`},
		{"PATCH", "/v1/auth/okta/config", "{}", "", 400, "mime: no media type"},
		{"PATCH", "/v1/auth/okta/config", "{}", patch, 405, "unsupported operation"},
		{"POST", "/v1/auth/okta/users/x", "{", "", 400, "error parsing JSON"},
		{"GET", "/v1/nosuch/path", "", "", 404, "no handler for route"},
		{"GET", "/v1/", "", "", 404, "no handler for route"},
		{"GET", "/v1", "", "", 404, `"errors":[]`},
		{"GET", "/ui/", "", "", 404, `"errors":[]`},
		{"GET", "/auth/okta/config", "", "", 404, `"errors":[]`},
		{"OPTIONS", "*", "", "", 200, ""},
	} {
		headers := slices.DeleteFunc([]string{step.headers}, func(line string) bool { return line == "" })
		response, body := asked(t, address, step.method, step.path, token, step.body, headers...)
		if response.StatusCode != step.status || !strings.Contains(body, step.part) || (step.part == "") != (body == "") {
			t.Errorf("%s %s: %d %s", step.method, step.path, response.StatusCode, body)
		}
		if step.path == "*" {
			// It is about the server, which answers itself.
			continue
		}
		for name, value := range map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store"} {
			if got := response.Header.Values(name); !slices.Equal(got, []string{value}) {
				t.Errorf("%s %s: %s is %q", step.method, step.path, name, got)
			}
		}
	}
}

func TestHTTPRefusesWhatSmugglesAPathOrSaysTwoThings(t *testing.T) {
	client := client(t, Options{})
	address, token := served(t, client), root(t, client)
	_, err := client.RegisterUser(t.Context(), object{"username": "a/b"})
	must(t, err)
	for path, expected := range map[string]int{
		"/v1/auth/okta/users/a%2fb":             200,
		"/v1/auth/okta/users/a/b":               200,
		"http://vault/v1/auth/okta/users/a%2fb": 200,
		"/v1/auth/okta/users/../config":         400,
		"/v1/auth/okta/users/%2e%2e/config":     400,
		"/v1/auth/okta/users/%2E./config":       400,
		"/v1/auth/okta/users/..%2fconfig":       400,
		"/v1/auth//okta/config":                 400,
		"/v1/auth/okta/users/%00":               400,
		"/v1/auth/okta/users/%0a":               400,
		"/v1/auth/okta/users/%ff":               400,
		"/v1/auth/okta/users/\xff":              400,
		"/v1/auth/okta/users/%zz":               400,
		"/v1/auth/okta/users/%":                 400,
		"/v1/auth/okta/users/%252e%252e/config": 404,
		"/v1/v1/auth/okta/config":               404,
		"//v1/auth/okta/config":                 404,
		"/%761/auth/okta/config":                404,
		"/v1%2fauth/okta/config":                404,
		"/v1/../v1/auth/okta/config":            400,
		"/v1/auth/okta/config;x":                404,
		"/v1/auth/okta/config#x":                404,
		"/v1/" + strings.Repeat("x", 600<<10):   400,
		"/v1/auth/okta/users/fred?a=\xff":       400,
		"/v1/auth/okta/users/fred?a=%ff":        400,
	} {
		if response, body := asked(t, address, "GET", path, token, ""); response.StatusCode != expected {
			t.Errorf("%.80q: %d %s", path, response.StatusCode, body)
		}
	}
	const users = "/v1/auth/okta/users/a/b"
	for _, step := range []struct {
		headers []string
		status  int
	}{
		{[]string{"X-Vault-Token: " + token}, 200},
		{[]string{"X-Vault-Token: hvs.other"}, 400},
		{[]string{"x-vault-token: hvs.other"}, 400},
		{[]string{"Authorization: Bearer " + token}, 200},
		{[]string{"Authorization: Bearer hvs.other"}, 400},
		{[]string{"Authorization: Bearer " + token, "Authorization: Bearer hvs.other"}, 400},
		{[]string{"Content-Type: a/b", "Content-Type: c/d"}, 400},
		{[]string{"Cookie: a\tb", "User-Agent: ü\xff"}, 200},
		{[]string{"Authorization: Bearer \xff"}, 400},
		{[]string{"X-Vault-Wrap-TTL: 60", "X-Vault-Wrap-TTL: 61"}, 400},
		// Other names, whatever a server of another kind makes of them.
		{[]string{"X_Vault_Token: hvs.other", "X_Vault_Wrap_TTL: nonsense", "X_Forwarded_For: nobody"}, 200},
		{[]string{"X-Vault-Namespace: a/b"}, 200},
	} {
		if response, body := asked(t, address, "GET", users, token, "", step.headers...); response.StatusCode != step.status {
			t.Errorf("%q: %d %s", step.headers, response.StatusCode, body)
		}
	}
	for _, request := range []string{
		"POST " + users + " HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
		"POST " + users + " HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n{}",
		"POST " + users + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"POST " + users + " HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n\xff",
	} {
		if response, body := raw(t, address, request); response.StatusCode != 400 {
			t.Errorf("%q: %d %s", request, response.StatusCode, body)
		}
	}
}

func TestHTTPBoundsTheBody(t *testing.T) {
	client := client(t, Options{})
	address, token := served(t, client), root(t, client)
	send := func(body io.Reader) int {
		request, err := http.NewRequest("POST", "http://"+address+"/v1/auth/okta/users/fred", body)
		must(t, err)
		request.Header.Set("X-Vault-Token", token)
		response, err := http.DefaultClient.Do(request)
		must(t, err)
		defer response.Body.Close()
		return response.StatusCode
	}
	if status := send(strings.NewReader(`{}` + strings.Repeat(" ", maxBody-2))); status != 204 {
		t.Errorf("as long as allowed: %d", status)
	}
	// Go would escape these characters, and a text of the library's JSON may have 1 MiB.
	texts := `"` + strings.Repeat("<&>", 1<<18) + `",`
	markup := `{"comment":[` + strings.Repeat(texts, (maxBody-20)/len(texts)) + `""]}`
	if status := send(strings.NewReader(markup)); status != 204 || len(markup) < maxBody*9/10 {
		t.Errorf("%d bytes of markup: %d", len(markup), status)
	}
	longer := `{}` + strings.Repeat(" ", maxBody-1)
	for kind, body := range map[string]io.Reader{"known": strings.NewReader(longer), "chunked": io.MultiReader(strings.NewReader(longer))} {
		if status := send(body); status != 413 {
			t.Errorf("longer, of %s length: %d", kind, status)
		}
	}
}

// What is announced is believed at once; nobody waits for what is over the limit, nor takes a part for the whole.
func TestHTTPWaitsForNoBodyThatIsNotToCome(t *testing.T) {
	client := client(t, Options{})
	token := root(t, client)
	server := httptest.NewUnstartedServer(Handler(client))
	server.Config.ReadTimeout = 200 * time.Millisecond
	server.Start()
	defer server.Close()
	address := server.Listener.Addr().String()
	const head = "POST /v1/auth/okta/users/fred HTTP/1.1\r\nHost: vault\r\nX-Vault-Token: "
	for rest, status := range map[string]int{
		fmt.Sprintf("Content-Length: %d\r\n\r\n{", maxBody+1):                        413,
		fmt.Sprintf("Expect: 100-continue\r\nContent-Length: %d\r\n\r\n", maxBody+1): 413,
		"Content-Length: 3\r\n\r\n{}":                                                400,
		"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n":                              400,
	} {
		if response, body := raw(t, address, head+token+"\r\n"+rest); response.StatusCode != status {
			t.Errorf("%q: %d %s", rest, response.StatusCode, body)
		}
	}
	if _, err := client.ReadUser(t.Context(), object{"username": "fred"}); !errors.Is(err, ErrNotFound) {
		t.Errorf("a part was taken for the whole: %v", err)
	}
}

func TestHTTPTellsWhenToComeBack(t *testing.T) {
	client := client(t, Options{})
	address := served(t, client)
	control(t, "/faults", []object{{"path": "/api/v1/authn", "kind": object{"rate_limited": "normal"}}}, nil)
	response, body := asked(t, address, "POST", "/v1/auth/okta/login/fred", "", `{"password":"x"}`)
	var limited struct {
		Code  Code
		After int `json:"retry_after"`
	}
	must(t, json.Unmarshal([]byte(body), &limited))
	if response.StatusCode != 429 || limited.After < 1 || response.Header.Get("Retry-After") != strconv.Itoa(limited.After) {
		t.Errorf("%d %v %s", response.StatusCode, response.Header, body)
	}
}

func TestTheClientsAddressIsThePeersUnlessProxiesAreNamed(t *testing.T) {
	proxies := TrustedProxies(netip.MustParsePrefix("::ffff:10.0.0.0/104"), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("fd00::/8"))
	for _, step := range []struct {
		peer      string
		forwarded []string
		trusting  bool
		address   string
		passed    string
	}{
		{"192.0.2.1:5", nil, true, "192.0.2.1", ""},
		{"192.0.2.1:5", []string{"203.0.113.9"}, true, "192.0.2.1", ""},
		{"10.0.0.1:5", []string{"203.0.113.9"}, false, "10.0.0.1", ""},
		{"10.0.0.1:5", nil, true, "10.0.0.1", ""},
		{"10.0.0.1:5", []string{" "}, true, "10.0.0.1", ""},
		{"10.0.0.1:5", []string{"203.0.113.9"}, true, "203.0.113.9", "203.0.113.9"},
		{"10.0.0.1:5", []string{"1.2.3.4, 203.0.113.9 ,10.0.0.2"}, true, "203.0.113.9", "203.0.113.9, 10.0.0.2"},
		{"10.0.0.1:5", []string{"1.2.3.4", "203.0.113.9", "10.0.0.2"}, true, "203.0.113.9", "203.0.113.9, 10.0.0.2"},
		{"10.0.0.1:5", []string{"10.0.0.3, 10.0.0.2"}, true, "10.0.0.3", "10.0.0.3, 10.0.0.2"},
		{"[fd00::1]:5", []string{"[2001:db8::1]:99"}, true, "2001:db8::1", "[2001:db8::1]:99"},
		{"[::ffff:10.0.0.1]:5", []string{"::ffff:203.0.113.9"}, true, "203.0.113.9", "::ffff:203.0.113.9"},
		{"[fe80::1%eth0]:5", nil, true, "fe80::1", ""},
		{"10.0.0.1", []string{"203.0.113.9"}, true, "203.0.113.9", "203.0.113.9"},
		{"@", []string{"203.0.113.9"}, true, "", ""},
		{"10.0.0.1:5", []string{"203.0.113.9, unknown"}, true, "refused", ""},
		{"10.0.0.1:5", []string{"203.0.113.9,"}, true, "refused", ""},
		{"10.0.0.1:5", []string{"unknown, 203.0.113.9"}, true, "203.0.113.9", "203.0.113.9"},
		{"10.0.0.1:5", []string{"203.0.113.9:99"}, true, "203.0.113.9", "203.0.113.9:99"},
		{"10.0.0.1:5", []string{"[2001:db8::1]"}, true, "2001:db8::1", "[2001:db8::1]"},
		{"10.0.0.1:5", []string{"fe80::1%eth0"}, true, "fe80::1", "fe80::1%eth0"},
		{"10.0.0.1:5", []string{"203.0.113.9:http"}, true, "refused", ""},
		{"10.0.0.1:5", []string{"203.0.113.9:70000"}, true, "refused", ""},
		{"10.0.0.1:5", []string{"203.0.113.9:"}, true, "refused", ""},
		{"10.0.0.1:5", []string{"[203.0.113.9"}, true, "refused", ""},
		{"10.0.0.1:5", []string{"203.0.113.9]"}, true, "refused", ""},
		{"10.0.0.1:5", []string{"[203.0.113.9]"}, true, "refused", ""},
		{"10.0.0.1:5", []string{"[[2001:db8::1]]"}, true, "refused", ""},
		{"10.0.0.1:5", []string{"[2001:db8::1]99"}, true, "refused", ""},
		{"10.0.0.1:5", []string{"203.0.113.9%eth0"}, true, "refused", ""},
		{"10.0.0.1:5", []string{"fe80::1%"}, true, "refused", ""},
		{"10.0.0.1:5", []string{"203.0.113.09"}, true, "refused", ""},
		{"10.0.0.1:5", []string{"203.0.113.0/24"}, true, "refused", ""},
		{"10.0.0.1:5", []string{"for=203.0.113.9"}, true, "refused", ""},
	} {
		handler := &handler{}
		if step.trusting {
			proxies(&handler.proxies)
		}
		request := &http.Request{RemoteAddr: step.peer, Header: http.Header{"X-Forwarded-For": step.forwarded}}
		origin, err := handler.proxies.origin(request)
		address := ""
		if err != nil {
			address = "refused"
		} else if origin.address.IsValid() {
			address = origin.address.String()
		}
		if address != step.address || origin.forwarded != step.passed {
			t.Errorf("%s %q: %s %q %v", step.peer, step.forwarded, address, origin.forwarded, err)
		}
	}
}

func TestABoundTokenIsOfUseFromItsAddressOnly(t *testing.T) {
	client := client(t, Options{})
	user(t, "fred@acme.com", object{})
	_, err := client.Configure(t.Context(), object{"token_bound_cidrs": "203.0.113.0/24"})
	must(t, err)
	trusting := served(t, client, TrustedProxies(netip.MustParsePrefix("127.0.0.1/32")))
	for _, step := range []struct {
		address, forwarded string
		status             int
	}{
		{trusting, "203.0.113.9", 200},
		{trusting, "203.0.113.9, 198.51.100.1", 403},
		{trusting, "nobody", 400},
		{trusting, "", 403},
		{served(t, client), "203.0.113.9", 403},
	} {
		response, body := asked(t, step.address, "POST", "/v1/auth/okta/login/fred", "", `{"password":"`+password+`"}`,
			"X-Forwarded-For: "+step.forwarded)
		if response.StatusCode != step.status {
			t.Errorf("%q: %d %s", step.forwarded, response.StatusCode, body)
		}
	}
}

func TestTheClientsProgramIsToldToOktaAndAudited(t *testing.T) {
	client := client(t, Options{})
	user(t, "fred@acme.com", object{})
	address := served(t, client)
	var audited lines
	must(t, client.SetAudit(audited.add))
	for agent, told := range map[string]bool{"browser/1.0 (X11)": true, strings.Repeat("x", maxUserAgent): true, strings.Repeat("x", maxUserAgent+1): false, "ü": false} {
		paths(t)
		audited.all = nil
		response, body := asked(t, address, "POST", "/v1/auth/okta/login/fred", "", `{"password":"`+password+`"}`, "User-Agent: "+agent)
		if response.StatusCode != 200 {
			t.Errorf("%.30q: %d %s", agent, response.StatusCode, body)
		}
		var calls []struct {
			UserAgent string `json:"user_agent"`
		}
		control(t, "/calls/take", nil, &calls)
		if (calls[0].UserAgent == agent) != told {
			t.Errorf("%.30q became %.30q", agent, calls[0].UserAgent)
		}
		if len(audited.all) != 2 || strings.Contains(audited.all[1], `"user-agent":["`+agent+`"]`) != told {
			t.Errorf("%.30q: %q", agent, audited.all)
		}
	}
}

func TestAClientThatGoesAwayEndsItsLogin(t *testing.T) {
	client := client(t, Options{})
	user(t, "fred@acme.com", push(3_600_000, object{}))
	ended := make(chan error, 2)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Handler(client).ServeHTTP(w, r)
		ended <- r.Context().Err()
	}))
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	login := func(through *http.Client) error {
		body := strings.NewReader(`{"password":"` + password + `"}`)
		request, err := http.NewRequestWithContext(ctx, "POST", server.URL+"/v1/auth/okta/login/fred", body)
		must(t, err)
		response, err := through.Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		return err
	}
	go func() { _ = login(http.DefaultClient) }()
	go func() { ended <- login(&http.Client{Transport: NewTransport(client)}) }()
	pushes := 0
	eventually(t, "both have sent a push", func() bool { pushes += callsAbout(t, "/verify"); return pushes >= 2 })
	cancel()
	// By itself it would wait for five minutes.
	eventually(t, "both have ended", func() bool { return len(ended) == 2 })
	for range 2 {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
}

func TestAHandlerOfAClosedClientIsUnavailable(t *testing.T) {
	client := client(t, Options{})
	address := served(t, client)
	must(t, client.Close())
	response, body := asked(t, address, "GET", "/v1/auth/okta/config", "x", "")
	if response.StatusCode != 503 || !strings.Contains(body, `"code":"closed"`) {
		t.Errorf("%d %s", response.StatusCode, body)
	}
	request, err := http.NewRequest("GET", "http://vault/v1/auth/okta/config", nil)
	must(t, err)
	if _, err := NewTransport(client).RoundTrip(request); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

func TestAHandlerBelowAPrefix(t *testing.T) {
	client := client(t, Options{})
	server := httptest.NewServer(http.StripPrefix("/vault", Handler(client)))
	defer server.Close()
	address := server.Listener.Addr().String()
	for path, status := range map[string]int{"/vault/v1/auth/okta/config": 200, "/v1/auth/okta/config": 404, "/vault/v1/auth/okta/users/%2e%2e": 400} {
		if response, body := asked(t, address, "GET", path, root(t, client), ""); response.StatusCode != status {
			t.Errorf("%s: %d %s", path, response.StatusCode, body)
		}
	}
}

func TestTheTransportIsAnHTTPClientsServer(t *testing.T) {
	client := client(t, Options{})
	token := root(t, client)
	through := &http.Client{Transport: NewTransport(client)}
	send := func(method, path, body string, headers object) (*http.Response, string) {
		request, err := http.NewRequest(method, "https://vault.example:8200"+path, strings.NewReader(body))
		must(t, err)
		request.Header.Set("X-Vault-Token", token)
		for name, value := range headers {
			request.Header.Set(name, fmt.Sprint(value))
		}
		before := maps.Clone(request.Header)
		response, err := through.Do(request)
		must(t, err)
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		must(t, err)
		if !maps.EqualFunc(before, request.Header, slices.Equal) {
			t.Error("the request was changed")
		}
		return response, string(text)
	}
	for _, step := range []struct {
		method, path, body string
		status             int
		part               string
	}{
		{"POST", "/v1/auth/okta/users/a%2Fb", `{"policies":"dev"}`, 204, ""},
		{"", "/v1/auth/okta/users/a/b", "", 200, `"policies":["dev"]`},
		{"LIST", "/v1/auth/okta/users", "", 200, `"keys":["a/b"]`},
		{"GET", "/v1/auth/okta/users/none", "", 404, `"errors":[]`},
		{"GET", "/ui", "", 404, `"errors":[]`},
		{"HEAD", "/v1/sys/health", "", 200, ""},
		{"POST", "/v1/auth/okta/users/x", strings.Repeat(" ", maxBody+1), 413, "larger"},
	} {
		response, body := send(step.method, step.path, step.body, nil)
		if response.StatusCode != step.status || !strings.Contains(body, step.part) || response.ContentLength != int64(len(body)) {
			t.Errorf("%s %s: %d %s", step.method, step.path, response.StatusCode, body)
		}
		if response.Header.Get("Content-Type") != "application/json" || response.Status != fmt.Sprintf("%d %s", step.status, http.StatusText(step.status)) {
			t.Errorf("%s %v", response.Status, response.Header)
		}
	}
	if response, body := send("HEAD", "/ui", "", nil); response.StatusCode != 404 || body != "" {
		t.Errorf("HEAD: %d %s", response.StatusCode, body)
	}
	odd, err := http.NewRequest("GET", "http://vault/v1/auth/okta/users/a/b", nil)
	must(t, err)
	odd.Header["x-vault-token"], odd.Header["X-VAULT-wrap-ttl"] = []string{token}, []string{"60"}
	response, err := through.Do(odd)
	must(t, err)
	defer response.Body.Close()
	if text, err := io.ReadAll(response.Body); response.StatusCode != 200 || err != nil || !strings.Contains(string(text), `"wrap_info":{`) {
		t.Errorf("headers in odd letters: %d %s %v", response.StatusCode, text, err)
	}
	user(t, "fred@acme.com", object{})
	_, err = client.Configure(t.Context(), object{"token_bound_cidrs": "203.0.113.0/24"})
	must(t, err)
	for address, status := range map[string]int{"": 403, "203.0.113.9": 200, "::ffff:203.0.113.9": 200, "198.51.100.1": 403} {
		if address != "" {
			through.Transport = NewTransport(client, RemoteAddress(netip.MustParseAddr(address)))
		}
		// What the program says in a header does not count.
		response, body := send("POST", "/v1/auth/okta/login/fred", `{"password":"`+password+`"}`, object{"X-Forwarded-For": "203.0.113.9"})
		if response.StatusCode != status {
			t.Errorf("%q: %d %s", address, response.StatusCode, body)
		}
		through.Transport = NewTransport(client)
	}
}
