//go:build !okta_auth_static

package oktaauth

// #cgo pkg-config: okta_auth
import "C"
