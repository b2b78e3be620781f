//! The routes, one table for each kind of target.

pub mod okta;
pub mod system;
pub mod token;
pub mod transactions;
