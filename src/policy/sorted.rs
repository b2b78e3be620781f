//! A map of texts that does not change any more: sorted, and in no more room than it needs.

use super::weight;
use std::iter;

/// Entries by their keys.
#[derive(Clone, Debug)]
pub struct Sorted<V>(Box<[(Box<str>, V)]>);

impl<V> Default for Sorted<V> {
    fn default() -> Self {
        Self(Box::default())
    }
}

/// Of one key there is one entry.
impl<V> FromIterator<(Box<str>, V)> for Sorted<V> {
    fn from_iter<I: IntoIterator<Item = (Box<str>, V)>>(entries: I) -> Self {
        let mut entries: Box<[_]> = entries.into_iter().collect();
        entries.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        Self(entries)
    }
}

impl<V> Sorted<V> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The one of this key.
    pub fn get(&self, key: &str) -> Option<&V> {
        let place = self.0.binary_search_by(|(held, _)| (**held).cmp(key)).ok()?;
        self.0.get(place).map(|(_, value)| value)
    }

    /// All without their keys.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    /// Those whose keys the text begins with, the longest first.
    pub fn starts_of(&self, text: &str) -> impl Iterator<Item = (&str, &V)> {
        let mut end = self.0.partition_point(|(key, _)| **key <= *text);
        iter::from_fn(move || {
            loop {
                let (key, value) = self.0.get(end.checked_sub(1)?)?;
                let common = key.bytes().zip(text.bytes()).take_while(|(one, other)| one == other).count();
                if common == key.len() {
                    end -= 1;
                    return Some((&**key, value));
                }
                // A longer one than what is in common would come after this one.
                let common = &text.as_bytes()[..common];
                end = self.0[..end].partition_point(|(key, _)| key.as_bytes() <= common);
            }
        })
    }

    /// Those whose keys begin with a text.
    pub fn beginning_with(&self, text: &str) -> impl Iterator<Item = (&str, &V)> {
        let start = self.0.partition_point(|(key, _)| **key < *text);
        self.0[start..]
            .iter()
            .map(|(key, value)| (&**key, value))
            .take_while(move |(key, _)| key.starts_with(text))
    }

    /// How many bytes it takes, and what its values take elsewhere.
    pub fn weight(&self, of_value: impl Fn(&V) -> usize) -> usize {
        let elsewhere = self.0.iter().map(|(key, value)| weight::of_text(key) + of_value(value));
        weight::of_list::<(Box<str>, V)>(self.len()) + elsewhere.sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn starts_are_found(others: BTreeSet<String>, text in "[aéèb]{0,6}", more in "[aéèb]{0,3}") {
            let near = text.char_indices().map(|(end, _)| format!("{}{more}", &text[..end]));
            let keys: BTreeSet<String> = others.into_iter().chain(near).chain([text.clone()]).collect();
            let sorted: Sorted<()> = keys.iter().rev().map(|key| (key.as_str().into(), ())).collect();
            let starts: Vec<&str> =
                keys.iter().rev().map(String::as_str).filter(|key| text.starts_with(key)).collect();
            prop_assert_eq!(sorted.starts_of(&text).map(|(key, ())| key).collect::<Vec<_>>(), starts);
            let begun: Vec<&str> = keys.iter().map(String::as_str).filter(|key| key.starts_with(&more)).collect();
            prop_assert_eq!(sorted.beginning_with(&more).map(|(key, ())| key).collect::<Vec<_>>(), begun);
            prop_assert_eq!(sorted.get(&more).is_some(), keys.contains(&more));
        }
    }
}
