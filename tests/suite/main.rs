//! The test suite.

mod c_abi;
mod generated;
