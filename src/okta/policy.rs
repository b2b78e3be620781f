//! Okta's policy about passwords, which comes with a password that is no good (any more).

use super::lenient::{Flag, Whole};
use crate::json::{self, Object, Value};
use serde::{Deserialize, Serialize};

/// `_embedded.policy` of `PASSWORD_EXPIRED` and `PASSWORD_WARN`, as far as Okta gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordPolicy {
    /// Whole days until the password expires; 0 is today.
    pub days_left: Option<i64>,
    /// `complexity.minLength`
    pub min_length: Option<i64>,
    /// `complexity.minLowerCase`
    pub min_lower_case: Option<i64>,
    /// `complexity.minUpperCase`
    pub min_upper_case: Option<i64>,
    /// `complexity.minNumber`
    pub min_number: Option<i64>,
    /// `complexity.minSymbol`
    pub min_symbol: Option<i64>,
    /// `complexity.excludeUsername`
    pub exclude_username: Option<bool>,
    /// `age.minAgeMinutes`
    pub min_age_minutes: Option<i64>,
    /// `age.historyCount`
    pub history_count: Option<i64>,
}

impl PasswordPolicy {
    /// The members that Okta gave.
    pub fn to_json(&self) -> Object {
        let numbers = [
            ("days_left", self.days_left),
            ("min_length", self.min_length),
            ("min_lower_case", self.min_lower_case),
            ("min_upper_case", self.min_upper_case),
            ("min_number", self.min_number),
            ("min_symbol", self.min_symbol),
            ("min_age_minutes", self.min_age_minutes),
            ("history_count", self.history_count),
        ];
        let mut object = json::object([]);
        for (name, number) in numbers {
            if let Some(number) = number {
                object.insert(name.to_owned(), Value::from(number));
            }
        }
        if let Some(exclude) = self.exclude_username {
            object.insert("exclude_username".to_owned(), Value::from(exclude));
        }
        object
    }
}

/// The policy on the wire. On the MFA states the same member holds something else, none of which is read.
#[derive(Deserialize)]
pub(super) struct PolicyBody {
    expiration: Option<Expiration>,
    complexity: Option<Complexity>,
    age: Option<Age>,
}

#[derive(Deserialize)]
struct Expiration {
    #[serde(default, rename = "passwordExpireDays")]
    days: Whole,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Complexity {
    min_length: Whole,
    min_lower_case: Whole,
    min_upper_case: Whole,
    min_number: Whole,
    min_symbol: Whole,
    /// Okta's documentation calls it a boolean and shows the text "true".
    exclude_username: Flag,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Age {
    min_age_minutes: Whole,
    history_count: Whole,
}

impl PolicyBody {
    pub fn into_policy(self) -> PasswordPolicy {
        let complexity = self.complexity.unwrap_or_default();
        let age = self.age.unwrap_or_default();
        PasswordPolicy {
            days_left: self.expiration.and_then(|expiration| expiration.days.0).filter(|days| *days >= 0),
            min_length: complexity.min_length.0,
            min_lower_case: complexity.min_lower_case.0,
            min_upper_case: complexity.min_upper_case.0,
            min_number: complexity.min_number.0,
            min_symbol: complexity.min_symbol.0,
            exclude_username: complexity.exclude_username.0,
            min_age_minutes: age.min_age_minutes.0,
            history_count: age.history_count.0,
        }
    }
}
