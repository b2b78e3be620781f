//! Keeps `pthread_cancel` out of the library: its unwinding would tear through Rust's frames and abort the process.

use std::ffi::c_int;

/// The same on every libc of Linux.
const PTHREAD_CANCEL_DISABLE: c_int = 1;

unsafe extern "C" {
    fn pthread_setcancelstate(state: c_int, before: *mut c_int) -> c_int;
}

/// While this lives the calling thread is not cancelled. A cancel that comes meanwhile waits for the host's next
/// cancellation point.
pub struct NotCancelled {
    before: c_int,
}

impl NotCancelled {
    pub fn enter() -> Self {
        let mut before = 0;
        // SAFETY: sets a flag of the calling thread; `before` is a valid place for the old one.
        unsafe { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &raw mut before) };
        Self { before }
    }
}

impl Drop for NotCancelled {
    fn drop(&mut self) {
        // SAFETY: puts back what the call above gave.
        unsafe { pthread_setcancelstate(self.before, std::ptr::null_mut()) };
    }
}
