//! Tokens: issued to logins, created by hand, looked up, renewed, revoked.
//!
//! A service token is known to its bearer only: what is stored is found by its HMAC and sealed by the barrier. All rows of
//! a token are written in the commit that its answer waits for. It is gone at the second at which it expires and
//! at the moment at which an ancestor is revoked or expires, whenever its rows are removed.

mod batch;
#[cfg(test)]
mod batch_tests;
mod create;
#[cfg(test)]
mod create_tests;
mod end;
mod entity;
#[cfg(test)]
mod expiry_tests;
mod grant;
mod id;
mod idle;
#[cfg(test)]
mod life_tests;
mod lookup;
#[cfg(test)]
mod race_tests;
mod record;
mod renew;
mod revoke;
mod revoke_many;
#[cfg(test)]
mod revoke_many_tests;
mod role;
#[cfg(test)]
mod role_tests;
mod store;
mod sweep;
#[cfg(test)]
mod testing;
mod tidy;
mod ttl;
mod wish;
mod wrapping;

pub use create::{By, Creation};
pub use end::REVOKE_SELF_FIELDS;
pub use entity::{Alias, AliasOf, Entity};
pub use grant::Grant;
pub use lookup::{ACCESSOR_FIELDS, TOKEN_FIELDS, accessor, invalid_accessor};
pub use record::{CREATED, Record, State};
pub use renew::{LoginTerms, RENEW_ACCESSOR_FIELDS, RENEW_FIELDS, Renewal};
pub use role::{ROLE_FIELDS, ROLE_NAME};
pub use store::{Bearer, Caller, Tokens};
pub use ttl::{Terms, ttl};
pub use wish::{CREATE_BY_ROLE_FIELDS, CREATE_FIELDS};
pub use wrapping::{NewWrapping, Wrapping, invalid_wrapping_token};
