//! Answers in Okta's shape.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

/// A whole answer: status, body, and headers beside the usual ones.
pub(crate) struct Answer {
    pub status: u16,
    pub body: String,
    pub headers: Vec<(&'static str, String)>,
}

impl Answer {
    /// A JSON body.
    pub fn json(status: u16, body: &Value) -> Self {
        Self { status, body: body.to_string(), headers: Vec::new() }
    }

    /// Okta's error body.
    pub fn error(status: u16, code: &str, summary: &str, causes: &[&str]) -> Self {
        let causes: Vec<Value> = causes.iter().map(|cause| json!({ "errorSummary": cause })).collect();
        Self::json(
            status,
            &json!({ "errorCode": code, "errorSummary": summary, "errorLink": code,
                     "errorId": format!("oae{}", crate::state::random_text(12)), "errorCauses": causes }),
        )
    }

    /// One more header line.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Wrong password, unknown user, hidden lockout: one answer for all.
    pub fn authentication_failed() -> Self {
        Self::error(401, "E0000004", "Authentication failed", &[])
    }

    /// A state token or an API token that is not (any more) valid.
    pub fn invalid_token() -> Self {
        Self::error(401, "E0000011", "Invalid token provided", &[])
    }

    /// The right token, but not the operation for its state. Okta repeats the text as the only cause.
    pub fn wrong_state() -> Self {
        let text = "This operation is not allowed in the current authentication state.";
        Self::error(403, "E0000079", text, &[text])
    }

    /// Something that does not exist; `what` as in `00u1 (User)`.
    pub fn not_found(what: &str) -> Self {
        Self::error(404, "E0000007", &format!("Not found: Resource not found: {what}"), &[])
    }

    /// A path that does not exist.
    pub fn no_such_path() -> Self {
        Self::error(404, "E0000008", "The requested path was not found", &[])
    }

    /// Not the verb of this path.
    pub fn wrong_method() -> Self {
        Self::error(405, "E0000022", "The endpoint does not support the provided HTTP method", &[])
    }
}

impl From<Answer> for Response<Body> {
    fn from(answer: Answer) -> Self {
        let mut response = Response::new(Body::from(answer.body));
        *response.status_mut() =
            StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in answer.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.append(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

impl axum::response::IntoResponse for Answer {
    fn into_response(self) -> Response<Body> {
        self.into()
    }
}
