//! The shipped library, called as a C program calls it.

use crate::okta::{Okta, PASSWORD};
use libloading::Library as Loaded;
use serde_json::{Value, json};
use std::ffi::{c_char, c_int};
use std::os::fd::{FromRawFd, OwnedFd};
use std::path::Path;

#[repr(C)]
/// An answer, as the header declares it.
pub struct Buffer {
    data: *mut c_char,
    len: usize,
}

type Submit = unsafe extern "C" fn(u64, *const c_char, *const c_char, usize, *mut u64, *mut Buffer) -> c_int;
type Wait = unsafe extern "C" fn(u64, u64, c_int, *mut Buffer) -> c_int;
type CompletionFd = unsafe extern "C" fn(u64, *mut c_int) -> c_int;
type NextCompleted = unsafe extern "C" fn(u64, *mut u64) -> c_int;
type Open = unsafe extern "C" fn(*const c_char, usize, *mut u64, *mut Buffer) -> c_int;
type Close = unsafe extern "C" fn(u64) -> c_int;
type Free = unsafe extern "C" fn(*mut Buffer);

/// An operation's function.
pub type Operation = unsafe extern "C" fn(u64, *const c_char, usize, *mut Buffer) -> c_int;

/// `libokta_auth.so`, loaded for ever.
pub struct Library {
    loaded: &'static Loaded,
    open: Open,
    close: Close,
    free: Free,
    submit: Submit,
    wait: Wait,
    completion_fd: CompletionFd,
    next_completed: NextCompleted,
}

impl Library {
    /// Loads it.
    pub fn load(path: &Path) -> Self {
        // SAFETY: the file is our own library, and its types are those of its header.
        unsafe {
            let loaded = Loaded::new(path).unwrap_or_else(|error| panic!("{error}"));
            let loaded: &'static Loaded = Box::leak(Box::new(loaded));
            Self {
                open: *loaded.get(b"okta_auth_open").expect("exported"),
                close: *loaded.get(b"okta_auth_close").expect("exported"),
                free: *loaded.get(b"okta_auth_buffer_free").expect("exported"),
                submit: *loaded.get(b"okta_auth_submit").expect("exported"),
                wait: *loaded.get(b"okta_auth_wait").expect("exported"),
                completion_fd: *loaded.get(b"okta_auth_completion_fd").expect("exported"),
                next_completed: *loaded.get(b"okta_auth_next_completed").expect("exported"),
                loaded,
            }
        }
    }

    /// The function of an operation.
    pub fn operation(&self, name: &str) -> Operation {
        // SAFETY: every operation of the header has this type.
        unsafe { *self.loaded.get(format!("okta_auth_{name}")).expect("exported") }
    }

    /// Opens a client.
    pub fn open(&self, options: &Value) -> Client<'_> {
        let options = options.to_string();
        let (mut handle, mut answer) = (0, Buffer { data: std::ptr::null_mut(), len: 0 });
        // SAFETY: text and length belong together; handle and answer may be written to.
        let status = unsafe { (self.open)(options.as_ptr().cast(), options.len(), &mut handle, &mut answer) };
        // SAFETY: the answer is fresh from the library.
        let text = unsafe { self.take(answer, |text| String::from_utf8_lossy(text).into_owned()) };
        assert_eq!(status, 200, "{text}");
        Client { library: self, handle }
    }

    /// # Safety
    /// The answer is fresh from the library.
    unsafe fn take<T>(&self, mut answer: Buffer, read: impl FnOnce(&[u8]) -> T) -> T {
        // SAFETY: the caller's promise; it is freed once, after it was read.
        unsafe {
            let result = read(std::slice::from_raw_parts(answer.data.cast(), answer.len));
            (self.free)(&mut answer);
            result
        }
    }
}

/// An open handle.
pub struct Client<'a> {
    library: &'a Library,
    handle: u64,
}

impl Client<'_> {
    /// Calls an operation and reads its answer as JSON.
    pub fn call(&self, operation: &str, request: &Value) -> (i32, Value) {
        let function = self.library.operation(operation);
        self.answer(function, &request.to_string(), |text| serde_json::from_slice(text).unwrap_or_default())
    }

    /// Calls a function; frees its answer once `read` has seen it.
    pub fn answer<T>(&self, function: Operation, request: &str, read: impl FnOnce(&[u8]) -> T) -> (i32, T) {
        let mut answer = Buffer { data: std::ptr::null_mut(), len: 0 };
        // SAFETY: text and length belong together; the answer may be written to, and is fresh afterwards.
        unsafe {
            let status = function(self.handle, request.as_ptr().cast(), request.len(), &mut answer);
            (status, self.library.take(answer, read))
        }
    }

    /// Begins a login without waiting for it.
    pub fn submit_login(&self, request: &str) -> u64 {
        let mut ticket = 0;
        let request_start = request.as_ptr().cast();
        // SAFETY: texts are NUL-terminated or given with their length; the ticket may be written to.
        let status = unsafe {
            (self.library.submit)(
                self.handle,
                c"login".as_ptr(),
                request_start,
                request.len(),
                &mut ticket,
                std::ptr::null_mut(),
            )
        };
        assert_eq!(status, 202);
        ticket
    }

    /// The descriptor that is readable while a submitted login has ended.
    pub fn completion_fd(&self) -> OwnedFd {
        let mut descriptor = -1;
        // SAFETY: the number may be written to; the descriptor is ours to close.
        unsafe {
            assert_eq!((self.library.completion_fd)(self.handle, &mut descriptor), 0);
            OwnedFd::from_raw_fd(descriptor)
        }
    }

    /// The ticket of a login that has ended, after it was collected; `None` when there is no other.
    pub fn collect_next(&self) -> Option<u64> {
        let (mut ticket, mut answer) = (0, Buffer { data: std::ptr::null_mut(), len: 0 });
        // SAFETY: ticket and answer may be written to; the answer is fresh afterwards.
        unsafe {
            if (self.library.next_completed)(self.handle, &mut ticket) != 0 {
                return None;
            }
            let status = (self.library.wait)(self.handle, ticket, 0, &mut answer);
            let text = self.library.take(answer, |text| text.to_vec());
            assert_eq!(status, 200, "{}", String::from_utf8_lossy(&text));
        }
        Some(ticket)
    }

    /// Points it at the Okta, with three hundred groups mapped.
    pub fn configure(&self, okta: &Okta) {
        let config = json!({ "org_name": okta.text("org"), "base_url": okta.text("base_url"),
                             "api_token": okta.text("api_token") });
        assert_eq!(self.call("configure", &config).0, 204);
        for i in 0..300 {
            let group = json!({ "name": format!("Group {}", i * 2), "policies": format!("policy-{i}") });
            assert_eq!(self.call("register_group", &group).0, 204);
        }
    }

    /// Logs in; the token.
    pub fn login(&self, username: &str) -> String {
        let (status, body) = self.call("login", &json!({ "username": username, "password": PASSWORD }));
        assert_eq!(status, 200, "{body}");
        body["auth"]["client_token"].as_str().expect("a token").to_owned()
    }
}

impl Drop for Client<'_> {
    fn drop(&mut self) {
        // SAFETY: any number may be closed.
        unsafe { (self.library.close)(self.handle) };
    }
}

/// Options of a client that trusts the Okta; a path for SQLite.
pub fn options(okta: &Okta, database: Option<&Path>) -> Value {
    let storage = match database {
        Some(path) => json!({ "type": "sqlite", "path": path }),
        None => json!({ "type": "memory" }),
    };
    json!({ "storage": storage, "ca_pem": okta.text("ca_pem") })
}
