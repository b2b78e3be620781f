//! Constants of the C ABI: versions, log levels and the codes of calls without an answer.

use crate::api::NoAnswer;

/// The number of the ABI this header describes. It grows when functions are added; what was there keeps its
/// meaning as long as the soname is libokta_auth.so.1. A library whose okta_auth_abi_version() is lower
/// lacks functions of this header.
pub const OKTA_AUTH_ABI_VERSION: u32 = 1;

/// Level for okta_auth_set_logger: nothing is logged.
pub const OKTA_AUTH_LOG_OFF: i32 = 0;
/// Level for okta_auth_set_logger: what failed and needs an operator.
pub const OKTA_AUTH_LOG_ERROR: i32 = 1;
/// Level for okta_auth_set_logger: also what goes on, but not as it should.
pub const OKTA_AUTH_LOG_WARN: i32 = 2;
/// Level for okta_auth_set_logger: also what was done.
pub const OKTA_AUTH_LOG_INFO: i32 = 3;
/// Level for okta_auth_set_logger: also how it was done.
pub const OKTA_AUTH_LOG_DEBUG: i32 = 4;

/// What a function returns when there is no answer. All are negative, so that none is an HTTP status.
/// Numbers are never reused, names are only added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Code {
    /// A pointer that must not be NULL is NULL.
    NullPointer = -1,
    /// The request or the options are not UTF-8.
    InvalidUtf8 = -2,
    /// This handle was never issued.
    InvalidHandle = -3,
    /// The request is over 64 MiB.
    TooLarge = -4,
    /// The handle was opened before a fork, in the parent process: open a new one. From okta_auth_open(): the
    /// fork found a database in use, so this process can open none: fork again, or exec.
    Forked = -5,
    /// The function was called from inside a log or audit function.
    Reentered = -6,
    /// A fault of the library was caught; it goes on working. Please report it.
    Panic = -7,
    /// The operation is still running.
    Pending = -8,
    /// The operation was cancelled, or its handle was closed while it ran.
    Cancelled = -9,
    /// This ticket was never issued, or its result was collected.
    InvalidTicket = -10,
    /// There is no operation of this name.
    UnknownOperation = -11,
    /// The handle was closed.
    Closed = -12,
}

impl Code {
    /// The member `code` of its JSON body, and the text that says what to do.
    pub const fn explanation(self) -> (&'static str, &'static str) {
        match self {
            Self::NullPointer => ("null_pointer", "a pointer that must not be NULL is NULL"),
            Self::InvalidUtf8 => ("invalid_utf8", "the request is not UTF-8"),
            Self::InvalidHandle => ("invalid_handle", "this handle was never issued by okta_auth_open"),
            Self::TooLarge => ("too_large", "the request is over 64 MiB"),
            Self::Forked => (
                "forked",
                "the handle is from before a fork: open a new one here; where that fails too, fork again or exec",
            ),
            Self::Reentered => ("reentered", "the library was called from inside its log or audit function"),
            Self::Panic => ("panic", "a fault of the library was caught; please report it"),
            Self::Pending => ("pending", "the operation is still running"),
            Self::Cancelled => ("cancelled", "the operation was cancelled or its handle was closed"),
            Self::InvalidTicket => ("invalid_ticket", "this ticket is unknown or its result was collected"),
            Self::UnknownOperation => ("unknown_operation", "there is no operation of this name"),
            Self::Closed => ("closed", "the handle is closed"),
        }
    }
}

impl From<NoAnswer> for Code {
    fn from(reason: NoAnswer) -> Self {
        match reason {
            NoAnswer::InvalidUtf8 => Self::InvalidUtf8,
            NoAnswer::TooLarge => Self::TooLarge,
            NoAnswer::Cancelled => Self::Cancelled,
            NoAnswer::Closed => Self::Closed,
            NoAnswer::UnknownOperation => Self::UnknownOperation,
            NoAnswer::Pending => Self::Pending,
            NoAnswer::InvalidTicket => Self::InvalidTicket,
            NoAnswer::Panicked => Self::Panic,
            NoAnswer::Forked => Self::Forked,
        }
    }
}
