//! The bare program: the HTTPS calls of a login, their answers parsed, and nothing else.

use bench::okta::{Okta, PASSWORD, login};
use reqwest::header::{ACCEPT, AUTHORIZATION, LINK};
use rustls::RootCertStore;
use rustls_pki_types::{CertificateDer, pem::PemObject};
use serde_json::{Value, json};
use std::rc::Rc;
use std::sync::Arc;

/// An HTTP client and a runtime of one thread, as the library has them.
pub struct Bare {
    runtime: tokio::runtime::Runtime,
    calls: Rc<Calls>,
}

struct Calls {
    http: reqwest::Client,
    origin: String,
    authorization: String,
}

impl Bare {
    /// A program for this Okta; it connects with its first login.
    pub fn new(okta: &Okta) -> Self {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(okta.text("ca_pem").as_bytes()) {
            roots.add(certificate.expect("PEM")).expect("a certificate");
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("a client");
        let calls = Calls {
            http,
            origin: okta.text("url").to_owned(),
            authorization: format!("SSWS {}", okta.text("api_token")),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { runtime, calls: Rc::new(calls) }
    }

    /// Logs in `each` times in each of `concurrent` tasks.
    pub fn logins(&self, concurrent: usize, each: usize) {
        let tasks = tokio::task::LocalSet::new();
        for task in 0..concurrent {
            let calls = Rc::clone(&self.calls);
            tasks.spawn_local(async move {
                let username = login(task);
                for _ in 0..each {
                    assert_eq!(calls.login(&username).await, 5);
                }
            });
        }
        self.runtime.block_on(tasks);
    }

    /// Logs in one after the other as a user of many groups.
    pub fn logins_as(&self, username: &str, times: usize, groups: usize) {
        self.runtime.block_on(async {
            for _ in 0..times {
                assert_eq!(self.calls.login(username).await, groups);
            }
        });
    }
}

impl Calls {
    /// How many groups the user is in.
    async fn login(&self, username: &str) -> usize {
        let body = json!({ "username": username, "password": PASSWORD }).to_string();
        let authn = self
            .http
            .post(format!("{}/api/v1/authn", self.origin))
            .header("content-type", "application/json")
            .header(ACCEPT, "application/json")
            .body(body);
        let (answer, _) = self.answer(authn).await;
        assert_eq!(answer["status"], "SUCCESS");
        let id = answer["_embedded"]["user"]["id"].as_str().expect("an id");
        let mut next = Some(format!("{}/api/v1/users/{id}/groups?limit=200", self.origin));
        let mut names = Vec::new();
        while let Some(url) = next {
            let groups = self
                .http
                .get(url)
                .header(ACCEPT, "application/json")
                .header(AUTHORIZATION, &self.authorization);
            let (page, link) = self.answer(groups).await;
            for group in page.as_array().expect("a list") {
                names.push(group["profile"]["name"].as_str().expect("a name").to_owned());
            }
            next = link;
        }
        names.len()
    }

    /// The JSON and where the next page is.
    async fn answer(&self, request: reqwest::RequestBuilder) -> (Value, Option<String>) {
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        let links = response.headers().get_all(LINK);
        let next = links.iter().filter_map(|value| value.to_str().ok()).find_map(|value| {
            value.strip_suffix("; rel=\"next\"")?.strip_prefix('<')?.strip_suffix('>').map(str::to_owned)
        });
        let body = response.bytes().await.expect("a body");
        (serde_json::from_slice(&body).expect("JSON"), next)
    }
}
