//! Requests of others, and of the host, through the C ABI: whatever comes in, a status and a JSON body go out.

#![no_main]

use libfuzzer_sys::fuzz_target;
use okta_auth_fuzz::{Buffer, MEMORY, Opened, okta_auth_login, okta_auth_register_user, okta_auth_request};
use std::cell::RefCell;

/// A storage grows; after this many requests it is another.
const REQUESTS: usize = 20_000;

thread_local! {
    static OPENED: RefCell<(usize, Opened)> = RefCell::new((0, Opened::new(MEMORY)));
}

fuzz_target!(|bytes: &[u8]| {
    OPENED.with_borrow_mut(|(requests, opened)| {
        *requests += 1;
        if *requests % REQUESTS == 0 {
            *opened = Opened::new(MEMORY);
        }
        for function in [okta_auth_request, okta_auth_register_user, okta_auth_login] {
            let mut answer = Buffer::empty();
            // SAFETY: bytes and length belong together; the answer is freed once, when it is dropped.
            let status = unsafe { function(opened.handle, bytes.as_ptr().cast(), bytes.len(), &mut answer) };
            answer.check(status);
        }
    });
});
