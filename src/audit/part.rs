//! The members of an audit line, in the making. Nothing that is written here is a secret any more: texts are either
//! meant to be read, or hashed on their way in.

use super::Hasher;
use crate::error::beginning;
use crate::json::{self, Value};
use crate::limits;
use std::borrow::Cow;

/// Members of a JSON object. Empty texts, lists and objects are left out, as in Vault; so are members that do not fit,
/// which are counted.
pub struct Part {
    text: Vec<u8>,
    inside: bool,
    left_out: i64,
    limit: usize,
}

impl Default for Part {
    /// Up to [`limits::AUDIT_PART_BYTES`]: what a request or its answer decides the size of.
    fn default() -> Self {
        Self { text: Vec::new(), inside: false, left_out: 0, limit: limits::AUDIT_PART_BYTES }
    }
}

impl Part {
    /// A line that parts are put together in. What else stands in it is short, and never left out: what came of a request
    /// is told however much there is to tell of the request.
    pub fn line() -> Self {
        Self { limit: usize::MAX, ..Self::default() }
    }

    /// A text that is meant to be read; a long one is cut.
    pub fn text(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.member(name, |out| json::write_string(&cut(text), out));
        }
    }

    /// A number.
    pub fn number(&mut self, name: &str, number: i64) {
        self.member(name, |out| out.extend_from_slice(number.to_string().as_bytes()));
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &str, flag: bool) {
        self.member(name, |out| out.extend_from_slice(if flag { b"true" } else { b"false" }));
    }

    /// Texts that are meant to be read.
    pub fn texts<T: AsRef<str>>(&mut self, name: &str, texts: &[T]) {
        if texts.is_empty() {
            return;
        }
        self.member(name, |out| {
            for (index, text) in texts.iter().enumerate() {
                out.push(if index == 0 { b'[' } else { b',' });
                json::write_string(&cut(text.as_ref()), out);
                if out.len() > limits::AUDIT_PART_BYTES {
                    return;
                }
            }
            out.push(b']');
        });
    }

    /// A text that must not be read.
    pub fn hashed_text(&mut self, name: &str, text: &str, hasher: &Hasher) {
        if !text.is_empty() {
            self.text(name, &hasher.hash(text));
        }
    }

    /// A value whose texts must not be read; names of members, numbers, `true`, `false` and `null` may be. Where
    /// `secret` is set its numbers must not be, either: a passcode may be written as one.
    pub fn hashed(&mut self, name: &str, value: &Value, secret: bool, hasher: &Hasher) {
        self.member(name, |out| write_hashed(value, secret, hasher, out));
    }

    /// A value that is meant to be read.
    pub fn value(&mut self, name: &str, value: &Value) {
        self.member(name, |out| value.write(out));
    }

    /// An object.
    pub fn object(&mut self, name: &str, fill: impl FnOnce(&mut Self)) {
        let (before, inside) = (self.text.len(), self.inside);
        self.name(name);
        self.text.push(b'{');
        let empty = self.text.len();
        self.inside = false;
        fill(self);
        self.text.push(b'}');
        self.inside = true;
        if self.text.len() == empty + 1 {
            self.text.truncate(before);
            self.inside = inside;
        }
    }

    /// Members that were written before.
    pub fn append(&mut self, members: &[u8]) {
        if !members.is_empty() {
            self.comma();
            self.text.extend_from_slice(members);
        }
    }

    /// Says how many members did not fit, if any, and counts anew.
    pub fn count_left_out(&mut self) {
        let left_out = std::mem::take(&mut self.left_out);
        if left_out > 0 {
            self.name("left_out");
            self.text.extend_from_slice(left_out.to_string().as_bytes());
        }
    }

    /// The members, without braces around them.
    pub fn into_members(self) -> Vec<u8> {
        self.text
    }

    fn member(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>)) {
        let (before, inside) = (self.text.len(), self.inside);
        self.name(name);
        write(&mut self.text);
        if self.text.len() > self.limit {
            self.text.truncate(before);
            self.inside = inside;
            self.left_out += 1;
        }
    }

    fn name(&mut self, name: &str) {
        self.comma();
        json::write_string(&cut(name), &mut self.text);
        self.text.push(b':');
    }

    fn comma(&mut self) {
        if self.inside {
            self.text.push(b',');
        }
        self.inside = true;
    }
}

/// Gives up once the part is full: what was written is taken back then.
fn write_hashed(value: &Value, secret: bool, hasher: &Hasher, out: &mut Vec<u8>) {
    if out.len() > limits::AUDIT_PART_BYTES {
        return;
    }
    match value {
        Value::String(text) => json::write_string(&hasher.hash(text.expose()), out),
        Value::Number(number) if secret => json::write_string(&hasher.hash(number.text()), out),
        Value::Array(elements) => {
            out.push(b'[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_hashed(element, secret, hasher, out);
            }
            out.push(b']');
        }
        Value::Object(object) => {
            out.push(b'{');
            for (index, (name, member)) in object.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                json::write_string(&cut(name), out);
                out.push(b':');
                write_hashed(member, secret, hasher, out);
            }
            out.push(b'}');
        }
        other => other.write(out),
    }
}

fn cut(text: &str) -> Cow<'_, str> {
    beginning(text, limits::AUDIT_TEXT_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deadline::{Cancel, Deadline};
    use crate::secret::Secret;
    use crate::storage::{Barrier, MemoryStorage};
    use std::time::Duration;

    fn hasher() -> Hasher {
        let deadline = Deadline::after(Duration::from_secs(60), Cancel::default());
        let barrier = Barrier::open(Box::new(MemoryStorage::default()), &Secret::new([7; 32]), &deadline);
        Hasher::open(&barrier.expect("opens"), &deadline).expect("a key")
    }

    fn shown(fill: impl FnOnce(&mut Part)) -> String {
        let mut part = Part::default();
        fill(&mut part);
        part.count_left_out();
        String::from_utf8(part.into_members()).expect("UTF-8")
    }

    #[test]
    fn texts_are_hashed_wherever_they_stand_and_the_rest_is_plain() {
        let hasher = hasher();
        let value = json::parse(r#"{"a":"x","b":[1,true,null,"y",{"c":"x"}]}"#).expect("JSON");
        let (x, y) = (hasher.hash("x"), hasher.hash("y"));
        let expected = format!(r#""data":{{"a":"{x}","b":[1,true,null,"{y}",{{"c":"{x}"}}]}}"#);
        assert_eq!(shown(|part| part.hashed("data", &value, false, &hasher)), expected);
        let number = json::parse("[123456]").expect("JSON");
        let expected = format!(r#""totp":["{}"]"#, hasher.hash("123456"));
        assert_eq!(shown(|part| part.hashed("totp", &number, true, &hasher)), expected);
    }

    #[test]
    fn what_is_empty_is_left_out() {
        let hasher = hasher();
        let text = shown(|part| {
            part.text("none", "");
            part.object("empty", |part| part.object("inner", |part| part.texts::<&str>("list", &[])));
            part.hashed_text("token", "", &hasher);
            part.object("full", |part| {
                part.number("n", -3);
                part.flag("f", false);
            });
            part.append(b"");
            part.append(br#""more":1"#);
            part.texts("list", &["a", "b\""]);
        });
        assert_eq!(text, r#""full":{"n":-3,"f":false},"more":1,"list":["a","b\""]"#);
    }

    #[test]
    fn what_does_not_fit_is_counted_and_a_long_text_is_cut() {
        let hasher = hasher();
        let long = Value::from(vec!["x"; limits::AUDIT_PART_BYTES / 70]);
        let text = shown(|part| {
            part.object("data", |part| {
                part.text("first", "1");
                part.hashed("long", &long, false, &hasher);
                part.value("longer", &Value::from("y".repeat(limits::AUDIT_PART_BYTES)));
                part.texts("many", &vec!["z".repeat(1_000); 300]);
                part.text("last", "2");
            });
        });
        assert_eq!(text, r#""data":{"first":"1","last":"2"},"left_out":3"#);
        let cut = shown(|part| part.text("text", &"ä".repeat(limits::AUDIT_TEXT_BYTES)));
        assert_eq!(cut.len(), r#""text":"…""#.len() + limits::AUDIT_TEXT_BYTES);
    }
}
