//! Random policies and requests: the compiled engine decides as the plain reading does. `OKTA_AUTH_DECISIONS` says how
//! many, `OKTA_AUTH_SEED` from where on.

use super::reading::{self, Bearer, OneForm, Question, Stanza};
use okta_auth::deadline::{Cancel, Deadline};
use okta_auth::json;
use okta_auth::policy::{Acl, Asked, Attribute, Attributes, Capability, Form, Policy};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn the_engine_decides_as_the_plain_reading_does() {
    let number =
        |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().expect("a number"));
    let (decisions, seed) = (number("OKTA_AUTH_DECISIONS", 20_000), number("OKTA_AUTH_SEED", 1));
    let mut allowed = 0;
    for round in seed..seed + decisions / QUESTIONS {
        let mut random = Random(round);
        let policies: Vec<Vec<Stanza>> = (0..1 + random.below(3)).map(|_| random.policy()).collect();
        let who = random.maybe(80).then(|| Bearer { name: random.pick(NAMES), id: random.pick(NAMES) });
        let compile = |(number, stanzas): (usize, &Vec<Stanza>)| {
            let text =
                if (round + number as u64).is_multiple_of(3) { in_json(stanzas) } else { in_hcl(stanzas) };
            let compiled = Policy::compile(&format!("p{number}"), &text);
            Arc::new(compiled.unwrap_or_else(|why| panic!("{why}: {text}")).0)
        };
        let acl = Acl::new(policies.iter().enumerate().map(compile).collect());
        for _ in 0..QUESTIONS {
            let question = random.question();
            let expected = reading::read(&policies, who, &question);
            allowed += u64::from(expected.allowed);
            let got = ask(&acl, who, &question);
            assert_eq!(got, expected, "round {round}, {who:?}, {question:?}, {policies:#?}");
        }
    }
    assert!((decisions / 50..decisions / 2).contains(&allowed), "{allowed} of {decisions} are allowed");
}

/// Of one set of policies.
const QUESTIONS: u64 = 10;
const NAMES: &[&str] = &["a", "b", "B", "ab", "a/b", "*", "+", "+a", "a+", "..", "é", "É", "ſ", ""];
const OPERATIONS: &[&str] = &["create", "read", "update", "delete", "list", "patch"];

impl Attributes for Bearer {
    fn attribute(&self, attribute: &Attribute) -> Option<&str> {
        match attribute {
            Attribute::EntityName => Some(self.name),
            Attribute::EntityId => Some(self.id),
            _ => None,
        }
    }
}

fn ask(acl: &Acl, who: Option<Bearer>, question: &Question) -> reading::Verdict {
    let who = who.as_ref().map(|who| who as &dyn Attributes);
    let text = Value::from_iter(question.data.clone()).to_string();
    let data = json::parse(&text).expect("JSON");
    let one_form = question.one_form.as_ref().map(|form| match form {
        OneForm::AnyCase => Form::of_any_case(&question.path),
        OneForm::Path(path) => Form::exact(path.clone()),
        OneForm::Folder(path) => Form::of_folder(path.clone()),
    });
    let asked = Asked {
        capability: Capability::of(question.operation),
        path: &question.path,
        data: data.as_object().expect("an object"),
        fields: &[],
        wrap_ttl: question.wrap_ttl,
        protected: question.protected,
        one_form: one_form.as_ref(),
    };
    let deadline = Deadline::after(Duration::from_secs(60), Cancel::default());
    let decision = acl.decide(&asked, who, &deadline).expect("decided in time");
    reading::Verdict {
        allowed: decision.allowed,
        rule: decision.rule.map(|rule| rule.to_string()),
        capabilities: acl.capabilities(&question.path, one_form.as_ref(), who),
    }
}

fn in_hcl(stanzas: &[Stanza]) -> String {
    let list = |values: &[Value]| Value::from(values).to_string();
    let lists = |name: &str, lists: &[(String, Vec<Value>)]| {
        let members = lists.iter().map(|(name, values)| format!("{name:?} = {}\n", list(values)));
        if lists.is_empty() {
            String::new()
        } else {
            format!("{name} = {{ {} }}\n", members.collect::<String>())
        }
    };
    let ttl =
        |name: &str, ttl: Option<i64>| ttl.map_or(String::new(), |ttl| format!("{name} = \"{ttl}s\"\n"));
    let one = |stanza: &Stanza| {
        let Stanza { path, policy, capabilities, allowed, denied, required, min_ttl, max_ttl } = stanza;
        let min = ttl("min_wrapping_ttl", *min_ttl) + &ttl("max_wrapping_ttl", *max_ttl);
        let parameters = lists("allowed_parameters", allowed) + &lists("denied_parameters", denied);
        let policy = if policy.is_empty() { String::new() } else { format!("policy = {policy:?}\n") };
        format!(
            "path {path:?} {{\n{policy}capabilities = {capabilities:?}\n{parameters}required_parameters = {required:?}\n{min}}}\n"
        )
    };
    stanzas.iter().map(one).collect()
}

fn in_json(stanzas: &[Stanza]) -> String {
    let mut paths = Map::new();
    for stanza in stanzas {
        let mut object =
            json!({ "capabilities": stanza.capabilities, "required_parameters": stanza.required });
        if !stanza.policy.is_empty() {
            object["policy"] = json!(stanza.policy);
        }
        for (name, lists) in [("allowed_parameters", &stanza.allowed), ("denied_parameters", &stanza.denied)]
        {
            object[name] = Value::from_iter(lists.iter().cloned());
        }
        for (name, ttl) in [("min_wrapping_ttl", stanza.min_ttl), ("max_wrapping_ttl", stanza.max_ttl)] {
            if let Some(ttl) = ttl {
                object[name] = json!(ttl);
            }
        }
        let list = paths.entry(&stanza.path).or_insert_with(|| json!([]));
        list.as_array_mut().expect("a list").push(object);
    }
    json!({ "path": paths }).to_string()
}

/// SplitMix64
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn maybe(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    fn policy(&mut self) -> Vec<Stanza> {
        let mut stanzas: Vec<Stanza> = (0..1 + self.below(8)).map(|_| self.stanza()).collect();
        stanzas.retain(|stanza| !stanza.path.contains("+*"));
        stanzas
    }

    fn stanza(&mut self) -> Stanza {
        let path = self.rule_path();
        let mut capabilities: Vec<&'static str> = Vec::new();
        for name in OPERATIONS.iter().chain(&["sudo"]) {
            if self.maybe(45) {
                capabilities.push(name);
            }
        }
        let mut stanza = Stanza { path, capabilities, ..Stanza::default() };
        if self.maybe(25) {
            stanza.policy = self.pick(&["read", "write", "sudo"]);
            stanza.capabilities.truncate(self.below(3) as usize);
        }
        // Whatever stands before and behind it.
        if self.maybe(8) {
            let place = self.below(stanza.capabilities.len() as u64 + 1) as usize;
            stanza.capabilities.insert(place, "deny");
        } else if self.maybe(4) {
            stanza.policy = "deny";
        }
        if self.maybe(30) {
            stanza.allowed = self.lists();
        }
        if self.maybe(30) {
            stanza.denied = self.lists();
        }
        if self.maybe(10) {
            stanza.required.push(self.pick(&["x", "Y", "policies"]).to_owned());
        }
        if self.maybe(10) {
            stanza.min_ttl = Some(self.pick(&[1, 5]));
        }
        if self.maybe(10) {
            stanza.max_ttl = Some(self.pick(&[5, 10]));
        }
        if stanza.policy == "deny" || stanza.capabilities.contains(&"deny") {
            // Not even looked at.
            stanza.max_ttl = stanza.min_ttl.map(|min| min - 1);
        }
        stanza
    }

    fn rule_path(&mut self) -> String {
        // Rules of one path have to be merged, and questions to hit them.
        if self.maybe(30) {
            return self.pick(&["a/b", "a/*", "a/+", "A/b", "a/B*", "é/s", "É/*", "é/ſ*"]).to_owned();
        }
        let segments = [
            "a",
            "b",
            "ab",
            "A",
            "aB",
            "+",
            "+",
            "a+",
            "+b",
            "",
            "é",
            "É",
            "ſ",
            "\u{212a}k",
            "{{identity.entity.name}}",
            "{{identity.entity.id}}",
            "a{{identity.entity.id}}+",
        ];
        let mut path = if self.maybe(10) { "/".to_owned() } else { String::new() };
        for place in 0..1 + self.below(4) {
            if place > 0 {
                path.push('/');
            }
            path.push_str(self.pick(&segments));
        }
        path.push_str(self.pick(&["", "", "*", "/", "/*", "**"]));
        path
    }

    fn lists(&mut self) -> Vec<(String, Vec<Value>)> {
        let mut lists: Vec<(String, Vec<Value>)> = Vec::new();
        for name in ["x", "Y", "policies", "*"] {
            if self.maybe(40) {
                let values = (0..self.below(3)).map(|_| self.wanted()).collect();
                lists.push((name.to_owned(), values));
            }
        }
        lists
    }

    fn wanted(&mut self) -> Value {
        let texts = ["good", "g*", "*d", "*oo*", "bad", "*", "**", "", "GOOD"];
        match self.below(10) {
            0 => json!(1),
            1 => json!(2.5),
            2 => json!(true),
            3 => json!(["good"]),
            _ => json!(self.pick(&texts)),
        }
    }

    fn question(&mut self) -> Question {
        let mut path = String::new();
        for place in 0..1 + self.below(4) {
            if place > 0 {
                path.push('/');
            }
            path.push_str(
                self.pick(&["a", "b", "ab", "A", "aB", "+b", "a+", "+", "é", "É", "s", "kK", "aé+"]),
            );
        }
        if self.maybe(30) {
            path = self.pick(&["a/b", "A/b", "é/s", "É/S", "É/ſs"]).to_owned();
        }
        let operation = self.pick(OPERATIONS);
        if operation == "list" || self.maybe(20) {
            path.push('/');
        }
        let one_form = match self.below(10) {
            0..4 => Some(OneForm::AnyCase),
            4 => path.strip_suffix('/').map(|path| OneForm::Path(path.to_owned())),
            5 => path.strip_suffix('/').map(|path| OneForm::Folder(path.to_owned())),
            _ => None,
        };
        let mut question = Question {
            operation,
            path,
            data: Default::default(),
            wrap_ttl: if self.maybe(40) { Some(self.pick(&[1, 4, 5, 10, 11])) } else { None },
            protected: self.maybe(10),
            one_form,
        };
        for name in ["x", "X", "y", "Y", "policies", "Policies", "z"] {
            if self.maybe(12) {
                let value = self.given();
                question.data.insert(name.to_owned(), value);
            }
        }
        question
    }

    fn given(&mut self) -> Value {
        let values = [
            json!("good"),
            json!("bad"),
            json!("good,bad"),
            json!("good, good"),
            json!(""),
            json!("GOOD"),
            json!(" bad"),
            json!("*"),
            json!("mood"),
            json!(["good"]),
            json!(["good", "bad"]),
            json!([]),
            json!([" Bad"]),
            json!(1),
            json!(1.0),
            json!(2.5),
            json!(true),
            json!(null),
            json!({ "k": 1 }),
            json!(["good", 1]),
            json!([["good"]]),
        ];
        values[self.below(values.len() as u64) as usize].clone()
    }
}
