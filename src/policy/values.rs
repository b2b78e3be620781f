//! The values that policies have for one parameter, arranged so that equal ones are found without looking at the others.

use super::hcl;
use super::names;
use super::weight;
use crate::deadline::{Deadline, Interrupted};
use crate::json::Value;
use crate::letter_case;
use crate::limits;
use std::cell::Cell;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Values from one rule, or from several that were merged; none stand for all values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values(Vec<Arc<Set>>);

/// Values from one rule.
#[derive(Clone, Debug, Default, PartialEq)]
struct Set {
    texts: Patterns,
    /// The same folded, where they are names of which letter case does not count.
    names: Option<Patterns>,
    numbers: HashSet<Number>,
    /// `true`, `false` and nothing, lists and objects.
    others: Vec<hcl::Value>,
}

/// Texts, and those that stand for others, with a `*` at an end.
#[derive(Clone, Debug, Default, PartialEq)]
struct Patterns {
    texts: HashSet<Box<str>>,
    globs: HashSet<Box<str>>,
}

/// How long comparisons may go on.
pub struct Patience<'d> {
    deadline: &'d Deadline,
    /// Bytes that were compared.
    compared: Cell<usize>,
}

/// Why comparisons did not come to their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfinished {
    /// More than [`limits::PARAMETER_BYTES_COMPARED`] would have to be compared.
    TooMuch,
    /// The operation has to end.
    Interrupted(Interrupted),
}

impl<'d> Patience<'d> {
    /// Until a deadline.
    pub fn until(deadline: &'d Deadline) -> Self {
        Self { deadline, compared: Cell::new(0) }
    }

    /// Notes that so many bytes are compared, about.
    pub fn take(&self, bytes: usize) -> Result<(), Unfinished> {
        /// Between two looks at the clock.
        const BYTES: usize = 1 << 20;
        /// What a comparison takes however short the text is.
        const EACH: usize = 16;
        let before = self.compared.get();
        let compared = before.saturating_add(bytes).saturating_add(EACH);
        self.compared.set(compared);
        if compared > limits::PARAMETER_BYTES_COMPARED {
            return Err(Unfinished::TooMuch);
        }
        let is_time = compared / BYTES > before / BYTES;
        let why = if is_time { self.deadline.interrupted() } else { None };
        why.map_or(Ok(()), |why| Err(Unfinished::Interrupted(why)))
    }
}

impl Values {
    /// Those that a rule has for a parameter of this name, in lower case.
    pub fn of(parameter: &str, values: &[hcl::Value]) -> Self {
        if values.is_empty() {
            return Self::default();
        }
        let mut set = Set { names: names::hold_names(parameter).then(Patterns::default), ..Set::default() };
        for value in values {
            match value {
                hcl::Value::Text(text) => {
                    set.texts.add(text);
                    set.names.iter_mut().for_each(|names| names.add(&letter_case::fold(text)));
                }
                hcl::Value::Number(text) => drop(set.numbers.insert(Number(text.clone()))),
                other => set.others.push(other.clone()),
            }
        }
        set.others.shrink_to_fit();
        Self(vec![Arc::new(set)])
    }

    /// Whether they are none, which stand for all.
    pub fn are_all(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds those of another rule. On whichever side there are none, there are none.
    pub fn merge(&mut self, other: &Self) {
        if self.are_all() || other.are_all() {
            self.0.clear();
        } else {
            self.0.extend(other.0.iter().cloned());
        }
    }

    /// Makes one set of those of many rules.
    pub fn settle(&mut self) {
        if self.0.len() > 1 {
            let mut all = Set::default();
            self.0.drain(..).for_each(|set| all.add(Arc::unwrap_or_clone(set)));
            self.0.push(Arc::new(all));
        }
    }

    /// How many bytes they own.
    pub fn weight(&self) -> usize {
        weight::of_list::<Arc<Set>>(self.0.len()) + self.0.iter().map(|set| set.weight()).sum::<usize>()
    }

    /// Whether a value is one of them, or like one.
    pub fn have(&self, value: &Value, patience: &Patience) -> Result<bool, Unfinished> {
        if let Value::String(text) = value {
            return self.have_text(text.expose(), patience);
        }
        if let Value::Number(number) = value {
            let number = Number(number.text().into());
            patience.take(number.0.len())?;
            return Ok(self.0.iter().any(|set| set.numbers.contains(&number)));
        }
        let bytes = size(value);
        any(self.0.iter().flat_map(|set| &set.others), |other| {
            patience.take(bytes)?;
            Ok(is_equal(other, value))
        })
    }

    /// Whether a text is like one of them.
    pub fn have_text(&self, text: &str, patience: &Patience) -> Result<bool, Unfinished> {
        any(&self.0, |set| set.texts.have(text, patience))
    }

    /// Whether a name is like one of them, in whichever letter case; where they are no names, none is.
    pub fn have_name(&self, name: &str, patience: &Patience) -> Result<bool, Unfinished> {
        let mut sets = self.0.iter().filter_map(|set| set.names.as_ref()).peekable();
        if sets.peek().is_none() {
            return Ok(false);
        }
        let folded = letter_case::fold(name.trim());
        any(sets, |names| names.have(&folded, patience))
    }

    /// The texts, numbers and booleans among them, as a request would have them; a number as its text, which reads as
    /// the number does.
    pub fn scalars(&self) -> impl Iterator<Item = Value> {
        self.0.iter().flat_map(|set| {
            let texts = set.texts.texts.iter().chain(&set.texts.globs).map(|text| Value::from(&**text));
            let numbers = set.numbers.iter().map(|number| Value::from(&*number.0));
            let flags = set.others.iter().filter_map(|other| match other {
                hcl::Value::Bool(flag) => Some(Value::from(*flag)),
                _ => None,
            });
            texts.chain(numbers).chain(flags)
        })
    }
}

/// [`Iterator::any`] for what may have to end before.
pub fn any<T, E>(
    items: impl IntoIterator<Item = T>,
    mut is_one: impl FnMut(T) -> Result<bool, E>,
) -> Result<bool, E> {
    for item in items {
        if is_one(item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Set {
    fn add(&mut self, other: Self) {
        self.texts.extend(other.texts);
        if let Some(names) = other.names {
            self.names.get_or_insert_default().extend(names);
        }
        self.numbers.extend(other.numbers);
        self.others.extend(other.others);
    }

    fn weight(&self) -> usize {
        let numbers = self.numbers.iter().map(|number| weight::of_text(&number.0)).sum::<usize>();
        weight::of_list::<Self>(1)
            + self.texts.weight()
            + self.names.as_ref().map_or(0, Patterns::weight)
            + weight::of_table::<Number, ()>(self.numbers.len())
            + numbers
            + weight::of_values(&self.others)
    }
}

impl Patterns {
    fn add(&mut self, pattern: &str) {
        let stands_for_others = pattern.len() > 1 && (pattern.starts_with('*') || pattern.ends_with('*'));
        let which = if stands_for_others { &mut self.globs } else { &mut self.texts };
        which.insert(pattern.into());
    }

    fn extend(&mut self, other: Self) {
        self.texts.extend(other.texts);
        self.globs.extend(other.globs);
    }

    fn have(&self, text: &str, patience: &Patience) -> Result<bool, Unfinished> {
        patience.take(text.len())?;
        if self.texts.contains(text) {
            return Ok(true);
        }
        any(&self.globs, |glob| {
            patience.take(text.len())?;
            Ok(is_glob_of(glob, text))
        })
    }

    fn weight(&self) -> usize {
        let of_one = |texts: &HashSet<Box<str>>| {
            let of_texts = texts.iter().map(|text| weight::of_text(text)).sum::<usize>();
            weight::of_table::<Box<str>, ()>(texts.len()) + of_texts
        };
        of_one(&self.texts) + of_one(&self.globs)
    }
}

/// A `*` at the start and at the end of a pattern stands for any text; elsewhere it is itself. A pattern of one
/// character is itself, too.
fn is_glob_of(pattern: &str, text: &str) -> bool {
    if pattern.len() < 2 {
        return pattern == text;
    }
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(_), Some(_)) => text.contains(&pattern[1..pattern.len() - 1]),
        (Some(end), None) => text.ends_with(end),
        (None, Some(start)) => text.starts_with(start),
        (None, None) => pattern == text,
    }
}

/// About how many bytes are looked at to compare a value.
fn size(value: &Value) -> usize {
    /// Of a value as such; a number is taken apart.
    const EACH: usize = 64;
    let inside: usize = match value {
        Value::Array(elements) => elements.iter().map(size).sum(),
        Value::Object(members) => members.iter().map(|(name, value)| name.len() + size(value)).sum(),
        Value::String(text) => text.expose().len(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    EACH + inside
}

/// Whether two values are the same; texts inside of lists and objects are no patterns.
fn is_equal(expected: &hcl::Value, value: &Value) -> bool {
    match (expected, value) {
        (hcl::Value::Null, Value::Null) => true,
        (hcl::Value::Bool(one), Value::Bool(other)) => one == other,
        (hcl::Value::Number(one), Value::Number(other)) => Number(one.clone()) == Number(other.text().into()),
        (hcl::Value::Text(one), Value::String(other)) => one == other.expose(),
        (hcl::Value::List(some), Value::Array(others)) => {
            some.len() == others.len() && some.iter().zip(others).all(|(one, other)| is_equal(one, other))
        }
        (hcl::Value::Object(items), Value::Object(members)) => {
            items.len() == members.len()
                && items.iter().all(|item| {
                    let [key] = item.keys.as_slice() else { return false };
                    members.get(&key.text).is_some_and(|member| is_equal(&item.value, member))
                })
        }
        _ => false,
    }
}

/// A number as it is written. `60`, `60.0` and `6e1` are one; Vault tells a policy's numbers from all of a request's.
#[derive(Clone, Debug)]
struct Number(Box<str>);

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (Decimal::of(&self.0), Decimal::of(&other.0)) {
            (Some(one), Some(other)) => one == other,
            _ => self.0 == other.0,
        }
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match Decimal::of(&self.0) {
            Some(decimal) => decimal.hash(state),
            None => self.0.hash(state),
        }
    }
}

/// A number as its digits without zeros at either end, and the power of ten that the last digit stands for.
#[derive(PartialEq, Eq, Hash)]
struct Decimal {
    negative: bool,
    digits: String,
    power: i64,
}

impl Decimal {
    fn of(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let exponent: i64 = exponent.parse().ok()?;
        let digits = all.trim_end_matches('0');
        let zeros = i64::try_from(all.len() - digits.len()).ok()?;
        let power = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?.checked_add(zeros)?;
        let digits = digits.trim_start_matches('0').to_owned();
        Some(if digits.is_empty() {
            Self { negative: false, digits, power: 0 }
        } else {
            Self { negative, digits, power }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_equal_when_the_numbers_are() {
        for (one, other, same) in [
            ("60", "60.0", true),
            ("60", "6e1", true),
            ("60", "6E+1", true),
            ("0.5", "5e-1", true),
            ("-0", "0.00", true),
            ("60", "600", false),
            ("60", "-60", false),
            ("9007199254740993", "9007199254740992", false),
            ("1e99999999999999999999", "1e99999999999999999999", true),
            ("1e99999999999999999999", "1e99999999999999999998", false),
            ("0e5", "0", true),
            ("100", "1e2", true),
        ] {
            assert_eq!(Number(one.into()) == Number(other.into()), same, "{one} {other}");
        }
    }

    #[test]
    fn stars_stand_at_the_ends_only() {
        for (pattern, text, fits) in [
            ("*", "x", false),
            ("*", "*", true),
            ("**", "", true),
            ("*a*", "bab", true),
            ("a*b", "axb", false),
            ("a*b", "a*b", true),
            ("a*", "a", true),
            ("*a", "ba", true),
            ("", "", true),
        ] {
            assert_eq!(is_glob_of(pattern, text), fits, "{pattern} {text}");
        }
    }
}
