//! Through a proxy: asked for by a setting, or by the environment and only when that was asked for.

use super::process::is_own_process_with;
use super::raw_server::{Certificate, RawServer, Reply, json};
use super::{PASSWORD, SUCCESS, client_of, log_in};
use base64::Engine;
use okta_auth::okta::{FailureKind, Settings, Transaction};
use std::io::{BufRead, BufReader, Read, Write, copy};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;

/// A proxy for one connection: it tells the head of the CONNECT request, and opens the tunnel where `status` is 200.
fn proxy(status: u16) -> (u16, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (sender, heads) = mpsc::channel();
    std::thread::spawn(move || {
        let (client, _) = listener.accept().expect("a connection");
        let mut reader = BufReader::new(client.try_clone().expect("a copy"));
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).expect("a line") == 0 {
                return;
            }
        }
        let target = head.split(' ').nth(1).map(str::to_owned);
        sender.send(head).expect("awaited");
        let mut client = client;
        client.write_all(format!("HTTP/1.1 {status} X\r\n\r\n").as_bytes()).expect("written");
        if status != 200 {
            return;
        }
        let server = TcpStream::connect(target.expect("a target")).expect("a server");
        let mut from_server = server.try_clone().expect("a copy");
        let mut to_client = client;
        std::thread::spawn(move || {
            let _ = copy(&mut from_server, &mut to_client);
        });
        let mut to_server = server;
        let mut buffer = [0; 4_096];
        while let Ok(length @ 1..) = reader.read(&mut buffer) {
            if to_server.write_all(buffer.get(..length).unwrap_or_default()).is_err() {
                return;
            }
        }
    });
    (port, heads)
}

fn succeeding() -> RawServer {
    RawServer::start(Certificate::Good, |_, _| Reply::Bytes(json(200, &[], SUCCESS)))
}

#[test]
fn calls_go_through_the_proxy_that_is_set() {
    let server = succeeding();
    let (port, heads) = proxy(200);
    let proxy = Some(format!("http://fred:{PASSWORD}%40x@127.0.0.1:{port}").into());
    let (client, org) = client_of(&server, Settings { proxy, ..Settings::default() });
    assert!(matches!(log_in(&client, &org), Ok(Transaction::Success { .. })));
    let head = heads.try_recv().expect("a tunnel");
    let authority = server.url.trim_start_matches("https://");
    assert!(head.starts_with(&format!("CONNECT {authority} HTTP/1.1\r\n")), "{head}");
    let credentials = base64::engine::general_purpose::STANDARD.encode(format!("fred:{PASSWORD}@x"));
    assert!(head.to_ascii_lowercase().contains("proxy-authorization: basic"), "{head}");
    assert!(head.contains(&format!("Basic {credentials}\r\n")), "{head}");
    let requests = server.requests();
    assert!(requests.len() == 1 && requests[0].header("proxy-authorization").is_empty(), "{requests:?}");
}

#[test]
fn a_proxy_that_refuses_is_named() {
    let server = succeeding();
    for status in [403, 407, 502] {
        let (port, _heads) = proxy(status);
        let proxy = Some(format!("http://fred:{PASSWORD}@127.0.0.1:{port}").into());
        let (client, org) = client_of(&server, Settings { proxy, ..Settings::default() });
        let failure = log_in(&client, &org).err().expect("no login");
        assert_eq!(failure.kind, FailureKind::Unreachable);
        assert!(failure.text.contains("the proxy opened no connection"), "{status}: {}", failure.text);
        assert!(!format!("{failure:?}").contains(PASSWORD), "{failure:?}");
    }
    assert!(server.requests().is_empty());
}

#[test]
fn the_environment_is_asked_only_when_told_to() {
    // Nobody listens on port 1.
    let variables = [("HTTPS_PROXY", "http://127.0.0.1:1"), ("ALL_PROXY", "http://127.0.0.1:1")];
    if !is_own_process_with("okta::proxy::the_environment_is_asked_only_when_told_to", &variables) {
        return;
    }
    let server = succeeding();
    let (client, org) = client_of(&server, Settings::default());
    log_in(&client, &org).expect("a login past the environment");
    let (client, org) = client_of(&server, Settings { use_env_proxy: true, ..Settings::default() });
    let failure = log_in(&client, &org).err().expect("no login");
    assert!(failure.text.contains("through the proxy"), "{}", failure.text);
}

#[test]
fn the_environments_exceptions_are_heeded() {
    let variables = [("HTTPS_PROXY", "http://127.0.0.1:1"), ("NO_PROXY", "127.0.0.0/8")];
    if !is_own_process_with("okta::proxy::the_environments_exceptions_are_heeded", &variables) {
        return;
    }
    let server = succeeding();
    let (client, org) = client_of(&server, Settings { use_env_proxy: true, ..Settings::default() });
    log_in(&client, &org).expect("a login without the proxy");
}
