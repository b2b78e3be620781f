//! The test suite.

mod api;
mod c_abi;
mod generated;
mod method;
mod okta;
mod storage;
mod transcripts;
