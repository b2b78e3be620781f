//! A plain reading of how Vault decides by ACL policies, for comparison: all rules in one list, every rule compared
//! with the path, every pair of rules with each other. Nothing is prepared and nothing is fast.

use serde_json::Value;
use std::collections::BTreeMap;

/// One `path "…" { … }`.
#[derive(Clone, Debug, Default)]
pub struct Stanza {
    pub path: String,
    /// The older way to write capabilities; empty where there is none.
    pub policy: &'static str,
    pub capabilities: Vec<&'static str>,
    pub allowed: Vec<(String, Vec<Value>)>,
    pub denied: Vec<(String, Vec<Value>)>,
    pub required: Vec<String>,
    pub min_ttl: Option<i64>,
    pub max_ttl: Option<i64>,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    pub operation: &'static str,
    pub path: String,
    pub data: BTreeMap<String, Value>,
    pub wrap_ttl: Option<i64>,
    pub protected: bool,
    pub one_form: Option<OneForm>,
}

/// What a path is also asked about, as this library does where it takes several for one.
#[derive(Clone, Debug)]
pub enum OneForm {
    /// All paths that differ from it in letter case only.
    AnyCase,
    /// This one.
    Path(String),
    /// This one, for all but listings.
    Folder(String),
}

/// What the rules say.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    pub allowed: bool,
    pub rule: Option<String>,
    pub capabilities: Vec<&'static str>,
}

/// Who asks, as far as templates know him.
#[derive(Clone, Copy, Debug)]
pub struct Bearer {
    pub name: &'static str,
    pub id: &'static str,
}

/// Reads the rules of all policies for a bearer, who may be nobody.
pub fn read(policies: &[Vec<Stanza>], who: Option<Bearer>, question: &Question) -> Verdict {
    let (rules, is_listing) = (merged(policies, who, str::to_owned), question.operation == "list");
    let mut decided = winner(&rules, &question.path, is_listing);
    let for_listing = winner(&rules, &question.path, true);
    let lowered = merged(policies, who, folded);
    let meant = |is_listing| match &question.one_form {
        None => None,
        Some(OneForm::AnyCase) => winner(&lowered, &folded(&question.path), is_listing),
        Some(OneForm::Folder(_)) if is_listing => None,
        Some(OneForm::Path(path) | OneForm::Folder(path)) => winner(&rules, path, is_listing),
    };
    let other = meant(is_listing);
    if let (Some(rule), Some(other)) = (decided, other)
        && allows(rule, question)
        && !allows(other, question)
    {
        decided = Some(other);
    }
    Verdict {
        allowed: decided.is_some_and(|rule| allows(rule, question)),
        rule: decided.map(|rule| rule.path.clone()),
        capabilities: for_listing.map_or(vec!["deny"], |rule| {
            let stays = |name: &&str| meant(*name == "list").is_none_or(|other| shown(other).contains(name));
            let names: Vec<_> = shown(rule).into_iter().filter(stays).collect();
            if names.is_empty() { vec!["deny"] } else { names }
        }),
    }
}

/// Character by character: all that share an upper case are one.
fn folded(text: &str) -> String {
    let only = |mut all: Vec<char>, other: char| if all.len() == 1 { all.remove(0) } else { other };
    let fold = |c: char| {
        let upper = only(c.to_uppercase().collect(), c);
        only(upper.to_lowercase().collect(), upper)
    };
    text.chars().map(fold).collect()
}

fn shown(rule: &Stanza) -> Vec<&'static str> {
    let mut names = rule.capabilities.clone();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() || names.contains(&"deny") { vec!["deny"] } else { names }
}

const NAME: &str = "{{identity.entity.name}}";
const ID: &str = "{{identity.entity.id}}";

fn merged(policies: &[Vec<Stanza>], who: Option<Bearer>, spell: fn(&str) -> String) -> Vec<Stanza> {
    let mut rules: Vec<Stanza> = Vec::new();
    for stanza in policies.iter().flatten() {
        let mut stanza = stanza.clone();
        stanza.capabilities.extend(match stanza.policy {
            "deny" => &["deny"][..],
            "read" => &["read", "list"],
            "write" => &["create", "read", "update", "delete", "list"],
            "sudo" => &["create", "read", "update", "delete", "list", "sudo"],
            _ => &[],
        });
        if stanza.path.contains("{{") {
            let Some(who) = who else { continue };
            match resolved(&stanza.path, who) {
                Some(path) if path.is_empty() => continue,
                Some(path) => stanza.path = path,
                None if stanza.capabilities.contains(&"deny") => {
                    let before_name = stanza.path.split("{{").next().unwrap_or_default();
                    let before_plus = before_name.split('+').next().unwrap_or_default();
                    stanza.path = format!("{before_plus}*");
                }
                None => continue,
            }
        }
        if let Some(path) = stanza.path.strip_prefix('/') {
            stanza.path = path.to_owned();
        }
        stanza.path = spell(&stanza.path);
        match rules.iter_mut().find(|rule| rule.path == stanza.path) {
            Some(rule) => add(rule, stanza),
            None => rules.push(stanza),
        }
    }
    rules
}

/// A template with its values put in, one after the other: empty where one is missing, none where it leads elsewhere.
fn resolved(template: &str, who: Bearer) -> Option<String> {
    let mut path = template.to_owned();
    while let Some(place) = path.find("{{") {
        let (placeholder, value) =
            if path[place..].starts_with(NAME) { (NAME, who.name) } else { (ID, who.id) };
        if value.is_empty() {
            return Some(String::new());
        }
        if !could_stand_in_a_path(value) {
            return None;
        }
        path.replace_range(place..place + placeholder.len(), value);
    }
    (!path.contains("+*")).then_some(path)
}

fn could_stand_in_a_path(name: &str) -> bool {
    let wrong = ["/", "*", ".."].iter().any(|part| name.contains(part));
    !(wrong || name.is_empty() || name.starts_with('+') || name.starts_with('.'))
}

fn add(rule: &mut Stanza, other: Stanza) {
    if rule.capabilities.contains(&"deny") || other.capabilities.contains(&"deny") {
        *rule = Stanza { path: rule.path.clone(), capabilities: vec!["deny"], ..Stanza::default() };
        return;
    }
    rule.capabilities.extend(other.capabilities);
    rule.required.extend(other.required);
    for (lists, others) in [(&mut rule.allowed, other.allowed), (&mut rule.denied, other.denied)] {
        for (name, values) in others {
            match lists.iter_mut().find(|(held, _)| held.eq_ignore_ascii_case(&name)) {
                None => lists.push((name, values)),
                Some((_, held)) if held.is_empty() || values.is_empty() => *held = Vec::new(),
                Some((_, held)) => held.extend(values),
            }
        }
    }
    let smaller = |one: Option<i64>, other: Option<i64>| [one, other].into_iter().flatten().min();
    rule.min_ttl = smaller(rule.min_ttl, other.min_ttl);
    rule.max_ttl = smaller(rule.max_ttl, other.max_ttl);
}

fn winner<'r>(rules: &'r [Stanza], path: &str, is_listing: bool) -> Option<&'r Stanza> {
    let is_plain = |rule: &&Stanza| !rule.path.ends_with('*') && !has_segments(&rule.path);
    let exactly = |path: &str| rules.iter().filter(is_plain).find(|rule| rule.path == path);
    let best = |path: &str| {
        // A shorter prefix is no candidate beside a longer one.
        let candidates = rules.iter().filter(|rule| !is_plain(rule) && fits(&rule.path, path));
        candidates.fold(None, |held: Option<&Stanza>, rule| match held {
            Some(held) if beats(&held.path, &rule.path) => Some(held),
            _ => Some(rule),
        })
    };
    let folder = path.strip_suffix('/');
    exactly(path)
        .or_else(|| exactly(folder?).filter(|_| is_listing))
        .or_else(|| best(folder?).filter(|_| is_listing))
        .or_else(|| best(path))
}

fn has_segments(path: &str) -> bool {
    path == "+" || path.starts_with("+/") || path.contains("/+")
}

fn fits(rule: &str, path: &str) -> bool {
    if !has_segments(rule) {
        return path.starts_with(&rule[..rule.len() - 1]);
    }
    let (wanted, open) = rule.strip_suffix('*').map_or((rule, false), |rule| (rule, true));
    let wanted: Vec<&str> = wanted.split('/').collect();
    let given: Vec<&str> = path.split('/').collect();
    if given.len() < wanted.len() || (given.len() > wanted.len() && !open) {
        return false;
    }
    wanted.iter().enumerate().all(|(place, segment)| {
        let last = open && place == wanted.len() - 1;
        *segment == "+" || *segment == given[place] || (last && given[place].starts_with(segment))
    })
}

/// The five rules of priority, one after the other.
fn beats(one: &str, other: &str) -> bool {
    let wildcard = |rule: &str| {
        let plus = rule.find('+').filter(|_| has_segments(rule));
        plus.unwrap_or(rule.len() - 1)
    };
    if wildcard(one) != wildcard(other) {
        return wildcard(one) > wildcard(other);
    }
    let is_open = |rule: &str| rule.ends_with('*');
    if is_open(one) != is_open(other) {
        return is_open(other);
    }
    let pluses = |rule: &str| rule.split('/').filter(|segment| *segment == "+").count();
    if pluses(one) != pluses(other) {
        return pluses(one) < pluses(other);
    }
    if one.len() != other.len() {
        return one.len() > other.len();
    }
    one > other
}

fn allows(rule: &Stanza, question: &Question) -> bool {
    if !rule.capabilities.contains(&question.operation) || rule.capabilities.contains(&"deny") {
        return false;
    }
    if question.protected && !rule.capabilities.contains(&"sudo") {
        return false;
    }
    let ttl = question.wrap_ttl;
    if rule.min_ttl.is_some_and(|min| ttl.is_none_or(|ttl| ttl < min))
        || rule.max_ttl.is_some_and(|max| ttl.is_none_or(|ttl| ttl > max))
    {
        return false;
    }
    if ["list", "delete"].contains(&question.operation) {
        return true;
    }
    let data = &question.data;
    if rule.required.iter().any(|name| !data.contains_key(&name.to_lowercase())) {
        return false;
    }
    if data.is_empty() {
        return true;
    }
    let about = |lists: &'_ [(String, Vec<Value>)], name: &str| {
        lists.iter().find(|(held, _)| held.eq_ignore_ascii_case(name)).map(|(_, values)| values.clone())
    };
    if about(&rule.denied, "*").is_some() {
        return false;
    }
    for (name, value) in data {
        if about(&rule.denied, name).is_some_and(|values| denies(&values, name, value)) {
            return false;
        }
    }
    if rule.allowed.is_empty() || (rule.allowed.len() == 1 && about(&rule.allowed, "*").is_some()) {
        return true;
    }
    data.iter().all(|(name, value)| match about(&rule.allowed, name) {
        None => about(&rule.allowed, "*").is_some(),
        Some(values) => values.is_empty() || permits(&values, name, value),
    })
}

fn split(text: &str) -> Vec<Value> {
    if text.is_empty() { Vec::new() } else { text.split(',').map(|piece| piece.trim().into()).collect() }
}

fn denies(values: &[Value], name: &str, value: &Value) -> bool {
    let mut all = vec![value.clone()];
    match value {
        Value::Array(elements) => all.extend(elements.iter().cloned()),
        Value::String(text) => all.extend(split(text)),
        _ => {}
    }
    let any = |all: &[Value], values: &[Value]| {
        all.iter().any(|value| values.iter().any(|wanted| is_like(wanted, value)))
    };
    let by_name = hold_names(name) && {
        let lower = |values: &[Value]| -> Vec<Value> {
            values.iter().filter_map(Value::as_str).map(|text| text.trim().to_lowercase().into()).collect()
        };
        any(&lower(&all), &lower(values))
    };
    values.is_empty() || any(&all, values) || by_name
}

fn hold_names(parameter: &str) -> bool {
    let lists = ["policies", "token_policies", "allowed_policies", "disallowed_policies", "groups"];
    lists.contains(&parameter.to_lowercase().as_str())
}

fn permits(values: &[Value], name: &str, value: &Value) -> bool {
    let one = |value: &Value| values.iter().any(|wanted| is_like(wanted, value));
    match value {
        Value::Array(elements) => one(value) || elements.iter().all(one),
        // Of names each by itself, or `dev*` would stand for any behind a comma.
        Value::String(text) => (!hold_names(name) && one(value)) || split(text).iter().all(one),
        _ => one(value),
    }
}

fn is_like(wanted: &Value, value: &Value) -> bool {
    match (wanted, value) {
        (Value::String(pattern), Value::String(text)) if pattern.len() > 1 => {
            let inner = pattern.trim_matches('*');
            match (pattern.starts_with('*'), pattern.ends_with('*')) {
                (true, true) => text.contains(inner),
                (true, false) => text.ends_with(inner),
                (false, true) => text.starts_with(inner),
                (false, false) => text == pattern,
            }
        }
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(some), Value::Array(others)) => {
            some.len() == others.len() && some.iter().zip(others).all(|pair| is_equal(pair.0, pair.1))
        }
        _ => is_equal(wanted, value),
    }
}

fn is_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        _ => one == other,
    }
}
