//! Certificates, and the loop that accepts TLS connections.

use crate::service::{self, Peer};
use crate::state::{Shared, locked};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::convert::Infallible;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;

/// A client that does not finish its handshake is not waited for.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Makes a certificate authority and a certificate of its own for these names.
/// Gives the authority as PEM and the server's configuration.
pub(crate) fn configuration(names: &[String], http2: bool) -> Result<(String, ServerConfig), rcgen::Error> {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    authority.distinguished_name.push(DnType::CommonName, "okta_loopback authority");
    let authority_key = KeyPair::generate()?;
    let authority_certificate = authority.self_signed(&authority_key)?;

    let mut leaf = CertificateParams::new(names)?;
    leaf.distinguished_name.push(DnType::CommonName, "okta_loopback");
    leaf.use_authority_key_identifier_extension = true;
    let leaf_key = KeyPair::generate()?;
    let leaf = leaf.signed_by(&leaf_key, &Issuer::new(authority, authority_key))?;

    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has cipher suites for the default versions")
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .expect("a certificate fits the key that it was made with");
    server.alpn_protocols = if http2 { vec![b"h2".to_vec()] } else { Vec::new() };
    server.alpn_protocols.push(b"http/1.1".to_vec());
    Ok((authority_certificate.pem(), server))
}

/// Accepts connections for ever.
pub(crate) async fn serve(listener: TcpListener, config: ServerConfig, okta: Arc<Shared>) {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let router = service::routes(okta.clone());
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Answers are small: waiting to fill a packet would only cost time.
                let _ = stream.set_nodelay(true);
                tokio::spawn(connection(stream, acceptor.clone(), router.clone(), okta.clone()));
            }
            // Out of file descriptors, most likely: others may close theirs.
            Err(_) => sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn connection(stream: TcpStream, acceptor: TlsAcceptor, router: axum::Router, okta: Arc<Shared>) {
    let Ok(Ok(stream)) = timeout(HANDSHAKE, acceptor.accept(stream)).await else {
        okta.record.failed_handshake();
        return;
    };
    let peer = Peer { number: okta.record.connection(), closing: Arc::new(Notify::new()) };
    let activity = Arc::new(Activity::default());
    activity.stamp();
    let service = service_fn(|request| {
        let (okta, router, peer, activity) = (okta.clone(), router.clone(), peer.clone(), activity.clone());
        async move {
            activity.running.fetch_add(1, Ordering::Relaxed);
            let response = service::answer(okta, router, peer, request).await;
            activity.running.fetch_sub(1, Ordering::Relaxed);
            activity.stamp();
            Ok::<_, Infallible>(response)
        }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new());
    builder.http2().timer(TokioTimer::new());
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let mut told = false;
    loop {
        tokio::select! {
            _ = connection.as_mut() => return,
            () = peer.closing.notified() => return,
            () = activity.idle(&okta), if !told => {
                told = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

/// When a connection was last used.
#[derive(Default)]
struct Activity {
    running: AtomicUsize,
    /// Milliseconds after the start.
    last: AtomicI64,
}

impl Activity {
    fn stamp(&self) {
        let since = start().elapsed().as_millis();
        self.last.store(i64::try_from(since).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// Ends when nothing has happened for the time that keep-alive lasts.
    async fn idle(&self, okta: &Shared) {
        loop {
            let keep_alive = locked(&okta.world).settings.keep_alive_ms;
            if keep_alive == 0 {
                return std::future::pending().await;
            }
            let last = u64::try_from(self.last.load(Ordering::Relaxed)).unwrap_or_default();
            let end = start() + Duration::from_millis(last + keep_alive);
            if self.running.load(Ordering::Relaxed) > 0 {
                sleep(Duration::from_millis(keep_alive)).await;
            } else if Instant::now() >= end {
                return;
            } else {
                sleep_until(end).await;
            }
        }
    }
}

fn start() -> Instant {
    static START: OnceLock<Instant> = OnceLock::new();
    *START.get_or_init(Instant::now)
}
