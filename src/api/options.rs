//! The options of `okta_auth_open`.

use super::members::{Members, parse_object};
use crate::audit;
use crate::error::{Code, Error, Result};
use crate::field;
use crate::json::{self, Value};
use crate::mount;
use crate::secret::Secret;
use crate::ttls::Ttls;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

/// Seconds of Vault's default and greatest TTL: 768 hours.
const SYSTEM_TTL_SECONDS: i64 = 768 * 3_600;

/// What `open` was asked for, checked.
pub struct Options {
    /// Where everything is kept.
    pub storage: StorageOptions,
    /// Where the barrier key comes from.
    pub key: KeyOptions,
    /// Paths of the Okta methods that a new storage starts with.
    pub mounts: Vec<String>,
    /// Trust these certificates (PEM) in place of the system's.
    pub ca: Option<CaOptions>,
    /// URL of a proxy for HTTPS. It may hold a password.
    pub proxy: Option<Secret<String>>,
    /// Whether the environment's proxy settings are used.
    pub use_env_proxy: bool,
    /// Bound of one connection attempt, name look-up and TLS included.
    pub connect_timeout: Duration,
    /// Bound of one HTTP exchange with Okta.
    pub request_timeout: Duration,
    /// Bound of a whole login.
    pub login_timeout: Duration,
    /// TTLs where no mount and no configuration says otherwise.
    pub ttls: Ttls,
    /// Where audit lines go, and whether they have to arrive.
    pub audit: audit::Settings,
}

/// `storage`
pub enum StorageOptions {
    /// `{"type":"memory"}`
    Memory,
    /// `{"type":"sqlite","path":…}`
    Sqlite {
        /// The database file.
        path: PathBuf,
    },
}

/// `key`, `key_file`
pub enum KeyOptions {
    /// Neither: `<path>.key` beside an SQLite database, a random one for memory.
    Default,
    /// 32 bytes in base64.
    Given(Secret<String>),
    /// The file that holds them.
    File(PathBuf),
}

/// `ca_file`, `ca_pem`
pub enum CaOptions {
    /// A PEM file.
    File(PathBuf),
    /// PEM text.
    Pem(String),
}

impl Options {
    /// Reads the options; nothing is opened yet.
    ///
    /// # Errors
    /// 400: no JSON object, an unknown member (by name), a wrong type, a value out of range.
    pub fn parse(text: &[u8]) -> Result<Self> {
        let mut members = Members::of("option", parse_object(text, "options", json::parse_bytes)?);
        let options = Self {
            storage: storage(members.take("storage"))?,
            key: key(&mut members)?,
            mounts: mounts(members.take("mounts"))?,
            ca: ca(&mut members)?,
            proxy: members.text("proxy")?.map(Secret::new),
            use_env_proxy: members.flag("use_env_proxy")?.unwrap_or(false),
            connect_timeout: members.millis("connect_timeout_ms")?.unwrap_or(Duration::from_secs(5)),
            request_timeout: members.millis("request_timeout_ms")?.unwrap_or(Duration::from_secs(15)),
            login_timeout: members.millis("login_timeout_ms")?.unwrap_or(Duration::from_secs(300)),
            ttls: ttls(&mut members)?,
            audit: audit(members.take("audit"))?,
        };
        members.finish()?;
        Ok(options)
    }
}

fn storage(value: Option<Value>) -> Result<StorageOptions> {
    let object = match value {
        None => return Ok(StorageOptions::Memory),
        Some(Value::Object(object)) => object,
        Some(_) => {
            return Err(Error::bad_request(
                Code::InvalidRequest,
                "option \"storage\" must be an object such as {\"type\":\"sqlite\",\"path\":\"…\"}",
            ));
        }
    };
    let mut members = Members::of("storage option", object);
    let storage = match members.text("type")?.as_deref() {
        Some("memory") => StorageOptions::Memory,
        Some("sqlite") => match members.text("path")? {
            Some(path) if !path.is_empty() && !path.contains('\0') => {
                StorageOptions::Sqlite { path: path.into() }
            }
            _ => {
                return Err(Error::bad_request(
                    Code::InvalidRequest,
                    "storage of type \"sqlite\" needs the member \"path\", the name of the database file",
                ));
            }
        },
        _ => {
            return Err(Error::bad_request(
                Code::InvalidRequest,
                "storage option \"type\" must be \"sqlite\" or \"memory\"",
            ));
        }
    };
    members.finish()?;
    Ok(storage)
}

fn key(members: &mut Members) -> Result<KeyOptions> {
    match (members.text("key")?, members.text("key_file")?) {
        (None, None) => Ok(KeyOptions::Default),
        (Some(key), None) => Ok(KeyOptions::Given(Secret::new(key))),
        (None, Some(file)) => Ok(KeyOptions::File(file.into())),
        (Some(_), Some(_)) => Err(Error::bad_request(
            Code::InvalidRequest,
            "give either option \"key\" or \"key_file\", not both",
        )),
    }
}

fn ca(members: &mut Members) -> Result<Option<CaOptions>> {
    match (members.text("ca_file")?, members.text("ca_pem")?) {
        (None, None) => Ok(None),
        (Some(file), None) => Ok(Some(CaOptions::File(file.into()))),
        (None, Some(pem)) => Ok(Some(CaOptions::Pem(pem))),
        (Some(_), Some(_)) => Err(Error::bad_request(
            Code::InvalidRequest,
            "give either option \"ca_file\" or \"ca_pem\", not both",
        )),
    }
}

fn audit(value: Option<Value>) -> Result<audit::Settings> {
    let object = match value {
        None => return Ok(audit::Settings { file: None, required: true, asked: false }),
        Some(Value::Object(object)) => object,
        Some(_) => {
            return Err(Error::bad_request(
                Code::InvalidRequest,
                "option \"audit\" must be an object such as {\"file\":\"…\",\"required\":true}",
            ));
        }
    };
    let mut members = Members::of("audit option", object);
    let file = members.text("file")?.map(|file| file_name("audit option \"file\"", file)).transpose()?;
    let required = members.flag("required")?.unwrap_or(true);
    members.finish()?;
    Ok(audit::Settings { file, required, asked: true })
}

fn file_name(what: &str, name: String) -> Result<PathBuf> {
    if name.is_empty() || name.contains('\0') {
        return Err(Error::bad_request(Code::InvalidRequest, format!("{what} must be the name of a file")));
    }
    Ok(name.into())
}

fn mounts(value: Option<Value>) -> Result<Vec<String>> {
    let Some(value) = value else {
        return Ok(vec!["okta/".to_owned()]);
    };
    let refuse = || {
        Error::bad_request(
            Code::InvalidRequest,
            "option \"mounts\" must be an array of paths such as [\"okta\"]",
        )
    };
    let mut seen = BTreeSet::new();
    for path in value.as_array().ok_or_else(refuse)? {
        let path = mount::normal_path(path.as_str().ok_or_else(refuse)?)?;
        seen.insert(path);
    }
    Ok(seen.into_iter().collect())
}

fn ttls(members: &mut Members) -> Result<Ttls> {
    let mut ttl = |name: &str| -> Result<i64> {
        let Some(text) = members.duration(name)? else {
            return Ok(SYSTEM_TTL_SECONDS);
        };
        match field::parse_seconds(&text) {
            Ok(seconds) if seconds > 0 => Ok(seconds),
            _ => Err(Error::bad_request(
                Code::InvalidRequest,
                format!("option {name:?} must be seconds or a duration such as \"768h\", and positive"),
            )),
        }
    };
    let ttls = Ttls { default: ttl("default_lease_ttl")?, max: ttl("max_lease_ttl")? };
    if ttls.default > ttls.max {
        return Err(Error::bad_request(
            Code::InvalidRequest,
            "option \"default_lease_ttl\" must not be greater than \"max_lease_ttl\"",
        ));
    }
    Ok(ttls)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        match Options::parse(text.as_bytes()) {
            Ok(_) => panic!("{text} must be refused"),
            Err(error) => {
                assert_eq!(error.status(), 400);
                error.to_string()
            }
        }
    }

    #[test]
    fn nothing_gives_the_documented_defaults() {
        for text in ["", "{}", r#"{"storage":null,"mounts":null}"#] {
            let options = Options::parse(text.as_bytes()).expect("accepted");
            assert!(matches!(options.storage, StorageOptions::Memory));
            assert_eq!(options.mounts, ["okta/"]);
            assert_eq!(options.connect_timeout, Duration::from_millis(5_000));
            assert_eq!(options.request_timeout, Duration::from_millis(15_000));
            assert_eq!(options.login_timeout, Duration::from_millis(300_000));
            assert_eq!(options.ttls, Ttls { default: 2_764_800, max: 2_764_800 });
            assert!(!options.use_env_proxy && !options.audit.asked && options.audit.file.is_none());
        }
    }

    #[test]
    fn refusals_name_the_member_and_never_its_value() {
        for (text, part) in [
            (r#"{"bogus":1}"#, "unknown option \"bogus\""),
            (r#"{"storage":{"type":"sqlite"}}"#, "\"path\""),
            (r#"{"storage":{"type":"floppy"}}"#, "\"type\""),
            (r#"{"storage":{"type":"memory","path":"x"}}"#, "unknown storage option \"path\""),
            (r#"{"storage":7}"#, "\"storage\""),
            (r#"{"key":"hunter2","key_file":"x"}"#, "not both"),
            (r#"{"key":["hunter2"]}"#, "\"key\" must be a string"),
            (r#"{"connect_timeout_ms":0}"#, "\"connect_timeout_ms\""),
            (r#"{"login_timeout_ms":1.5}"#, "\"login_timeout_ms\""),
            (r#"{"default_lease_ttl":"2h","max_lease_ttl":"1h"}"#, "greater"),
            (r#"{"default_lease_ttl":-5}"#, "\"default_lease_ttl\""),
            (r#"{"mounts":["a/../b"]}"#, "segments"),
            (r#"{"mounts":"okta"}"#, "\"mounts\""),
            (r#"{"audit":"audit.log"}"#, "\"audit\""),
            (r#"{"audit":{"file":""}}"#, "\"file\""),
            (r#"{"audit":{"required":1}}"#, "audit option \"required\""),
            (r#"{"audit":{"path":"x"}}"#, "unknown audit option \"path\""),
            ("[]", "must be a JSON object, not a JSON array"),
            ("{", "could not be parsed as JSON"),
        ] {
            let refusal = refusal(text);
            assert!(refusal.contains(part), "{text}: {refusal}");
            assert!(!refusal.contains("hunter2"), "{refusal}");
        }
    }
}
