//! A server that answers with whatever bytes a test wants, where a well-behaved Okta would be no use: answers that
//! break off, never end, come from the wrong host. HTTP/1.1 over TLS on 127.0.0.1, one thread for each connection.

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What the server does with one request.
pub enum Reply {
    /// Sends these bytes and waits for the next request.
    Bytes(Vec<u8>),
    /// Sends these bytes and closes.
    ThenClose(Vec<u8>),
    /// Sends the first, then the second again and again with this pause, until the client hangs up.
    Endless(Vec<u8>, Vec<u8>, Duration),
    /// Sends nothing and waits until the client hangs up.
    Silence,
}

/// What is answered to a request that so many others came before.
pub type Answers = Box<dyn Fn(&Request, usize) -> Reply + Send + Sync>;

/// Which certificate the server shows.
#[derive(Clone, Copy)]
pub enum Certificate {
    /// One for 127.0.0.1, signed by the authority in `ca_pem`.
    Good,
    /// The same, but signed by another authority.
    OtherAuthority,
    /// One for another host name.
    OtherName,
    /// One that has expired.
    Expired,
    /// None: the server speaks plain HTTP to whoever expects TLS.
    Plain,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// Counts connections from 0.
    pub connection: usize,
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    /// The values of a header, in lower case as to its name.
    pub fn header(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str()).collect()
    }
}

/// The server; it stops when it is dropped.
pub struct RawServer {
    pub url: String,
    pub ca_pem: String,
    shared: Arc<Shared>,
    address: SocketAddr,
    acceptor: Option<JoinHandle<()>>,
}

struct Shared {
    requests: Mutex<Vec<Request>>,
    open: AtomicUsize,
    stop: AtomicBool,
    tls: Option<Arc<ServerConfig>>,
    answer: Answers,
}

impl RawServer {
    /// Starts a server; `answer` gets each request and the number of requests before it.
    pub fn start(
        certificate: Certificate,
        answer: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let (ca_pem, tls) = certificates(certificate);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            requests: Mutex::new(Vec::new()),
            open: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
            tls,
            answer: Box::new(answer),
        });
        let acceptor = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        Self { url: format!("https://{address}"), ca_pem, shared, address, acceptor: Some(acceptor) }
    }

    /// What was asked so far.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().expect("no poison").clone()
    }

    /// Connections that neither side has closed.
    pub fn open_connections(&self) -> usize {
        self.shared.open.load(Ordering::SeqCst)
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // Wakes the acceptor.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

/// An answer of JSON with its length.
pub fn json(status: u16, headers: &[(&str, String)], body: &str) -> Vec<u8> {
    answer(status, "application/json", headers, body)
}

/// An answer with its length.
pub fn answer(status: u16, content_type: &str, headers: &[(&str, String)], body: &str) -> Vec<u8> {
    let mut text =
        format!("HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    format!("{text}\r\n{body}").into_bytes()
}

/// The PEM text of an authority, and the TLS configuration of a server; none for [`Certificate::Plain`].
pub fn certificates(kind: Certificate) -> (String, Option<Arc<ServerConfig>>) {
    let authority = || {
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut params = rcgen::CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).expect("a certificate");
        (certificate.pem(), rcgen::Issuer::new(params, key))
    };
    let (ca_pem, issuer) = authority();
    let (_, other_issuer) = authority();
    let name = if matches!(kind, Certificate::OtherName) { "other.invalid" } else { "127.0.0.1" };
    let mut params = rcgen::CertificateParams::new(vec![name.to_owned()]).expect("parameters");
    if matches!(kind, Certificate::Expired) {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    }
    let key = rcgen::KeyPair::generate().expect("a key");
    let signer = if matches!(kind, Certificate::OtherAuthority) { &other_issuer } else { &issuer };
    let leaf = params.signed_by(&key, signer).expect("a certificate");
    if matches!(kind, Certificate::Plain) {
        return (ca_pem, None);
    }
    let chain = vec![CertificateDer::from(leaf.der().to_vec())];
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a configuration");
    (ca_pem, Some(Arc::new(config)))
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut connections = Vec::new();
    for (number, stream) in listener.incoming().enumerate() {
        if shared.stop.load(Ordering::SeqCst) {
            break;
        }
        let Ok(stream) = stream else { continue };
        let shared = Arc::clone(shared);
        shared.open.fetch_add(1, Ordering::SeqCst);
        connections.push(std::thread::spawn(move || {
            serve(stream, number, &shared);
            shared.open.fetch_sub(1, Ordering::SeqCst);
        }));
    }
    for connection in connections {
        let _ = connection.join();
    }
}

fn serve(stream: TcpStream, connection: usize, shared: &Shared) {
    // Short, so that a connection notices the stop; long waits are loops of these.
    let _ = stream.set_read_timeout(Some(Duration::from_millis(20)));
    let _ = stream.set_write_timeout(Some(Duration::from_millis(500)));
    match &shared.tls {
        Some(config) => {
            let Ok(session) = ServerConnection::new(Arc::clone(config)) else { return };
            talk(StreamOwned::new(session, stream), connection, shared);
        }
        None => {
            // As an HTTP server does with a TLS greeting.
            let mut stream = stream;
            if read_some(&mut stream, &shared.stop).is_some() {
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
            }
        }
    }
}

fn talk(mut stream: impl Read + Write, connection: usize, shared: &Shared) {
    while let Some(request) = read_request(&mut stream, connection, &shared.stop) {
        let before = {
            let mut requests = shared.requests.lock().expect("no poison");
            requests.push(request.clone());
            requests.len() - 1
        };
        let open = match (shared.answer)(&request, before) {
            Reply::Bytes(bytes) => stream.write_all(&bytes).and_then(|()| stream.flush()).is_ok(),
            Reply::ThenClose(bytes) => {
                let _ = stream.write_all(&bytes).and_then(|()| stream.flush());
                false
            }
            Reply::Endless(head, more, pause) => {
                let mut written = stream.write_all(&head);
                while written.is_ok() && !shared.stop.load(Ordering::SeqCst) {
                    written = stream.write_all(&more).and_then(|()| stream.flush());
                    std::thread::sleep(pause);
                }
                false
            }
            Reply::Silence => {
                while read_some(&mut stream, &shared.stop).is_some() {}
                false
            }
        };
        if !open {
            return;
        }
    }
}

/// The next bytes; `None` when the client hung up or the server stops.
fn read_some(stream: &mut impl Read, stop: &AtomicBool) -> Option<Vec<u8>> {
    let mut buffer = [0; 4_096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return None,
            Ok(length) => return buffer.get(..length).map(<[u8]>::to_vec),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                if stop.load(Ordering::SeqCst) {
                    return None;
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

fn read_request(stream: &mut impl Read, connection: usize, stop: &AtomicBool) -> Option<Request> {
    let mut bytes = Vec::new();
    let head_length = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        bytes.extend(read_some(stream, stop)?);
    };
    let head = String::from_utf8_lossy(bytes.get(..head_length)?).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    while bytes.len() < head_length + 4 + length {
        bytes.extend(read_some(stream, stop)?);
    }
    let body = String::from_utf8_lossy(bytes.get(head_length + 4..)?).into_owned();
    Some(Request { connection, method, path, headers, body })
}
