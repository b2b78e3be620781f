//! From the text of a policy to its stanzas (Vault's `vault/policy.go`).
//!
//! Every error text is what follows `failed to parse policy: ` in Vault's answer, as far as Vault itself has written
//! it and not its parser.

use super::hcl::{self, Item, Items, Value};
use super::rule::{Capabilities, Capability, Parameters, Permissions};
use super::template::Template;
use super::values::Values;
use crate::field::parse_nanos;
use crate::json;
use crate::limits;
use std::collections::BTreeSet;

/// A policy that has been read.
#[derive(Debug, Default)]
pub struct Document {
    /// In the order of the text.
    pub stanzas: Vec<Stanza>,
    /// Keys that were read and have no effect here.
    pub without_effect: BTreeSet<&'static str>,
}

/// One `path "…" { … }`.
#[derive(Debug)]
pub struct Stanza {
    /// The path as it was written, templates included, without a slash at its start.
    pub path: String,
    /// What it permits.
    pub permissions: Permissions,
}

/// Characters of a path that is too long to be shown.
const PATH_SHOWN: usize = 40;

const STANZA_KEYS: [&str; 11] = [
    "comment",
    "policy",
    "capabilities",
    "allowed_parameters",
    "denied_parameters",
    "required_parameters",
    "min_wrapping_ttl",
    "max_wrapping_ttl",
    "mfa_methods",
    "control_group",
    "subscribe_event_types",
];
/// Those of them that Vault's community edition reads and does nothing with.
const WITHOUT_EFFECT: [&str; 2] = ["mfa_methods", "control_group"];

/// Reads a policy: its HCL or its JSON form, which begins with a brace.
///
/// # Errors
/// What is wrong, and where.
pub fn read(text: &str) -> Result<Document, String> {
    if text.len() > limits::POLICY_BYTES {
        return Err(format!("the text is longer than {} bytes", limits::POLICY_BYTES));
    }
    let items = if text.trim_start().starts_with('{') { items_of_json(text)? } else { hcl::parse(text)? };
    check_keys(&items, &["name", "path"])?;
    let mut document = Document::default();
    for item in items {
        let key = item.keys.first().map(|key| key.text.as_str());
        match (key, &item.value) {
            (Some("path"), _) => document.read_path(item)?,
            (_, Value::Text(_)) => {}
            _ => return Err("\"name\" must be a text".to_owned()),
        }
    }
    Ok(document)
}

impl Document {
    fn read_path(&mut self, item: Item) -> Result<(), String> {
        // Vault takes a block without a label for one of the path "path", and finds out what is wrong inside of it.
        let label = item.keys.get(1).unwrap_or(&item.keys[0]).clone();
        let within = |why: String| within(&label.text, &why);
        let Value::Object(items) = item.value else {
            return Err(within("expected an object".to_owned()));
        };
        check_keys(&items, &STANZA_KEYS)
            .map_err(|listed| listed.replace("\t* ", &format!("\t* path {:?}: ", label.text)))?;
        if item.keys.len() != 2 || !label.quoted {
            return Err(within("a path is written as one quoted text behind the word path".to_owned()));
        }
        if let Some(twice) = first_twice(&items) {
            return Err(within(format!("key {twice:?} is set twice")));
        }
        Template::parse(&label.text)
            .map_err(|why| within(format!("failed to validate policy templating: {why}")))?;
        let path = label.text.strip_prefix('/').unwrap_or(&label.text);
        if path.contains("+*") {
            return Err(within("invalid use of wildcards ('+*' is forbidden)".to_owned()));
        }
        if path.len() > limits::NAME_BYTES {
            let start: String = path.chars().take(PATH_SHOWN).collect();
            let why = format!("it is longer than {} bytes", limits::NAME_BYTES);
            return Err(format!("path that begins with {start:?}: {why}"));
        }
        let permissions = self.read_stanza(&label.text, &items)?;
        self.stanzas.push(Stanza { path: path.to_owned(), permissions });
        Ok(())
    }

    fn read_stanza(&mut self, path: &str, items: &Items) -> Result<Permissions, String> {
        let within = |why: String| within(path, &why);
        let value = |name: &str| items.iter().find(|item| item.keys[0].text == name).map(|item| &item.value);
        // Types are checked first, of keys that a `deny` makes idle as well (Vault).
        let text = |name: &str| match value(name) {
            None | Some(Value::Null) => Ok(""),
            Some(Value::Text(text)) => Ok(text.as_str()),
            Some(_) => Err(within(format!("{name}: expected a text"))),
        };
        text("comment")?;
        let old_policy = text("policy")?;
        let names = texts("capabilities", value("capabilities")).map_err(within)?;
        let required = texts("required_parameters", value("required_parameters")).map_err(within)?;
        for list in ["mfa_methods", "subscribe_event_types"] {
            texts(list, value(list)).map_err(within)?;
        }
        let allowed = parameters("allowed_parameters", value("allowed_parameters")).map_err(within)?;
        let denied = parameters("denied_parameters", value("denied_parameters")).map_err(within)?;
        self.without_effect.extend(WITHOUT_EFFECT.into_iter().filter(|name| value(name).is_some()));

        let mut capabilities =
            old_capabilities(old_policy).ok_or_else(|| within(format!("invalid policy {old_policy:?}")))?;
        for name in names {
            // Behind a `deny` nothing is read any more (Vault).
            if capabilities.have(Capability::Deny) {
                break;
            }
            let capability = Capability::of(name);
            capabilities.add(capability.ok_or_else(|| within(format!("invalid capability {name:?}")))?);
        }
        if capabilities.have(Capability::Deny) {
            return Ok(Permissions { capabilities, ..Permissions::default() });
        }
        let min_wrapping_ttl = nanos("min_wrapping_ttl", value("min_wrapping_ttl"))?;
        let max_wrapping_ttl = nanos("max_wrapping_ttl", value("max_wrapping_ttl"))?;
        if max_wrapping_ttl != 0 && max_wrapping_ttl < min_wrapping_ttl {
            return Err("max_wrapping_ttl cannot be less than min_wrapping_ttl".to_owned());
        }
        let required = required.into_iter().map(str::to_lowercase).collect();
        Ok(Permissions { capabilities, allowed, denied, required, min_wrapping_ttl, max_wrapping_ttl })
    }
}

fn within(path: &str, why: &str) -> String {
    format!("path {path:?}: {why}")
}

/// Vault names every key that it does not know, in a list. So many are counted here, but not named.
fn check_keys(items: &Items, known: &[&str]) -> Result<(), String> {
    let wrong = || items.iter().filter(|item| !known.contains(&item.keys[0].text.as_str()));
    let count = wrong().count();
    let mut listed: Vec<String> = wrong()
        .take(limits::POLICY_KEYS_NAMED)
        .map(|item| format!("invalid key {:?} on line {}", item.keys[0].text, item.line))
        .collect();
    if count > listed.len() {
        listed.push(format!("and {} more", count - listed.len()));
    }
    match count {
        0 => Ok(()),
        1 => Err(format!("1 error occurred:\n\t* {}\n\n", listed.concat())),
        _ => Err(format!("{count} errors occurred:\n\t* {}\n\n", listed.join("\n\t* "))),
    }
}

fn first_twice(items: &Items) -> Option<&str> {
    let mut seen = BTreeSet::new();
    items.iter().map(|item| item.keys[0].text.as_str()).find(|key| !seen.insert(*key))
}

/// What the rights of Vault's first policies are called today.
fn old_capabilities(policy: &str) -> Option<Capabilities> {
    use Capability::{Create, Delete, Deny, List, Read, Sudo, Update};
    let all: &[Capability] = match policy {
        "" => &[],
        "deny" => &[Deny],
        "read" => &[Read, List],
        "write" => &[Create, Read, Update, Delete, List],
        "sudo" => &[Create, Read, Update, Delete, List, Sudo],
        _ => return None,
    };
    Some(all.iter().copied().collect())
}

fn texts<'v>(name: &str, value: Option<&'v Value>) -> Result<Vec<&'v str>, String> {
    let expected = || format!("{name}: expected a list of texts");
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::List(elements)) => elements
            .iter()
            .map(|element| match element {
                Value::Text(text) => Ok(text.as_str()),
                _ => Err(expected()),
            })
            .collect(),
        Some(_) => Err(expected()),
    }
}

fn parameters(name: &str, value: Option<&Value>) -> Result<Parameters, String> {
    let expected = || format!("{name}: expected an object of lists");
    let items = match value {
        None | Some(Value::Null) => return Ok(Parameters::new()),
        Some(Value::Object(items)) => items,
        Some(_) => return Err(expected()),
    };
    let mut parameters = Parameters::new();
    for item in items {
        let ([key], Value::List(values)) = (item.keys.as_slice(), &item.value) else {
            return Err(expected());
        };
        let parameter = key.text.to_lowercase();
        let values = Values::of(&parameter, values);
        if parameters.insert(parameter, values).is_some() {
            return Err(format!("{name}: key {:?} is set twice", key.text));
        }
    }
    Ok(parameters)
}

fn nanos(name: &str, value: Option<&Value>) -> Result<i64, String> {
    let text = match value {
        None | Some(Value::Null) => return Ok(0),
        Some(Value::Text(text)) => text.as_str(),
        Some(Value::Number(number)) => number,
        Some(_) => return Err(format!("error parsing {name}: could not parse duration from input")),
    };
    let nanos = parse_nanos(text).map_err(|why| format!("error parsing {name}: {why}"))?;
    if nanos < 0 {
        return Err(format!("error parsing {name}: cannot provide negative value '{text}'"));
    }
    Ok(i64::try_from(nanos).unwrap_or(i64::MAX))
}

/// The JSON form, as the items that the HCL form would have been read to. Lists of objects stand for repetitions.
fn items_of_json(text: &str) -> Result<Items, String> {
    let value = json::parse(text).map_err(|error| error.to_string())?;
    let mut items = Vec::new();
    for (key, value) in value.as_object().into_iter().flatten() {
        if key != "path" {
            let value = convert(value, 0).map_err(|why| format!("{key:?}: {why}"))?;
            items.push(Item { keys: vec![quoted(key)], value, line: 0 });
            continue;
        }
        for paths in one_or_more(value) {
            let paths = paths.as_object().ok_or("\"path\" must be an object")?;
            for (path, value) in paths {
                for value in one_or_more(value) {
                    let keys = vec![quoted(key), quoted(path)];
                    let value = convert(value, 0).map_err(|why| within(path, &why))?;
                    items.push(Item { keys, value, line: 0 });
                }
            }
        }
    }
    Ok(items)
}

fn one_or_more(value: &json::Value) -> &[json::Value] {
    value.as_array().unwrap_or(std::slice::from_ref(value))
}

fn quoted(text: &str) -> hcl::Key {
    hcl::Key { text: text.to_owned(), quoted: true }
}

fn convert(value: &json::Value, depth: usize) -> Result<Value, String> {
    if depth > limits::POLICY_DEPTH {
        return Err(format!("objects and lists are nested over {} deep", limits::POLICY_DEPTH));
    }
    Ok(match value {
        json::Value::Null => Value::Null,
        json::Value::Bool(value) => Value::Bool(*value),
        json::Value::Number(number) => Value::Number(number.text().into()),
        json::Value::String(text) => Value::Text(text.expose().clone()),
        json::Value::Array(elements) => {
            Value::List(elements.iter().map(|element| convert(element, depth + 1)).collect::<Result<_, _>>()?)
        }
        json::Value::Object(members) => {
            let item = |(key, value): (&str, &json::Value)| {
                Ok(Item { keys: vec![quoted(key)], value: convert(value, depth + 1)?, line: 0 })
            };
            Value::Object(members.iter().map(item).collect::<Result<_, String>>()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        read(text).expect_err(text)
    }

    fn only(text: &str) -> Stanza {
        let mut document = read(text).unwrap_or_else(|why| panic!("{text}: {why}"));
        assert_eq!(document.stanzas.len(), 1, "{text}");
        document.stanzas.remove(0)
    }

    #[test]
    fn both_forms_say_the_same() {
        let forms = [
            r#"path "/a/*" {
                comment = "text"
                policy = "read"
                capabilities = ["update", "sudo"]
                allowed_parameters = { "Policies" = ["dev*", 1, true], any = [] }
                denied_parameters { "x" = [] }
                required_parameters = ["Policies"]
                min_wrapping_ttl = "1m"
                max_wrapping_ttl = 600
            }"#,
            r#" {"path":{"/a/*":{"comment":"text","policy":"read","capabilities":["update","sudo"],
                "allowed_parameters":{"Policies":["dev*",1,true],"any":[]},"denied_parameters":{"x":[]},
                "required_parameters":["Policies"],"min_wrapping_ttl":"60","max_wrapping_ttl":"10m"}}}"#,
            r#"{"path":[{"/a/*":[{"policy":"read","capabilities":["update","sudo"],
                "allowed_parameters":{"POLICIES":["dev*",1,true],"Any":[]},"denied_parameters":{"X":[]},
                "required_parameters":["policies"],"min_wrapping_ttl":60,"max_wrapping_ttl":600}]}]}"#,
        ];
        let [first, others @ ..] = forms.map(only);
        assert_eq!(first.path, "a/*");
        assert_eq!(first.permissions.capabilities.names(), ["list", "read", "sudo", "update"]);
        assert_eq!(first.permissions.max_wrapping_ttl, 600_000_000_000);
        for other in others {
            assert_eq!((&other.path, &other.permissions), (&first.path, &first.permissions));
        }
    }

    #[test]
    fn deny_wipes_what_stands_beside_it() {
        for text in [
            r#"path "a" { capabilities = ["read", "deny", "fly"] min_wrapping_ttl = "x" required_parameters = ["y"] }"#,
            r#"path "a" { policy = "deny" capabilities = ["fly"] }"#,
        ] {
            let permissions = only(text).permissions;
            assert_eq!(permissions.capabilities.names(), ["deny"]);
            assert!(permissions.required.is_empty());
        }
    }

    #[test]
    fn texts_without_rules() {
        for text in ["   ", "# only a comment\n", "{}", "name = \"other\"", r#"{"name":"x","path":{}}"#] {
            assert!(read(text).expect(text).stanzas.is_empty(), "{text}");
        }
        assert_eq!(only(r#"path "a" {}"#).permissions, Permissions::default());
        assert_eq!(only(r#"path "" { capabilities = ["read"] }"#).path, "");
        let idle =
            read(r#"path "a" { mfa_methods = ["x"] control_group = { factor "y" {} } }"#).expect("read");
        assert_eq!(idle.without_effect, BTreeSet::from(["control_group", "mfa_methods"]));
    }

    #[test]
    fn what_is_wrong_is_said_in_vaults_words() {
        for (text, why) in [
            (r#"path "a" { capabilities = ["fly"] }"#, "path \"a\": invalid capability \"fly\""),
            (r#"path "a" { capabilities = ["READ"] }"#, "path \"a\": invalid capability \"READ\""),
            (r#"path "a" { policy = "fly" }"#, "path \"a\": invalid policy \"fly\""),
            (
                "path \"a\" {\n capabilties = [\"read\"] }",
                "1 error occurred:\n\t* path \"a\": invalid key \"capabilties\" on line 2\n\n",
            ),
            (
                "path \"a\" {\n x = 1\n y = 2 }",
                "2 errors occurred:\n\t* path \"a\": invalid key \"x\" on line 2\n\t* path \"a\": invalid key \"y\" on line 3\n\n",
            ),
            (r#"pth "a" {}"#, "1 error occurred:\n\t* invalid key \"pth\" on line 0\n\n"),
            (
                "x = 1\ny = 2",
                "2 errors occurred:\n\t* invalid key \"x\" on line 1\n\t* invalid key \"y\" on line 2\n\n",
            ),
            (
                r#"path = { "a" = { capabilities = ["read"] } }"#,
                "1 error occurred:\n\t* path \"path\": invalid key \"a\" on line 1\n\n",
            ),
            (r#"path "a+*" {}"#, "path \"a+*\": invalid use of wildcards ('+*' is forbidden)"),
            (
                r#"path "a" { min_wrapping_ttl = "2h" max_wrapping_ttl = "1h" }"#,
                "max_wrapping_ttl cannot be less than min_wrapping_ttl",
            ),
            (
                r#"path "a" { min_wrapping_ttl = "x" }"#,
                "error parsing min_wrapping_ttl: time: invalid duration \"x\"",
            ),
            (
                r#"path "a" { max_wrapping_ttl = "-5" }"#,
                "error parsing max_wrapping_ttl: cannot provide negative value '-5'",
            ),
            (r#"{"path":{"a":{"capabilities":["fly"]}}}"#, "path \"a\": invalid capability \"fly\""),
            (
                r#"path "a/{{identity.entity.id" {}"#,
                "path \"a/{{identity.entity.id\": failed to validate policy templating: unbalanced templating characters",
            ),
        ] {
            assert_eq!(refusal(text), why, "{text}");
        }
    }

    /// HCL's first version takes each of these, and takes it for something else than it looks like.
    #[test]
    fn malformed_stanzas_are_refused() {
        for text in [
            r#"path a { capabilities = ["read"] }"#,
            r#"path { capabilities = ["read"] }"#,
            r#"path "a" "b" { capabilities = ["read"] }"#,
            r#"path "a" { capabilities = ["read"] capabilities = ["list"] }"#,
            r#"path "a" { capabilities = "read" }"#,
            r#"path "a" { capabilities = ["deny"] required_parameters = 5 }"#,
            r#"path "a" { allowed_parameters = ["x"] }"#,
            r#"path "a" { allowed_parameters = { "x" = 1 } }"#,
            r#"path "a" { allowed_parameters = { "x" = [], "X" = [1] } }"#,
            r#"path "a" { comment = 5 }"#,
            "path = 5",
            "name = 5",
            r#"{"path":"#,
            r#"{"path":{"a":{}},"path":{"b":{}}}"#,
            r#"{"path":5}"#,
            r#"{"path":{"a":5}}"#,
            "[]",
        ] {
            let why = refusal(text);
            let placed = ["path ", "\"path\"", "\"name\"", "At 1:", "1 error occurred:"];
            assert!(
                placed.iter().any(|place| why.contains(place)) || why.contains(" column "),
                "{text}: {why}"
            );
        }
    }

    #[test]
    fn texts_and_paths_of_policies_are_bounded() {
        let sized = |size: usize| format!("#{}", "x".repeat(size - 1));
        assert!(read(&sized(limits::POLICY_BYTES)).is_ok());
        assert!(refusal(&sized(limits::POLICY_BYTES + 1)).contains("longer than"));
        let path = |length: usize| format!("path {:?} {{}}", "x".repeat(length));
        assert_eq!(only(&path(limits::NAME_BYTES)).path.len(), limits::NAME_BYTES);
        assert!(refusal(&path(limits::NAME_BYTES + 1)).contains("longer than"));
        let many: String = (0..1_000).map(|n| format!("k{n} = 1\n")).collect();
        let refused = refusal(&many);
        let rest = format!("\t* and {} more\n", 1_000 - limits::POLICY_KEYS_NAMED);
        assert!(refused.starts_with("1000 errors") && refused.contains(&rest), "{refused}");
        let deep = format!("{{\"name\":{}1{}}}", "[".repeat(60), "]".repeat(60));
        assert!(refusal(&deep).contains("deep"));
    }
}
