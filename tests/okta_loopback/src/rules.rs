//! Scripted answers: the first rule that fits a request answers with its next reply, the last one repeats.
//! With rules set, the server keeps no state of its own.

use crate::answer::Answer;
use crate::service::Peer;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A match and its replies, in the form of the recorded transcripts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Which requests.
    #[serde(rename = "match")]
    pub matches: Match,
    /// What they are answered, one after the other; the last one repeats.
    pub replies: Vec<Reply>,
}

/// What a request must have. A member that is absent fits anything.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// The method.
    #[serde(default)]
    pub method: Option<String>,
    /// The path without query, as on the wire.
    #[serde(default)]
    pub path: Option<String>,
    /// The whole query.
    #[serde(default)]
    pub query: Option<String>,
    /// Members that the JSON body must have; it may have more.
    #[serde(default)]
    pub body: Option<Map<String, Value>>,
}

/// One answer. `<okta>` in header values, `body` and `raw` stands for the server's origin.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// HTTP status.
    #[serde(default = "ok")]
    pub status: u16,
    /// Header lines; a list is one line for each element.
    #[serde(default)]
    pub headers: Map<String, Value>,
    /// A JSON body.
    #[serde(default)]
    pub body: Option<Value>,
    /// A body as it stands, in place of `body`.
    #[serde(default)]
    pub raw: Option<String>,
    /// Close the connection without an answer.
    #[serde(default)]
    pub close: bool,
}

fn ok() -> u16 {
    200
}

/// The rules and how far each has come.
pub(crate) struct Rules(Vec<(Rule, usize)>);

impl Rules {
    pub fn new(rules: Vec<Rule>) -> Self {
        Self(rules.into_iter().map(|rule| (rule, 0)).collect())
    }

    /// The reply to a request; `None` where no rule fits.
    pub fn next(&mut self, method: &str, path: &str, query: Option<&str>, body: &[u8]) -> Option<Reply> {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let (rule, replied) =
            self.0.iter_mut().find(|(rule, _)| rule.matches.fits(method, path, query, &body))?;
        let reply = rule.replies.get(*replied).or(rule.replies.last())?.clone();
        *replied += 1;
        Some(reply)
    }
}

impl Match {
    fn fits(&self, method: &str, path: &str, query: Option<&str>, body: &Value) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted == method)
            && self.path.as_deref().is_none_or(|wanted| wanted == path)
            && self.query.as_deref().is_none_or(|wanted| Some(wanted) == query)
            && self.body.as_ref().is_none_or(|wanted| {
                wanted.iter().all(|(name, value)| body.get(name).is_some_and(|sent| sent == value))
            })
    }
}

impl Reply {
    /// The answer on the wire.
    pub(crate) async fn answer(self, origin: &str, peer: &Peer) -> Response<Body> {
        if self.close {
            return peer.close().await;
        }
        let text = match (self.raw, self.body) {
            (Some(raw), _) => raw,
            (None, Some(body)) => body.to_string(),
            (None, None) => String::new(),
        };
        let mut response = Response::new(Body::from(text.replace("<okta>", origin)));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_GATEWAY);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in self.headers {
            let Ok(name) = HeaderName::try_from(name) else { continue };
            headers.remove(&name);
            let lines = if let Value::Array(lines) = value { lines } else { vec![value] };
            for line in lines {
                let line = line.as_str().map_or_else(|| line.to_string(), str::to_owned);
                if let Ok(line) = HeaderValue::try_from(line.replace("<okta>", origin)) {
                    headers.append(&name, line);
                }
            }
        }
        response
    }
}

/// What a request gets that no rule fits.
pub(crate) fn unscripted() -> Answer {
    Answer::no_such_path()
}
