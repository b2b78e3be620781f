//! JSON objects.

use super::Value;
use std::borrow::Cow;
use std::fmt;
use std::ops::Index;
use std::slice;
use std::vec;

/// The name of a member; those that the library itself writes are not copied.
pub type Name = Cow<'static, str>;

/// A JSON object; members come in the order of their names.
#[derive(Clone, Default)]
pub struct Object {
    /// Sorted, each name once. The objects of requests and answers are small: a list of members is made and searched
    /// sooner than a tree of them.
    members: Vec<(Name, Value)>,
}

const FEW: usize = 16;

/// An object says something twice.
pub struct Duplicate;

impl Object {
    /// An object without members.
    pub const fn new() -> Self {
        Self { members: Vec::new() }
    }

    /// An object without members, and room for some.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { members: Vec::with_capacity(capacity) }
    }

    /// An object of these members, in whatever order they come.
    ///
    /// # Errors
    /// Two of them have the same name.
    pub fn of(mut members: Vec<(Name, Value)>) -> Result<Self, Duplicate> {
        members.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        let is_twice = members.windows(2).any(|pair| matches!(pair, [one, other] if one.0 == other.0));
        if is_twice { Err(Duplicate) } else { Ok(Self { members }) }
    }

    /// Adds a member; gives back what it takes the place of.
    pub fn insert(&mut self, name: impl Into<Name>, value: Value) -> Option<Value> {
        self.put(name.into(), value)
    }

    // Not generic, so that there is one of it.
    fn put(&mut self, name: Name, value: Value) -> Option<Value> {
        let place = match self.members.last() {
            // Most come in their order.
            Some((last, _)) if *last < name => Err(self.members.len()),
            _ => self.place(&name),
        };
        match place {
            Ok(place) => {
                let member = self.members.get_mut(place)?;
                Some(std::mem::replace(&mut member.1, value))
            }
            Err(place) => {
                self.members.insert(place, (name, value));
                None
            }
        }
    }

    /// Where a member is, or would be.
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.members.binary_search_by(|member| (*member.0).cmp(name))
    }

    /// Where a member is. Among few it is found sooner by looking at each, as most names differ in their lengths.
    fn find(&self, name: &str) -> Option<usize> {
        if self.members.len() <= FEW {
            return self.members.iter().position(|member| *member.0 == *name);
        }
        self.place(name).ok()
    }

    /// A member's value.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(self.find(name)?).map(|(_, value)| value)
    }

    /// Whether there is such a member.
    pub fn contains_key(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Takes a member out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.find(name).map(|place| self.members.remove(place).1)
    }

    /// Keeps the members that `keeps` says yes to.
    pub fn retain(&mut self, mut keeps: impl FnMut(&str, &Value) -> bool) {
        self.members.retain(|(name, value)| keeps(name, value));
    }

    /// The names.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(name, _)| &**name)
    }

    /// Names and values.
    pub fn iter(&self) -> Members<'_> {
        Members(self.members.iter())
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

/// The members of an object, in the order of their names.
pub struct Members<'o>(slice::Iter<'o, (Name, Value)>);

impl<'o> Iterator for Members<'o> {
    type Item = (&'o str, &'o Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, value)| (&**name, value))
    }
}

impl FromIterator<(String, Value)> for Object {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(members: I) -> Self {
        let mut object = Self::new();
        for (name, value) in members {
            object.insert(name, value);
        }
        object
    }
}

/// A member that is not there is `null`.
impl Index<&str> for Object {
    type Output = Value;

    fn index(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&Value::Null)
    }
}

impl<'o> IntoIterator for &'o Object {
    type Item = (&'o str, &'o Value);
    type IntoIter = Members<'o>;

    fn into_iter(self) -> Members<'o> {
        self.iter()
    }
}

impl IntoIterator for Object {
    type Item = (Name, Value);
    type IntoIter = vec::IntoIter<(Name, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(object: &Object) -> String {
        object.keys().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn members_are_in_the_order_of_their_names_each_once() {
        let mut object = Object::new();
        for (name, is_new) in [("b", true), ("d", true), ("a", true), ("c", true), ("d", false), ("a", false)]
        {
            assert_eq!(object.insert(name, Value::from(name)).is_none(), is_new, "{name}");
        }
        assert_eq!((names(&object).as_str(), object.len()), ("a b c d", 4));
        assert_eq!(object.get("c").and_then(Value::as_str), Some("c"));
        assert!(object.remove("c").is_some() && object.remove("c").is_none() && object.get("c").is_none());
        object.retain(|name, _| name != "a");
        assert_eq!(names(&object), "b d");
    }

    #[test]
    fn a_name_that_comes_twice_is_noticed() {
        let of = |names: &[&'static str]| {
            let members = names.iter().map(|name| (Name::from(*name), Value::Null)).collect();
            Object::of(members).map(|object| super::tests::names(&object)).ok()
        };
        assert_eq!(of(&["c", "a", "b"]).as_deref(), Some("a b c"));
        assert_eq!(of(&["c", "a", "c"]), None);
        assert_eq!(of(&[]).as_deref(), Some(""));
    }
}
