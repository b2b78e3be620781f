//! Sequences of calls: opening, closing, asking and freeing in any order, with handles that are or were or never.

#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use okta_auth_fuzz::{
    Buffer, MEMORY, okta_auth_close, okta_auth_open, okta_auth_read_user, okta_auth_register_user,
};

#[derive(Arbitrary, Debug)]
enum Call<'a> {
    Open(Option<&'a [u8]>),
    Close(Which),
    Ask(Which, &'a [u8], bool),
}

#[derive(Arbitrary, Debug)]
enum Which {
    Issued(u8),
    Invented(u64),
}

impl Which {
    fn handle(&self, issued: &[u64]) -> u64 {
        match self {
            Self::Issued(index) => {
                issued.get(usize::from(*index) % issued.len().max(1)).copied().unwrap_or(0)
            }
            Self::Invented(handle) => *handle,
        }
    }
}

const CLOSED: i32 = -12;

fuzz_target!(|calls: Vec<Call>| {
    let mut issued = Vec::new();
    for call in &calls {
        match call {
            Call::Open(options) => {
                // Options that name a file would make one.
                let options = options.filter(|options| !options.windows(4).any(|four| four == b"path"));
                let options = options.unwrap_or(MEMORY.as_bytes());
                let (mut handle, mut answer) = (0, Buffer::empty());
                // SAFETY: as the header asks.
                let status = unsafe {
                    okta_auth_open(options.as_ptr().cast(), options.len(), &mut handle, &mut answer)
                };
                answer.check(status);
                assert_eq!(status == 200, handle != 0);
                assert!(!issued.contains(&handle) || handle == 0, "a handle came back");
                issued.push(handle);
            }
            Call::Close(which) => {
                let handle = which.handle(&issued);
                // SAFETY: any number may be closed.
                let first = unsafe { okta_auth_close(handle) };
                let second = unsafe { okta_auth_close(handle) };
                assert!(first != 0 || second == CLOSED);
            }
            Call::Ask(which, request, null) => {
                let handle = which.handle(&issued);
                for function in [okta_auth_register_user, okta_auth_read_user] {
                    let mut answer = Buffer::empty();
                    let answer_or_null = if *null { std::ptr::null_mut() } else { &raw mut answer };
                    // SAFETY: as the header asks.
                    let status =
                        unsafe { function(handle, request.as_ptr().cast(), request.len(), answer_or_null) };
                    answer.check(status);
                }
            }
        }
    }
    for handle in issued {
        // SAFETY: any number may be closed.
        unsafe { okta_auth_close(handle) };
    }
});
