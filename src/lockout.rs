//! User lockout: how many wrong passwords and codes a user has before he is refused for a while, as a mount is tuned
//! to (Vault's `user_lockout_config`). Vault does not offer it to its Okta method; here it is on.

use crate::error::{Code, Error, Result};
use crate::field::{Field, Fields, Kind};
use crate::json::{Object, Value};
use serde::{Deserialize, Serialize};

const FIELDS: &[Field] = &[
    Field::new("lockout_threshold", Kind::Int),
    Field::new("lockout_duration", Kind::Seconds),
    Field::new("lockout_counter_reset_duration", Kind::Seconds),
    Field::new("lockout_disable", Kind::Bool),
];

/// How a mount's users are locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lockout {
    /// So many wrong ones lock a user.
    pub threshold: u32,
    /// How long he is locked, in seconds.
    pub duration: i64,
    /// So many seconds after the last wrong one they count no more.
    pub counter_reset: i64,
    /// Nobody is locked.
    pub disabled: bool,
}

impl Default for Lockout {
    /// Vault's defaults for the methods that have it.
    fn default() -> Self {
        Self { threshold: 5, duration: 900, counter_reset: 900, disabled: false }
    }
}

impl Lockout {
    /// Takes over what a `user_lockout_config` gives; the rest stays. 0 stands for the default, as in Vault.
    ///
    /// # Errors
    /// 400 for a member of the wrong type, a negative number, and an unknown member, which would otherwise be a
    /// protection that somebody believes in and does not have.
    pub fn apply(&mut self, given: Object) -> Result<()> {
        let given = Fields::new(FIELDS, given);
        given.validate("")?;
        let refuse = |text: String| Error::bad_request(Code::InvalidRequest, text);
        if let Some(name) = given.unknown().first() {
            return Err(refuse(format!("unknown member {name:?} of user_lockout_config")));
        }
        let default = Self::default();
        if let Some(threshold) = given.int("lockout_threshold")? {
            self.threshold = match u32::try_from(threshold) {
                Ok(0) => default.threshold,
                Ok(threshold) => threshold,
                Err(_) => return Err(refuse("lockout_threshold must be a small positive number".to_owned())),
            };
        }
        for (name, seconds, default) in [
            ("lockout_duration", &mut self.duration, default.duration),
            ("lockout_counter_reset_duration", &mut self.counter_reset, default.counter_reset),
        ] {
            match given.seconds(name)? {
                Some(0) => *seconds = default,
                Some(given) if given > 0 => *seconds = given,
                Some(_) => return Err(refuse(format!("{name} must not be negative"))),
                None => {}
            }
        }
        if let Some(disabled) = given.bool("lockout_disable")? {
            self.disabled = disabled;
        }
        Ok(())
    }

    /// Adds the members that a mount's tuning shows of it.
    pub fn show(&self, object: &mut Object) {
        for (name, value) in [
            ("user_lockout_threshold", Value::from(i64::from(self.threshold))),
            ("user_lockout_duration", Value::from(self.duration)),
            ("user_lockout_counter_reset_duration", Value::from(self.counter_reset)),
            ("user_lockout_disable", Value::from(self.disabled)),
        ] {
            object.insert(name.to_owned(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    fn applied(text: &str) -> Result<Lockout> {
        let Ok(Value::Object(given)) = json::parse(text) else { panic!("no object: {text}") };
        let mut lockout = Lockout { threshold: 7, ..Lockout::default() };
        lockout.apply(given).map(|()| lockout)
    }

    #[test]
    fn numbers_and_texts_are_taken_and_what_is_not_given_stays() {
        let seven = Lockout { threshold: 7, ..Lockout::default() };
        for (text, expected) in [
            ("{}", seven),
            (r#"{"lockout_threshold":"3"}"#, Lockout { threshold: 3, ..seven }),
            (r#"{"lockout_threshold":0,"lockout_duration":"0"}"#, Lockout::default()),
            (r#"{"lockout_duration":"10m","lockout_counter_reset_duration":60}"#, {
                Lockout { duration: 600, counter_reset: 60, ..seven }
            }),
            (r#"{"lockout_disable":"true"}"#, Lockout { disabled: true, ..seven }),
        ] {
            assert_eq!(applied(text).ok(), Some(expected), "{text}");
        }
        for (text, part) in [
            (r#"{"lockout_threshold":-1}"#, "lockout_threshold"),
            (r#"{"lockout_threshold":99999999999}"#, "lockout_threshold"),
            (r#"{"lockout_duration":-1}"#, "negative"),
            (r#"{"lockout_duration":"soon"}"#, "\"lockout_duration\""),
            (r#"{"lockout_treshold":1}"#, "\"lockout_treshold\""),
        ] {
            let error = applied(text).expect_err(text);
            let shown = error.to_string();
            assert!(error.status() == 400 && shown.contains(part), "{text}: {shown}");
        }
    }
}
