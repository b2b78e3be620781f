"""Written by `make generate` from include/okta_auth.h. Do not edit."""
