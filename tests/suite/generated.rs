//! What `make generate` writes is what is checked in, and the header, the table and the library name the same.

use okta_auth::api::operations::OPERATIONS;
use std::collections::BTreeSet;

const HEADER: &str = include_str!("../../include/okta_auth.h");
const HINT: &str = "run `make generate`";

/// The functions that the header declares.
pub fn declared() -> BTreeSet<String> {
    HEADER
        .lines()
        .filter(|line| {
            line.starts_with(|first: char| first.is_ascii_lowercase()) && !line.starts_with("typedef")
        })
        .filter_map(|line| line.split_once('(')?.0.rsplit(['*', ' ']).next())
        .filter(|name| name.starts_with("okta_auth_"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_header_is_fresh() {
    assert!(HEADER == include_str!(concat!(env!("OUT_DIR"), "/okta_auth.h")), "{HINT}");
}

#[test]
fn the_functions_are_fresh() {
    assert!(generate::functions() == include_str!("../../src/ffi/operations.rs"), "{HINT}");
}

#[test]
fn the_header_declares_each_operation_and_a_few_functions_more() {
    let mut expected: BTreeSet<String> =
        OPERATIONS.iter().map(|operation| format!("okta_auth_{}", operation.name)).collect();
    let tickets = ["submit", "wait", "cancel", "completion_fd", "next_completed"];
    let others = [
        "version",
        "abi_version",
        "header_checksum",
        "open",
        "close",
        "buffer_free",
        "request",
        "set_logger",
        "set_audit",
    ];
    for name in tickets.into_iter().chain(others) {
        assert!(expected.insert(format!("okta_auth_{name}")), "{name} is an operation as well");
    }
    assert_eq!(declared(), expected);
}

#[test]
fn no_operation_has_a_member_with_a_common_name() {
    let common = ["mount_point", "timeout_ms", "remote_address", "user_agent", "request_id", "wrap_ttl"];
    for operation in OPERATIONS {
        for member in operation.members.iter().copied().flatten() {
            assert!(!common.contains(&member.name), "{}: {}", operation.name, member.name);
        }
    }
}

#[test]
fn the_table_names_existing_error_codes() {
    let known: BTreeSet<&str> = okta_auth::error::Code::ALL.iter().map(|code| code.name()).collect();
    for operation in OPERATIONS {
        for code in operation.refusals.iter().flat_map(|refusal| refusal.codes) {
            assert!(known.contains(code), "{}: {code}", operation.name);
        }
    }
}
