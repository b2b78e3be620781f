//! One HTTP call: connections, limits, and what went wrong in words for an operator.

use super::failure::{Failure, FailureKind, quote};
use super::{Org, TrustAnchors, trust};
use crate::clock::Clock;
use crate::limits;
use crate::secret::{Secret, SecretBytes};
use bytes::Bytes;
use once_cell::sync::OnceCell;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use reqwest::{Method, NoProxy, Proxy, Url};
use std::error::Error as StdError;
use std::io;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};
use zeroize::Zeroizing;

/// How a client reaches Okta.
#[derive(Clone)]
pub struct Settings {
    /// Which certificates are trusted.
    pub roots: TrustAnchors,
    /// `http://` or `https://` URL of a proxy, user name and password in it if needed.
    pub proxy: Option<Secret<String>>,
    /// Without `proxy`: take it from `HTTPS_PROXY` and heed `NO_PROXY`. The environment is read for nothing else.
    pub use_env_proxy: bool,
    /// How long a connection may take: name look-up, TCP and TLS.
    pub connect_timeout: Duration,
    /// How long one call may take in all, to the last byte of the answer.
    pub request_timeout: Duration,
    /// Times the pauses between two tries of a read.
    pub clock: Clock,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            roots: TrustAnchors::System,
            proxy: None,
            use_env_proxy: false,
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(15),
            clock: Clock::system(),
        }
    }
}

/// Whose call it is, as far as Okta is told: its logs, network zones and policies look at it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// `User-Agent` of the end user; by default the library's name and version.
    pub user_agent: Option<String>,
    /// `X-Forwarded-For`: Okta heeds it only from addresses configured there as trusted proxies.
    pub forwarded_for: Option<String>,
}

/// An answer of any status, read to its end. The body of one may hold state tokens.
pub(super) struct Response {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Zeroizing<Vec<u8>>,
}

impl Response {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether `Content-Type` says JSON: `application/json` or `application/…+json`, with parameters or none.
    pub fn says_json(&self) -> bool {
        let Some(Ok(value)) = self.headers.get(CONTENT_TYPE).map(HeaderValue::to_str) else { return false };
        let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
    }
}

pub(super) struct Transport {
    settings: Settings,
    /// Given PEM text is checked when the client is made; the system's is read with the first call.
    roots: Option<rustls::RootCertStore>,
    proxy: Option<Proxy>,
    http: OnceCell<reqwest::Client>,
    turns: Semaphore,
    process: u32,
}

impl Transport {
    pub fn new(mut settings: Settings) -> Result<Self, String> {
        let roots = match &settings.roots {
            TrustAnchors::System => None,
            given => Some(given.load()?),
        };
        let proxy = proxy(&mut settings)?;
        let turns = Semaphore::new(limits::OKTA_CALLS);
        Ok(Self { settings, roots, proxy, http: OnceCell::new(), turns, process: std::process::id() })
    }

    pub fn clock(&self) -> &Clock {
        &self.settings.clock
    }

    /// Sends a JSON body once, whatever happens.
    pub async fn post(&self, org: &Org, url: Url, body: Bytes, origin: &Origin) -> Result<Response, Failure> {
        let request = self
            .http()?
            .request(Method::POST, url)
            .headers(origin_headers(origin)?)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(body);
        self.send(org, request).await
    }

    /// Asks with an API token.
    pub async fn get(&self, org: &Org, url: Url, authorization: HeaderValue) -> Result<Response, Failure> {
        let request = self.http()?.request(Method::GET, url).header(AUTHORIZATION, authorization);
        self.send(org, request).await
    }

    /// Waits for a turn to call, of which [`limits::OKTA_CALLS`] are given out at once.
    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed, so there is always one.
        self.turns.acquire().await.ok()
    }

    async fn send(&self, org: &Org, request: reqwest::RequestBuilder) -> Result<Response, Failure> {
        let begun = Instant::now();
        let mut response = request.send().await.map_err(|error| self.explain(org, &error, begun))?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let body = match self.body(org, &mut response, begun).await {
            Ok(body) => body,
            // An error is told by its status; its text is worth having, not worth failing for.
            Err(_) if !response.status().is_success() => Zeroizing::default(),
            Err(failure) => return Err(failure.with_status(status)),
        };
        // The task that puts an HTTP/1.1 connection back into the pool has been woken but may not have run. One
        // turn lets it run, or the next call, which often follows at once, would open another connection.
        tokio::task::yield_now().await;
        Ok(Response { status, headers, body })
    }

    async fn body(
        &self,
        org: &Org,
        response: &mut reqwest::Response,
        begun: Instant,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let announced = usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
        if announced > limits::OKTA_ANSWER_BYTES {
            return Err(too_large());
        }
        let mut body = SecretBytes::with_capacity(announced.max(4_096));
        while let Some(chunk) =
            response.chunk().await.map_err(|error| self.explain_body(org, &error, begun))?
        {
            if body.len() + chunk.len() > limits::OKTA_ANSWER_BYTES {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.into_inner())
    }

    fn http(&self) -> Result<&reqwest::Client, Failure> {
        if self.process != std::process::id() {
            let text =
                "this client was made before a fork and its connections are the parent's; make a new one";
            return Err(Failure::new(FailureKind::Other, text));
        }
        self.http
            .get_or_try_init(|| self.build())
            .map_err(|text| Failure::new(FailureKind::Unreachable, text))
    }

    fn build(&self) -> Result<reqwest::Client, String> {
        let roots = match &self.roots {
            Some(roots) => roots.clone(),
            None => self.settings.roots.load()?,
        };
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(trust::client_config(roots)?)
            .default_headers(headers)
            .user_agent(concat!("okta_auth/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            // No call is sent twice. By default reqwest repeats one that HTTP/2 refused (GOAWAY, REFUSED_STREAM);
            // `never` ends that. What is left is in hyper-util's pool and has no switch here: a call that was
            // queued for a kept connection, and of which the connection had not taken the first byte when it
            // was found closed, goes to another connection. hyper gives a call back for that only from its
            // queue (`TrySendError::message`), never one that it began to write.
            .retry(reqwest::retry::never())
            .connect_timeout(self.settings.connect_timeout)
            .timeout(self.settings.request_timeout)
            .pool_idle_timeout(limits::OKTA_IDLE_CONNECTION)
            .pool_max_idle_per_host(limits::OKTA_IDLE_CONNECTIONS)
            .http2_keep_alive_interval(limits::OKTA_PING)
            .http2_keep_alive_timeout(limits::OKTA_PING)
            // Without this reqwest reads the environment's proxy.
            .no_proxy();
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy.clone());
        }
        builder.build().map_err(|error| format!("the HTTP client cannot be set up: {}", innermost(&error)))
    }

    /// Why a call brought no answer. The error's own text is not used as a whole: it can hold URLs, and a proxy's
    /// URL holds a password.
    fn explain(&self, org: &Org, error: &reqwest::Error, begun: Instant) -> Failure {
        let (kind, text) = if error.is_timeout() && !error.is_connect() && !self.is_over(begun) {
            // The only other limit is that of the pings of HTTP/2.
            (FailureKind::TimedOut, format!("the connection to {org} died while waiting for an answer"))
        } else if error.is_timeout() {
            let (doing, setting, limit) = if error.is_connect() {
                ("connecting", "connect_timeout_ms", self.settings.connect_timeout)
            } else {
                ("waiting for an answer", "request_timeout_ms", self.settings.request_timeout)
            };
            let limit = limit.as_millis();
            (FailureKind::TimedOut, format!("time-out after {limit} ms ({setting}) while {doing} to {org}"))
        } else if error.is_connect() {
            (FailureKind::Unreachable, self.explain_connect(org, error))
        } else if error.is_builder() {
            (FailureKind::Other, format!("the call to {org} could not be built"))
        } else {
            (
                FailureKind::Unreachable,
                format!("{org} closed the connection without an answer{}", io_reason(error)),
            )
        };
        Failure::new(kind, text)
    }

    fn explain_connect(&self, org: &Org, error: &reqwest::Error) -> String {
        use rustls::{CertificateError as Certificate, Error as Tls};
        let via = if self.proxy.is_some() { " through the proxy" } else { "" };
        if error.is_dns() {
            let what = if self.proxy.is_some() { "the proxy's host name" } else { "its host name" };
            return format!(
                "{org} cannot be reached: {what} cannot be resolved; check org_url (or org_name and base_url) and the name servers"
            );
        }
        if let Some(tls) = causes(error).find_map(|cause| cause.downcast_ref::<Tls>()) {
            return match tls {
                Tls::InvalidCertificate(Certificate::UnknownIssuer | Certificate::BadSignature) => format!(
                    "the certificate of {org} is not signed by a trusted authority; set ca_file if it is your own"
                ),
                Tls::InvalidCertificate(
                    Certificate::NotValidForName | Certificate::NotValidForNameContext { .. },
                ) => {
                    format!("the certificate of {org} is for another host name; check org_name and base_url")
                }
                Tls::InvalidCertificate(
                    Certificate::Expired
                    | Certificate::ExpiredContext { .. }
                    | Certificate::NotValidYet
                    | Certificate::NotValidYetContext { .. },
                ) => format!(
                    "the certificate of {org} is expired or not valid yet; check this machine's clock too"
                ),
                Tls::InvalidCertificate(why) => {
                    format!("the certificate of {org} is not acceptable: {}", quote(&why.to_string()))
                }
                Tls::InvalidMessage(_) => format!("{org} does not speak TLS on this port"),
                Tls::AlertReceived(alert) => format!("{org} broke off the TLS handshake ({alert:?})"),
                _ => format!("no TLS connection to {org} could be made"),
            };
        }
        let io_error = causes(error).find_map(|cause| cause.downcast_ref::<io::Error>());
        match io_error.map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => format!("{org} refused the connection{via}"),
            Some(
                io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe,
            ) => {
                format!("{org} closed the connection during the TLS handshake{via}")
            }
            Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
                format!("there is no network route to {org}{via}")
            }
            _ if self.proxy.is_some() => format!("the proxy opened no connection to {org}; check proxy"),
            _ => format!("no connection to {org} could be made{}", io_reason(error)),
        }
    }

    fn is_over(&self, begun: Instant) -> bool {
        begun.elapsed() >= self.settings.request_timeout
    }

    fn explain_body(&self, org: &Org, error: &reqwest::Error, begun: Instant) -> Failure {
        if error.is_timeout() {
            return self.explain(org, error, begun);
        }
        Failure::new(FailureKind::InvalidAnswer, format!("the answer of {org} broke off before its end"))
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            // In a forked child the connections are the parent's, and so is the runtime that a close would wake.
            std::mem::forget(self.http.take());
        }
    }
}

fn too_large() -> Failure {
    Failure::new(
        FailureKind::InvalidAnswer,
        format!("Okta's answer is larger than {} bytes", limits::OKTA_ANSWER_BYTES),
    )
}

fn proxy(settings: &mut Settings) -> Result<Option<Proxy>, String> {
    if let Some(url) = settings.proxy.take() {
        // Never the parser's text: it may repeat the URL and the password in it.
        return match proxy_url(url.expose()) {
            Some(url) => Ok(Some(Proxy::all(url).map_err(|_| "proxy is no usable URL".to_owned())?)),
            None => Err("proxy must be an http:// or https:// URL of a host".to_owned()),
        };
    }
    if !settings.use_env_proxy {
        return Ok(None);
    }
    let variable = |upper: &str, lower: &str| {
        [upper, lower].into_iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    };
    let Some(url) = variable("HTTPS_PROXY", "https_proxy") else { return Ok(None) };
    let url =
        proxy_url(&url).ok_or_else(|| "HTTPS_PROXY is no http:// or https:// URL of a host".to_owned())?;
    let exceptions = variable("NO_PROXY", "no_proxy").and_then(|list| NoProxy::from_string(&list));
    let proxy = Proxy::https(url).map_err(|_| "HTTPS_PROXY is no usable URL".to_owned())?;
    Ok(Some(proxy.no_proxy(exceptions)))
}

fn proxy_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

fn origin_headers(origin: &Origin) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        (USER_AGENT, &origin.user_agent),
        (HeaderName::from_static("x-forwarded-for"), &origin.forwarded_for),
    ] {
        let Some(value) = value else { continue };
        let header = HeaderValue::from_bytes(value.as_bytes()).ok();
        let Some(header) = header.filter(|_| value.len() <= limits::OKTA_HEADER_BYTES) else {
            return Err(Failure::new(
                FailureKind::Other,
                format!("the value for {name} is too long for a header or holds control characters"),
            ));
        };
        headers.insert(name, header);
    }
    Ok(headers)
}

/// An error and what caused it, with the errors inside of `io::Error`s, which `source` jumps over.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>() {
        Some(io_error) => io_error.get_ref().map(|inner| inner as &(dyn StdError + 'static)),
        None => error.source(),
    })
    .take(16)
}

fn innermost(error: &(dyn StdError + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

/// ` (connection reset)` and the like, where the system said something.
fn io_reason(error: &reqwest::Error) -> String {
    causes(error)
        .find_map(|cause| cause.downcast_ref::<io::Error>())
        .map(|error| format!(" ({})", error.kind()))
        .unwrap_or_default()
}
