// Package middleware lets in whose policies say so, such as path "web/*" { capabilities = ["read", "update"] }.
package middleware

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"oktaauth"
)

// Name is the context's key of the display name of who is let in.
type Name struct{}

// Handler logs in as Vault does, at /v1/auth/okta/login/<username>; behind all other paths is next, for whom it is allowed.
func Handler(client *oktaauth.Client, next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/v1/auth/okta/login/", oktaauth.Handler(client))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		token, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		operation := map[string]string{"GET": "read", "HEAD": "read", "POST": "update", "PUT": "update"}[r.Method]
		found, err := client.LookupToken(r.Context(), map[string]any{"token": token}) // Who it is; this lets nobody in.
		if err == nil {
			_, err = client.Authorize(r.Context(), map[string]any{"token": token, "path": "web" + r.URL.Path, "operation": operation, "remote_address": r.RemoteAddr})
		}
		var failure *oktaauth.Error
		switch data := (struct{ Meta map[string]string }{}); {
		case err == nil && isBearer && found.Data(&data) == nil:
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), Name{}, data.Meta["okta_login"])))
		case errors.As(err, &failure) && (failure.Status < 0 || failure.Status >= 500):
			http.Error(w, "try again later", http.StatusServiceUnavailable)
		default:
			http.Error(w, "log in first", http.StatusUnauthorized)
		}
	})
	return mux
}
