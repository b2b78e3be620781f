// Package middleware lets in who brings the token of a login.
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

// Handler logs in as Vault does, at /v1/auth/okta/login/<username>; behind all other paths is next, for those with a token.
func Handler(client *oktaauth.Client, next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/v1/auth/okta/login/", oktaauth.Handler(client))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		token, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		var data struct{ Meta map[string]string }
		answer, err := client.LookupToken(r.Context(), map[string]any{"token": token})
		if err == nil {
			err = answer.Data(&data)
		}
		var failure *oktaauth.Error
		switch {
		case err == nil && isBearer:
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), Name{}, data.Meta["okta_login"])))
		case errors.As(err, &failure) && (failure.Status < 0 || failure.Status >= 500):
			http.Error(w, "try again later", http.StatusServiceUnavailable)
		default:
			http.Error(w, "log in first", http.StatusUnauthorized)
		}
	})
	return mux
}
