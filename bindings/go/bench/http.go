package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"oktaauth"
)

const (
	// Clients that ask at the same time, each on a connection of its own.
	clients = 16
	// How long each way is measured.
	span = 2 * time.Second
)

// overHTTP measures reads of a configuration with a token: through the door, and as Vault's HTTP API.
func overHTTP(client *oktaauth.Client) {
	ctx := context.Background()
	_, err := client.Configure(ctx, map[string]any{"org_name": "acme"})
	check(err)
	answer, err := client.CreateToken(ctx, map[string]any{"policies": "root"})
	check(err)
	root, err := answer.Auth()
	check(err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	server := &http.Server{Handler: oktaauth.Handler(client)}
	go func() {
		if err := server.Serve(listener); err != http.ErrServerClosed {
			log.Fatal(err)
		}
	}()
	const path = "/v1/auth/okta/config"
	request := map[string]any{"method": "GET", "path": path, "token": root.ClientToken}
	ask := func(transport http.RoundTripper) func() {
		return func() {
			request, err := http.NewRequest("GET", "http://"+listener.Addr().String()+path, nil)
			check(err)
			request.Header.Set("X-Vault-Token", root.ClientToken)
			response, err := transport.RoundTrip(request)
			check(err)
			_, err = io.Copy(io.Discard, response.Body)
			check(err)
			check(response.Body.Close())
			if response.StatusCode != http.StatusOK {
				log.Fatal("read of the configuration: ", response.StatusCode)
			}
		}
	}
	fmt.Println("\nreads of a configuration from Go, memory engine")
	for _, way := range []struct {
		what string
		read func()
	}{
		{"in process, through the door", func() { _, err := client.Request(ctx, request); check(err) }},
		{"in process, with an http.Client's transport", ask(oktaauth.NewTransport(client))},
		{"over HTTP on loopback", ask(&http.Transport{MaxIdleConnsPerHost: clients})},
	} {
		what := fmt.Sprintf("%s, %d at once", way.what, clients)
		fmt.Println(strings.TrimRight(fmt.Sprintf("  %-58s%10.0f /s", what, rate(way.read)), " "))
	}
	check(server.Close())
}

// rate is how often a thing can be done in a second by all clients together.
func rate(do func()) float64 {
	var count atomic.Int64
	var running sync.WaitGroup
	begin := time.Now()
	for range clients {
		running.Add(1)
		go func() {
			defer running.Done()
			for time.Since(begin) < span {
				do()
				count.Add(1)
			}
		}()
	}
	running.Wait()
	return float64(count.Load()) / time.Since(begin).Seconds()
}
