//! Whether the parameters of a request are what a rule wants them to be (Vault's `vault/acl.go`).

use super::hcl;
use super::names;
use super::rule::{Parameters, Permissions};
use crate::field::Field;
use crate::json::{Object, Value};
use crate::letter_case;

/// Why the parameters of a request are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// One is missing.
    Missing,
    /// One must not be there, or not with this value.
    Denied,
    /// One is not among those that may be there, or not with this value.
    NotAllowed,
}

/// Checks the parameters of a request to a path that has these fields.
pub fn check(permissions: &Permissions, data: &Object, fields: &[Field]) -> Result<(), Wrong> {
    // Their names are compared as they come (Vault), so that a differently spelt one is missing.
    if !permissions.required.iter().all(|name| data.contains_key(name)) {
        return Err(Wrong::Missing);
    }
    if data.is_empty() {
        return Ok(());
    }
    if is_denied(&permissions.denied, data, fields) {
        return Err(Wrong::Denied);
    }
    if !is_allowed(&permissions.allowed, data, fields) {
        return Err(Wrong::NotAllowed);
    }
    Ok(())
}

/// The name that stands for all others.
const ANY: &str = "*";

fn is_denied(denied: &Parameters, data: &Object, fields: &[Field]) -> bool {
    if denied.is_empty() {
        return false;
    }
    denied.contains_key(ANY)
        || data.iter().any(|(name, value)| {
            let name = name.to_lowercase();
            let field = fields.iter().find(|field| field.name == name);
            let is_denied_as = |name: &str| {
                denied.get(name).is_some_and(|values| is_denied_value(values, name, value, field))
            };
            // What it takes the place of may be all that the rule speaks of. Vault looks at the name that is given.
            is_denied_as(&name) || replaced_by(field).any(is_denied_as)
        })
}

/// The names whose place a field takes.
fn replaced_by(field: Option<&Field>) -> impl Iterator<Item = &'static str> {
    field.map_or(&[][..], |field| field.stands_for).iter().copied()
}

fn is_denied_value(values: &[hcl::Value], name: &str, value: &Value, field: Option<&Field>) -> bool {
    if values.is_empty() {
        return true;
    }
    let one = |value: &Value| is_among(values, value);
    // Of names neither letter case nor outer blanks count, so a denied one is denied however it is written. Vault
    // compares them as they come.
    let cleaned = |dirty: &str| {
        names::hold_names(name) && {
            let folded = letter_case::fold(dirty.trim());
            values.iter().any(|pattern| match pattern {
                hcl::Value::Text(pattern) => is_glob_of(&letter_case::fold(pattern), &folded),
                _ => false,
            })
        }
    };
    let text = |text: &str| values.iter().any(|pattern| is_text_like(pattern, text)) || cleaned(text);
    let as_it_came = match value {
        Value::Array(elements) => {
            one(value) || elements.iter().any(|element| one(element) || element.as_str().is_some_and(cleaned))
        }
        Value::String(given) => text(given.expose()) || pieces(given.expose()).any(text),
        _ => one(value),
    };
    // Nor does it help to spell it otherwise, where the path makes the same of it: `1` for `true`, a number for a name.
    as_it_came
        || field.is_some_and(|field| {
            let denied: Vec<String> =
                values.iter().filter_map(scalar).flat_map(|value| field.readings(&value)).collect();
            field.readings(value).iter().any(|reading| text(reading) || denied.contains(reading))
        })
}

fn scalar(value: &hcl::Value) -> Option<Value> {
    match value {
        hcl::Value::Bool(flag) => Some(Value::from(*flag)),
        // A number's text reads as the number does, whatever the field's type is.
        hcl::Value::Number(text) => Some(Value::from(&**text)),
        hcl::Value::Text(text) => Some(Value::from(text.as_str())),
        hcl::Value::Null | hcl::Value::List(_) | hcl::Value::Object(_) => None,
    }
}

fn is_allowed(allowed: &Parameters, data: &Object, fields: &[Field]) -> bool {
    let others = allowed.contains_key(ANY);
    if allowed.is_empty() || (others && allowed.len() == 1) {
        return true;
    }
    data.iter().all(|(name, value)| {
        let name = name.to_lowercase();
        let is_allowed_as = |name: &str, values: &[hcl::Value]| {
            values.is_empty() || is_allowed_value(values, value, names::hold_names(name))
        };
        if let Some(values) = allowed.get(&name) {
            return is_allowed_as(&name, values);
        }
        // `*` does not open a way around the values of what it takes the place of.
        let field = fields.iter().find(|field| field.name == name);
        others
            && replaced_by(field)
                .all(|name| allowed.get(name).is_none_or(|values| is_allowed_as(name, values)))
    })
}

/// A list is allowed as a whole or element by element; a text as a whole or piece by piece, as it may be what a list is
/// written as (Vault 1.21). Of a text of names each has to be allowed: `dev*` would let any name in behind `dev,`.
fn is_allowed_value(values: &[hcl::Value], value: &Value, holds_names: bool) -> bool {
    let is_whole = || is_among(values, value);
    match value {
        Value::Array(elements) => is_whole() || elements.iter().all(|element| is_among(values, element)),
        Value::String(given) => {
            let is_like_one = |piece| values.iter().any(|pattern| is_text_like(pattern, piece));
            (!holds_names && is_whole()) || pieces(given.expose()).all(is_like_one)
        }
        _ => is_whole(),
    }
}

/// The elements of a list that is written as one text; an empty text is an empty list.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').filter(move |_| !text.is_empty()).map(str::trim)
}

fn is_among(values: &[hcl::Value], value: &Value) -> bool {
    values.iter().any(|expected| is_like(expected, value))
}

fn is_like(expected: &hcl::Value, value: &Value) -> bool {
    match value {
        Value::String(text) => is_text_like(expected, text.expose()),
        _ => is_equal(expected, value),
    }
}

fn is_text_like(expected: &hcl::Value, text: &str) -> bool {
    matches!(expected, hcl::Value::Text(pattern) if is_glob_of(pattern, text))
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

/// Whether two values are the same; texts inside of lists and objects are no patterns.
fn is_equal(expected: &hcl::Value, value: &Value) -> bool {
    match (expected, value) {
        (hcl::Value::Null, Value::Null) => true,
        (hcl::Value::Bool(one), Value::Bool(other)) => one == other,
        (hcl::Value::Number(one), Value::Number(other)) => is_same_number(one, other.text()),
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

/// `60`, `60.0` and `6e1` are one number. Vault tells a policy's numbers from all of a request's.
fn is_same_number(one: &str, other: &str) -> bool {
    match (Decimal::of(one), Decimal::of(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

/// A number as its digits without zeros at either end, and the power of ten that the last digit stands for.
#[derive(PartialEq, Eq)]
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
    use crate::field::Kind;
    use crate::json::parse;
    use crate::policy::document;

    fn verdict(rule: &str, data: &str) -> Result<(), Wrong> {
        verdict_at(&[], rule, data)
    }

    fn verdict_at(fields: &[Field], rule: &str, data: &str) -> Result<(), Wrong> {
        let text = format!("path \"a\" {{ {rule} }}");
        let document = document::read(&text).unwrap_or_else(|why| panic!("{text}: {why}"));
        let data = parse(data).expect("valid JSON");
        check(&document.stanzas[0].permissions, data.as_object().expect("an object"), fields)
    }

    /// The tables of Vault's own tests, and what the recorded one answered.
    #[test]
    fn parameters_and_values() {
        use Wrong::{Denied, Missing, NotAllowed};
        let dev = r#"allowed_parameters = { "policies" = ["dev*", "*ops"] }"#;
        let root = r#"denied_parameters = { "policies" = ["root*"], "groups" = [] }"#;
        let boss = r#"denied_parameters = { "policies" = ["boss"], "token_policies" = ["Boss"], "groups" = ["admins"], "other" = ["boss"] }"#;
        let multi = r#"allowed_parameters = { "m" = ["good", "good1", "good2", "*good3"] }"#;
        let flag = r#"allowed_parameters = { "*" = [], "foo" = [], "bar" = [false] }"#;
        for (rule, data, expected) in [
            ("", r#"{"x":1}"#, Ok(())),
            (r#"allowed_parameters = { "zip" = [] }"#, r#"{"zip":1}"#, Ok(())),
            (r#"allowed_parameters = { "zip" = [] }"#, r#"{"zap":1}"#, Err(NotAllowed)),
            (
                r#"allowed_parameters = { "a" = [] } denied_parameters = { "a" = [] }"#,
                r#"{"a":1}"#,
                Err(Denied),
            ),
            (
                r#"allowed_parameters = { "*" = [] } denied_parameters = { "*" = [] }"#,
                r#"{"a":1}"#,
                Err(Denied),
            ),
            (r#"allowed_parameters = { "*" = [] } denied_parameters = { "b" = [] }"#, r#"{"a":1}"#, Ok(())),
            (r#"denied_parameters = { "*" = [] }"#, "{}", Ok(())),
            (r#"required_parameters = ["foo"]"#, "{}", Err(Missing)),
            (r#"required_parameters = ["foo"]"#, r#"{"foo":null}"#, Ok(())),
            (r#"required_parameters = ["FOO"]"#, r#"{"foo":1}"#, Ok(())),
            (r#"required_parameters = ["foo"]"#, r#"{"Foo":1}"#, Err(Missing)),
            (dev, r#"{"policies":"dev1"}"#, Ok(())),
            (dev, r#"{"policies":"my-ops"}"#, Ok(())),
            (dev, r#"{"policies":"other"}"#, Err(NotAllowed)),
            (dev, r#"{"Policies":"root-x"}"#, Err(NotAllowed)),
            (dev, r#"{"groups":"g"}"#, Err(NotAllowed)),
            (dev, r#"{"policies":["dev1","dev2"]}"#, Ok(())),
            (dev, r#"{"policies":["dev1","other"]}"#, Err(NotAllowed)),
            // Vault: allowed as a whole.
            (dev, r#"{"policies":"dev1,other"}"#, Err(NotAllowed)),
            (dev, r#"{"policies":"other,dev1"}"#, Err(NotAllowed)),
            (dev, r#"{"policies":"my-ops, devX"}"#, Ok(())),
            (dev, r#"{"policies":null}"#, Err(NotAllowed)),
            (dev, r#"{"policies":[]}"#, Ok(())),
            (dev, r#"{"policies":""}"#, Ok(())),
            (dev, r#"{"policies":{"a":"b"}}"#, Err(NotAllowed)),
            (root, r#"{"policies":"dev1"}"#, Ok(())),
            (root, r#"{"Policies":"root-x"}"#, Err(Denied)),
            (root, r#"{"groups":null}"#, Err(Denied)),
            (root, r#"{"policies":["dev1","root"]}"#, Err(Denied)),
            (root, r#"{"policies":"dev1,root"}"#, Err(Denied)),
            (root, r#"{"policies":["dev1,root"]}"#, Ok(())),
            (root, r#"{"policies":null}"#, Ok(())),
            (root, r#"{"policies":[]}"#, Ok(())),
            (root, r#"{"policies":{"a":"b"}}"#, Ok(())),
            // Names, however they are written: the long s folds to s.
            (boss, r#"{"policies":["BOSS"]}"#, Err(Denied)),
            (boss, r#"{"token_policies":" bo\u017f\u017f "}"#, Err(Denied)),
            (boss, r#"{"groups":["dev","ADMIN\u017f"]}"#, Err(Denied)),
            (boss, r#"{"groups":"dev, Admins"}"#, Err(Denied)),
            (boss, r#"{"groups":["admin"],"other":"BOSS"}"#, Ok(())),
            (r#"denied_parameters = { "deny" = ["bad*"] }"#, r#"{"deny":"bad glob"}"#, Err(Denied)),
            (multi, r#"{"m":"glob good2"}"#, Err(NotAllowed)),
            (multi, r#"{"m":"glob good3"}"#, Ok(())),
            (r#"allowed_parameters = { "i" = [1, 2] }"#, r#"{"i":3}"#, Err(NotAllowed)),
            (flag, r#"{"anything":[1],"foo":2,"bar":false}"#, Ok(())),
            (flag, r#"{"bar":true}"#, Err(NotAllowed)),
        ] {
            assert_eq!(verdict(rule, data), expected, "{rule} {data}");
        }
    }

    #[test]
    fn a_denied_policy_is_denied_however_it_is_written() {
        let rule = r#"denied_parameters = { "token_policies" = ["root"] }"#;
        for data in [r#""ROOT""#, r#"" root ""#, r#"["a"," Root"]"#, r#""a, rOOt""#] {
            let data = format!(r#"{{"token_policies":{data}}}"#);
            assert_eq!(verdict(rule, &data), Err(Wrong::Denied), "{data}");
        }
        // No list of names, so its case may matter.
        assert_eq!(verdict(r#"denied_parameters = { "x" = ["root"] }"#, r#"{"x":"ROOT"}"#), Ok(()));
        assert_eq!(
            verdict(r#"allowed_parameters = { "policies" = ["dev"] }"#, r#"{"policies":"DEV"}"#),
            Err(Wrong::NotAllowed)
        );
    }

    #[test]
    fn each_name_of_a_text_has_to_be_allowed() {
        for name in ["policies", "token_policies", "groups", "allowed_policies", "disallowed_policies"] {
            let rule = format!(r#"allowed_parameters = {{ "{name}" = ["qa*", "*-ro"] }}"#);
            for (value, expected) in [
                ("qa,superadmin", Err(Wrong::NotAllowed)),
                ("root,x-ro", Err(Wrong::NotAllowed)),
                ("qa,,x-ro", Err(Wrong::NotAllowed)),
                ("qa1 , x-ro", Ok(())),
            ] {
                assert_eq!(verdict(&rule, &format!(r#"{{"{name}":"{value}"}}"#)), expected, "{name} {value}");
            }
        }
        // No names: the text may be one that holds a comma.
        let rule = r#"allowed_parameters = { "description" = ["ops:*"] }"#;
        assert_eq!(verdict(rule, r#"{"description":"ops: red, blue"}"#), Ok(()));
    }

    #[test]
    fn a_denied_value_is_denied_however_it_is_spelt() {
        let fields = &[
            Field::new("policies", Kind::List),
            Field::new("bypass_okta_mfa", Kind::Bool),
            Field::new("token_num_uses", Kind::Int),
            Field::new("token_ttl", Kind::Seconds),
            Field::new("description", Kind::String),
        ];
        for (denied, spellings) in [
            (r#""policies" = ["1", "7"]"#, &[("policies", r#"[["1"],1,true,[true],[7],["a",7]]"#)][..]),
            (
                r#""bypass_okta_mfa" = [true]"#,
                &[("bypass_okta_mfa", r#"[true,"true","TRUE","t","T",1,"1"]"#)],
            ),
            (r#""bypass_okta_mfa" = ["true"]"#, &[("bypass_okta_mfa", r#"[true,1]"#)]),
            (r#""bypass_okta_mfa" = [false]"#, &[("bypass_okta_mfa", r#"[false,"",0,"F",null]"#)]),
            (r#""token_num_uses" = [0]"#, &[("token_num_uses", r#"[0,"0","","0x0",null]"#)]),
            (r#""token_ttl" = ["1h"]"#, &[("token_ttl", r#"["1h","60m",3600,"3600"]"#)]),
            (r#""description" = ["7"]"#, &[("description", r#"["7",7]"#)]),
        ] {
            let rule = format!("denied_parameters = {{ {denied} }}");
            for (name, values) in spellings {
                let values = parse(values).expect("valid JSON");
                for value in values.as_array().expect("a list") {
                    let mut text = Vec::new();
                    value.write(&mut text);
                    let data = format!("{{\"{name}\":{}}}", String::from_utf8(text).expect("text"));
                    assert_eq!(verdict_at(fields, &rule, &data), Err(Wrong::Denied), "{rule} {data}");
                }
            }
        }
        for (denied, data) in [
            (r#""bypass_okta_mfa" = [true]"#, r#"{"bypass_okta_mfa":"f"}"#),
            (r#""bypass_okta_mfa" = [true]"#, r#"{"bypass_okta_mfa":2}"#),
            (r#""token_ttl" = [60]"#, r#"{"token_ttl":61}"#),
            (r#""policies" = ["1"]"#, r#"{"policies":null}"#),
        ] {
            let rule = format!("denied_parameters = {{ {denied} }}");
            assert_eq!(verdict_at(fields, &rule, data), Ok(()), "{rule} {data}");
        }
    }

    #[test]
    fn what_takes_the_place_of_a_parameter_is_judged_as_it_is() {
        let fields = crate::method::CONFIG_FIELDS;
        for (rule, data, expected) in [
            (r#"denied_parameters = { "token_max_ttl" = [] }"#, r#"{"max_ttl":60}"#, Err(Wrong::Denied)),
            (r#"denied_parameters = { "token_ttl" = ["1h"] }"#, r#"{"ttl":3600}"#, Err(Wrong::Denied)),
            (r#"denied_parameters = { "api_token" = [] }"#, r#"{"token":"x"}"#, Err(Wrong::Denied)),
            (
                r#"denied_parameters = { "base_url" = [] }"#,
                r#"{"org_url":"https://x.y"}"#,
                Err(Wrong::Denied),
            ),
            (r#"denied_parameters = { "base_url" = [] }"#, r#"{"production":false}"#, Err(Wrong::Denied)),
            (
                r#"denied_parameters = { "org_name" = ["evil"] }"#,
                r#"{"organization":"evil"}"#,
                Err(Wrong::Denied),
            ),
            // The other way round it is a rule that wants the newer names.
            (r#"denied_parameters = { "max_ttl" = [] }"#, r#"{"token_max_ttl":60}"#, Ok(())),
            (
                r#"allowed_parameters = { "*" = [], "org_name" = ["acme"] }"#,
                r#"{"org_url":"https://evil.example"}"#,
                Err(Wrong::NotAllowed),
            ),
            (
                r#"allowed_parameters = { "*" = [], "org_name" = ["acme"] }"#,
                r#"{"organization":"acme"}"#,
                Ok(()),
            ),
            (
                r#"allowed_parameters = { "org_name" = [] }"#,
                r#"{"organization":"acme"}"#,
                Err(Wrong::NotAllowed),
            ),
        ] {
            assert_eq!(verdict_at(fields, rule, data), expected, "{rule} {data}");
        }
    }

    #[test]
    fn lists_and_objects_are_equal_as_a_whole() {
        let rule = r#"allowed_parameters = { "x" = [["a*", 1], { "k" = [true] }] }"#;
        for (data, same) in [
            (r#"["a*",1.0]"#, true),
            (r#"["ab",1]"#, false),
            (r#"["a*",1,1]"#, false),
            (r#"{"k":[true]}"#, true),
            (r#"{"k":[true],"l":1}"#, false),
            (r#"{"l":[true]}"#, false),
        ] {
            assert_eq!(verdict(rule, &format!(r#"{{"x":{data}}}"#)).is_ok(), same, "{data}");
        }
    }

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
            assert_eq!(is_same_number(one, other), same, "{one} {other}");
        }
        assert_eq!(verdict(r#"allowed_parameters = { "i" = [1] }"#, r#"{"i":"1"}"#), Err(Wrong::NotAllowed));
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
