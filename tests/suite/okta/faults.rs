//! A faulty Okta: each fault has its kind and a text that helps, and the password goes out once at most.

use super::raw_server::{Certificate, RawServer, Reply, answer, json};
use super::{PASSWORD, SUCCESS, client_of, log_in};
use okta_auth::okta::{Client, FailureKind, Org, Settings, TrustAnchors};
use std::net::TcpListener;
use std::time::{Duration, Instant};

const MOMENT: Duration = Duration::from_millis(500);

fn hasty() -> Settings {
    Settings { request_timeout: MOMENT, ..Settings::default() }
}

/// Logs in against a server that always answers so.
fn check(
    about: &str,
    settings: Settings,
    reply: impl Fn() -> Reply + Send + Sync + 'static,
    kind: FailureKind,
    text: &str,
) {
    let server = RawServer::start(Certificate::Good, move |_, _| reply());
    let (client, org) = client_of(&server, settings);
    let begun = Instant::now();
    let failure = log_in(&client, &org).err().unwrap_or_else(|| panic!("{about}: a login"));
    assert_eq!(failure.kind, kind, "{about}: {}", failure.text);
    assert!(failure.text.contains(text), "{about}: {}", failure.text);
    assert!(!format!("{failure:?}").contains(PASSWORD), "{about}: {failure:?}");
    assert!(!failure.text.contains("BODY-MARKER"), "{about}: {}", failure.text);
    assert!(begun.elapsed() < Duration::from_secs(10), "{about}: {:?}", begun.elapsed());
    assert_eq!(server.requests().len(), 1, "{about}: {:?}", server.requests());
}

#[test]
fn answers_that_are_none() {
    use FailureKind::{InvalidAnswer, Other, RateLimited, TimedOut, Unreachable};
    let html = |status| move || Reply::Bytes(answer(status, "text/html", &[], "<html>BODY-MARKER</html>"));
    let bytes = |text: &'static str| move || Reply::ThenClose(text.as_bytes().to_vec());
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    let calm = Settings::default;

    check("502 with HTML", calm(), html(502), InvalidAnswer, "HTTP status 502 with a body that is no JSON");
    check("200 with HTML", calm(), html(200), InvalidAnswer, "does not say that it is JSON");
    let lying = || Reply::Bytes(json(200, &[], "<html>BODY-MARKER"));
    check("HTML that says JSON", calm(), lying, InvalidAnswer, "is no JSON (line 1, column 1)");
    let truncated = || Reply::Bytes(json(200, &[], r#"{"status":"SUCCESS","BODY-MARKER"#));
    check("truncated JSON", calm(), truncated, InvalidAnswer, "breaks off");
    let trailing = || Reply::Bytes(json(200, &[], &format!("{SUCCESS}{{}}")));
    check("something after the JSON", calm(), trailing, InvalidAnswer, "is no JSON");
    let nothing = || Reply::Bytes(json(200, &[], ""));
    check("an empty body", calm(), nothing, InvalidAnswer, "is empty");
    let liar = || Reply::Bytes(json(401, &[], SUCCESS));
    check("401 that says SUCCESS", calm(), liar, Other, "unknown error");

    check(
        "closed without an answer",
        calm(),
        bytes(""),
        Unreachable,
        "closed the connection without an answer",
    );
    check("closed within the head", calm(), bytes("HTTP/1.1 200"), Unreachable, "closed the connection");
    check("no HTTP", calm(), bytes("hello\r\n\r\n"), Unreachable, "closed the connection");
    let short = move || Reply::ThenClose(format!("{head}Content-Length: 500\r\n\r\n{{").into_bytes());
    check("closed within the body", calm(), short, InvalidAnswer, "broke off before its end");

    check("no answer", hasty(), || Reply::Silence, TimedOut, "after 500 ms (request_timeout_ms)");
    let slow = move || {
        let head = format!("{head}Content-Length: 90000\r\n\r\n");
        Reply::Endless(head.into_bytes(), b" ".to_vec(), Duration::from_millis(10))
    };
    check("a slow body", hasty(), slow, TimedOut, "after 500 ms (request_timeout_ms)");
    let slow_head =
        || Reply::Endless(b"HTTP/1.1 200 OK\r\nX: ".to_vec(), b"x".to_vec(), Duration::from_millis(10));
    check("a slow head", hasty(), slow_head, TimedOut, "after 500 ms (request_timeout_ms)");
    let endless = move || {
        let head = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x1_0000));
        Reply::Endless(head.into_bytes(), chunk.into_bytes(), Duration::ZERO)
    };
    check("an endless body", calm(), endless, InvalidAnswer, "larger than 4194304 bytes");
    let huge = move || Reply::ThenClose(format!("{head}Content-Length: 99999999999\r\n\r\n").into_bytes());
    check("a huge body announced", calm(), huge, InvalidAnswer, "larger than 4194304 bytes");
    let endless_error = || {
        let head = "HTTP/1.1 500 X\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x1_0000));
        Reply::Endless(head.into(), chunk.into_bytes(), Duration::ZERO)
    };
    check("an error with an endless body", calm(), endless_error, InvalidAnswer, "HTTP status 500");

    for status in [301, 302, 303, 307, 308] {
        let redirect = move || Reply::Bytes(json(status, &[("Location", "/elsewhere".into())], ""));
        check("a redirect", calm(), redirect, InvalidAnswer, "redirect");
    }
    let limited = || Reply::Bytes(json(429, &[], r#"{"errorCode":"E0000047","errorSummary":"Too many."}"#));
    check("a rate limit", calm(), limited, RateLimited, "the API returned an error: Too many.");
    let busy = || Reply::Bytes(json(503, &[], r#"{"errorCode":"E0000181","errorSummary":"Busy."}"#));
    check("503", calm(), busy, Other, "Busy.");
}

#[test]
fn certificates_that_must_not_be_trusted() {
    for (certificate, text) in [
        (Certificate::OtherAuthority, "set ca_file"),
        (Certificate::OtherName, "for another host name"),
        (Certificate::Expired, "expired"),
        (Certificate::Plain, "does not speak TLS"),
    ] {
        let server = RawServer::start(certificate, |_, _| Reply::Bytes(json(200, &[], SUCCESS)));
        let (client, org) = client_of(&server, Settings::default());
        let failure = log_in(&client, &org).err().expect("no login");
        assert_eq!(failure.kind, FailureKind::Unreachable, "{}", failure.text);
        assert!(failure.text.contains(text), "{}", failure.text);
        assert!(server.requests().iter().all(|request| !request.body.contains(PASSWORD)));
    }
}

/// A client that trusts the system's certificates does not trust the tests'.
#[test]
fn the_systems_certificates_are_the_default() {
    let server = RawServer::start(Certificate::Good, |_, _| Reply::Bytes(json(200, &[], SUCCESS)));
    let client = Client::new(Settings::default()).expect("settings");
    let failure = log_in(&client, &Org::parse(&server.url).expect("an address")).err().expect("no login");
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert!(failure.text.contains("ca_file"), "{}", failure.text);
    assert!(server.requests().is_empty());
}

#[test]
fn hosts_that_cannot_be_reached() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address").port()
    };
    for (url, text) in [
        (format!("https://127.0.0.1:{port}"), "refused the connection"),
        ("https://nonexistent.invalid".to_owned(), "cannot be resolved; check org_url (or"),
    ] {
        let client = Client::new(Settings::default()).expect("settings");
        let failure = log_in(&client, &Org::parse(&url).expect("an address")).err().expect("no login");
        let unreachable = failure.kind == FailureKind::Unreachable && failure.text.contains(text);
        // A machine without any name server may let the resolver wait instead.
        let waited = failure.kind == FailureKind::TimedOut && failure.text.contains("connect_timeout_ms");
        assert!(unreachable || waited && url.ends_with("invalid"), "{url}: {}", failure.text);
    }
}

#[test]
fn a_host_that_takes_connections_and_says_nothing_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("https://{}", listener.local_addr().expect("an address"));
    let client = Client::new(Settings { connect_timeout: MOMENT, ..Settings::default() }).expect("settings");
    let failure = log_in(&client, &Org::parse(&url).expect("an address")).err().expect("no login");
    assert_eq!(failure.kind, FailureKind::TimedOut);
    assert!(failure.text.contains("500 ms (connect_timeout_ms)"), "{}", failure.text);
}

#[test]
fn a_failing_proxy_is_named_without_its_password() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address").port()
    };
    let proxy = Some(format!("http://user:{PASSWORD}@127.0.0.1:{port}").into());
    let client = Client::new(Settings { proxy, ..Settings::default() }).expect("settings");
    let failure =
        log_in(&client, &Org::parse("https://acme.okta.com").expect("an address")).err().expect("no login");
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert!(failure.text.contains("through the proxy"), "{}", failure.text);
    assert!(!format!("{failure:?}").contains(PASSWORD), "{failure:?}");
}

#[test]
fn settings_that_cannot_work_are_refused_without_repeating_them() {
    for (settings, text) in [
        (Settings { proxy: Some(format!("socks5://u:{PASSWORD}@h").into()), ..Settings::default() }, "proxy"),
        (Settings { proxy: Some(format!("http://u:{PASSWORD}@:x").into()), ..Settings::default() }, "proxy"),
        (Settings { roots: TrustAnchors::Pem(PASSWORD.into()), ..Settings::default() }, "ca_file"),
    ] {
        let error = Client::new(settings).err().expect("refused");
        assert!(error.contains(text) && !error.contains(PASSWORD), "{error}");
    }
}
