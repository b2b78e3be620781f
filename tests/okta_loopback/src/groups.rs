//! `GET /api/v1/users/{id}/groups`: pages with Link headers.

use crate::answer::Answer;
use crate::state::{Settings, Shared, locked};
use crate::users::addressed;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use std::sync::Arc;

/// How many bytes of a cursor vouch for the rest.
const CURSOR_SEAL: usize = 12;

pub(crate) async fn list(
    State(okta): State<Arc<Shared>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    let world = locked(&okta.world);
    let account = match addressed(&world, &id, &headers) {
        Ok(account) => account,
        Err(refusal) => return refusal,
    };
    let query = query.unwrap_or_default();
    let mut limit = world.settings.page_size.max(1);
    let mut start = 0;
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("limit", text)) => limit = text.parse().map_or(limit, |wish: usize| wish.clamp(1, limit)),
            Some(("after", cursor)) => match read_cursor(&okta.cursor_key, &account.user.id, cursor) {
                Some(offset) => start = offset,
                None => {
                    return Answer::error(400, "E0000029", "Invalid paging request.", &["Invalid cursor."]);
                }
            },
            _ => {}
        }
    }
    let groups = &account.groups_shown;
    let start = start.min(groups.len());
    let end = groups.len().min(start + limit);
    let answer =
        Answer { status: 200, body: format!("[{}]", groups[start..end].join(",")), headers: Vec::new() };

    let path = format!("/api/v1/users/{}/groups", account.user.id);
    let this = format!("<{}{path}{}>; rel=\"self\"", okta.origin, self_query(&query, limit));
    let Some(next) = next_offset(&world.settings, start, end, groups.len()) else {
        return answer.header("link", this);
    };
    let origin = world.settings.foreign_next.as_deref().unwrap_or(&okta.origin);
    let cursor = write_cursor(&okta.cursor_key, &account.user.id, next);
    let next = format!("<{origin}{path}?after={cursor}&limit={limit}>; rel=\"next\"");
    if world.settings.links_in_one_line {
        answer.header("link", format!("{this}, {next}"))
    } else {
        answer.header("link", this).header("link", next)
    }
}

fn self_query(query: &str, limit: usize) -> String {
    if query.is_empty() { format!("?limit={limit}") } else { format!("?{query}") }
}

/// Where the next page begins, if there is one.
fn next_offset(settings: &Settings, start: usize, end: usize, total: usize) -> Option<usize> {
    if end < total {
        Some(end)
    } else if settings.page_loop {
        Some(0)
    } else {
        (settings.empty_last_page && start < total).then_some(total)
    }
}

fn write_cursor(key: &hmac::Key, user: &str, offset: usize) -> String {
    let offset = offset.to_be_bytes();
    let mut cursor = seal(key, user, &offset).as_ref()[..CURSOR_SEAL].to_vec();
    cursor.extend(offset);
    URL_SAFE_NO_PAD.encode(cursor)
}

fn read_cursor(key: &hmac::Key, user: &str, cursor: &str) -> Option<usize> {
    let cursor = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (sealed, offset) = cursor.split_at_checked(CURSOR_SEAL)?;
    let offset = offset.try_into().ok()?;
    (seal(key, user, &offset).as_ref()[..CURSOR_SEAL] == *sealed).then(|| usize::from_be_bytes(offset))
}

fn seal(key: &hmac::Key, user: &str, offset: &[u8; size_of::<usize>()]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key);
    context.update(user.as_bytes());
    context.update(offset);
    context.sign()
}
