//! A stateful Okta on 127.0.0.1 for tests.
