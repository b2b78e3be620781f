//! Texts that callers write: durations, addresses, names.

#![no_main]

use libfuzzer_sys::fuzz_target;
use okta_auth::cidr::Cidr;
use okta_auth::field::{format_duration, parse_seconds};
use okta_auth::letter_case::fold;
use okta_auth::okta::Org;

fuzz_target!(|text: &str| {
    if let Ok(seconds) = parse_seconds(text) {
        assert_eq!(parse_seconds(&format_duration(seconds)), Ok(seconds), "{text:?}");
    }
    if let Ok(cidr) = Cidr::parse(text) {
        assert!(Cidr::parse(&cidr.to_string()).is_ok(), "{text:?}");
    }
    let folded = fold(text);
    assert_eq!(fold(&folded), folded, "{text:?}");
    if let Ok(org) = Org::parse(text) {
        let shown = org.to_string();
        assert!(shown.starts_with("https://") || shown.starts_with("http://"), "{text:?}: {shown}");
        assert!(Org::parse(&shown).is_ok(), "{text:?}: {shown}");
    }
});
