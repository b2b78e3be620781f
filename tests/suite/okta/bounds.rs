//! Bounds on what Okta may say, and on the connections to it.

use super::raw_server::{Certificate, RawServer, Reply, certificates, json};
use super::{SUCCESS, client_of, log_in};
use okta_auth::limits;
use okta_auth::okta::{Client, FailureKind, Network, Org, Settings, Transaction, TrustAnchors};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

#[test]
fn factors_beyond_the_limit_are_not_looked_at() {
    let factors: Vec<String> = (0..limits::OKTA_FACTORS + 50)
        .map(|number| format!(r#"{{"id":"f{number}","factorType":"push","provider":"OKTA"}}"#))
        .collect();
    let body = format!(
        r#"{{"status":"MFA_REQUIRED","stateToken":"t","_embedded":{{"factors":[{}]}}}}"#,
        factors.join(",")
    );
    let server = RawServer::start(Certificate::Good, move |_, _| Reply::Bytes(json(200, &[], &body)));
    let (client, org) = client_of(&server, Settings::default());
    let Ok(Transaction::MfaRequired { factors, .. }) = log_in(&client, &org) else { panic!("no factors") };
    assert_eq!(factors.len(), limits::OKTA_FACTORS);
}

#[test]
fn a_few_causes_of_an_error_are_quoted() {
    let causes = vec![r#"{"errorSummary":"a cause"}"#; 3 * limits::OKTA_QUOTED_CAUSES].join(",");
    let body = format!(r#"{{"errorSummary":"A","errorCauses":[{causes}]}}"#);
    let server = RawServer::start(Certificate::Good, move |_, _| Reply::Bytes(json(400, &[], &body)));
    let (client, org) = client_of(&server, Settings::default());
    let failure = log_in(&client, &org).err().expect("no login");
    assert_eq!(failure.text.matches("a cause").count(), limits::OKTA_QUOTED_CAUSES, "{}", failure.text);
}

#[test]
fn an_id_that_is_too_long_is_none() {
    for (length, is_one) in [(limits::OKTA_ID_BYTES, true), (limits::OKTA_ID_BYTES + 1, false)] {
        let body = SUCCESS.replace("00u1", &"u".repeat(length));
        let server = RawServer::start(Certificate::Good, move |_, _| Reply::Bytes(json(200, &[], &body)));
        let (client, org) = client_of(&server, Settings::default());
        match log_in(&client, &org) {
            Ok(Transaction::Success { .. }) => assert!(is_one, "{length}"),
            Err(failure) => assert!(!is_one && failure.kind == FailureKind::InvalidAnswer, "{length}"),
            Ok(_) => panic!("{length}"),
        }
    }
}

/// Waits until the server has this many connections or fewer; how long that took.
fn until_open(server: &RawServer, most: usize, patience: Duration) -> Duration {
    let begun = Instant::now();
    while server.open_connections() > most {
        assert!(begun.elapsed() < patience, "{} connections are open", server.open_connections());
        std::thread::yield_now();
    }
    begun.elapsed()
}

#[test]
fn an_idle_connection_is_closed_after_seconds() {
    let server = RawServer::start(Certificate::Good, |_, _| Reply::Bytes(json(200, &[], SUCCESS)));
    let (client, org) = client_of(&server, Settings::default());
    log_in(&client, &org).expect("a login");
    assert_eq!(server.open_connections(), 1);
    // The pool looks at its connections about as often as one may be idle.
    until_open(&server, 0, 4 * limits::OKTA_IDLE_CONNECTION);
}

#[test]
fn idle_connections_are_few() {
    let count = limits::OKTA_IDLE_CONNECTIONS + 10;
    let all = Arc::new(Barrier::new(count));
    let server = {
        let all = Arc::clone(&all);
        // No call is answered before all are there, so each needs a connection of its own.
        RawServer::start(Certificate::Good, move |_, _| {
            all.wait();
            Reply::Bytes(json(200, &[], SUCCESS))
        })
    };
    let (client, org) = client_of(&server, Settings::default());
    std::thread::scope(|scope| {
        for _ in 0..count {
            scope.spawn(|| log_in(&client, &org).expect("a login"));
        }
    });
    assert_eq!(server.requests().len(), count);
    // Long before the others are closed for being idle.
    until_open(&server, limits::OKTA_IDLE_CONNECTIONS, limits::OKTA_IDLE_CONNECTION / 2);
}

/// A host that takes a call and is then gone, without a packet that says so.
#[test]
fn a_connection_that_died_in_silence_is_noticed() {
    let server = Network::new();
    let (ca_pem, tls) = certificates(Certificate::Good);
    let mut tls = (*tls.expect("TLS")).clone();
    tls.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(tls));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("non-blocking");
    let url = format!("https://{}", listener.local_addr().expect("an address"));
    let serve = async move {
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
        let (stream, _) = listener.accept().await.expect("a connection");
        let stream = acceptor.accept(stream).await.expect("TLS");
        let mut connection = h2::server::handshake(stream).await.expect("HTTP/2");
        let _call = connection.accept().await.expect("a call");
        // Nobody looks at the connection any more.
        std::future::pending::<()>().await;
    };
    server.spawn(serve).expect("started");
    let settings = Settings {
        roots: TrustAnchors::Pem(ca_pem),
        request_timeout: Duration::from_secs(600),
        ..Settings::default()
    };
    let client = Client::new(settings).expect("settings");
    let failure = log_in(&client, &Org::parse(&url).expect("an address")).err().expect("no login");
    assert_eq!(failure.kind, FailureKind::TimedOut, "{}", failure.text);
    assert!(failure.text.contains("died while waiting"), "{}", failure.text);
}
