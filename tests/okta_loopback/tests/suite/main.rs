//! The loopback Okta seen from the outside.

mod authn;
mod client;
mod faults;
mod groups;
mod program;
mod scripted;
