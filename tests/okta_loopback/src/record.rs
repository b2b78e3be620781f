//! What the server was asked.

use crate::state::locked;
use axum::http::{HeaderMap, HeaderName, header};
use serde::Serialize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

/// Older calls are kept, newer ones only counted, once there are this many.
const CALLS_KEPT: usize = 100_000;

/// One request as it arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// The HTTP method.
    pub method: String,
    /// Path and query, as on the wire.
    pub path: String,
    /// The body as text; bytes that are no UTF-8 are replaced.
    pub body: String,
    /// The header, where sent.
    pub authorization: Option<String>,
    /// The header, where sent.
    pub content_type: Option<String>,
    /// The header, where sent.
    pub accept: Option<String>,
    /// The header, where sent; several lines are joined by `, `.
    pub x_forwarded_for: Option<String>,
    /// The header, where sent.
    pub user_agent: Option<String>,
    /// Which TLS connection it came on, counted from 1.
    pub connection: u64,
    /// `HTTP/1.1` or `HTTP/2.0`.
    pub version: String,
}

impl Call {
    /// The path without its query.
    pub fn path_alone(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// The body as JSON, null when it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// Counters that go on even when calls are not recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Requests of any kind.
    pub requests: u64,
    /// TLS connections whose handshake succeeded.
    pub connections: u64,
    /// TLS handshakes that failed.
    pub failed_handshakes: u64,
    /// Pushes sent to phones, first ones and repeated ones.
    pub pushes: u64,
    /// SMS, calls and e-mails sent.
    pub messages: u64,
}

#[derive(Default)]
pub(crate) struct Record {
    calls: Mutex<Vec<Call>>,
    arrived: Condvar,
    off: AtomicBool,
    requests: AtomicU64,
    connections: AtomicU64,
    failed_handshakes: AtomicU64,
    pub pushes: AtomicU64,
    pub messages: AtomicU64,
}

impl Record {
    pub fn switch(&self, on: bool) {
        self.off.store(!on, Ordering::Relaxed);
    }

    /// Counts a connection and gives its number.
    pub fn connection(&self) -> u64 {
        self.connections.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub fn failed_handshake(&self) {
        self.failed_handshakes.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a request, and keeps it while recording is on. Gives its number, counted from 1.
    pub fn call(&self, parts: &axum::http::request::Parts, body: &[u8], connection: u64) -> u64 {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        if self.off.load(Ordering::Relaxed) {
            return number;
        }
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let call = Call {
            method: parts.method.to_string(),
            path: path.to_owned(),
            body: String::from_utf8_lossy(body).into_owned(),
            authorization: text(&parts.headers, &header::AUTHORIZATION),
            content_type: text(&parts.headers, &header::CONTENT_TYPE),
            accept: text(&parts.headers, &header::ACCEPT),
            x_forwarded_for: text(&parts.headers, &HeaderName::from_static("x-forwarded-for")),
            user_agent: text(&parts.headers, &header::USER_AGENT),
            connection,
            version: format!("{:?}", parts.version),
        };
        let mut calls = locked(&self.calls);
        if calls.len() < CALLS_KEPT {
            calls.push(call);
        }
        self.arrived.notify_all();
        number
    }

    pub fn calls(&self) -> Vec<Call> {
        locked(&self.calls).clone()
    }

    pub fn take(&self) -> Vec<Call> {
        std::mem::take(&mut *locked(&self.calls))
    }

    /// Whether this many calls are there before the time is up.
    pub fn wait_for(&self, calls: usize, at_most: Duration) -> bool {
        let deadline = Instant::now() + at_most;
        let mut kept = locked(&self.calls);
        while kept.len() < calls {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else { return false };
            kept = match self.arrived.wait_timeout(kept, left) {
                Ok((kept, _)) => kept,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
        true
    }

    pub fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            requests: read(&self.requests),
            connections: read(&self.connections),
            failed_handshakes: read(&self.failed_handshakes),
            pushes: read(&self.pushes),
            messages: read(&self.messages),
        }
    }

    /// Forgets calls and counters, but not how many connections there were: their numbers stay unique.
    pub fn reset(&self) {
        locked(&self.calls).clear();
        self.switch(true);
        for counter in [&self.requests, &self.failed_handshakes, &self.pushes, &self.messages] {
            counter.store(0, Ordering::Relaxed);
        }
    }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let lines: Vec<_> =
        headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}
