//! Answers of a server, or of something in front of it, that is not well.

use crate::answer::Answer;
use crate::rates;
use crate::service::{Peer, now};
use crate::state::Shared;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, StatusCode, header};
use hyper::body::Frame;
use serde::{Deserialize, Serialize};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Sleep, sleep};

/// What goes wrong, where, and how often.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Only this method; any when absent.
    #[serde(default)]
    pub method: Option<String>,
    /// The path without query; a `*` at its end stands for anything.
    pub path: String,
    /// How many requests pass before the first fault.
    #[serde(default)]
    pub after: u32,
    /// How many requests it strikes; all of them when absent.
    #[serde(default)]
    pub times: Option<u32>,
    /// What happens.
    pub kind: FaultKind,
}

/// The kinds of faults. All but `Delay` and `Lost` answer in place of Okta.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// 502 with a page of HTML.
    Html502,
    /// 200 with a page of HTML.
    Html200,
    /// 200 with half a JSON document, in an otherwise complete answer.
    TruncatedJson,
    /// 200 that ends, with its connection, before its Content-Length.
    CutBody,
    /// 200 with a body that comes byte by byte with this pause in milliseconds.
    SlowBody(u64),
    /// 200 with a body that never ends.
    EndlessBody,
    /// 200 without a body.
    EmptyBody,
    /// 307 to this URL, `<okta>` in it being the server itself.
    Redirect(String),
    /// The connection is closed without an answer.
    Close,
    /// 429 without asking the state.
    RateLimited(RateLimitVariant),
    /// An error of Okta: status and code.
    Error(u16, String),
    /// The answer waits for this many milliseconds; then it is an ordinary one.
    Delay(u64),
    /// There is never an answer.
    Hang,
    /// The request is carried out, and the connection is closed without an answer.
    Lost,
}

/// The ways in which 429 comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateLimitVariant {
    /// Reset in 30 s.
    Normal,
    /// Limit 0 and Remaining 0, as for too many concurrent requests.
    Zero,
    /// Two Reset headers: in 45 s and in 2 s.
    DuplicateReset,
    /// No Reset header.
    NoReset,
    /// A Reset that is over.
    Past,
    /// A Reset in ten years.
    FarFuture,
    /// A Reset in one second.
    Soon,
}

impl Fault {
    /// This fault for every request to a path.
    pub fn at(path: impl Into<String>, kind: FaultKind) -> Self {
        Self { method: None, path: path.into(), after: 0, times: None, kind }
    }

    /// The same, but only for the first `times` requests.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// The same, but only after `after` requests.
    pub fn after(mut self, after: u32) -> Self {
        self.after = after;
        self
    }

    /// Whether it strikes now; counts if so.
    pub(crate) fn strikes(&mut self, method: &str, path: &str) -> bool {
        let here = self.path.strip_suffix('*').map_or(path == self.path, |start| path.starts_with(start))
            && self.method.as_deref().is_none_or(|wanted| wanted == method);
        if !here || self.times == Some(0) {
            return false;
        }
        if self.after > 0 {
            self.after -= 1;
            return false;
        }
        self.times = self.times.map(|left| left - 1);
        true
    }
}

impl FaultKind {
    /// The faulty answer; `None` when an ordinary one is to follow.
    pub(crate) async fn answer(&self, okta: &Arc<Shared>, peer: &Peer) -> Option<Response<Body>> {
        const JSON: &str = r#"{"status":"SUCCESS","sessionToken":"201","_embedded":{"user":{"id":"00u1"}}}"#;
        let response = match self {
            Self::Html502 => html(StatusCode::BAD_GATEWAY),
            Self::Html200 => html(StatusCode::OK),
            Self::TruncatedJson => json_body(Body::from(&JSON[..JSON.len() / 2])),
            Self::CutBody => {
                let mut response = json_body(Body::new(CutBody(Some(Bytes::from_static(b"{\"status\":")))));
                response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(JSON.len()));
                response
            }
            Self::SlowBody(pause) => json_body(Body::new(SlowBody::new(JSON, Duration::from_millis(*pause)))),
            Self::EndlessBody => json_body(Body::new(EndlessBody)),
            Self::EmptyBody => json_body(Body::empty()),
            Self::Redirect(location) => {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
                let location = location.replace("<okta>", &okta.origin);
                if let Ok(location) = HeaderValue::try_from(location) {
                    response.headers_mut().insert(header::LOCATION, location);
                }
                response
            }
            Self::Close => peer.close().await,
            Self::RateLimited(variant) => rates::too_many(*variant, now(okta), None).into(),
            Self::Error(status, code) => Answer::error(*status, code, "A fault of the loopback", &[]).into(),
            Self::Delay(pause) => {
                sleep(Duration::from_millis(*pause)).await;
                return None;
            }
            Self::Hang => std::future::pending().await,
            Self::Lost => return None,
        };
        Some(response)
    }
}

fn html(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::from("<html><body>Bad Gateway</body></html>"));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}

fn json_body(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Some bytes, then an error, at which hyper drops the connection (HTTP/1.1) or resets the stream.
struct CutBody(Option<Bytes>);

impl hyper::body::Body for CutBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(Some(match self.0.take() {
            Some(bytes) => Ok(Frame::data(bytes)),
            None => Err(std::io::ErrorKind::BrokenPipe.into()),
        }))
    }
}

/// One byte, a pause, one byte, ...
struct SlowBody {
    rest: Bytes,
    pause: Duration,
    sleep: Pin<Box<Sleep>>,
}

impl SlowBody {
    fn new(text: &'static str, pause: Duration) -> Self {
        Self { rest: Bytes::from_static(text.as_bytes()), pause, sleep: Box::pin(sleep(pause)) }
    }
}

impl hyper::body::Body for SlowBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        if self.sleep.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.sleep = Box::pin(sleep(self.pause));
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(1)))))
    }
}

/// Blanks without end: they are JSON as far as they go.
struct EndlessBody;

impl hyper::body::Body for EndlessBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        const BLANKS: [u8; 16_384] = [b' '; 16_384];
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&BLANKS)))))
    }
}
