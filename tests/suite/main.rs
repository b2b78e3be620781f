//! The test suite.

mod c_abi;
mod generated;
mod storage;
