//! HTTP/2, which servers that offer it get: whole transactions on one connection, and refusals that must not be
//! repeated.

use super::raw_server::{Certificate, certificates};
use super::{PASSWORD, log_in, network, soon};
use okta_auth::okta::{
    Answer, Client, FactorKind, FactorResult, FailureKind, Network, Org, Origin, Settings, StateToken,
    Transaction, TrustAnchors,
};
use okta_auth::secret::Secret;
use okta_loopback::{API_TOKEN, Factor, Okta, PushScript, User};
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;

fn client_of(okta: &Okta) -> (Client, Org) {
    let roots = TrustAnchors::Pem(okta.ca_pem().to_owned());
    let client = Client::new(Settings { roots, ..Settings::default() }).expect("settings");
    (client, Org::parse(okta.url()).expect("an address"))
}

fn run<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    network().run(&soon(), future).expect("within the deadline")
}

#[test]
fn a_login_with_a_number_and_many_groups_is_one_connection() {
    let okta = Okta::start();
    okta.set(|settings| settings.page_size = 7);
    let push = Factor::push("opf1").script(PushScript::new(2, "SUCCESS").number(0, 1));
    let names: Vec<String> = (0..30).map(|number| format!("group {number}")).collect();
    okta.put_user(User::new("fred", PASSWORD).groups(names.clone()).factor(push));
    let (client, org) = client_of(&okta);
    let groups = run(async move {
        let origin = Origin::default();
        let first =
            client.authenticate(&org, "fred", &Secret::from(PASSWORD), &origin).await.expect("an answer");
        let Transaction::MfaRequired { state_token, factors, .. } = first else {
            panic!("no factor asked for")
        };
        assert_eq!(factors.iter().map(|factor| factor.kind).collect::<Vec<_>>(), [FactorKind::Push]);
        let mut answer = client.verify_factor(&org, &state_token, "opf1", Answer::Nothing, &origin).await;
        let mut numbers = BTreeSet::new();
        let user = loop {
            match answer.expect("an answer") {
                Transaction::Success { user } => break user,
                Transaction::MfaChallenge(challenge) => {
                    assert_eq!(challenge.result, FactorResult::Waiting);
                    numbers.extend(challenge.number);
                }
                _ => panic!("neither waiting nor done"),
            }
            answer = client.poll(&org, &state_token, "opf1", &origin).await;
        };
        assert_eq!(numbers, BTreeSet::from([0]));
        client.user_groups(&org, &Secret::from(API_TOKEN), &user.id).await.expect("groups")
    });
    let found: BTreeSet<String> = groups.into_iter().map(|group| group.name).collect();
    assert!(names.iter().all(|name| found.contains(name)), "{found:?}");
    let calls = okta.calls();
    assert!(calls.iter().all(|call| call.version == "HTTP/2.0" && call.connection == 1), "{calls:?}");
    assert_eq!(okta.pushes_sent(), 1);
}

#[test]
fn many_logins_at_once_share_a_connection() {
    let okta = Okta::start();
    okta.put_user(User::new("fred", PASSWORD));
    let (client, org) = client_of(&okta);
    log_in(&client, &org).expect("a login");
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| assert!(matches!(log_in(&client, &org), Ok(Transaction::Success { .. }))));
        }
    });
    assert_eq!(okta.calls().iter().map(|call| call.connection).collect::<BTreeSet<_>>().len(), 1);
}

#[test]
fn refusals_of_the_real_thing_have_their_kind() {
    let okta = Okta::start();
    okta.put_user(User::new("fred", PASSWORD).factor(Factor::totp("ost1", "GOOGLE", "JBSWY3DPEHPK3PXP")));
    let (client, org) = client_of(&okta);
    let wrong = {
        let (client, org) = (client.clone(), org.clone());
        run(async move { client.authenticate(&org, "fred", &Secret::from("no"), &Origin::default()).await })
    };
    let wrong = wrong.err().expect("refused");
    assert_eq!(wrong.kind, FailureKind::CredentialsRefused);
    assert_eq!(wrong.okta.error_code.as_deref(), Some("E0000004"));
    assert_eq!(wrong.text, "the API returned an error: Authentication failed");

    let Ok(Transaction::MfaRequired { state_token, .. }) = log_in(&client, &org) else { panic!("no factor") };
    let code = |token: &StateToken, code: String| {
        let (client, org, token) = (client.clone(), org.clone(), token.clone());
        run(async move {
            client
                .verify_factor(&org, &token, "ost1", Answer::PassCode(code.into()), &Origin::default())
                .await
        })
    };
    let failure = code(&state_token, "000000x".into()).err().expect("refused");
    assert_eq!(failure.kind, FailureKind::PasscodeRefused, "{}", failure.text);
    let right = okta.passcode("fred", "ost1").expect("a code");
    assert!(matches!(code(&state_token, right.clone()), Ok(Transaction::Success { .. })));
    assert_eq!(code(&state_token, right).err().expect("over").kind, FailureKind::TransactionExpired);

    let bad_token = {
        let (client, org) = (client.clone(), org.clone());
        run(async move { client.user_groups(&org, &Secret::from("00wrong"), "00u1").await })
    };
    assert_eq!(bad_token.expect_err("refused").kind, FailureKind::ApiTokenRefused);
}

#[test]
fn a_connection_that_okta_closed_while_idle_is_replaced() {
    let okta = Okta::start();
    okta.put_user(User::new("fred", PASSWORD));
    okta.set(|settings| settings.keep_alive_ms = 50);
    let (client, org) = client_of(&okta);
    log_in(&client, &org).expect("a login");
    // The close is awaited by what it leads to: a later login comes on another connection.
    let deadline = soon();
    while okta.calls().iter().all(|call| call.connection == 1) {
        assert!(deadline.interrupted().is_none(), "the connection is never closed");
        std::thread::park_timeout(Duration::from_millis(60));
        let before = okta.calls().len();
        let failed = log_in(&client, &org).err().map(|failure| failure.kind);
        assert!(matches!(failed, None | Some(FailureKind::Unreachable)), "{failed:?}");
        assert!(okta.calls().len() <= before + 1);
    }
}

#[derive(Clone, Copy, Debug)]
enum Refusal {
    /// RST_STREAM REFUSED_STREAM: "not processed, try again".
    Stream,
    /// GOAWAY NO_ERROR before an answer.
    GoAway,
}

/// reqwest repeats such calls by default. Ours could be repeated safely, if the server tells the truth; a client
/// that promises to send a password once does not ask.
#[test]
fn a_refused_call_is_not_repeated() {
    for refusal in [Refusal::Stream, Refusal::GoAway] {
        let received = Arc::new(AtomicUsize::new(0));
        let server = Network::new();
        let (ca_pem, tls) = certificates(Certificate::Good);
        let mut tls = (*tls.expect("TLS")).clone();
        tls.alpn_protocols = vec![b"h2".to_vec()];
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(tls));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("non-blocking");
        let url = format!("https://{}", listener.local_addr().expect("an address"));
        let counter = Arc::clone(&received);
        let serve = async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            while let Ok((stream, _)) = listener.accept().await {
                refuse(&acceptor, stream, refusal, &counter).await;
            }
        };
        server.spawn(serve).expect("started");
        let roots = TrustAnchors::Pem(ca_pem);
        let client = Client::new(Settings { roots, ..Settings::default() }).expect("settings");
        let failure = log_in(&client, &Org::parse(&url).expect("an address")).err().expect("no login");
        assert_eq!(failure.kind, FailureKind::Unreachable, "{refusal:?}: {}", failure.text);
        assert_eq!(received.load(Ordering::SeqCst), 1, "{refusal:?}");
    }
}

async fn refuse(
    acceptor: &tokio_rustls::TlsAcceptor,
    stream: TcpStream,
    refusal: Refusal,
    received: &AtomicUsize,
) {
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        assert_eq!(request.method(), http::Method::POST);
        received.fetch_add(1, Ordering::SeqCst);
        match refusal {
            Refusal::Stream => respond.send_reset(h2::Reason::REFUSED_STREAM),
            Refusal::GoAway => connection.abrupt_shutdown(h2::Reason::NO_ERROR),
        }
    }
}
