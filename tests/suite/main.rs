//! The test suite.

mod c_abi;
mod generated;
mod method;
mod okta;
mod storage;
