//! The output buffer: one block with its size in front, freed and wiped in one place.

use super::codes::Code;
use std::alloc::{Layout, alloc, dealloc};
use std::ffi::c_char;
use std::mem::size_of;
use std::ptr;
use zeroize::Zeroize;

/// An answer's body: UTF-8 JSON, `len` bytes, with a NUL after them. `data` is never NULL after a call. Do not
/// write to it: bodies of negative codes and empty bodies stand in read-only memory.
///
/// Every call overwrites the struct without reading it, so free it with okta_auth_buffer_free() before you use
/// it again. A copy of the struct is an alias: only one of them may be freed.
#[derive(Debug)]
#[repr(C)]
pub struct Buffer {
    /// The text.
    pub data: *mut c_char,
    /// Bytes of the text, without the NUL.
    pub len: usize,
}

/// Stands before the text, so that freeing trusts nothing that the caller could have changed.
#[repr(C, align(16))]
struct Header {
    magic: u64,
    /// Bytes of the text and its NUL; 0 for a static block.
    capacity: usize,
}

const MAGIC: u64 = 0x6f6b_7461_6275_6631;

/// A text that needs no allocation and is never freed, with the same header before it.
#[repr(C)]
struct Static<const N: usize> {
    header: Header,
    text: [u8; N],
}

/// Room for the longest static text and its NUL.
const STATIC_BYTES: usize = 144;

impl Static<STATIC_BYTES> {
    /// Joins the parts; what is not filled stays NUL. Evaluated at compile time, where a text that is too long
    /// fails the build.
    const fn new(parts: &[&str]) -> Self {
        let mut text = [0; STATIC_BYTES];
        let (mut rest, mut parts): (&mut [u8], _) = (&mut text, parts);
        while let [part, more @ ..] = parts {
            let (here, behind) = rest.split_at_mut(part.len());
            here.copy_from_slice(part.as_bytes());
            rest = behind;
            parts = more;
        }
        // The NUL must fit as well.
        assert!(!rest.is_empty());
        Self { header: Header { magic: MAGIC, capacity: 0 }, text }
    }

    const fn refusal(code: Code) -> Self {
        let (name, text) = code.explanation();
        Self::new(&["{\"errors\":[\"", text, "\"],\"code\":\"", name, "\"}"])
    }

    fn buffer(&'static self) -> Buffer {
        let len = self.text.iter().take_while(|byte| **byte != 0).count();
        // The pointer is derived from the whole block, because freeing looks at the header before the text.
        let block = ptr::from_ref(self).cast::<c_char>().cast_mut();
        Buffer { data: block.wrapping_add(size_of::<Header>()), len }
    }
}

static EMPTY: Static<STATIC_BYTES> = Static::new(&[]);
static OUT_OF_MEMORY: Static<STATIC_BYTES> =
    Static::new(&["{\"errors\":[\"out of memory\"],\"code\":\"internal\"}"]);

/// The body of a call without an answer.
pub fn refusal(code: Code) -> Buffer {
    macro_rules! bodies {
        ($($name:ident)*) => {
            match code { $(Code::$name => {
                static BODY: Static<STATIC_BYTES> = Static::refusal(Code::$name);
                &BODY
            })* }
        };
    }
    let body: &'static Static<STATIC_BYTES> = bodies! {
        NullPointer InvalidUtf8 InvalidHandle TooLarge Forked Reentered Panic Pending Cancelled InvalidTicket
        UnknownOperation Closed
    };
    body.buffer()
}

/// No text at all, as for 204.
pub fn empty() -> Buffer {
    EMPTY.buffer()
}

/// A copy of the text. `Err` holds the body to answer with when there is no memory for it.
pub fn copy(text: &[u8]) -> Result<Buffer, Buffer> {
    if text.is_empty() {
        return Ok(empty());
    }
    let capacity = text.len().saturating_add(1);
    let Some(layout) = layout(capacity) else { return Err(OUT_OF_MEMORY.buffer()) };
    // SAFETY: the layout is not of size zero, it holds a header at least.
    let block = unsafe { alloc(layout) };
    if block.is_null() {
        return Err(OUT_OF_MEMORY.buffer());
    }
    // SAFETY: the block is fresh, aligned for a Header, and has room for it, the text and a NUL.
    let data = unsafe {
        block.cast::<Header>().write(Header { magic: MAGIC, capacity });
        let data = block.add(size_of::<Header>());
        ptr::copy_nonoverlapping(text.as_ptr(), data, text.len());
        data.add(text.len()).write(0);
        data
    };
    Ok(Buffer { data: data.cast(), len: text.len() })
}

/// Wipes and frees the text and clears the struct; a cleared one is fine.
///
/// # Safety
/// `data` is NULL, or came from this module and was not freed before.
pub unsafe fn free(buffer: &mut Buffer) {
    let data = std::mem::replace(&mut buffer.data, ptr::null_mut());
    buffer.len = 0;
    if data.is_null() {
        return;
    }
    let header = data.cast::<u8>().wrapping_sub(size_of::<Header>()).cast::<Header>();
    // SAFETY: by contract the text is one of ours, and before each of them stands a header.
    let (magic, capacity) = unsafe { ((*header).magic, (*header).capacity) };
    if magic != MAGIC || capacity == 0 {
        return;
    }
    let Some(layout) = layout(capacity) else { return };
    // SAFETY: a block with a capacity was allocated by `copy` with this very layout; all of it was written.
    unsafe {
        std::slice::from_raw_parts_mut(data.cast::<u8>(), capacity).zeroize();
        (*header).magic.zeroize();
        dealloc(header.cast(), layout);
    }
}

fn layout(capacity: usize) -> Option<Layout> {
    Layout::from_size_align(size_of::<Header>().checked_add(capacity)?, align_of::<Header>()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    fn text(buffer: &Buffer) -> &str {
        // SAFETY: the buffers of these tests are fresh from this module.
        let text = unsafe { CStr::from_ptr(buffer.data) }.to_str().expect("UTF-8");
        assert_eq!(text.len(), buffer.len);
        text
    }

    fn free_twice(mut buffer: Buffer) {
        for _ in 0..2 {
            // SAFETY: fresh the first time, cleared the second.
            unsafe { free(&mut buffer) };
            assert!(buffer.data.is_null() && buffer.len == 0);
        }
    }

    #[test]
    fn texts_come_back_with_a_nul() {
        for original in ["", "x", "{\"a\":1}", &"y".repeat(100_000)] {
            let buffer = copy(original.as_bytes()).expect("memory");
            assert_eq!(text(&buffer), original);
            free_twice(buffer);
        }
    }

    const CODES: [Code; 12] = [
        Code::NullPointer,
        Code::InvalidUtf8,
        Code::InvalidHandle,
        Code::TooLarge,
        Code::Forked,
        Code::Reentered,
        Code::Panic,
        Code::Pending,
        Code::Cancelled,
        Code::InvalidTicket,
        Code::UnknownOperation,
        Code::Closed,
    ];

    #[test]
    fn every_refusal_is_an_error_body() {
        for (index, code) in CODES.into_iter().enumerate() {
            assert_eq!(code as i32, -1 - index as i32);
            let buffer = refusal(code);
            let body: serde_json::Value = serde_json::from_str(text(&buffer)).expect("JSON");
            assert_eq!(body["code"], code.explanation().0);
            assert_eq!(body["errors"][0], code.explanation().1);
            free_twice(buffer);
        }
    }

    #[test]
    fn a_length_that_the_caller_changed_is_not_trusted() {
        let mut buffer = copy(b"secret").expect("memory");
        buffer.len = usize::MAX;
        free_twice(buffer);
    }
}
