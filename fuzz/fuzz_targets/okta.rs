//! What Okta answers: status, a `Link` header, and a body, each of which a stranger may have written.

#![no_main]

use libfuzzer_sys::fuzz_target;
use okta_auth::okta::fuzzing;

// A line with the status, one with the header, and the body.
fuzz_target!(|input: &[u8]| {
    let mut parts = input.splitn(3, |byte| *byte == b'\n');
    let mut part = || parts.next().unwrap_or_default();
    let status = std::str::from_utf8(part()).ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    fuzzing::next_page(part());
    fuzzing::answer(status, part());
});
