//! Groups over many pages: all of them or a failure, and the API token to nobody else.

use super::raw_server::{Answers, Certificate, RawServer, Reply, Request, json};
use super::{client_of, driven, network, soon};
use okta_auth::clock::Clock;
use okta_auth::deadline::{Cancel, Deadline};
use okta_auth::okta::{Failure, FailureKind, Settings, UserStatus};
use okta_auth::secret::Secret;
use std::time::Duration;

const NOON: &str = "Tue, 24 Nov 2026 12:00:00 GMT";
const NOON_SECONDS: i64 = 1_795_521_600;

fn groups_of(server: &RawServer, settings: Settings) -> Result<Vec<String>, Failure> {
    let (client, org) = client_of(server, settings);
    network()
        .run(&soon(), async move { client.user_groups(&org, &Secret::from("00Token"), "00u1").await })
        .expect("within the deadline")
        .map(|groups| groups.into_iter().map(|group| group.name).collect())
}

fn page(names: &[&str]) -> String {
    let groups: Vec<String> = names
        .iter()
        .map(|name| format!(r#"{{"id":"00g{name}","profile":{{"name":"{name}","description":null}}}}"#))
        .collect();
    format!("[{}]", groups.join(","))
}

fn host(request: &Request) -> String {
    request.header("host").concat()
}

fn next(url: &str) -> (&'static str, String) {
    ("Link", format!("<{url}>; rel=\"next\""))
}

#[test]
fn all_pages_are_read_with_the_token() {
    let server = RawServer::start(Certificate::Good, |request, _| {
        let base = format!("https://{}/api/v1/users/00u1/groups", host(request));
        Reply::Bytes(match request.path.split_once("after=").map(|(_, after)| after) {
            None => json(
                200,
                &[("link", format!("<{base}?limit=-1>; rel=\"self\"")), next(&format!("{base}?after=a%3D"))],
                &page(&["A", "B"]),
            ),
            Some("a%3D") => json(
                200,
                &[(
                    "Link",
                    format!("<{base}>; rel=\"self\", </api/v1/users/00u1/groups?after=b+c>; rel=next"),
                )],
                &page(&["C"]),
            ),
            Some("b+c") => json(200, &[next("?after=d")], &page(&["D"])),
            Some(_) => json(200, &[], "[]"),
        })
    });
    assert_eq!(groups_of(&server, Settings::default()).expect("groups"), ["A", "B", "C", "D"]);
    let requests = server.requests();
    assert_eq!(requests.len(), 4);
    for request in requests {
        assert_eq!(request.header("authorization"), ["SSWS 00Token"]);
        assert_eq!((request.method.as_str(), request.connection), ("GET", 0));
    }
}

#[test]
fn a_list_that_cannot_be_read_to_its_end_is_none() {
    let circle = |request: &Request, before: usize| {
        let url = format!("https://{}/api/v1/users/00u1/groups?after={}", host(request), before % 2);
        Reply::Bytes(json(200, &[next(&url)], &page(&["A"])))
    };
    let for_ever = |request: &Request, before: usize| {
        let url = format!("https://{}/api/v1/users/00u1/groups?after={before}", host(request));
        Reply::Bytes(json(200, &[next(&url)], "[]"))
    };
    let many = |request: &Request, before: usize| {
        let url = format!("https://{}/api/v1/users/00u1/groups?after={before}", host(request));
        Reply::Bytes(json(200, &[next(&url)], &page(&["A"; 10_001])))
    };
    let leads_to =
        |url: &'static str| move |_: &Request, _: usize| Reply::Bytes(json(200, &[next(url)], &page(&["A"])));
    let plain = |request: &Request, _: usize| {
        Reply::Bytes(json(200, &[next(&format!("http://{}/x", host(request)))], &page(&["A"])))
    };
    let user_info = |request: &Request, _: usize| {
        Reply::Bytes(json(200, &[next(&format!("https://a:b@{}/x", host(request)))], &page(&["A"])))
    };
    let bad_second = |request: &Request, before: usize| {
        let url = format!("https://{}/api/v1/users/00u1/groups?after=x", host(request));
        Reply::Bytes(match before {
            0 => json(200, &[next(&url)], &page(&["A"])),
            _ => json(500, &[], r#"{"errorCode":"E0000009","errorSummary":"Internal Server Error"}"#),
        })
    };
    let broken_link = |_: &Request, _: usize| {
        Reply::Bytes(json(200, &[("Link", "<https://x; rel=next".into())], &page(&["A"])))
    };
    let rows: Vec<(&str, Answers, FailureKind, &str, usize)> = vec![
        ("a circle", Box::new(circle), FailureKind::InvalidAnswer, "circle", 3),
        ("pages without end", Box::new(for_ever), FailureKind::InvalidAnswer, "more than 200 pages", 200),
        ("too many groups", Box::new(many), FailureKind::InvalidAnswer, "more than 20000 groups", 2),
        (
            "another host",
            Box::new(leads_to("https://evil.invalid/x")),
            FailureKind::InvalidAnswer,
            "another host",
            1,
        ),
        (
            "another port",
            Box::new(leads_to("https://127.0.0.1:1/x")),
            FailureKind::InvalidAnswer,
            "another host",
            1,
        ),
        ("no scheme", Box::new(leads_to("//evil.invalid/x")), FailureKind::InvalidAnswer, "another host", 1),
        ("no URL", Box::new(leads_to("https://[")), FailureKind::InvalidAnswer, "no URL", 1),
        ("plain http", Box::new(plain), FailureKind::InvalidAnswer, "another host", 1),
        ("credentials in the link", Box::new(user_info), FailureKind::InvalidAnswer, "another host", 1),
        ("an error on page two", Box::new(bad_second), FailureKind::Other, "Internal Server Error", 2),
        ("a broken link", Box::new(broken_link), FailureKind::InvalidAnswer, "Link header", 1),
    ];
    for (about, answers, kind, text, requests) in rows {
        let server = RawServer::start(Certificate::Good, answers);
        let failure = groups_of(&server, Settings::default()).expect_err(about);
        assert_eq!(failure.kind, kind, "{about}: {}", failure.text);
        assert!(failure.text.contains(text), "{about}: {}", failure.text);
        assert_eq!(server.requests().len(), requests, "{about}");
    }
}

#[test]
fn refusals_of_the_token_have_their_kind() {
    for (status, code, kind) in [
        (401, "E0000011", FailureKind::ApiTokenRefused),
        (403, "E0000006", FailureKind::ApiTokenRefused),
        (401, "E0000015", FailureKind::Other),
        (404, "E0000007", FailureKind::NotFound),
    ] {
        let server = RawServer::start(Certificate::Good, move |_, _| {
            Reply::Bytes(json(status, &[], &format!(r#"{{"errorCode":"{code}","errorSummary":"S"}}"#)))
        });
        let failure = groups_of(&server, Settings::default()).expect_err(code);
        assert_eq!((failure.kind, failure.okta.error_code.as_deref()), (kind, Some(code)));
        assert_eq!(server.requests().len(), 1, "{code}");
    }
}

/// `waits`: how far the driven clock has moved in the end, in seconds, jitter aside.
#[test]
fn a_busy_okta_is_asked_again_after_the_right_pause() {
    let date = || ("Date", NOON.to_owned());
    let reset = |seconds: i64| ("X-Rate-Limit-Reset", (NOON_SECONDS + seconds).to_string());
    let limit = |limit: u32| ("X-Rate-Limit-Limit", limit.to_string());
    let none_left = || ("X-Rate-Limit-Remaining", "0".to_owned());
    for (about, status, headers, failures, requests, waits) in [
        ("normal", 429, vec![date(), limit(600), none_left(), reset(12)], 1, 2, 12),
        ("twice", 429, vec![date(), reset(12)], 2, 3, 24),
        ("three times", 429, vec![date(), reset(12)], 3, 3, 24),
        ("Reset twice", 429, vec![date(), reset(30), reset(8)], 1, 2, 8),
        ("0/0", 429, vec![date(), limit(0), none_left(), reset(120)], 2, 3, 3),
        ("no Reset", 429, vec![date()], 2, 3, 3),
        ("in the past", 429, vec![date(), reset(-900)], 1, 2, 1),
        ("in ten years", 429, vec![date(), reset(315_360_000)], 1, 2, 30),
        ("503", 503, vec![], 2, 3, 0),
        ("504", 504, vec![], 3, 3, 0),
        ("500 is not asked again", 500, vec![], 1, 1, 0),
        ("401 is not asked again", 401, vec![date(), reset(12)], 1, 1, 0),
    ] {
        let server = RawServer::start(Certificate::Good, move |_, before| {
            Reply::Bytes(if before < failures {
                json(status, &headers, r#"{"errorCode":"E0000047","errorSummary":"S"}"#)
            } else {
                json(200, &[], &page(&["A"]))
            })
        });
        let clock = Clock::driven(NOON_SECONDS);
        let result = groups_of(&server, driven(&clock));
        assert_eq!(result.is_ok(), requests > failures, "{about}: {result:?}");
        assert_eq!(server.requests().len(), requests, "{about}");
        let waited = clock.now_millis() - NOON_SECONDS * 1_000;
        assert!((waits * 1_000..=waits * 1_000 + 1_500).contains(&waited), "{about}: {waited} ms");
    }
}

#[test]
fn a_pause_longer_than_the_deadline_is_not_begun() {
    let server = RawServer::start(Certificate::Good, |_, _| {
        let headers = [("Date", NOON.to_owned()), ("X-Rate-Limit-Reset", (NOON_SECONDS + 25).to_string())];
        Reply::Bytes(json(429, &headers, r#"{"errorCode":"E0000047","errorSummary":"S"}"#))
    });
    let (client, org) = client_of(&server, Settings::default());
    let deadline = Deadline::after(Duration::from_secs(20), Cancel::default());
    let client = client.within(&deadline);
    let failure = network()
        .run(&deadline, async move { client.user_groups(&org, &Secret::from("00Token"), "00u1").await })
        .expect("within the deadline")
        .expect_err("a failure");
    assert_eq!((failure.kind, failure.retry_after), (FailureKind::RateLimited, Some(25)));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn users_are_asked_for_by_id_and_must_be_the_same() {
    let server = RawServer::start(Certificate::Good, |request, _| {
        let status = if request.path.ends_with("00u2") { "SUSPENDED" } else { "ACTIVE" };
        let id = if request.path.ends_with("00u3") {
            "00u9"
        } else {
            request.path.rsplit('/').next().unwrap_or("")
        };
        Reply::Bytes(json(
            200,
            &[],
            &format!(r#"{{"id":"{id}","status":"{status}","profile":{{"login":"l"}}}}"#),
        ))
    });
    let ask = |id: &'static str| {
        let (client, org) = client_of(&server, Settings::default());
        network()
            .run(&soon(), async move { client.user(&org, &Secret::from("00Token"), id).await })
            .expect("within the deadline")
    };
    let (user, status) = ask("00u1").expect("a user");
    assert_eq!((user.id.as_str(), user.login.as_str(), status), ("00u1", "l", UserStatus::Active));
    assert_eq!(ask("00u2").expect("a user").1, UserStatus::NotActive);
    assert_eq!(ask("00u3").expect_err("another").kind, FailureKind::InvalidAnswer);
    let asked = server.requests().len();
    // `me` would be the owner of the token.
    for id in ["", ".", "..", "me", "ME", "a\nb"] {
        assert_eq!(ask(id).expect_err(id).kind, FailureKind::InvalidAnswer);
    }
    assert_eq!(server.requests().len(), asked);
}
