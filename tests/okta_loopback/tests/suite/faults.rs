//! Faults strike where and as often as they are told to.

use crate::client::Client;
use okta_loopback::{Fault, FaultKind, Okta, Options, RateLimitVariant, User};

fn started() -> (Okta, Client) {
    let okta = Okta::start();
    okta.put_user(User::new("fred", "pw"));
    let client = Client::new(&okta);
    (okta, client)
}

const HEADERS: [(&str, &str); 2] = [("accept", "application/json"), ("content-type", "application/json")];

fn log_in(client: &Client) -> reqwest::Result<crate::client::Got> {
    let body = r#"{"username":"fred","password":"pw"}"#;
    client.send("POST", "/api/v1/authn", &HEADERS, Some(body.to_owned()))
}

#[test]
fn whole_answers() {
    let (okta, client) = started();
    let redirect = FaultKind::Redirect("<okta>/elsewhere".to_owned());
    for (kind, status, start) in [
        (FaultKind::Html502, 502, "<html>"),
        (FaultKind::Html200, 200, "<html>"),
        (FaultKind::TruncatedJson, 200, "{\"status\""),
        (FaultKind::EmptyBody, 200, ""),
        (FaultKind::SlowBody(1), 200, "{\"status\""),
        (FaultKind::Delay(20), 200, "{"),
        (FaultKind::Error(503, "E0000181".to_owned()), 503, "{"),
        (redirect, 307, ""),
    ] {
        okta.set_faults([Fault::at("/api/v1/authn", kind.clone())]);
        let got = log_in(&client).unwrap();
        assert_eq!(got.status, status, "{kind:?}");
        assert!(got.text.starts_with(start), "{kind:?}: {}", got.text);
        if status == 307 {
            assert_eq!(got.header("location"), [format!("{}/elsewhere", okta.url())]);
        }
    }
}

#[test]
fn broken_answers() {
    for http2 in [true, false] {
        let okta = Okta::start_with(Options { http2, ..Options::default() });
        let client = Client::new(&okta);
        for kind in [FaultKind::Close, FaultKind::CutBody] {
            okta.set_faults([Fault::at("/api/*", kind)]);
            assert!(log_in(&client).is_err());
        }
        assert_eq!(okta.calls()[0].version, if http2 { "HTTP/2.0" } else { "HTTP/1.1" });
    }
}

#[test]
fn too_many_requests_in_every_variant() {
    let (okta, client) = started();
    for (variant, limit, resets) in [
        (RateLimitVariant::Normal, 1, 1),
        (RateLimitVariant::Zero, 1, 1),
        (RateLimitVariant::DuplicateReset, 1, 2),
        (RateLimitVariant::NoReset, 1, 0),
        (RateLimitVariant::Past, 1, 1),
        (RateLimitVariant::FarFuture, 1, 1),
        (RateLimitVariant::Soon, 1, 1),
    ] {
        okta.set_faults([Fault::at("/api/v1/authn", FaultKind::RateLimited(variant))]);
        let got = log_in(&client).unwrap();
        got.expect(429, "errorCode", "E0000047");
        assert_eq!(got.header("x-rate-limit-limit").len(), limit);
        assert_eq!(got.header("x-rate-limit-reset").len(), resets, "{variant:?}");
        assert_eq!(got.header("date").len(), 1);
    }
}

#[test]
fn a_fault_counts() {
    let (okta, client) = started();
    let mut get_only = Fault::at("/api/v1/authn", FaultKind::Html200);
    get_only.method = Some("GET".to_owned());
    okta.set_faults([get_only, Fault::at("/api/v1/authn", FaultKind::Html502).after(1).times(2)]);
    let statuses: Vec<_> = (0..4).map(|_| log_in(&client).unwrap().status).collect();
    assert_eq!(statuses, [200, 502, 502, 200]);
}

#[test]
fn an_idle_connection_is_closed() {
    let (okta, client) = started();
    okta.set(|settings| settings.keep_alive_ms = 1);
    let connections = || okta.counts().connections;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while connections() < 3 {
        // Errors are as good as answers here: the connection may be closed under the request.
        let _ = log_in(&client);
        assert!(std::time::Instant::now() < deadline, "only {} connections", connections());
    }
}
