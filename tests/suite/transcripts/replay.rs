//! Replays one scenario: sends its requests in order and judges each answer.

use super::compare::{Bindings, Difference};
use super::expectation::{Answer, Expectation};
use super::marks::{self, Context};
use super::scenario::{OktaCall, Request, Scenario, Step};
use okta_loopback::{Call, Okta};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a request in the background may take to come to the point where the scenario goes on.
const BACKGROUND: Duration = Duration::from_secs(30);

/// What the scenarios are replayed through.
pub trait Door: Send + Sync {
    /// Sends a request for others; status and body, or why there is no answer.
    fn request(&self, envelope: &Value) -> Result<(u16, Vec<u8>), String>;
    /// A token with the policy `root`, and its accessor.
    fn root_token(&self) -> Result<(String, String), String>;
    /// Moves its clock on.
    fn advance(&self, by: Duration);
}

/// How a step went.
#[derive(Debug)]
pub enum Verdict {
    /// As recorded.
    Compared,
    /// As its marks demand.
    Mended,
    /// Otherwise.
    Differs(Vec<Difference>),
    /// It could not be sent.
    Blocked(String),
}

/// A step that has its answer.
pub struct Done {
    pub request: Request,
    pub answer: Answer,
}

impl Done {
    /// The value of a member that a write to a path was accepted with.
    pub fn accepted(&self, path: &str, member: &str) -> Option<Value> {
        let write = matches!(self.request.method.as_str(), "POST" | "PUT") && self.request.path == path;
        let accepted = write && matches!(self.answer.status, 200 | 204);
        accepted.then(|| self.sent(member)).flatten()
    }

    /// The value of a member that was sent.
    pub fn sent(&self, member: &str) -> Option<Value> {
        self.request.data.as_ref()?.get(member).cloned()
    }
}

/// Replays a scenario; one verdict for each step.
pub fn replay(scenario: &Scenario, open: impl Fn(&Okta) -> Result<Arc<dyn Door>, String>) -> Vec<Verdict> {
    let okta = Okta::start();
    okta.set_rules(Some(scenario.okta.clone()));
    let opened = open(&okta).and_then(|door| door.root_token().map(|root| (door, root)));
    let (door, (token, accessor)) = match opened {
        Ok(opened) => opened,
        Err(error) => return scenario.steps.iter().map(|_| Verdict::Blocked(error.clone())).collect(),
    };
    okta.take_calls();
    let mut bindings = Bindings::default();
    bindings.bind("<token:root>", &token);
    bindings.bind("<accessor:root>", &accessor);
    let names = BTreeMap::from([
        ("<org>".to_owned(), okta.org().to_owned()),
        ("<base_url>".to_owned(), okta.base_url()),
    ]);
    let mut run =
        Run { okta, door, root: token, names, bindings, history: Vec::new(), running: HashMap::new() };
    scenario.steps.iter().map(|step| run.step(step)).collect()
}

struct Run {
    okta: Okta,
    door: Arc<dyn Door>,
    root: String,
    /// What stands for the names in requests: `<org>`, `${t}`, ...
    names: BTreeMap<String, String>,
    bindings: Bindings,
    history: Vec<Done>,
    running: HashMap<String, Background>,
}

struct Background {
    request: Request,
    thread: JoinHandle<Result<(u16, Vec<u8>), String>>,
}

impl Run {
    fn step(&mut self, step: &Step) -> Verdict {
        self.try_step(step).unwrap_or_else(Verdict::Blocked)
    }

    fn try_step(&mut self, step: &Step) -> Result<Verdict, String> {
        if let Some(pause) = step.sleep_before_ms {
            self.door.advance(Duration::from_millis(pause));
            self.okta.advance(Duration::from_millis(pause));
        }
        let (request, answer) = match (&step.awaits, &step.request) {
            (Some(name), _) => {
                self.okta.hold_after(None);
                let background = self.running.remove(name).ok_or(format!("{name} is not running"))?;
                let answer = background.thread.join().map_err(|_| format!("{name} panicked"))?;
                (background.request, answer?)
            }
            (None, Some(request)) => {
                let request = self.filled(request)?;
                let envelope = self.envelope(&request);
                if let Some(name) = &step.background {
                    self.start(name, request, envelope, step.after_okta_calls.unwrap_or_default())?;
                    return Ok(if step.mended.is_empty() { Verdict::Compared } else { Verdict::Mended });
                }
                let answer = self.door.request(&envelope)?;
                (request, answer)
            }
            (None, None) => return Err("neither request nor await".to_owned()),
        };
        let answer = Answer { status: answer.0, body: parsed(&answer.1) };
        for (name, pointer) in &step.capture {
            if let Some(Value::String(value)) = answer.body.pointer(pointer) {
                self.names.insert(format!("${{{name}}}"), value.clone());
            }
        }
        let verdict = self.judge(step, &request, &answer);
        self.history.push(Done { request, answer });
        verdict
    }

    fn judge(&mut self, step: &Step, request: &Request, answer: &Answer) -> Result<Verdict, String> {
        let recorded = step.response.as_ref().ok_or("no recorded answer")?;
        let calls = if step.okta_calls.is_some() { self.okta.take_calls() } else { Vec::new() };
        let calls: Vec<_> = calls.iter().map(received).collect();
        let mut body = recorded.body.clone();
        replace(&mut body, &|text| self.address(text));
        let mut demands = Expectation::recorded(recorded.status, body, step.okta_calls.clone());
        let context = Context { request, history: &self.history };
        for mark in &step.mended {
            marks::apply(mark, &mut demands, &context)?;
        }
        let found = demands.differences(answer, &calls, &mut self.bindings);
        Ok(match (found.is_empty(), step.mended.is_empty()) {
            (true, true) => Verdict::Compared,
            (true, false) => Verdict::Mended,
            (false, _) => Verdict::Differs(found),
        })
    }

    /// Sends a request on a thread of its own, and comes back when Okta has received so many calls of it and
    /// their answers have arrived: that is when the next call comes, which Okta does not answer yet.
    fn start(&mut self, name: &str, request: Request, envelope: Value, calls: usize) -> Result<(), String> {
        self.okta.take_calls();
        self.okta.hold_after(Some(calls));
        let door = self.door.clone();
        let thread = std::thread::spawn(move || door.request(&envelope));
        let deadline = Instant::now() + BACKGROUND;
        while !thread.is_finished() && !self.okta.wait_for_calls(calls + 1, Duration::from_millis(5)) {
            if Instant::now() > deadline {
                return Err(format!("{name} does not come to call {calls}"));
            }
        }
        self.running.insert(name.to_owned(), Background { request, thread });
        Ok(())
    }

    /// The request with all names filled in.
    fn filled(&self, request: &Request) -> Result<Request, String> {
        let mut request = request.clone();
        let fill = |text: &str| {
            self.names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
        };
        for text in [&mut request.path, &mut request.token]
            .into_iter()
            .chain(&mut request.query)
            .chain(&mut request.raw)
        {
            *text = fill(text);
        }
        for value in request.data.iter_mut().chain(request.headers.values_mut()) {
            replace(value, &fill);
        }
        // Debug text has every member in it.
        let shown = format!("{request:?}");
        match unfilled(&shown) {
            Some(name) => Err(format!("{name} was not captured")),
            None => Ok(request),
        }
    }

    fn address(&self, text: &str) -> String {
        let names = self.names.iter().filter(|(name, _)| name.starts_with('<'));
        names.fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }

    /// What `okta_auth_request` takes.
    fn envelope(&self, request: &Request) -> Value {
        let mut path = percent_encoded(&request.path);
        if let Some(query) = &request.query {
            path = format!("{path}?{query}");
        }
        let mut envelope = json!({ "method": request.method, "path": path, "remote_address": "127.0.0.1" });
        match request.token.as_str() {
            "none" => {}
            "root" => envelope["token"] = json!(self.root),
            token => envelope["token"] = json!(token),
        }
        if let Some(raw) = &request.raw {
            envelope["body"] = json!(raw);
        } else if let Some(data) = &request.data {
            envelope["data"] = data.clone();
        }
        if !request.headers.is_empty() {
            envelope["headers"] = Value::Object(request.headers.clone());
        }
        envelope
    }
}

/// `${name}` that is still there.
fn unfilled(text: &str) -> Option<&str> {
    let start = text.find("${")?;
    let end = text[start..].find('}')?;
    Some(&text[start..=start + end])
}

/// Replaces every text in a value.
fn replace(value: &mut Value, with: &impl Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = with(text),
        Value::Array(elements) => elements.iter_mut().for_each(|element| replace(element, with)),
        Value::Object(members) => members.values_mut().for_each(|member| replace(member, with)),
        _ => {}
    }
}

/// A path as on the wire.
fn percent_encoded(path: &str) -> String {
    path.bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                text.push(char::from(byte))
            }
            _ => write!(text, "%{byte:02X}").expect("a String takes everything"),
        }
        text
    })
}

/// A body as the transcripts show it: null when empty, a text when it is no JSON.
fn parsed(body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(body).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(body)))
}

/// A call as the transcripts show it, as far as it is compared.
fn received(call: &Call) -> OktaCall {
    let headers = [("Authorization", &call.authorization), ("X-Forwarded-For", &call.x_forwarded_for)];
    let headers = headers.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
    OktaCall {
        method: call.method.clone(),
        path: call.path.clone(),
        body: parsed(call.body.as_bytes()),
        headers: headers.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn paths_are_percent_encoded() {
        assert_eq!(percent_encoded("auth/okta/users/a b%ü"), "auth/okta/users/a%20b%25%C3%BC");
    }

    /// A door that notes what comes in and answers with what it is given.
    struct Echo {
        answers: Mutex<Vec<(u16, &'static str)>>,
        envelopes: Mutex<Vec<Value>>,
    }

    impl Door for Echo {
        fn request(&self, envelope: &Value) -> Result<(u16, Vec<u8>), String> {
            self.envelopes.lock().unwrap().push(envelope.clone());
            let (status, body) = self.answers.lock().unwrap().remove(0);
            Ok((status, body.as_bytes().to_vec()))
        }

        fn root_token(&self) -> Result<(String, String), String> {
            Ok(("hvs.root".to_owned(), "R".repeat(24)))
        }

        fn advance(&self, _: Duration) {}
    }

    #[test]
    fn names_are_filled_in_and_answers_judged() {
        let scenario: Scenario = serde_json::from_value(json!({
            "name": "x/y", "about": "", "vault": "", "okta": [],
            "steps": [
                { "request": { "method": "POST", "path": "a b", "token": "root", "data": { "at": "<org>.<base_url>" } },
                  "capture": { "t": "/auth/client_token" },
                  "response": { "status": 200, "body": { "auth": { "client_token": "<token:1>" } } }, "okta_calls": [] },
                { "request": { "method": "GET", "path": "c", "token": "${t}", "query": "list=true" },
                  "response": { "status": 200, "body": { "id": "<token:1>" } }, "okta_calls": [] },
                { "request": { "method": "GET", "path": "c", "token": "${u}" },
                  "response": { "status": 200, "body": null }, "okta_calls": [] },
                { "request": { "method": "GET", "path": "d", "token": "none", "raw": "{" },
                  "response": { "status": 204, "body": null }, "okta_calls": [] },
            ]
        }))
        .unwrap();
        let answers =
            vec![(200, r#"{"auth":{"client_token":"hvs.t"}}"#), (200, r#"{"id":"hvs.other"}"#), (204, "")];
        let echo = Arc::new(Echo { answers: Mutex::new(answers), envelopes: Mutex::default() });
        let verdicts = replay(&scenario, |_| Ok(echo.clone()));
        assert!(matches!(&verdicts[0], Verdict::Compared), "{:?}", verdicts[0]);
        assert!(matches!(&verdicts[1], Verdict::Differs(found) if found.len() == 1), "{:?}", verdicts[1]);
        assert!(matches!(&verdicts[2], Verdict::Blocked(text) if text == "${u} was not captured"));
        assert!(matches!(&verdicts[3], Verdict::Compared), "{:?}", verdicts[3]);
        let envelopes = echo.envelopes.lock().unwrap();
        assert_eq!((&envelopes[0]["path"], &envelopes[0]["token"]), (&json!("a%20b"), &json!("hvs.root")));
        assert!(envelopes[0]["data"]["at"].as_str().unwrap().starts_with("127.0.0.1:"));
        assert_eq!((&envelopes[1]["path"], &envelopes[1]["token"]), (&json!("c?list=true"), &json!("hvs.t")));
        assert_eq!((envelopes[2].get("token"), &envelopes[2]["body"]), (None, &json!("{")));
    }
}
