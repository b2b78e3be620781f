//! The routes, one table for each kind of target.

pub mod cubbyhole;
pub mod lockout;
pub mod okta;
pub mod policies;
pub mod status;
pub mod system;
pub mod token;
pub mod transactions;
pub mod wrapping;

#[cfg(test)]
mod tests;
