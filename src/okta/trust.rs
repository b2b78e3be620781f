//! Which certificates are trusted, and the TLS configuration made of them.

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use std::sync::Arc;

/// Where the trusted certificates come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TrustAnchors {
    /// The system's, read from the first of its usual places when they are first needed.
    #[default]
    System,
    /// These certificates (PEM text, one or many) and no others.
    Pem(String),
}

/// Where systems keep one file of all certificates they trust: Debian, Arch and Alpine; Fedora and RHEL (old, new);
/// openSUSE; Alpine, macOS and OpenBSD; FreeBSD; NetBSD. `SSL_CERT_FILE` is not asked: the environment is the host's.
const SYSTEM_FILES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
    "/etc/openssl/certs/ca-certificates.crt",
];

impl TrustAnchors {
    /// The certificates themselves.
    ///
    /// # Errors
    /// A text for an operator: the PEM text holds no certificate, one is broken, or the system has none.
    pub(super) fn load(&self) -> Result<RootCertStore, String> {
        match self {
            Self::Pem(text) => given(text),
            Self::System => system(),
        }
    }
}

fn given(text: &str) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(text.as_bytes()) {
        let certificate = certificate.map_err(|_| "ca_pem or ca_file holds broken PEM text".to_owned())?;
        roots
            .add(certificate)
            .map_err(|_| "ca_pem or ca_file holds a certificate that cannot be read".to_owned())?;
    }
    if roots.is_empty() {
        return Err("ca_pem or ca_file holds no certificate (PEM text is expected)".to_owned());
    }
    Ok(roots)
}

fn system() -> Result<RootCertStore, String> {
    for file in SYSTEM_FILES {
        let Ok(text) = std::fs::read(file) else { continue };
        let mut roots = RootCertStore::empty();
        // One odd certificate among the system's hundred must not make the others useless.
        roots.add_parsable_certificates(CertificateDer::pem_slice_iter(&text).filter_map(Result::ok));
        if !roots.is_empty() {
            return Ok(roots);
        }
    }
    Err(format!(
        "no certificates of the system were found (looked at {}): install ca-certificates or set ca_file",
        SYSTEM_FILES.join(", ")
    ))
}

/// TLS 1.2 and 1.3 with the one cryptography provider, handed over explicitly: a process-wide default would be the
/// host's to set.
///
/// # Errors
/// The provider does not support what rustls asks for.
pub(super) fn client_config(roots: RootCertStore) -> Result<ClientConfig, String> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be set up: {error}"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_usable_certificates_is_refused() {
        for (text, reason) in [
            ("", "no certificate"),
            ("hello", "no certificate"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "cannot be read"),
            ("-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n", "broken"),
        ] {
            let error = TrustAnchors::Pem(text.into()).load().expect_err(text);
            assert!(error.contains(reason), "{text:?}: {error}");
        }
    }
}
