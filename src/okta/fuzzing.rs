//! Entries for `make fuzz`, which builds with `--cfg fuzzing`; nobody else sees them.

use super::failure::Call;
use super::transport::Response;
use super::{answer, links};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};

/// Reads a line of the `Link` header.
pub fn next_page(line: &[u8]) {
    let _ = links::next(std::iter::once(line));
}

/// Reads a body as the answer to each kind of call.
pub fn answer(status: u16, body: &[u8]) {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    let mut response = Response { status, headers, body: body.to_vec().into() };
    for call in [Call::Authenticate, Call::Transaction] {
        let _ = answer::transaction(call, &response, None);
    }
    let _ = answer::user(&response);
    let _ = answer::groups(&response);
    response.headers.clear();
    let _ = answer::groups(&response);
}
