//! The test suite.

mod advisories;
mod api;
mod audit;
mod c_abi;
mod calls;
mod chapters;
mod cpp;
mod door;
mod examples;
mod failing_storage;
mod generated;
mod guest;
mod install;
mod limits;
mod markers;
mod method;
mod okta;
mod pam;
mod refusals;
mod storage;
mod tickets;
mod tidy;
mod tokens;
mod transactions;
mod transcripts;
mod wrapping;
