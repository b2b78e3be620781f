//! Submitted operations: the exported functions with a ticket.

use super::border;
use super::buffer::Buffer;
use super::codes::Code;
use super::handles::Handle;
use super::numbers::{self, Kind};
use super::process;
use crate::api::{self, Answer, Submission};
use crate::error::{self, Error};
use std::ffi::{CStr, c_char};
use std::os::fd::IntoRawFd;
use std::time::Duration;

/// Stands for a submitted operation, see TICKETS above.
pub type Ticket = u64;

/// Begins an operation and returns without waiting for the network or for the storage.
///
/// `operation` is its name without okta_auth_, such as "login", or "request" for okta_auth_request(). The request
/// is read during the call only. The operation goes on by threads of the library; see TICKETS.
///
/// Returns 202 and stores the ticket in `*ticket`, with an empty body; or stores 0 and returns what is wrong: 400
/// (invalid_request, invalid_json) where the request itself is not acceptable, 503 (limit_reached) where 32,768
/// tickets of the handle are open or no thread could be started, or a negative code, OKTA_AUTH_UNKNOWN_OPERATION
/// among them. Everything else that the operation could answer comes from okta_auth_wait().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_submit(
    handle: Handle,
    operation: *const c_char,
    request: *const c_char,
    request_len: usize,
    ticket: *mut Ticket,
    response: *mut Buffer,
) -> i32 {
    let mut begun = 0;
    let submit = || {
        let client = border::client(handle)?;
        if operation.is_null() || ticket.is_null() {
            return Err(Code::NullPointer);
        }
        // SAFETY: not NULL, so by contract a text with a NUL at its end.
        let operation = unsafe { CStr::from_ptr(operation) }.to_str().map_err(|_| Code::UnknownOperation)?;
        // SAFETY: the caller's promise about `request`.
        let request = unsafe { border::input(request, request_len) }?;
        Ok(match client.submit(operation, request)? {
            Submission::Begun(ticket) => {
                begun = number(ticket);
                Answer { status: 202, body: Default::default() }
            }
            Submission::Refused(answer) => answer,
        })
    };
    // SAFETY: the caller's promise about `response`.
    let status = unsafe { border::answer(response, submit) };
    if !ticket.is_null() {
        // SAFETY: not NULL, so by contract writable.
        unsafe { ticket.write(begun) };
    }
    status
}

/// Waits for a submitted operation and takes its answer; the ticket ends with it.
///
/// `timeout_ms`: how long at most, in milliseconds; 0 only looks; -1 waits until the operation ends, which it does
/// by its own deadline ("timeout_ms" of its request). The operation goes on whatever happens here.
///
/// Returns what the operation's own function would return, with the same body. OKTA_AUTH_PENDING while it runs;
/// OKTA_AUTH_CANCELLED once after okta_auth_cancel(), and where okta_auth_close() came meanwhile;
/// OKTA_AUTH_INVALID_TICKET for a ticket that this handle never issued or whose answer was taken: of two threads
/// that wait for one ticket, one gets the answer. 400 (invalid_request) for other negative times; the ticket stays.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_wait(
    handle: Handle,
    ticket: Ticket,
    timeout_ms: i32,
    response: *mut Buffer,
) -> i32 {
    let wait = || {
        let client = border::client(handle)?;
        let timeout = match timeout_ms {
            -1 => None,
            _ => match u64::try_from(timeout_ms) {
                Ok(millis) => Some(Duration::from_millis(millis)),
                Err(_) => {
                    let text = "timeout_ms must be -1, 0 or a number of milliseconds";
                    let error = Error::bad_request(error::Code::InvalidRequest, text);
                    return Ok(Answer::error(&error, false, None));
                }
            },
        };
        Ok(client.wait(issued(ticket)?, timeout)?)
    };
    // SAFETY: the caller's promise about `response`.
    unsafe { border::answer(response, wait) }
}

/// Ends a submitted operation, and returns at once. It asks Okta nothing more, and okta_auth_wait() returns
/// OKTA_AUTH_CANCELLED for it, once. What it has done by then stays done: cancelled at its last moment, a login may
/// have issued a token that nobody knows.
///
/// Returns 0, also where the operation has ended already, which changes nothing; or OKTA_AUTH_INVALID_TICKET,
/// OKTA_AUTH_INVALID_HANDLE, OKTA_AUTH_CLOSED, OKTA_AUTH_FORKED, OKTA_AUTH_REENTERED.
#[unsafe(no_mangle)]
pub extern "C" fn okta_auth_cancel(handle: Handle, ticket: Ticket) -> i32 {
    border::guard(|| {
        border::client(handle)?.cancel(issued(ticket)?)?;
        Ok(0)
    })
}

/// Stores a file descriptor in `*fd` that becomes readable when an operation ends: for poll, epoll, and the event
/// loops that stand on them.
///
/// It is readable while okta_auth_next_completed() has a ticket to name, and for ever once the handle is closed. An
/// edge-triggered loop calls okta_auth_next_completed() until it returns OKTA_AUTH_PENDING. Poll it only: do not
/// read from it or write to it. It is yours and has CLOEXEC set; close it when you like, also after
/// okta_auth_close(). Each call gives another one. In a forked child it does nothing useful and no harm.
///
/// Returns 0; or stores -1 and returns 503 where the process can have no more descriptors, or
/// OKTA_AUTH_NULL_POINTER, OKTA_AUTH_INVALID_HANDLE, OKTA_AUTH_CLOSED, OKTA_AUTH_FORKED, OKTA_AUTH_REENTERED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_completion_fd(handle: Handle, fd: *mut i32) -> i32 {
    let mut descriptor = -1;
    let status = border::guard(|| {
        let client = border::client(handle)?;
        if fd.is_null() {
            return Err(Code::NullPointer);
        }
        match client.completion_fd()? {
            Ok(own) => {
                descriptor = own.into_raw_fd();
                Ok(0)
            }
            Err(_) => Ok(503),
        }
    });
    if !fd.is_null() {
        // SAFETY: not NULL, so by contract writable.
        unsafe { fd.write(descriptor) };
    }
    status
}

/// Stores in `*ticket` an operation that has ended, cancelled ones included, for okta_auth_wait() to take its
/// answer. Each ticket is named once, in the order in which they ended; those whose answer was taken before are not.
///
/// Returns 0; or stores 0 and returns OKTA_AUTH_PENDING when there is none, or OKTA_AUTH_NULL_POINTER,
/// OKTA_AUTH_INVALID_HANDLE, OKTA_AUTH_CLOSED, OKTA_AUTH_FORKED, OKTA_AUTH_REENTERED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_next_completed(handle: Handle, ticket: *mut Ticket) -> i32 {
    let mut next = 0;
    let status = border::guard(|| {
        let client = border::client(handle)?;
        if ticket.is_null() {
            return Err(Code::NullPointer);
        }
        next = number(client.next_completed()?.ok_or(Code::Pending)?);
        Ok(0)
    });
    if !ticket.is_null() {
        // SAFETY: not NULL, so by contract writable.
        unsafe { ticket.write(next) };
    }
    status
}

/// The number under which the caller knows a ticket.
fn number(ticket: api::Ticket) -> Ticket {
    numbers::join(Kind::Ticket, process::current().handles.epoch(), ticket.number())
}

/// The ticket of a number. One from before a fork is as unknown as an invented one.
fn issued(number: Ticket) -> Result<api::Ticket, Code> {
    match numbers::split(Kind::Ticket, number) {
        Some((epoch, sequence)) if epoch == process::current().handles.epoch() => {
            Ok(api::Ticket::of_number(sequence))
        }
        _ => Err(Code::InvalidTicket),
    }
}
