//! A plain HTTPS client for these tests.

use okta_loopback::{API_TOKEN, Okta};
use reqwest::header::{HeaderMap, HeaderName};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// A client that trusts one loopback Okta.
pub struct Client {
    url: String,
    http: reqwest::Client,
    runtime: tokio::runtime::Runtime,
}

/// What came back.
pub struct Got {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Client {
    pub fn new(okta: &Okta) -> Self {
        let mut roots = rustls::RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(okta.ca_pem().as_bytes()) {
            roots.add(certificate.unwrap()).unwrap();
        }
        let mut tls =
            rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_root_certificates(roots)
                .with_no_client_auth();
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(5))
            .build()
            .unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { url: okta.url().to_owned(), http, runtime }
    }

    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> reqwest::Result<Got> {
        let url = if path.starts_with("https:") { path.to_owned() } else { format!("{}{path}", self.url) };
        let mut request = self.http.request(method.parse().unwrap(), url);
        for (name, value) in headers {
            request = request.header(name.parse::<HeaderName>().unwrap(), *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        self.runtime.block_on(async {
            let response = request.send().await?;
            Ok(Got {
                status: response.status().as_u16(),
                headers: response.headers().clone(),
                text: response.text().await?,
            })
        })
    }

    /// A JSON call to `/api/v1/authn` and what follows it in the path.
    pub fn authn(&self, path: &str, body: &Value) -> Got {
        let headers = [("accept", "application/json"), ("content-type", "application/json")];
        self.send("POST", &format!("/api/v1/authn{path}"), &headers, Some(body.to_string())).unwrap()
    }

    /// A login with a password.
    pub fn log_in(&self, username: &str, password: &str) -> Got {
        self.authn("", &json!({ "username": username, "password": password }))
    }

    /// A read with an API token.
    pub fn get(&self, path: &str) -> Got {
        let authorization = format!("SSWS {API_TOKEN}");
        let headers = [("accept", "application/json"), ("authorization", authorization.as_str())];
        self.send("GET", path, &headers, None).unwrap()
    }
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// Checks status and a text member of the body; gives the body.
    #[track_caller]
    pub fn expect(&self, status: u16, member: &str, value: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        let body = self.json();
        assert_eq!(body[member], value, "{body}");
        body
    }

    /// The body's state token.
    pub fn token(&self) -> String {
        self.json()["stateToken"].as_str().unwrap().to_owned()
    }

    pub fn header(&self, name: &str) -> Vec<&str> {
        self.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
    }
}
