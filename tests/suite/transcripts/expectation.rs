//! What a step demands, after its marks have changed what was recorded.

use super::compare::{self, Bindings, Difference};
use super::scenario::OktaCall;
use serde_json::Value;

/// Our answer to a request.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

type Check<T> = Box<dyn Fn(&T) -> Result<(), String>>;

/// The demands on one answer.
pub struct Expectation {
    /// One of these.
    pub statuses: Vec<u16>,
    /// As recorded; `None`: free.
    pub body: Option<Value>,
    /// JSON pointers of objects that may have more members.
    pub open: Vec<&'static str>,
    /// A text that one more warning must have in it.
    pub warning: Option<&'static str>,
    /// What the body must satisfy besides.
    pub body_checks: Vec<Check<Answer>>,
    /// In this order; `None`: free.
    pub calls: Option<Vec<OktaCall>>,
    /// What the calls must satisfy besides.
    pub call_checks: Vec<Check<[OktaCall]>>,
    /// The X-Forwarded-For of the request may stand on more calls than recorded.
    pub forwarded_more: bool,
    /// Another set of demands that does as well.
    pub or: Option<Box<Expectation>>,
}

impl Expectation {
    /// As recorded. `calls` is `None` for a step in the middle of a background request.
    pub fn recorded(status: u16, body: Value, calls: Option<Vec<OktaCall>>) -> Self {
        Self { body: Some(body), calls, ..Self::status(&[status]) }
    }

    /// One of these statuses, everything else free.
    pub fn status(statuses: &[u16]) -> Self {
        Self {
            statuses: statuses.to_vec(),
            body: None,
            open: Vec::new(),
            warning: None,
            body_checks: Vec::new(),
            calls: None,
            call_checks: Vec::new(),
            forwarded_more: false,
            or: None,
        }
    }

    /// Replaces status and body.
    pub fn instead(&mut self, statuses: &[u16]) -> &mut Self {
        self.statuses = statuses.to_vec();
        self.body = None;
        self
    }

    /// One more demand on the answer.
    pub fn check(&mut self, check: impl Fn(&Answer) -> Result<(), String> + 'static) -> &mut Self {
        self.body_checks.push(Box::new(check));
        self
    }

    /// One more demand on the calls to Okta.
    pub fn check_calls(&mut self, check: impl Fn(&[OktaCall]) -> Result<(), String> + 'static) -> &mut Self {
        self.call_checks.push(Box::new(check));
        self
    }

    /// What is wrong with an answer; empty when nothing is. Binds placeholders only then.
    pub fn differences(
        &self,
        answer: &Answer,
        calls: &[OktaCall],
        bindings: &mut Bindings,
    ) -> Vec<Difference> {
        let mut trial = bindings.clone();
        let found = self.own_differences(answer, calls, &mut trial);
        if found.is_empty() {
            *bindings = trial;
            return found;
        }
        match &self.or {
            Some(other) if other.differences(answer, calls, bindings).is_empty() => Vec::new(),
            _ => found,
        }
    }

    fn own_differences(
        &self,
        answer: &Answer,
        calls: &[OktaCall],
        bindings: &mut Bindings,
    ) -> Vec<Difference> {
        let mut found = Vec::new();
        if !self.statuses.contains(&answer.status) {
            found.push(Difference(format!(
                "status: expected {:?}, got {} with {}",
                self.statuses, answer.status, answer.body
            )));
            if self.body.is_some() {
                return found;
            }
        }
        if let Some(expected) = &self.body {
            let mut body = answer.body.clone();
            if let Some(text) = self.warning
                && let Err(error) = take_warning(&mut body, text)
            {
                found.push(Difference(error));
            }
            found.extend(compare::bodies(expected, &body, &self.open, bindings));
        }
        let failed = self.body_checks.iter().filter_map(|check| check(answer).err());
        found.extend(failed.map(Difference));
        if let Some(expected) = &self.calls {
            found.extend(self.call_differences(expected, calls));
        }
        found.extend(self.call_checks.iter().filter_map(|check| check(calls).err()).map(Difference));
        found
    }

    fn call_differences(&self, expected: &[OktaCall], got: &[OktaCall]) -> Vec<Difference> {
        let shown = |calls: &[OktaCall]| -> Vec<String> {
            calls.iter().map(|call| format!("{} {}", call.method, call.path)).collect()
        };
        if shown(expected) != shown(got) {
            return vec![Difference(format!("calls: expected {:?}, got {:?}", shown(expected), shown(got)))];
        }
        let mut found = Vec::new();
        for (index, (expected, got)) in expected.iter().zip(got).enumerate() {
            if expected.body != got.body {
                found.push(Difference(format!(
                    "call {index}: expected body {}, got {}",
                    expected.body, got.body
                )));
            }
            for name in ["Authorization", "X-Forwarded-For"] {
                let (expected, got) = (expected.headers.get(name), got.headers.get(name));
                let more = name == "X-Forwarded-For" && self.forwarded_more && expected.is_none();
                if expected != got && !more {
                    found
                        .push(Difference(format!("call {index}: expected {name} {expected:?}, got {got:?}")));
                }
            }
        }
        found
    }
}

/// Takes the one warning with a text out of a body.
fn take_warning(body: &mut Value, text: &str) -> Result<(), String> {
    let Some(Value::Array(warnings)) = body.get_mut("warnings") else {
        return Err(format!("no warning with {text:?}: there are none"));
    };
    let of_interest = |warning: &Value| warning.as_str().is_some_and(|warning| warning.contains(text));
    let place =
        warnings.iter().position(of_interest).ok_or(format!("no warning with {text:?}: {warnings:?}"))?;
    warnings.remove(place);
    if warnings.is_empty() {
        body["warnings"] = Value::Null;
    }
    Ok(())
}

/// The first of `errors`.
pub fn first_error(answer: &Answer) -> &str {
    answer.body["errors"][0].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(status: u16, body: Value) -> Answer {
        Answer { status, body }
    }

    fn call(path: &str, authorization: Option<&str>) -> OktaCall {
        let headers = authorization.map(|value| ("Authorization".to_owned(), value.to_owned()));
        OktaCall {
            method: "POST".to_owned(),
            path: path.to_owned(),
            body: Value::Null,
            headers: headers.into_iter().collect(),
        }
    }

    #[test]
    fn status_body_and_calls_are_compared() {
        let demands = Expectation::recorded(200, json!({ "a": 1 }), Some(vec![call("/x", None)]));
        for (status, body, calls, differences) in [
            (200, json!({ "a": 1 }), vec![call("/x", None)], 0),
            (204, json!({ "a": 1 }), vec![call("/x", None)], 1),
            (200, json!({ "a": 2 }), vec![call("/x", None)], 1),
            (200, json!({ "a": 1 }), vec![call("/x", Some("SSWS t"))], 1),
            (200, json!({ "a": 1 }), vec![call("/y", None)], 1),
            (200, json!({ "a": 1 }), vec![], 1),
        ] {
            let found = demands.differences(&answer(status, body), &calls, &mut Bindings::default());
            assert_eq!(found.len(), differences, "{found:?}");
        }
    }

    #[test]
    fn one_more_warning() {
        let mut demands = Expectation::recorded(200, json!({ "warnings": null }), None);
        demands.warning = Some("api_token");
        for (warnings, right) in [
            (json!(["set api_token"]), true),
            (json!(null), false),
            (json!(["other"]), false),
            (json!(["set api_token", "other"]), false),
        ] {
            let got = answer(200, json!({ "warnings": warnings }));
            let found = demands.differences(&got, &[], &mut Bindings::default());
            assert_eq!(found.is_empty(), right, "{found:?}");
        }
    }

    #[test]
    fn either_of_two() {
        let mut demands = Expectation::recorded(204, Value::Null, None);
        let mut other = Expectation::status(&[400]);
        other.check(|answer| if first_error(answer).is_empty() { Err("no text".to_owned()) } else { Ok(()) });
        demands.or = Some(Box::new(other));
        for (got, right) in [
            (answer(204, Value::Null), true),
            (answer(400, json!({ "errors": ["x"] })), true),
            (answer(400, json!({ "errors": [] })), false),
        ] {
            assert_eq!(demands.differences(&got, &[], &mut Bindings::default()).is_empty(), right);
        }
    }
}
