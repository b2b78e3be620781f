//! The one door to everything: a client of the library, its operations, and the router over (method, path).

mod answer;
mod body;
mod carry_out;
mod client;
mod headers;
mod help;
mod members;
pub mod operations;
mod options;
mod readiness;
mod request;
mod rights;
mod router;
mod routes;
mod submitted;
mod target;
mod tickets;
mod trail;
mod wrapping;

pub use answer::{Answer, NoAnswer};
pub use carry_out::Outcome;
pub use client::{Client, NotOpened, Submission};
pub use tickets::Ticket;
