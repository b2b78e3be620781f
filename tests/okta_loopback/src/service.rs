//! From a request to its answer: recording, faults, rules, and the routes of Okta's API.

use crate::answer::Answer;
use crate::faults::{FaultKind, RateLimitVariant};
use crate::rates::{self, Bucket, Standing};
use crate::rules::Reply;
use crate::state::{Shared, locked, random_text};
use crate::{authn, factors, groups, rules, users};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Version, header};
use axum::routing::{get, post};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};
use tokio::sync::Notify;
use tower::ServiceExt;

/// No request of a sensible client is longer.
const REQUEST_BYTES: usize = 1 << 20;

/// The connection that a request came on.
#[derive(Clone)]
pub(crate) struct Peer {
    /// Counted from 1.
    pub number: u64,
    /// Tells the connection to go away at once.
    pub closing: Arc<Notify>,
}

impl Peer {
    /// Closes the connection instead of answering.
    pub async fn close(&self) -> Response<Body> {
        self.closing.notify_one();
        std::future::pending().await
    }
}

/// Seconds since 1970 on the server's clock.
pub(crate) fn now(okta: &Shared) -> i64 {
    okta.now_millis().div_euclid(1_000)
}

/// Okta's paths.
pub(crate) fn routes(okta: Arc<Shared>) -> Router {
    Router::new()
        .route("/api/v1/authn", post(authn::start))
        .route("/api/v1/authn/introspect", post(authn::introspect))
        .route("/api/v1/authn/previous", post(authn::previous))
        .route("/api/v1/authn/skip", post(authn::skip))
        .route("/api/v1/authn/cancel", post(authn::cancel))
        .route("/api/v1/authn/credentials/change_password", post(authn::change_password))
        .route("/api/v1/authn/factors/{id}/verify", post(factors::verify))
        .route("/api/v1/authn/factors/{id}/verify/resend", post(factors::resend))
        .route("/api/v1/users/{id}", get(users::read))
        .route("/api/v1/users/{id}/groups", get(groups::list))
        .fallback(async || Answer::no_such_path())
        .method_not_allowed_fallback(async || Answer::wrong_method())
        .with_state(okta)
}

/// Answers one request.
pub(crate) async fn answer<B>(
    okta: Arc<Shared>,
    router: Router,
    peer: Peer,
    request: Request<B>,
) -> Response<Body>
where
    B: hyper::body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(Body::new(body), REQUEST_BYTES).await else {
        return Answer::error(400, "E0000003", "The request body was not well-formed.", &[]).into();
    };
    let number = okta.record.call(&parts, &body, peer.number);
    // An error would mean that the server is gone.
    let _ = okta.held.subscribe().wait_for(|held| number <= *held).await;
    let Told { fault, reply, standing, refused } = told(&okta, &parts, &body);
    let lost = matches!(fault, Some(FaultKind::Lost));

    if let Some(fault) = fault
        && let Some(mut response) = fault.answer(&okta, &peer).await
    {
        usual_headers(&okta, response.headers_mut(), None);
        return response;
    }
    if let Some(reply) = reply {
        let mut response = match reply {
            Some(reply) => reply.answer(&okta.origin, &peer).await,
            None => rules::unscripted().into(),
        };
        usual_headers(&okta, response.headers_mut(), None);
        return response;
    }
    let mut response = if refused {
        rates::too_many(RateLimitVariant::Normal, now(&okta), Some(standing)).into()
    } else if let Some(complaint) = complaint(&parts, &body) {
        complaint.into()
    } else {
        let request = Request::from_parts(parts, Body::from(body));
        match router.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    };
    if lost {
        return peer.close().await;
    }
    usual_headers(&okta, response.headers_mut(), Some(standing));
    response
}

/// What a test wants to happen to a request.
struct Told {
    fault: Option<FaultKind>,
    /// With rules: the reply of the one that fits.
    reply: Option<Option<Reply>>,
    standing: Standing,
    /// Over the rate limit.
    refused: bool,
}

fn told(okta: &Shared, parts: &Parts, body: &[u8]) -> Told {
    let mut world = locked(&okta.world);
    let (method, path) = (parts.method.as_str(), parts.uri.path());
    let fault =
        world.faults.iter_mut().find_map(|fault| fault.strikes(method, path).then(|| fault.kind.clone()));
    let reply = world.rules.as_mut().map(|rules| rules.next(method, path, parts.uri.query(), body));
    let limit = world.settings.rate_limit;
    let (standing, refused) = world.rates.count(Bucket::of(path), limit, now(okta));
    Told { fault, reply, standing, refused }
}

/// What Okta says to a request whose headers do not fit its API.
fn complaint(parts: &Parts, body: &[u8]) -> Option<Answer> {
    let text = |name: HeaderName| parts.headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let is_json =
        |media: &str| media.split(';').next().is_some_and(|media| media.trim() == "application/json");
    if parts.method == Method::POST {
        let length = text(header::CONTENT_LENGTH).or(text(header::TRANSFER_ENCODING));
        if length.is_none() && parts.version <= Version::HTTP_11 && body.is_empty() {
            return Some(Answer::error(411, "E0000002", "The request was not valid: Length Required", &[]));
        }
        match text(header::CONTENT_TYPE) {
            Some(media) if is_json(media) => {}
            Some(_) => {
                let text =
                    "Bad request.  Accept and/or Content-Type headers likely do not match supported values.";
                return Some(Answer::error(400, "E0000021", text, &[]));
            }
            None => return Some(headers_not_set()),
        }
    }
    match text(header::ACCEPT) {
        None => Some(headers_not_set()),
        Some(accept) => {
            let fits = accept.split(',').any(|media| {
                is_json(media)
                    || matches!(media.split(';').next().map(str::trim), Some("*/*" | "application/*"))
            });
            (!fits).then(|| {
                let text = "The Accept header does not allow application/json.";
                Answer::error(406, "E0000122", text, &[])
            })
        }
    }
}

fn headers_not_set() -> Answer {
    let text = "Bad request.  Accept and/or Content-Type headers are likely not set.";
    Answer::error(400, "E0000018", text, &[])
}

/// The headers on every answer, where it does not bring its own.
fn usual_headers(okta: &Shared, headers: &mut HeaderMap, standing: Option<Standing>) {
    let seconds = u64::try_from(now(okta)).unwrap_or_default();
    let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
    let mut set = |name: HeaderName, value: String| {
        if !headers.contains_key(&name)
            && let Ok(value) = HeaderValue::try_from(value)
        {
            headers.insert(name, value);
        }
    };
    set(header::DATE, date);
    set(HeaderName::from_static("x-okta-request-id"), random_text(27));
    if let Some(standing) = standing {
        let limited = headers.contains_key("x-rate-limit-limit");
        let mut set = |name: &'static str, value: i64| {
            if !limited {
                headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
            }
        };
        set("x-rate-limit-limit", standing.limit.into());
        set("x-rate-limit-remaining", standing.remaining.into());
        set("x-rate-limit-reset", standing.reset);
    }
}
