//! As which user this process acts: a shim over the system.

#![allow(unsafe_code)]

/// The effective user's number; 0 is root.
pub(super) fn effective() -> u32 {
    // SAFETY: takes nothing, touches no memory and cannot fail (POSIX).
    unsafe { libc::geteuid() }
}
