//! Whether the parameters of a request are what a rule wants them to be (Vault's `vault/acl.go`).

use super::names;
use super::rule::{Parameters, Permissions};
use super::values::{Patience, Unfinished, Values, any};
use crate::deadline::{Deadline, Interrupted};
use crate::field::{Field, Kind};
use crate::json::{Object, Value};
use crate::limits;
use std::collections::HashSet;
use std::iter;

/// Why the parameters of a request are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// One is missing.
    Missing,
    /// One must not be there, or not with this value.
    Denied,
    /// One is not among those that may be there, or not with this value.
    NotAllowed,
    /// One has more pieces, or is longer, than what is compared.
    TooLong,
    /// There was no time to compare all.
    Interrupted(Interrupted),
}

impl From<Unfinished> for Wrong {
    fn from(why: Unfinished) -> Self {
        match why {
            Unfinished::TooMuch => Self::TooLong,
            Unfinished::Interrupted(why) => Self::Interrupted(why),
        }
    }
}

type Answer = Result<bool, Wrong>;

/// Checks the parameters of a request to a path that has these fields.
pub fn check(
    permissions: &Permissions,
    data: &Object,
    fields: &[Field],
    deadline: &Deadline,
) -> Result<(), Wrong> {
    // Their names are compared as they come (Vault), so that a differently spelt one is missing.
    if !permissions.required.iter().all(|name| data.contains_key(name)) {
        return Err(Wrong::Missing);
    }
    if data.is_empty() {
        return Ok(());
    }
    let patience = Patience::until(deadline);
    if is_denied(&permissions.denied, data, fields, &patience)? {
        return Err(Wrong::Denied);
    }
    if !is_allowed(&permissions.allowed, data, fields, &patience)? {
        return Err(Wrong::NotAllowed);
    }
    Ok(())
}

/// The name that stands for all others.
const ANY: &str = "*";

fn is_denied(denied: &Parameters, data: &Object, fields: &[Field], patience: &Patience) -> Answer {
    if denied.is_empty() || denied.contains_key(ANY) {
        return Ok(!denied.is_empty());
    }
    any(data.iter(), |(name, value)| {
        let name = name.to_lowercase();
        let field = fields.iter().find(|field| field.name == name);
        // What it takes the place of may be all that the rule speaks of. Vault looks at the name that is given.
        any(iter::once(&*name).chain(replaced_by(field)), |name| match denied.get(name) {
            Some(values) => is_denied_value(values, value, field, patience),
            None => Ok(false),
        })
    })
}

/// The names whose place a field takes.
fn replaced_by<'n>(field: Option<&Field>) -> impl Iterator<Item = &'n str> {
    field.map_or(&[][..], |field| field.stands_for).iter().map(|name| -> &'n str { name })
}

fn is_denied_value(values: &Values, value: &Value, field: Option<&Field>, patience: &Patience) -> Answer {
    if values.are_all() {
        return Ok(true);
    }
    let pieces = value.as_str().map(pieces).transpose()?;
    if values.have(value, patience)? {
        return Ok(true);
    }
    // Of names neither letter case nor outer blanks count, so a denied one is denied however it is written. Vault
    // compares them as they come.
    let is_text =
        |text: &str| -> Answer { Ok(values.have_text(text, patience)? || values.have_name(text, patience)?) };
    let as_it_came: Answer = match value {
        Value::Array(elements) => any(elements, |element| {
            let is_name = |name| values.have_name(name, patience);
            Ok(values.have(element, patience)? || element.as_str().map_or(Ok(false), is_name)?)
        }),
        Value::String(text) => {
            let pieces = pieces.into_iter().flatten();
            Ok(values.have_name(text.expose(), patience)? || any(pieces, is_text)?)
        }
        _ => Ok(false),
    };
    let Some(field) = field.filter(|_| as_it_came == Ok(false)) else {
        return as_it_came;
    };
    // Nor does it help to spell it otherwise, where the path makes the same of it: `1` for `true`, a number for a name.
    let readings = field.readings(value);
    if readings.is_empty() || any(&readings, |reading| is_text(reading))? {
        return Ok(!readings.is_empty());
    }
    let readings: HashSet<String> = readings.into_iter().collect();
    any(values.scalars(), |denied| {
        patience.take(0)?;
        Ok(field.readings(&denied).iter().any(|reading| readings.contains(reading)))
    })
}

fn is_allowed(allowed: &Parameters, data: &Object, fields: &[Field], patience: &Patience) -> Answer {
    let others = allowed.contains_key(ANY);
    if allowed.is_empty() || (others && allowed.len() == 1) {
        return Ok(true);
    }
    let is_refused: Answer = any(data.iter(), |(name, value)| {
        let name = name.to_lowercase();
        let field = fields.iter().find(|field| field.name == name);
        let is_another_than = |values: &Values, name: &str, value: &Value| -> Answer {
            let is_list = names::hold_names(name) || field.is_some_and(|field| field.kind == Kind::List);
            Ok(!is_allowed_value(values, value, is_list, patience)?)
        };
        if let Some(values) = allowed.get(&name) {
            return is_another_than(values, &name, value);
        }
        // `*` does not open a way around the values of what it takes the place of.
        let is_refused_as = |name: &str| match allowed.get(name) {
            Some(values) => is_another_than(values, name, value),
            None => Ok(false),
        };
        Ok(!others || any(replaced_by(field), is_refused_as)?)
    });
    Ok(!is_refused?)
}

/// A list is allowed as a whole or element by element; a text as a whole or piece by piece, as it may be what a list is
/// written as (Vault 1.21). Where it is a list to the path, each piece has to be allowed: `dev*` would let any name in
/// behind `dev,`.
fn is_allowed_value(values: &Values, value: &Value, is_list: bool, patience: &Patience) -> Answer {
    let is_written_out = is_list && matches!(value, Value::String(_));
    if values.are_all() || (!is_written_out && values.have(value, patience)?) {
        return Ok(true);
    }
    let is_refused: Answer = match value {
        Value::Array(elements) => any(elements, |element| Ok(!values.have(element, patience)?)),
        Value::String(text) => any(pieces(text.expose())?, |piece| Ok(!values.have_text(piece, patience)?)),
        _ => Ok(true),
    };
    Ok(!is_refused?)
}

/// The elements of a list that is written as one text; an empty text is an empty list.
fn pieces(text: &str) -> Result<impl Iterator<Item = &str>, Wrong> {
    if text.bytes().filter(|byte| *byte == b',').count() >= limits::PARAMETER_PIECES {
        return Err(Wrong::TooLong);
    }
    Ok(text.split(',').filter(move |_| !text.is_empty()).map(str::trim))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deadline::Cancel;
    use crate::field::Kind;
    use crate::json::parse;
    use crate::policy::document;
    use std::time::Duration;

    fn verdict(rule: &str, data: &str) -> Result<(), Wrong> {
        verdict_at(&[], rule, data)
    }

    fn verdict_at(fields: &[Field], rule: &str, data: &str) -> Result<(), Wrong> {
        let text = format!("path \"a\" {{ {rule} }}");
        let document = document::read(&text).unwrap_or_else(|why| panic!("{text}: {why}"));
        let data = parse(data).expect("valid JSON");
        let data = data.as_object().expect("an object");
        let deadline = Deadline::after(Duration::from_secs(60), Cancel::default());
        check(&document.stanzas[0].permissions, data, fields, &deadline)
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
    fn a_text_of_too_many_pieces_is_refused_where_its_pieces_count() {
        let text = |pieces: usize| format!(r#"{{"x":"{}good"}}"#, "good,".repeat(pieces - 1));
        let (most, more) = (text(limits::PARAMETER_PIECES), text(limits::PARAMETER_PIECES + 1));
        for (rule, expected) in [
            (r#"allowed_parameters = { "x" = ["good"] }"#, Err(Wrong::TooLong)),
            (r#"denied_parameters = { "x" = ["bad"] }"#, Err(Wrong::TooLong)),
            (r#"allowed_parameters = { "x" = ["good*"] }"#, Ok(())),
            (r#"allowed_parameters = { "x" = [] }"#, Ok(())),
            (r#"denied_parameters = { "y" = ["bad"] }"#, Ok(())),
        ] {
            assert_eq!((verdict(rule, &most), verdict(rule, &more)), (Ok(()), expected), "{rule}");
        }
    }

    #[test]
    fn a_comparison_ends_by_its_limit_by_its_deadline_and_when_it_is_cancelled() {
        let globs: String = (0..9_000).map(|n| format!("\"*x{n}*\",")).collect();
        let text = format!("path \"a\" {{ denied_parameters = {{ a = [{globs}] }} }}");
        let document = document::read(&text).expect("a policy");
        let elements = vec![Value::from("abcdefgh".repeat(12)); 10_000];
        let data = crate::json::object([("a", Value::from(elements))]);
        assert_eq!(
            verdict(
                &format!("denied_parameters = {{ a = [{globs}] }}"),
                &format!("{{\"a\":\"{}\"}}", "y".repeat(limits::PARAMETER_BYTES_COMPARED / 9_000))
            ),
            Err(Wrong::TooLong)
        );
        let cancelled = Cancel::default();
        cancelled.cancel();
        for (time, cancel, why) in [
            (Duration::from_millis(10), Cancel::default(), Interrupted::TimedOut),
            (Duration::from_secs(60), cancelled, Interrupted::Cancelled),
        ] {
            let deadline = Deadline::after(time, cancel);
            let verdict = check(&document.stanzas[0].permissions, &data, &[], &deadline);
            assert_eq!(verdict, Err(Wrong::Interrupted(why)));
        }
    }
}
