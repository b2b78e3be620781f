// The server in Go; tests/http/README.md says what it is asked.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"os"
	"sync"

	"oktaauth"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := &clients{handlers: map[string]http.Handler{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /open", server.open)
	go func() {
		log.Fatal(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			// A ServeMux would clean the path that the client's handler is to see.
			if handler := server.of(r.URL.Path); handler != nil {
				handler.ServeHTTP(w, r)
			} else {
				mux.ServeHTTP(w, r)
			}
		})))
	}()
	fmt.Println(listener.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// clients are open until the program ends.
type clients struct {
	mutex    sync.Mutex
	handlers map[string]http.Handler
}

// of is the handler of a path whose first segment is a client's.
func (c *clients) of(path string) http.Handler {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for prefix, handler := range c.handlers {
		if len(path) > len(prefix) && path[:len(prefix)+1] == prefix+"/" {
			return handler
		}
	}
	return nil
}

func (c *clients) open(w http.ResponseWriter, r *http.Request) {
	var options json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&options); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	client, err := oktaauth.Open(options)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer, err := client.CreateToken(r.Context(), map[string]any{"policies": "root"})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	root, err := answer.Auth()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	proxies := oktaauth.TrustedProxies(netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"))
	c.mutex.Lock()
	path := fmt.Sprintf("/client-%d", len(c.handlers))
	c.handlers[path] = http.StripPrefix(path, oktaauth.Handler(client, proxies))
	c.mutex.Unlock()
	_ = json.NewEncoder(w).Encode(map[string]string{"path": path, "token": root.ClientToken, "accessor": root.Accessor})
}
