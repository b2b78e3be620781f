//! The test suite.

mod api;
mod c_abi;
mod examples;
mod generated;
mod guest;
mod install;
mod method;
mod okta;
mod storage;
mod tickets;
mod transactions;
mod tidy;
mod transcripts;
