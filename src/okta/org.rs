//! The address of an organisation: an origin, and nothing but an origin.

use reqwest::Url;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// The longest name that DNS knows (RFC 1035 §2.3.4).
const HOST_BYTES: usize = 253;

/// An organisation at Okta: scheme, host and port. Two are equal when all three are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Org {
    /// Has no user-info, query or fragment, and the path `/`.
    origin: Arc<Url>,
}

impl Org {
    /// Reads `https://acme.okta.com`, with a port or a closing slash if wanted. Plain http is taken for loopback
    /// hosts only (`127.0.0.0/8`, `::1`, `localhost`). Nothing is looked up.
    ///
    /// # Errors
    /// What is wrong with the text, in words that do not repeat it: someone may have put a password there.
    pub fn parse(url: &str) -> Result<Self, String> {
        let rest = without_scheme(url)?;
        // The URL parser quietly drops or rewrites these; an address that needs it is no address of ours.
        if let Some(found) = url.chars().find(|c| c.is_control() || c.is_whitespace() || *c == '\\') {
            return Err(match found {
                '\\' => "the address holds a backslash".to_owned(),
                ' ' => "the address holds a space".to_owned(),
                _ => "the address holds a control character or white space".to_owned(),
            });
        }
        let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let authority = rest.get(..authority_end).unwrap_or_default();
        if authority.is_empty() || authority.starts_with(':') {
            return Err("the address names no host".to_owned());
        }
        if authority.contains('@') {
            return Err("the address must not hold a user name or password".to_owned());
        }
        if authority.contains('%') {
            return Err("the host name must not hold percent signs".to_owned());
        }
        let origin = Url::parse(url).map_err(|error| format!("the address is no URL: {error}"))?;
        if origin.query().is_some() {
            return Err("the address must not hold a query".to_owned());
        }
        if origin.fragment().is_some() {
            return Err("the address must not hold a fragment".to_owned());
        }
        if origin.path() != "/" {
            return Err("the address must not hold a path".to_owned());
        }
        check_host(origin.host_str().unwrap_or_default())?;
        if origin.port() == Some(0) {
            return Err("port 0 cannot be connected to".to_owned());
        }
        let org = Self { origin: Arc::new(origin) };
        if org.origin.scheme() == "http" && !org.is_loopback() {
            return Err(
                "the address must begin with https:// (plain http is for loopback hosts only)".to_owned()
            );
        }
        Ok(org)
    }

    /// Whether a URL (a link that Okta published) is on this organisation's scheme, host and port, and carries no
    /// user name or password, which would be sent in place of our own credentials.
    pub fn has(&self, url: &Url) -> bool {
        self.origin.scheme() == url.scheme()
            && url.username().is_empty()
            && url.password().is_none()
            && self.origin.host() == url.host()
            && self.origin.port_or_known_default() == url.port_or_known_default()
    }

    /// The URL of these path segments; each is percent-encoded whole, so that none can add or take one.
    ///
    /// # Errors
    /// A segment is empty, `.` or `..`, which no encoding can keep from being read as something else.
    pub fn url(&self, segments: &[&str]) -> Result<Url, String> {
        let mut url = Url::clone(&self.origin);
        if segments.iter().any(|segment| matches!(*segment, "" | "." | "..")) {
            return Err("an id of Okta's is empty or made of dots".to_owned());
        }
        match url.path_segments_mut() {
            Ok(mut path) => path.clear().extend(segments),
            Err(()) => return Err("the organisation's address takes no path".to_owned()),
        };
        Ok(url)
    }

    /// The origin as a URL, to resolve relative links against.
    pub fn as_url(&self) -> &Url {
        &self.origin
    }

    fn is_loopback(&self) -> bool {
        let host = self.origin.host_str().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        match bare.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => address.is_loopback(),
            Ok(IpAddr::V6(address)) => address == Ipv6Addr::LOCALHOST || is_mapped_loopback(address),
            Err(_) => bare == "localhost",
        }
    }
}

impl fmt::Display for Org {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.origin.as_str().trim_end_matches('/'))
    }
}

fn is_mapped_loopback(address: Ipv6Addr) -> bool {
    address.to_ipv4_mapped().is_some_and(|address: Ipv4Addr| address.is_loopback())
}

/// What follows `https://` or `http://`. The URL parser would also take `https:acme` and `https:///acme`.
fn without_scheme(url: &str) -> Result<&str, String> {
    let (scheme, rest) = url
        .split_once("://")
        .ok_or_else(|| "the address must be a whole URL that begins with https://".to_owned())?;
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return Err("the address must begin with https://".to_owned());
    }
    Ok(rest)
}

/// The host as the URL parser wrote it: lower case, IDNA done.
fn check_host(host: &str) -> Result<(), String> {
    if host.is_empty() {
        return Err("the address names no host".to_owned());
    }
    if host.starts_with('[') {
        return Ok(());
    }
    if host.len() > HOST_BYTES {
        return Err(format!("the host name is longer than {HOST_BYTES} bytes"));
    }
    if host.trim_end_matches('.').split('.').any(str::is_empty) || host.ends_with("..") {
        return Err("the host name has an empty part between its dots".to_owned());
    }
    if !host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')) {
        return Err("the host name holds a character that host names cannot have".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_taken_and_shown_without_a_slash() {
        for (url, shown) in [
            ("https://acme.okta.com", "https://acme.okta.com"),
            ("https://acme.okta.com/", "https://acme.okta.com"),
            ("HTTPS://Acme.Okta.Com:443", "https://acme.okta.com"),
            ("https://acme.okta.com:8443/", "https://acme.okta.com:8443"),
            ("https://127.0.0.1:9", "https://127.0.0.1:9"),
            ("https://[::1]:9", "https://[::1]:9"),
            ("http://127.9.9.9", "http://127.9.9.9"),
            ("http://[::1]", "http://[::1]"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("https://b\u{fc}cher.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(Org::parse(url).map(|org| org.to_string()), Ok(shown.to_owned()), "{url}");
        }
    }

    #[test]
    fn everything_else_is_refused_with_its_reason_and_not_repeated() {
        for (url, reason) in [
            ("", "whole URL"),
            ("acme.okta.com", "whole URL"),
            ("https:acme.okta.com", "whole URL"),
            ("ftp://acme.okta.com", "https://"),
            ("http://acme.okta.com", "https://"),
            ("http://127.0.0.1.okta.com", "https://"),
            ("http://localhost.okta.com", "https://"),
            ("http://0.0.0.0", "https://"),
            ("https://", "no host"),
            ("https:///acme.okta.com", "no host"),
            ("https://:443", "no host"),
            ("https://.okta.com", "empty part"),
            ("https://acme..okta.com", "empty part"),
            ("https://acme.okta.com..", "empty part"),
            ("https://fred:hunter2@acme.okta.com", "user name"),
            ("https://@acme.okta.com", "user name"),
            ("https://evil.example/x?.okta.com", "query"),
            ("https://acme.okta.com?", "query"),
            ("https://acme.okta.com#x", "fragment"),
            ("https://acme.okta.com/api", "path"),
            ("https://acme.okta.com//", "path"),
            ("https://acme.okta.com\\x", "backslash"),
            ("https://ac me.okta.com", "space"),
            (" https://acme.okta.com", "https://"),
            ("https://ac\tme.okta.com", "control"),
            ("https://acme.okta.com\n", "control"),
            ("https://acme%2eokta.com", "percent"),
            ("https://{yourOktaDomain}", "character"),
            ("https://acme.okta.com:0", "port 0"),
            ("https://acme.okta.com:99999", "no URL"),
        ] {
            let text = Org::parse(url).expect_err(url);
            assert!(text.contains(reason), "{url}: {text}");
            assert!(!text.contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn links_are_compared_by_origin() {
        let org = Org::parse("https://acme.okta.com").expect("valid");
        for (link, same) in [
            ("https://acme.okta.com/api/v1/users?after=x", true),
            ("https://ACME.okta.com:443/", true),
            ("http://acme.okta.com/", false),
            ("https://acme.okta.com:444/", false),
            ("https://acme.okta.com.evil.example/", false),
            ("https://acme.okta.com@evil.example/", false),
            ("https://fred@acme.okta.com/", false),
        ] {
            assert_eq!(org.has(&Url::parse(link).expect("a URL")), same, "{link}");
        }
    }

    #[test]
    fn a_segment_stays_one_segment() {
        let org = Org::parse("https://acme.okta.com:8443").expect("valid");
        for (id, path) in [
            ("opf1", "/api/v1/opf1"),
            ("a/b", "/api/v1/a%2Fb"),
            ("../x?y#z", "/api/v1/..%2Fx%3Fy%23z"),
            ("a b\u{e9}%2e", "/api/v1/a%20b%C3%A9%252e"),
        ] {
            let url = org.url(&["api", "v1", id]).expect("taken");
            assert_eq!(url.as_str(), format!("https://acme.okta.com:8443{path}"), "{id}");
        }
        for id in ["", ".", ".."] {
            assert!(org.url(&["api", id]).is_err(), "{id}");
        }
    }
}
