//! Letter case of names, one character for one: what Go's `strings.EqualFold` and `strings.ToLower` do, which
//! Vault compares and writes names with. Rust's own `to_lowercase` maps some characters to two and gives the
//! Greek sigma a final form, so that two spellings of one name could differ.

use icu_casemap::CaseMapper;

/// Simple case folding (Unicode CaseFolding, status C and S): two names are one when this is equal. `ß` stays
/// `ß`, and nothing is normalised.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mapper = CaseMapper::new();
    text.chars().map(|c| mapper.simple_fold(c)).collect()
}

/// Simple lower case. A character whose lower case is another name (`İ`, whose lower case is a plain `i`) is
/// kept, so that the result always folds to what the text folds to.
pub fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mapper = CaseMapper::new();
    let lower_one = |c| {
        let lower = mapper.simple_lowercase(c);
        if mapper.simple_fold(lower) == mapper.simple_fold(c) { lower } else { c }
    };
    text.chars().map(lower_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_cases() {
        for (text, folded, lowered) in [
            ("FRED", "fred", "fred"),
            ("ÄÖÜß", "äöüß", "äöüß"),
            ("ẞ", "ß", "ß"),
            ("ΣΊΣΥΦΟΣ", "σίσυφοσ", "σίσυφοσ"),
            ("ς", "σ", "ς"),
            ("İstanbul", "İstanbul", "İstanbul"),
            ("\u{212a}", "k", "k"),
            ("🙂%20\\", "🙂%20\\", "🙂%20\\"),
        ] {
            assert_eq!((fold(text).as_str(), lower(text).as_str()), (folded, lowered), "{text}");
        }
    }

    proptest! {
        #[test]
        fn folding_is_final_and_blind_to_case(text in "\\PC{0,20}") {
            let folded = fold(&text);
            prop_assert_eq!(&fold(&folded), &folded);
            prop_assert_eq!(&fold(&lower(&text)), &folded);
            prop_assert_eq!(text.chars().count(), folded.chars().count());
        }
    }
}
