// Command login logs fred in with a push that shows a number, and looks his token up.
//
//	go run ./login https://acme.okta.com /etc/ssl/certs/ca-certificates.crt okta.db API_TOKEN PASSWORD
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"oktaauth"
)

type object = map[string]any

func main() {
	if len(os.Args) != 6 {
		log.Fatal("usage: login ORG_URL CA_FILE DATABASE API_TOKEN PASSWORD")
	}
	ctx, url, token, password := context.Background(), os.Args[1], os.Args[4], os.Args[5]
	client := must(oktaauth.Open(oktaauth.Options{CAFile: os.Args[2], Storage: oktaauth.SQLite(os.Args[3])}))
	must(client.Configure(ctx, object{"org_url": url, "api_token": token}))
	must(client.RegisterUser(ctx, object{"username": "fred", "policies": "dev", "groups": "on-call"}))
	must(client.RegisterGroup(ctx, object{"name": "on-call", "policies": "ops"}))
	auth := must(must(client.LoginWithPush(ctx, object{"username": "fred", "password": password}, func(challenge oktaauth.Challenge) {
		if challenge.Number != nil {
			fmt.Println("In Okta Verify, tap", *challenge.Number)
		}
	})).Auth())
	fmt.Println(auth.Metadata["username"], "has the policies", auth.Policies)
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}
