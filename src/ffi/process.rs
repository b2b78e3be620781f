//! What belongs to this process and not to the one it was forked from.
//!
//! A fork copies memory, locks held by other threads included, so a child must not touch the parent's table.
//! The pointer to it stands in a page that the kernel wipes in the child (`MADV_WIPEONFORK`, Linux 4.14): the
//! child finds NULL and makes a table of its own, without a system call, a lock or a handler at fork. The
//! parent's table stays in the child's memory, untouched. Where the kernel cannot wipe, the process id tells.

use super::handles::Handles;
use crate::api::Client;
use crate::limits;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU16, Ordering};

/// The state of one process. It lives as long as the process.
pub struct Process {
    /// Its open handles.
    pub handles: Handles<Client>,
    /// The process id, where it has to tell a fork.
    pid: Option<libc::pid_t>,
    /// The state of the process it was forked from, if any; see [`LAST`].
    _before: *mut Process,
}

type Slot = AtomicPtr<Process>;

/// The slot in the page; NULL before the first call.
static PAGE: AtomicPtr<Slot> = AtomicPtr::new(ptr::null_mut());
/// The slot where there is no page that a fork wipes.
static UNWIPED: Slot = AtomicPtr::new(ptr::null_mut());
/// The state made last. Nothing reads it but leak checkers, which do not look into our page: from here they find
/// every state, and see that it is kept on purpose.
static LAST: AtomicPtr<Process> = AtomicPtr::new(ptr::null_mut());
/// How many states were made along the line of processes. A fork copies it.
static EPOCHS: AtomicU16 = AtomicU16::new(0);

/// This process's state, made at the first call in it.
pub fn current() -> &'static Process {
    let slot = slot();
    let found = slot.load(Ordering::Acquire);
    // SAFETY: the slot holds NULL or a state that was published completely and is never freed.
    match unsafe { found.as_ref() } {
        Some(process) if process.pid.is_none_or(|pid| pid == process_id()) => process,
        _ => create(slot, found),
    }
}

/// Puts a new state in the place of `found`, or takes the one that another thread has just put there.
fn create(slot: &Slot, found: *mut Process) -> &'static Process {
    // Saturation needs a line of 65,535 processes that each opened a handle; then new handles cannot be told
    // from inherited ones by their epoch, but still by their sequence number.
    let epoch = EPOCHS.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |epoch| epoch.checked_add(1));
    let epoch = epoch.map_or(u16::MAX, |before| before.saturating_add(1));
    let pid = ptr::eq(slot, &UNWIPED).then(process_id);
    let _before = LAST.load(Ordering::Acquire);
    let handles = Handles::new(epoch, limits::OPEN_HANDLES);
    let new = Box::into_raw(Box::new(Process { handles, pid, _before }));
    match slot.compare_exchange(found, new, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => {
            LAST.store(new, Ordering::Release);
            // SAFETY: just made, and never freed once published.
            unsafe { &*new }
        }
        Err(other) => {
            // SAFETY: `new` was not published, so this is its only owner; `other` was published by another
            // thread of this very process, since nobody but a fork takes a state away.
            unsafe {
                drop(Box::from_raw(new));
                &*other
            }
        }
    }
}

/// The place of the pointer, made at the first call of all.
fn slot() -> &'static Slot {
    // SAFETY: NULL, or a place that is never given back once published.
    if let Some(slot) = unsafe { PAGE.load(Ordering::Acquire).as_ref() } {
        return slot;
    }
    let page = wiped_page();
    let new = page.unwrap_or(ptr::from_ref(&UNWIPED).cast_mut());
    match PAGE.compare_exchange(ptr::null_mut(), new, Ordering::AcqRel, Ordering::Acquire) {
        // SAFETY: zeroed memory is a valid AtomicPtr of NULL; neither place is ever given back.
        Ok(_) => unsafe { &*new },
        Err(other) => {
            if let Some(page) = page {
                // SAFETY: our own mapping, which nobody else has seen.
                unsafe { libc::munmap(page.cast(), size_of::<Slot>()) };
            }
            // SAFETY: another thread has published it.
            unsafe { &*other }
        }
    }
}

/// A zeroed page that a fork zeroes again in the child; `None` where the kernel has no such thing.
#[cfg(target_os = "linux")]
fn wiped_page() -> Option<*mut Slot> {
    // SAFETY: an anonymous private mapping at an address of the kernel's choice; it takes nothing from anybody.
    let page = unsafe {
        libc::mmap(
            ptr::null_mut(),
            size_of::<Slot>(),
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    if page == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: advice on the mapping just made. The kernel rounds the length up to the page.
    if unsafe { libc::madvise(page, size_of::<Slot>(), libc::MADV_WIPEONFORK) } != 0 {
        // SAFETY: the mapping just made, which nobody else has seen.
        unsafe { libc::munmap(page, size_of::<Slot>()) };
        return None;
    }
    Some(page.cast())
}

/// Other kernels have no advice of this kind.
#[cfg(not(target_os = "linux"))]
fn wiped_page() -> Option<*mut Slot> {
    None
}

fn process_id() -> libc::pid_t {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::getpid() }
}
