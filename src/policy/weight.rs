//! About how many bytes of memory things take, so that what is kept of policies can be bounded.

use super::hcl::{Item, Key, Value};
use std::mem::size_of;

/// What an allocation takes beside its content.
const ALLOCATION: usize = 16;
/// Entries of one node of a B-tree, which is half full on average, or has all of its room for a single entry.
const TREE_NODE: usize = 11;

/// A text that is owned.
pub fn of_text(text: &str) -> usize {
    if text.is_empty() { 0 } else { ALLOCATION + text.len() }
}

/// A text that is shared, which has two counters beside it.
pub fn of_shared(text: &str) -> usize {
    ALLOCATION + 2 * size_of::<usize>() + text.len()
}

/// What is in a list.
pub fn of_list<T>(len: usize) -> usize {
    if len == 0 { 0 } else { ALLOCATION + len * size_of::<T>() }
}

/// What is in a hash table, which grows by doubling and is never quite full.
pub fn of_table<K, V>(len: usize) -> usize {
    if len == 0 { 0 } else { of_list::<(K, V, u8)>((len + len / 7).next_power_of_two()) }
}

/// What is in a B-tree.
pub fn of_tree<K, V>(len: usize) -> usize {
    of_list::<(K, V)>(if len == 0 { 0 } else { (len + len / 2).max(TREE_NODE) })
}

/// What a value of a policy owns.
pub fn of_value(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 0,
        Value::Number(text) => of_text(text),
        Value::Text(text) => of_text(text),
        Value::List(values) => of_values(values),
        Value::Object(items) => {
            let of_item = |item: &Item| {
                let keys = item.keys.iter().map(|key| of_text(&key.text)).sum::<usize>();
                of_list::<Key>(item.keys.len()) + keys + of_value(&item.value)
            };
            of_list::<Item>(items.len()) + items.iter().map(of_item).sum::<usize>()
        }
    }
}

/// What a list of values owns.
pub fn of_values(values: &[Value]) -> usize {
    of_list::<Value>(values.len()) + values.iter().map(of_value).sum::<usize>()
}
