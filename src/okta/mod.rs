//! Client of Okta's HTTP API: authn transactions, factors, users, groups, rate limits.
//!
//! It knows nothing of mounts, tokens or policies, and every value that comes from Okta is untrusted here. No
//! caller sees a raw status text: what Okta answered is one of the variants of [`Transaction`].

mod failure;
mod org;
mod transaction;

pub use failure::{Failure, FailureKind};
pub use org::Org;
pub use transaction::{
    Challenge, Factor, FactorKind, FactorResult, Group, Provider, StateToken, Transaction, User, UserStatus,
};
