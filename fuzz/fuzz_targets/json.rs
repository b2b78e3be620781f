//! The reader of requests: whatever it takes is JSON to others too, and reads the same once written.

#![no_main]

use libfuzzer_sys::fuzz_target;
use okta_auth::json;

fuzz_target!(|bytes: &[u8]| {
    let _ = std::str::from_utf8(bytes).map(json::parse_envelope);
    let Ok(value) = json::parse_bytes(bytes) else { return };
    let others = serde_json::from_slice::<serde_json::Value>(bytes);
    // Numbers that f64 cannot hold keep their text here.
    let is_number = |error: &serde_json::Error| error.to_string().contains("number out of range");
    assert!(others.is_ok() || others.is_err_and(|error| is_number(&error)), "taken, though it is no JSON");
    let mut written = Vec::new();
    value.write(&mut written);
    let again = json::parse_bytes(&written).unwrap_or_else(|_| panic!("its own text is refused"));
    let mut twice = Vec::new();
    again.write(&mut twice);
    assert_eq!(written, twice);
});
