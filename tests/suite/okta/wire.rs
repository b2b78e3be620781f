//! What goes over the wire, and how often.

use super::raw_server::{Certificate, RawServer, Reply, Request, json};
use super::{PASSWORD, SUCCESS, client_of, log_in, network, soon};
use okta_auth::okta::{Answer, FactorResult, FailureKind, Origin, Settings, Transaction};
use okta_auth::secret::Secret;

fn succeeding() -> RawServer {
    RawServer::start(Certificate::Good, |_, _| Reply::Bytes(json(200, &[], SUCCESS)))
}

#[test]
fn a_login_is_one_plain_call_without_the_api_token() {
    let server = succeeding();
    let (client, org) = client_of(&server, Settings::default());
    assert!(matches!(log_in(&client, &org), Ok(Transaction::Success { .. })));
    let requests = server.requests();
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/api/v1/authn"));
    assert_eq!(request.body, format!(r#"{{"username":"fred","password":"{PASSWORD}"}}"#));
    assert_eq!(request.header("accept"), ["application/json"]);
    assert_eq!(request.header("content-type"), ["application/json"]);
    assert_eq!(request.header("user-agent"), [concat!("okta_auth/", env!("CARGO_PKG_VERSION"))]);
    for absent in ["authorization", "x-forwarded-for", "cookie", "referer", "transfer-encoding"] {
        assert!(request.header(absent).is_empty(), "{absent}");
    }
}

#[test]
fn passwords_pass_unchanged() {
    let server = succeeding();
    let (client, org) = client_of(&server, Settings::default());
    for password in ["  spaces  ", "\"quotes\" \\ back", "<tag> & amp", "ünï🙂", "\u{2028}\u{0}\n"] {
        let (client, org, secret) = (client.clone(), org.clone(), Secret::from(password));
        network()
            .run(&soon(), async move { client.authenticate(&org, "fred", &secret, &Origin::default()).await })
            .expect("within the deadline")
            .expect("a login");
        let body = server.requests().pop().expect("a request").body;
        let read: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(read["password"], password, "{body}");
        assert!(!body.contains("\\u003c"), "{body}");
    }
}

#[test]
fn the_callers_origin_is_told_where_it_can_be() {
    let server = succeeding();
    let send = |user_agent: &str, forwarded_for: &str| {
        let (client, org) = client_of(&server, Settings::default());
        let origin =
            Origin { user_agent: Some(user_agent.to_owned()), forwarded_for: Some(forwarded_for.to_owned()) };
        network()
            .run(&soon(), async move {
                client.verify_factor(&org, &Secret::from("t"), "opf1", Answer::Nothing, &origin).await
            })
            .expect("within the deadline")
    };
    send("Fred's browser ü", "203.0.113.7, 10.0.0.1").expect("an answer");
    let request = server.requests().pop().expect("a request");
    assert_eq!(request.header("user-agent"), ["Fred's browser ü"]);
    assert_eq!(request.header("x-forwarded-for"), ["203.0.113.7, 10.0.0.1"]);
    for (user_agent, forwarded_for) in
        [("a\r\nAuthorization: x", "1.2.3.4"), ("a", "1.2.3.4\n"), ("a", &"9".repeat(2_000))]
    {
        assert_eq!(send(user_agent, forwarded_for).err().expect("refused").kind, FailureKind::Other);
    }
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn every_step_of_a_transaction_has_its_path_and_body() {
    let challenge = r#"{"status":"MFA_CHALLENGE","factorResult":"WAITING","stateToken":"00t"}"#;
    let server = RawServer::start(Certificate::Good, move |_, _| Reply::Bytes(json(200, &[], challenge)));
    let (client, org) = client_of(&server, Settings::default());
    let network = network();
    let token = || Secret::<String>::from("00t");
    let origin = Origin::default;
    macro_rules! step {
        ($call:ident($($argument:expr),*)) => {{
            let (client, org) = (client.clone(), org.clone());
            network
                .run(&soon(), async move { client.$call(&org, &token(), $($argument,)* &origin()).await })
                .expect("within the deadline")
        }};
    }
    let waiting = step!(verify_factor("opf1", Answer::Nothing)).expect("an answer");
    match waiting {
        Transaction::MfaChallenge(challenge) => assert_eq!(challenge.result, FactorResult::Waiting),
        _ => panic!("no challenge"),
    }
    step!(verify_factor("a/../b?c#d%", Answer::PassCode(Secret::from("123456")))).expect("an answer");
    step!(verify_factor("ufs1", Answer::Answer(Secret::from("blue")))).expect("an answer");
    step!(poll("opf1")).expect("an answer");
    step!(resend("sms1")).expect("an answer");
    step!(skip()).expect("an answer");
    step!(previous()).expect("an answer");
    step!(cancel()).expect("an answer");
    let refusals = [
        step!(verify_factor("..", Answer::Nothing)).err(),
        step!(poll("")).err(),
        step!(verify_factor("opf1", Answer::PassCode(Secret::from("")))).err(),
    ];
    assert!(refusals.iter().all(Option::is_some));
    let sent: Vec<(String, String)> =
        server.requests().into_iter().map(|request| (request.path, request.body)).collect();
    let expected = [
        ("/factors/opf1/verify", r#"{"stateToken":"00t"}"#),
        ("/factors/a%2F..%2Fb%3Fc%23d%25/verify", r#"{"stateToken":"00t","passCode":"123456"}"#),
        ("/factors/ufs1/verify", r#"{"stateToken":"00t","answer":"blue"}"#),
        ("/factors/opf1/verify", r#"{"stateToken":"00t"}"#),
        ("/factors/sms1/verify/resend", r#"{"stateToken":"00t"}"#),
        ("/skip", r#"{"stateToken":"00t"}"#),
        ("/previous", r#"{"stateToken":"00t"}"#),
        ("/cancel", r#"{"stateToken":"00t"}"#),
    ]
    .map(|(path, body)| (format!("/api/v1/authn{path}"), body.to_owned()));
    assert_eq!(sent, expected);
}

#[test]
fn connections_are_kept_over_logins() {
    let server = succeeding();
    let (client, org) = client_of(&server, Settings::default());
    for _ in 0..5 {
        log_in(&client, &org).expect("a login");
    }
    let connections: Vec<usize> = server.requests().iter().map(|request| request.connection).collect();
    assert_eq!(connections, [0; 5]);
}

/// The server closes a kept connection at the worst moment: when the next request is there already. It may have been
/// carried out, so the password must not go out again by itself.
#[test]
fn a_call_on_a_connection_that_is_being_closed_is_not_repeated() {
    let close_second = |request: &Request, before: usize| {
        if before == 1 || request.path.contains("after") {
            return Reply::ThenClose(Vec::new());
        }
        Reply::Bytes(json(200, &[], SUCCESS))
    };
    let server = RawServer::start(Certificate::Good, close_second);
    let (client, org) = client_of(&server, Settings::default());
    log_in(&client, &org).expect("a login");
    let failure = log_in(&client, &org).err().expect("the answer is lost");
    assert_eq!(failure.kind, FailureKind::Unreachable, "{}", failure.text);
    assert_eq!(server.requests().len(), 2);
    log_in(&client, &org).expect("a login on a new connection");
    assert_eq!(server.requests().len(), 3);
}

/// The server closes right after its answer without a word. Whether the client has noticed or not when the next login
/// comes, no login goes out twice.
#[test]
fn a_connection_closed_between_calls_does_no_harm() {
    let server = RawServer::start(Certificate::Good, |_, _| Reply::ThenClose(json(200, &[], SUCCESS)));
    let (client, org) = client_of(&server, Settings::default());
    for done in 1..=20 {
        let failed = log_in(&client, &org).err().map(|failure| failure.kind);
        assert!(matches!(failed, None | Some(FailureKind::Unreachable)), "{failed:?}");
        assert!(server.requests().len() <= done);
    }
}
