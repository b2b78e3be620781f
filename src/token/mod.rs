//! Service tokens.

mod ttl;

pub use ttl::{MountTtls, Terms, ttl};
