//! Policies: their names, and what they allow.

pub mod glob;
pub mod names;
