//! The C ABI: the only module that knows of C and the only one with `unsafe`. It holds no logic of its own.
//!
//! `include/okta_auth.h` is generated from this module and documents it for the caller.

#![allow(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

mod border;
mod buffer;
mod cancel_state;
mod codes;
mod functions;
mod handles;
mod numbers;
mod operations;
mod process;
mod tickets;
