//! The one door to everything: a client of the library, its operations, and the router over (method, path).

mod answer;
mod client;
pub mod operations;

pub use answer::{Answer, NoAnswer};
pub use client::Client;
