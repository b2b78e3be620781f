//! The C ABI as a C program sees it, for the targets that call it.

use okta_auth as _;
use std::ffi::{c_char, c_int};

/// Options of a client that reaches nobody: every call of its goes to a proxy that is not there.
pub const MEMORY: &str = r#"{"proxy":"http://127.0.0.1:1"}"#;

/// PANIC of the header.
const PANIC: c_int = -7;

/// `okta_auth_buffer`
#[repr(C)]
pub struct Buffer {
    data: *mut c_char,
    len: usize,
}

unsafe extern "C" {
    /// As in the header.
    pub fn okta_auth_open(options: *const c_char, len: usize, handle: *mut u64, answer: *mut Buffer)
    -> c_int;
    /// As in the header.
    pub fn okta_auth_close(handle: u64) -> c_int;
    /// As in the header.
    pub fn okta_auth_buffer_free(buffer: *mut Buffer);
    /// As in the header.
    pub fn okta_auth_request(handle: u64, request: *const c_char, len: usize, answer: *mut Buffer) -> c_int;
    /// As in the header.
    pub fn okta_auth_login(handle: u64, request: *const c_char, len: usize, answer: *mut Buffer) -> c_int;
    /// As in the header.
    pub fn okta_auth_register_user(
        handle: u64,
        request: *const c_char,
        len: usize,
        answer: *mut Buffer,
    ) -> c_int;
    /// As in the header.
    pub fn okta_auth_read_user(handle: u64, request: *const c_char, len: usize, answer: *mut Buffer)
    -> c_int;
}

impl Buffer {
    /// One that holds nothing.
    pub fn empty() -> Self {
        Self { data: std::ptr::null_mut(), len: 0 }
    }

    /// What must hold of every answer.
    pub fn check(&self, status: c_int) {
        assert_ne!(status, PANIC, "a panic was caught");
        assert!((-12..0).contains(&status) || (200..=599).contains(&status), "{status}");
        if self.data.is_null() {
            return;
        }
        // SAFETY: the library wrote both members.
        let text = unsafe { std::slice::from_raw_parts(self.data.cast::<u8>(), self.len) };
        let is_json = serde_json::from_slice::<serde_json::Value>(text).is_ok();
        assert!(text.is_empty() || is_json, "{status}: {}", String::from_utf8_lossy(text));
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: of the library or empty, and freed once.
        unsafe { okta_auth_buffer_free(self) };
    }
}

/// A client on a storage in memory.
pub struct Opened {
    /// Its handle.
    pub handle: u64,
}

impl Opened {
    /// Opens it.
    pub fn new(options: &str) -> Self {
        let (mut handle, mut answer) = (0, Buffer::empty());
        // SAFETY: text and length belong together.
        let status =
            unsafe { okta_auth_open(options.as_ptr().cast(), options.len(), &mut handle, &mut answer) };
        assert_eq!(status, 200);
        Self { handle }
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        // SAFETY: any number may be closed.
        unsafe { okta_auth_close(self.handle) };
    }
}
