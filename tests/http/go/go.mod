module oktaauth/http

go 1.24

require oktaauth v0.0.0

replace oktaauth => ../../../bindings/go
