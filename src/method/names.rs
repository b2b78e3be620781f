//! Names of users and groups: which are taken, and when two are the same.

use crate::error::{Code, Error, Result};
use crate::{letter_case, limits};

/// The one form of all spellings of a user's name: without blanks around it, and without regard to letter case.
pub fn canonical(typed: &str) -> String {
    letter_case::fold(typed.trim())
}

/// The key of a name: names that differ in letter case only are one.
///
/// # Errors
/// 400 for a name that cannot be stored. `empty` is the text for one without a character.
pub fn key(name: &str, empty: &str) -> Result<String> {
    let refuse = |text: &str| Err(Error::bad_request(Code::InvalidRequest, text));
    if name.is_empty() {
        return refuse(empty);
    }
    if name.len() > limits::NAME_BYTES {
        return refuse(&format!("a name must not be longer than {} bytes", limits::NAME_BYTES));
    }
    if name.chars().any(char::is_control) {
        return refuse("a name must not contain control characters");
    }
    if name.contains("..") {
        // Vault's text, which its storage raises.
        return Err(Error::raised(400, Code::InvalidRequest, "relative paths not supported"));
    }
    Ok(letter_case::fold(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_cannot_be_stored_are_refused_with_the_reason() {
        for (name, text) in [
            ("", "Error empty name"),
            ("a\nb", "a name must not contain control characters"),
            ("a\0", "a name must not contain control characters"),
            ("a\u{85}", "a name must not contain control characters"),
            ("a..b", "1 error occurred:\n\t* relative paths not supported\n\n"),
            ("../x", "1 error occurred:\n\t* relative paths not supported\n\n"),
        ] {
            let error = key(name, "Error empty name").expect_err(name);
            assert_eq!((error.status(), error.shown(true).as_deref()), (400, Some(text)), "{name:?}");
        }
        assert!(key(&"x".repeat(limits::NAME_BYTES + 1), "").is_err());
        assert!(key(&"x".repeat(limits::NAME_BYTES), "").is_ok());
    }

    #[test]
    fn names_are_folded_and_nothing_else() {
        for (name, folded) in [
            ("FRED", "fred"),
            (" Fred ", " fred "),
            ("corp/East", "corp/east"),
            ("50%2F\\.", "50%2f\\."),
            ("ß", "ß"),
            ("e\u{301}", "e\u{301}"),
        ] {
            assert_eq!(key(name, "").ok().as_deref(), Some(folded));
        }
    }
}
