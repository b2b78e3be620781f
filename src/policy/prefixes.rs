//! Looking up the starts of a text among sorted keys.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Included, Unbounded};

/// The entries whose keys the text begins with, the longest first.
pub fn of<'m, V>(map: &'m BTreeMap<Box<str>, V>, text: &str) -> impl Iterator<Item = (&'m str, &'m V)> {
    let mut end = Included(text);
    std::iter::from_fn(move || {
        loop {
            let (key, value) = map.range::<str, _>((Unbounded, end)).next_back()?;
            let common = key.bytes().zip(text.bytes()).take_while(|(one, other)| one == other).count();
            if common == key.len() {
                end = Excluded(&text[..common]);
                return Some((&**key, value));
            }
            // A longer one than what is in common would come after this one.
            end = Included(floor(text, common));
        }
    })
}

/// So many bytes of a text, or fewer where a character would be cut.
fn floor(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn all_starts_are_found(keys: BTreeSet<String>, more in "[aéèb]{0,6}", cut in "[aéèb]{0,3}") {
            let keys: BTreeSet<String> = keys.into_iter().chain((0..=more.len()).filter_map(|end| {
                more.get(..end).map(|start| format!("{start}{cut}"))
            })).collect();
            let map: BTreeMap<Box<str>, ()> = keys.iter().map(|key| (key.as_str().into(), ())).collect();
            let expected: Vec<&str> =
                keys.iter().rev().map(String::as_str).filter(|key| more.starts_with(key)).collect();
            let found: Vec<&str> = of(&map, &more).map(|(key, ())| key).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
