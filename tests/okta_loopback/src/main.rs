//! The loopback Okta as a program.
fn main() {}
