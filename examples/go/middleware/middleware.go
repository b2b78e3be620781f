// Package middleware lets in who brings the token of a login.
package middleware

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"oktaauth"
)

type object = map[string]any

// Name is the context's key of the display name of who is let in.
type Name struct{}

// Handler logs in who posts {"username", "password"} to /login; behind all other paths is next, for those with a token.
func Handler(client *oktaauth.Client, next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		var sent struct{ Username, Password string }
		if json.NewDecoder(http.MaxBytesReader(w, r.Body, 10_000)).Decode(&sent) != nil {
			http.Error(w, "no JSON", http.StatusBadRequest)
			return
		}
		answer, err := client.Login(r.Context(), object{"username": sent.Username, "password": sent.Password})
		if err != nil {
			refuse(w, err)
			return
		}
		auth, err := answer.Auth()
		if err != nil {
			refuse(w, err)
			return
		}
		_ = json.NewEncoder(w).Encode(object{"token": auth.ClientToken})
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		token, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		answer, err := client.LookupToken(r.Context(), object{"token": token})
		var data struct {
			DisplayName string `json:"display_name"`
		}
		if err == nil {
			err = answer.Data(&data)
		}
		if err != nil || !isBearer {
			refuse(w, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), Name{}, data.DisplayName)))
	})
	return mux
}

// refuse tells who may try again later from who may not enter.
func refuse(w http.ResponseWriter, err error) {
	var failure *oktaauth.Error
	if errors.As(err, &failure) && (failure.Status < 0 || failure.Status >= 500) {
		http.Error(w, string(failure.Code), http.StatusServiceUnavailable)
		return
	}
	http.Error(w, "no", http.StatusUnauthorized)
}
