//! How long tokens live where nobody says more, and how long at most.

/// What the library or a mount allows, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ttls {
    /// The TTL where nothing else names one.
    pub default: i64,
    /// No token that is not periodic lives longer.
    pub max: i64,
}
