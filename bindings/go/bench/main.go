// Command bench measures what a call from Go costs more than the same call from C.
//
// The call is a read of a user on a storage in memory, which needs no network and waits for nothing: what is left is the
// way in and out. Then it counts requests to Vault's HTTP API beside the same in the process. `make bench` runs it.
package main

/*
#cgo pkg-config: okta_auth
#include <okta_auth.h>

static okta_auth_handle handle;
static const char request[] = "{\"username\":\"fred\"}";

static int32_t prepare(void) {
	const char user[] = "{\"username\":\"fred\",\"policies\":[\"dev\"]}";
	int32_t status = okta_auth_open(NULL, 0, &handle, NULL);
	return status == 200 ? okta_auth_register_user(handle, user, sizeof user - 1, NULL) : status;
}

// One call, or many: what the way between the languages costs is paid once for each call of this.
static int32_t read_user(int calls) {
	int32_t status = 200;
	while (calls-- > 0 && status == 200) {
		okta_auth_buffer answer;
		status = okta_auth_read_user(handle, request, sizeof request - 1, &answer);
		okta_auth_buffer_free(&answer);
	}
	return status;
}
*/
import "C"

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"strings"
	"time"

	"oktaauth"
)

const (
	calls  = 2_000
	rounds = 40
	// Microseconds that a call may cost more than from C.
	aim = 1.0
)

func main() {
	if status := C.prepare(); status != 204 {
		log.Fatal("prepare: ", status)
	}
	ctx := context.Background()
	limited, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	client, err := oktaauth.Open(nil)
	check(err)
	_, err = client.RegisterUser(ctx, map[string]any{"username": "fred", "policies": "dev"})
	check(err)
	read := func(ctx context.Context, request any) func() {
		return func() {
			for range calls {
				_, err := client.ReadUser(ctx, request)
				check(err)
			}
		}
	}
	type fred struct {
		Username string `json:"username"`
	}
	ways := []func(){
		func() { checkStatus(C.read_user(calls)) },
		func() {
			for range calls {
				checkStatus(C.read_user(1))
			}
		},
		read(ctx, json.RawMessage(`{"username":"fred"}`)),
		read(ctx, fred{"fred"}),
		read(ctx, map[string]any{"username": "fred"}),
		read(limited, map[string]any{"username": "fred"}),
	}
	times := bestOf(ways)
	fmt.Println("\na read of a user from Go, memory engine")
	for number, what := range []string{
		"the call from C",
		"the call from C, each through cgo",
		"the call from Go, with JSON",
		"with a struct, which is written as JSON",
		"with a map",
		"with a map, and a context with a deadline",
	} {
		row(what, times[number], "")
	}
	over, verdict := times[len(times)-1]-times[0], "met"
	if over > aim {
		verdict = "MISSED"
	}
	row("what Go adds to C at most", over, fmt.Sprintf("aim %g: %s", aim, verdict))
	overHTTP(client)
	check(client.Close())
}

// bestOf gives the microseconds of one call in the best round of each way. They take turns, as machines are noisy.
func bestOf(ways []func()) []float64 {
	best := make([]float64, len(ways))
	for round := range rounds {
		for number, way := range ways {
			begin := time.Now()
			way()
			each := time.Since(begin).Seconds() / calls * 1e6
			if round == 0 || each < best[number] {
				best[number] = each
			}
		}
	}
	return best
}

func checkStatus(status C.int32_t) {
	if status != 200 {
		log.Fatal("read_user: ", status)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// row is as the rest of the table of `make bench`.
func row(what string, microseconds float64, verdict string) {
	fmt.Println(strings.TrimRight(fmt.Sprintf("  %-58s%10.2f %-8s%s", what, microseconds, "us", verdict), " "))
}
