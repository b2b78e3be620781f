//! The test suite.

mod c_abi;
mod generated;
mod okta;
mod storage;
