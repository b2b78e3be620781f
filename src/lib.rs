//! What HashiCorp Vault's Okta auth method does behind an HTTP server, in your own process.

// `unsafe` is for `ffi` and for the system shims that say why: `threads::signals`, `api::readiness`, `storage::fork`
// and `storage::user`.
#![cfg_attr(not(test), deny(unsafe_code))]

#[cfg(panic = "abort")]
compile_error!("okta_auth turns panics into error codes and cannot be built with panic = \"abort\"");

pub mod api;
pub mod audit;
mod callback;
pub mod cidr;
pub mod clock;
pub mod deadline;
pub mod error;
mod ffi;
pub mod field;
mod in_flight;
pub mod json;
pub mod letter_case;
pub mod limits;
pub mod lockout;
pub mod log;
pub mod method;
pub mod mount;
pub mod okta;
pub mod policy;
pub mod reply;
pub mod secret;
pub mod storage;
mod threads;
pub mod token;
pub mod token_fields;
pub mod ttls;
