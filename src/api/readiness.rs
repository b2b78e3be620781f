//! A descriptor that is readable while there is something to fetch: a shim over Linux' eventfd, for event loops.

#![allow(unsafe_code)]

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// The descriptor. In a forked child it does nothing, since there it is still the parent's.
pub struct Readiness {
    event: File,
    process: u32,
}

impl Readiness {
    /// One that is not readable.
    ///
    /// # Errors
    /// Those of the system: no descriptor is left, or no memory.
    pub fn new() -> io::Result<Self> {
        // SAFETY: takes two numbers and touches no memory of ours.
        let descriptor = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
        if descriptor < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: just made, and nobody else knows it.
        let event = File::from(unsafe { OwnedFd::from_raw_fd(descriptor) });
        Ok(Self { event, process: std::process::id() })
    }

    /// Makes it readable, or not. Waits for nothing.
    pub fn set(&self, readable: bool) {
        if self.process != std::process::id() {
            return;
        }
        // Neither fails but for a caller who read or wrote what he should only poll.
        let _ = if readable {
            (&self.event).write(&1_u64.to_ne_bytes())
        } else {
            (&self.event).read(&mut [0; 8])
        };
    }

    /// Another descriptor of the same, closed on exec. It stays as it is when this one is gone.
    ///
    /// # Errors
    /// Those of the system: no descriptor is left.
    pub fn duplicate(&self) -> io::Result<OwnedFd> {
        // Above the standard streams, whatever the host has closed.
        // SAFETY: takes numbers only; the descriptor is open as long as `self` lives.
        let copy = unsafe { libc::fcntl(self.event.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 3) };
        if copy < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: just made, and nobody else knows it.
        Ok(unsafe { OwnedFd::from_raw_fd(copy) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_readable(descriptor: &OwnedFd) -> bool {
        let mut polled = libc::pollfd { fd: descriptor.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: one structure, which outlives the call.
        unsafe { libc::poll(&raw mut polled, 1, 0) == 1 }
    }

    #[test]
    fn copies_tell_the_same_and_outlive_their_origin() {
        let readiness = Readiness::new().expect("a descriptor");
        let copies = [(); 2].map(|()| readiness.duplicate().expect("a copy"));
        for readable in [false, true, false, true, true, false] {
            readiness.set(readable);
            assert_eq!(copies.each_ref().map(is_readable), [readable; 2]);
        }
        readiness.set(true);
        drop(readiness);
        assert_eq!(copies.each_ref().map(is_readable), [true; 2]);
    }

    #[test]
    fn copies_are_closed_on_exec() {
        let readiness = Readiness::new().expect("a descriptor");
        let copy = readiness.duplicate().expect("a copy");
        for descriptor in [readiness.event.as_raw_fd(), copy.as_raw_fd()] {
            // SAFETY: reads the flags of an open descriptor.
            assert_eq!(unsafe { libc::fcntl(descriptor, libc::F_GETFD) }, libc::FD_CLOEXEC);
        }
    }
}
