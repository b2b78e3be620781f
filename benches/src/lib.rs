//! What both measurements call: the shipped library as a C program calls it, and the loopback Okta.

pub mod library;
pub mod okta;
