//! Policies: their names, and what they allow.

pub mod names;
