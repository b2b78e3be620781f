//! The border: every C function goes through [`guard`] or [`answer`], which check what came in and let no
//! panic out.

use super::buffer::{self, Buffer};
use super::cancel_state::NotCancelled;
use super::codes::Code;
use super::handles::Handle;
use super::process;
use crate::api::{Answer, Client, NoAnswer};
use crate::{callback, limits};
use std::ffi::c_char;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Runs `work` and returns its number: no call from a log function gets in, no panic gets out.
pub fn guard(work: impl FnOnce() -> Result<i32, Code>) -> i32 {
    checked(work).unwrap_or_else(|code| code as i32)
}

/// Like [`guard`], for work with a body.
///
/// # Safety
/// `response` is NULL or may be written to.
pub unsafe fn answer(response: *mut Buffer, work: impl FnOnce() -> Result<Answer, Code>) -> i32 {
    let result = checked(work);
    let (status, body) = match &result {
        Ok(answer) if response.is_null() => (i32::from(answer.status), buffer::empty()),
        Ok(answer) => match buffer::copy(&answer.body) {
            Ok(body) => (i32::from(answer.status), body),
            Err(body) => (500, body),
        },
        Err(code) => (*code as i32, buffer::refusal(*code)),
    };
    if !response.is_null() {
        // SAFETY: not NULL, so by contract writable. What it held is overwritten unread, as the header says.
        unsafe { response.write(body) };
    }
    status
}

/// An operation on a handle: the request is checked, the client found, `work` done.
///
/// # Safety
/// `request` points to `request_len` readable bytes or is NULL; `response` is NULL or may be written to.
pub unsafe fn call(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
    work: impl FnOnce(&Client, &[u8]) -> Result<Answer, NoAnswer>,
) -> i32 {
    let work = || {
        let client = client(handle)?;
        // SAFETY: the caller's promise about `request`.
        let request = unsafe { input(request, request_len) }?;
        Ok(work(&client, request)?)
    };
    // SAFETY: the caller's promise about `response`.
    unsafe { answer(response, work) }
}

/// What a handle stands for. In a child process an inherited handle is refused before any lock is taken.
pub fn client(handle: Handle) -> Result<Arc<Client>, Code> {
    process::current().handles.find(handle)
}

/// The caller's text.
///
/// # Safety
/// `text` points to `len` readable bytes that nobody writes to during the call, or is NULL.
pub unsafe fn input<'a>(text: *const c_char, len: usize) -> Result<&'a [u8], Code> {
    if text.is_null() {
        return if len == 0 { Ok(&[]) } else { Err(Code::NullPointer) };
    }
    if len > limits::REQUEST_BYTES {
        return Err(Code::TooLarge);
    }
    // SAFETY: not NULL, and by contract `len` bytes; the limit keeps it below isize::MAX.
    let bytes = unsafe { std::slice::from_raw_parts(text.cast::<u8>(), len) };
    match std::str::from_utf8(bytes) {
        Ok(_) => Ok(bytes),
        Err(_) => Err(Code::InvalidUtf8),
    }
}

fn checked<T>(work: impl FnOnce() -> Result<T, Code>) -> Result<T, Code> {
    if callback::is_running() {
        return Err(Code::Reentered);
    }
    silence_panics();
    let _not_cancelled = NotCancelled::enter();
    // What a panic may leave half done stands behind locks whose poison is dealt with where they are taken.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(Code::Panic))
}

/// Lets no panic write to the host's stderr. The hook belongs to the copy of std inside the C library, so a
/// host in Rust keeps its own; unit tests keep theirs because they call these functions as Rust.
fn silence_panics() {
    #[cfg(not(test))]
    {
        use std::sync::atomic::{AtomicBool, Ordering};
        static SILENT: AtomicBool = AtomicBool::new(false);
        // Not a Once: its wait would hang in a child forked in the middle of it.
        if !SILENT.load(Ordering::Relaxed) && !SILENT.swap(true, Ordering::Relaxed) {
            std::panic::set_hook(Box::new(|_| {}));
        }
    }
}
