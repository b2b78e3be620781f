//! The exported functions that are not operations.

use super::border;
use super::buffer::{self, Buffer};
use super::codes::{
    Code, OKTA_AUTH_ABI_VERSION, OKTA_AUTH_LOG_DEBUG, OKTA_AUTH_LOG_ERROR, OKTA_AUTH_LOG_INFO,
    OKTA_AUTH_LOG_OFF, OKTA_AUTH_LOG_WARN,
};
use super::handles::Handle;
use super::process;
use crate::api::{Answer, Client, NotOpened};
use crate::audit;
use crate::error::{self, Error};
use crate::log::{Level, Sink};
use std::ffi::{c_char, c_void};

/// The version of the library that runs, such as "0.1.0". Static text; do not free it.
#[unsafe(no_mangle)]
pub extern "C" fn okta_auth_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The number of the ABI that the running library has, see OKTA_AUTH_ABI_VERSION.
#[unsafe(no_mangle)]
pub extern "C" fn okta_auth_abi_version() -> u32 {
    OKTA_AUTH_ABI_VERSION
}

/// A checksum of what the header of the running library declares. Generated bindings compare it with that of the
/// header they were made from: where the ABI numbers are the same, so are the checksums. Comments and
/// OKTA_AUTH_VERSION do not count.
#[unsafe(no_mangle)]
pub extern "C" fn okta_auth_header_checksum() -> u64 {
    include!(concat!(env!("OUT_DIR"), "/header_checksum.rs"))
}

/// What okta_auth_set_logger() takes: a function that gets one JSON object in one line, `record_len` bytes of
/// UTF-8 with a NUL after them, valid during the call only. Its members are "time", "level", "event" and more.
pub type LogFunction = Option<
    unsafe extern "C" fn(user_data: *mut c_void, level: i32, record: *const c_char, record_len: usize),
>;

/// What okta_auth_set_audit() takes: a function that gets one line of the audit log, a JSON object of `line_len`
/// bytes of UTF-8 with a NUL after them, valid during the call only. It returns 0 when it has the line, and anything
/// else when it could not take it.
pub type AuditFunction =
    Option<unsafe extern "C" fn(user_data: *mut c_void, line: *const c_char, line_len: usize) -> i32>;

/// Opens a handle: a storage, the mounts in it, and a pool of connections to Okta. Needs no network.
///
/// `options` is a JSON object. Members, all optional; an unknown one is refused by name:
///
/// - "storage": {"type":"memory"} (default), or {"type":"sqlite","path":"/var/lib/my/okta.db"}.
/// - "key": the barrier key that seals the storage, 32 bytes in base64; or "key_file": the file that holds it.
///   Default for SQLite: `<path>.key`, made with mode 0600 at the first open.
/// - "mounts": paths of the okta mounts a new storage starts with; default ["okta"].
/// - "ca_file" or "ca_pem": trust these certificates (PEM) instead of the system's.
/// - "proxy": URL of an HTTP proxy. "use_env_proxy": true reads HTTPS_PROXY and NO_PROXY; default false.
/// - "connect_timeout_ms" (5000), "request_timeout_ms" (15000), "login_timeout_ms" (300000): milliseconds for
///   one connection to Okta, one request to it, and one login with all its waiting.
/// - "default_lease_ttl", "max_lease_ttl": seconds or a duration such as "768h", the default of both.
/// - "audit": {"file":"/var/log/my/audit.log","required":true}: the file that audit lines are added to; with
///   "required" (default) nothing is done and nothing answered without its line. See AUDIT.
///
/// Returns 200 and stores the handle in `*handle`, with an empty body; or stores 0 and returns what is wrong:
/// 400 (invalid_request, invalid_json), 500 or 503 (wrong_key, storage_failed, storage_busy, audit_failed,
/// limit_reached: 1024 handles are open), or a negative code; OKTA_AUTH_FORKED where this process was forked while a database
/// was in use, so that it can open none.
///
/// Example: `{"storage":{"type":"sqlite","path":"/var/lib/my/okta.db"}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_open(
    options: *const c_char,
    options_len: usize,
    handle: *mut Handle,
    response: *mut Buffer,
) -> i32 {
    let mut opened = 0;
    let open = || {
        if handle.is_null() {
            return Err(Code::NullPointer);
        }
        // SAFETY: the caller's promise about `options`.
        let options = unsafe { border::input(options, options_len) }?;
        let Some(room) = process::current().handles.reserve() else {
            let error = Error::new(503, error::Code::LimitReached, "too many handles are open; close some");
            return Ok(Answer::error(&error, false, None));
        };
        match Client::open(options) {
            Ok(client) => {
                opened = room.fill(client);
                Ok(Answer { status: 200, body: Default::default() })
            }
            Err(NotOpened::Refused(answer)) => Ok(answer),
            Err(NotOpened::NoAnswer(reason)) => Err(reason.into()),
        }
    };
    // SAFETY: the caller's promise about `response`.
    let status = unsafe { border::answer(response, open) };
    if !handle.is_null() {
        // SAFETY: not NULL, so by contract writable.
        unsafe { handle.write(opened) };
    }
    status
}

/// Closes a handle, from any thread, also while other threads are inside: their operations end, and return
/// OKTA_AUTH_CANCELLED unless they were done. It waits a second at most for
/// them, and for a fork that is under way. Then, where nothing is, it moves the last commits (8 MiB at most) from
/// SQLite's log into the database file, and that takes as long as the disk takes. Everything that was answered is in
/// the storage, moved or not. The log function and the audit function are not called any more once this returned; a
/// call of theirs that is running is waited for, however long it takes.
///
/// Returns 0, or OKTA_AUTH_CLOSED the second time, OKTA_AUTH_INVALID_HANDLE, OKTA_AUTH_FORKED,
/// OKTA_AUTH_REENTERED.
#[unsafe(no_mangle)]
pub extern "C" fn okta_auth_close(handle: Handle) -> i32 {
    border::guard(|| {
        let client = process::current().handles.take(handle)?;
        client.close();
        client.audit().set_function(None);
        client.logger().set(None);
        Ok(0)
    })
}

/// Wipes and frees the text of an answer, and sets `data` to NULL and `len` to 0. Does nothing with NULL and with
/// a buffer that was freed. May be called at any time, after a close and from a log function too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_buffer_free(buffer: *mut Buffer) {
    // SAFETY: NULL, or by contract a buffer that a call of ours has filled.
    if let Some(buffer) = unsafe { buffer.as_mut() } {
        // SAFETY: as above.
        unsafe { buffer::free(buffer) };
    }
}

/// The door for requests of others: carries out a whole request as Vault's HTTP server would, with the authority
/// of the token that comes with it. Pass on what a client sent; do not use it with the host's own wishes.
///
/// Request members:
///
/// - "method" (text, required): GET, POST, PUT, DELETE or LIST; HEAD of sys/health.
/// - "path" (text, required): as on the wire: percent-encoded, with or without "/v1/", with its query. With `?help=1`
///   nothing is done, and "help" says what the path is for.
/// - "token" (text): the caller's token; needed on every path but login, verify, transactions, sys/wrapping/lookup,
///   sys/health, sys/seal-status, sys/init and sys/internal/ui/mounts.
/// - "data" (object) or "body" (text as received, up to 32 MiB): the parameters.
/// - "headers" (object of texts or lists of texts): X-Vault-Token and Authorization: Bearer count like "token",
///   X-Vault-Wrap-TTL like "wrap_ttl", User-Agent like "user_agent", but that one which no header can have is dropped;
///   X-Forwarded-For reaches Okta where the mount passes it through.
/// - "remote_address" (text): the client's IP address, which token_bound_cidrs are compared with.
/// - "user_agent" and "request_id" (text), "timeout_ms" (milliseconds), "wrap_ttl": as for every operation.
///
/// What is said twice and differently is 400. Answers, statuses and texts are those of Vault's HTTP API.
/// Codes beside those of the path: 400 invalid_request and invalid_json, 403 permission_denied and
/// invalid_token, 404 unsupported_path, 405 unsupported_operation, 413 too_large.
///
/// Example: `{"method":"POST","path":"/v1/auth/okta/login/fred","data":{"password":"correct horse"}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_request(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { border::call(handle, request, request_len, response, Client::request) }
}

/// A named operation; the functions of `operations` come here.
///
/// # Safety
/// As [`border::call`].
pub unsafe fn operation(
    name: &'static str,
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe {
        border::call(handle, request, request_len, response, |client, request| client.call(name, request))
    }
}

/// Sends the log of a handle to `function`, or to nobody (NULL, or level OKTA_AUTH_LOG_OFF). A handle logs
/// nothing until this is called; the first function is told then what went wrong while the handle was opened.
///
/// `level` is the highest of the OKTA_AUTH_LOG_ levels that is wanted; numbers above and below count as the
/// last and the first. `function` is called with `user_data` on the thread on which something happened, from
/// several threads at once, and never while the library holds a lock. It must return, and soon, as operations wait
/// for it, those of other handles too: no longjmp, no exception, no exit of the thread, and no return in a forked
/// child. Functions called from inside it return OKTA_AUTH_REENTERED, other than okta_auth_version(),
/// okta_auth_abi_version(), okta_auth_header_checksum() and okta_auth_buffer_free().
///
/// When this returns, the function registered before is not running and never runs again, so its `user_data` may
/// be freed. Do not call this while holding a lock that the log function takes.
///
/// No record holds a password, passcode, token or key.
///
/// Returns 0, or OKTA_AUTH_INVALID_HANDLE, OKTA_AUTH_CLOSED, OKTA_AUTH_FORKED, OKTA_AUTH_REENTERED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_set_logger(
    handle: Handle,
    level: i32,
    function: LogFunction,
    user_data: *mut c_void,
) -> i32 {
    border::guard(|| {
        let client = border::client(handle)?;
        let sink = function.map(|function| sink(function, UserData(user_data)));
        client.logger().set(Level::from_number(level).zip(sink));
        Ok(0)
    })
}

/// Sends the audit log of a handle to `function`, too, or to none (NULL): every line that is made from now on. A
/// handle has no audit log until this is called, unless okta_auth_open() was given "audit". Where that does not say
/// "required": false, a line counts as written only when the file, if there is one, and this function, if there is one,
/// have it; with "audit" and neither, every request is refused.
///
/// `function` is called with `user_data` like the log function of okta_auth_set_logger(), under the same rules:
/// from several threads at once, never while the library holds a lock, and it must return soon. When this returns,
/// the function registered before is not running and never runs again.
///
/// Returns 0, or OKTA_AUTH_INVALID_HANDLE, OKTA_AUTH_CLOSED, OKTA_AUTH_FORKED, OKTA_AUTH_REENTERED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_set_audit(
    handle: Handle,
    function: AuditFunction,
    user_data: *mut c_void,
) -> i32 {
    border::guard(|| {
        let client = border::client(handle)?;
        client.audit().set_function(function.map(|function| audit_sink(function, UserData(user_data))));
        Ok(0)
    })
}

// The levels of the header are those of the log.
const _: () = assert!(
    OKTA_AUTH_LOG_OFF == 0
        && OKTA_AUTH_LOG_ERROR == Level::Error as i32
        && OKTA_AUTH_LOG_WARN == Level::Warn as i32
        && OKTA_AUTH_LOG_INFO == Level::Info as i32
        && OKTA_AUTH_LOG_DEBUG == Level::Debug as i32
);

/// The caller's pointer, which we hand back and never follow.
#[derive(Clone, Copy)]
struct UserData(*mut c_void);

// SAFETY: the pointer is only handed back; the header says that the function is called on any thread.
unsafe impl Send for UserData {}
// SAFETY: as for Send, and from several threads at once.
unsafe impl Sync for UserData {}

impl UserData {
    fn pointer(self) -> *mut c_void {
        self.0
    }
}

fn sink(function: unsafe extern "C" fn(*mut c_void, i32, *const c_char, usize), user_data: UserData) -> Sink {
    Box::new(move |level, record| {
        let text = terminated(record);
        // SAFETY: the caller registered this function with this pointer and keeps both until it unregistered it;
        // the text lives for the call.
        unsafe { function(user_data.pointer(), level as i32, text.as_ptr().cast(), record.len()) };
    })
}

fn audit_sink(
    function: unsafe extern "C" fn(*mut c_void, *const c_char, usize) -> i32,
    user_data: UserData,
) -> audit::Sink {
    Box::new(move |line| {
        let text = terminated(line);
        // SAFETY: as in `sink`.
        unsafe { function(user_data.pointer(), text.as_ptr().cast(), line.len()) == 0 }
    })
}

/// The bytes of a text with a NUL after them.
fn terminated(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len().saturating_add(1));
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(0);
    bytes
}
