//! Client of Okta's HTTP API: authn transactions, factors, users, groups, rate limits.
//!
//! It knows nothing of mounts, tokens or policies, and every value that comes from Okta is untrusted here. No
//! caller sees a raw status text: what Okta answered is one of the variants of [`Transaction`].

mod answer;
mod client;
mod failure;
#[cfg(fuzzing)]
pub mod fuzzing;
mod lenient;
mod links;
mod network;
mod org;
mod pacing;
mod policy;
mod transaction;
mod transport;
mod trust;

pub use client::{Answer, Client};
pub use failure::{Failure, FailureKind};
pub use network::Network;
pub use org::Org;
pub use policy::PasswordPolicy;
pub use transaction::{
    Challenge, EnrollableFactor, Factor, FactorKind, FactorResult, Group, Provider, StateToken, Transaction,
    User, UserStatus,
};
pub use transport::{Origin, Settings};
pub use trust::TrustAnchors;
