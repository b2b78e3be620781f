//! How a mount is tuned: Vault's mount configuration.

use crate::error::{Code, Error, Result};
use crate::field::{self, Fields};
use crate::json::{Object, Value};
use crate::lockout::Lockout;
use crate::token_fields::TypeRule;
use serde::{Deserialize, Serialize};

/// What `config` at enabling and `tune` set. Lists are empty and texts `""` when not set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MountConfig {
    /// Seconds; 0 takes the system's.
    pub default_lease_ttl: i64,
    /// Seconds; 0 takes the system's.
    pub max_lease_ttl: i64,
    /// Which type the mount's logins get.
    pub token_type: TypeRule,
    /// `""`, `hidden` or `unauth`; kept and shown.
    pub listing_visibility: String,
    /// Request headers that reach the method; `X-Forwarded-For` is the one it uses.
    pub passthrough_request_headers: Vec<String>,
    /// Kept and shown.
    pub allowed_response_headers: Vec<String>,
    /// Names of request members that the audit log shows in clear.
    pub audit_non_hmac_request_keys: Vec<String>,
    /// Names of answer members that the audit log shows in clear.
    pub audit_non_hmac_response_keys: Vec<String>,
    /// How users are locked, where it was ever set.
    #[serde(default)]
    pub user_lockout: Option<Lockout>,
}

impl MountConfig {
    /// Takes over the settings that `tune`, or `config` at enabling, gives; what is not given stays. The TTLs
    /// are read by `mount_ttl`, as the two say their errors differently.
    ///
    /// # Errors
    /// 400 with Vault's texts.
    pub fn apply(&mut self, given: &Fields) -> Result<()> {
        if let Some(visibility) = given.string("listing_visibility")? {
            if !matches!(visibility.as_str(), "" | "hidden" | "unauth") {
                return Err(Error::bad_request(
                    Code::InvalidRequest,
                    format!("invalid listing_visibility {visibility}"),
                ));
            }
            self.listing_visibility = visibility;
        }
        if let Some(token_type) = given.string("token_type")? {
            self.token_type = match token_type.as_str() {
                "" => TypeRule::default(),
                name => TypeRule::parse(name).ok_or_else(|| {
                    Error::bad_request(Code::InvalidRequest, "invalid value for 'token_type'")
                })?,
            };
        }
        for (name, list) in [
            ("passthrough_request_headers", &mut self.passthrough_request_headers),
            ("allowed_response_headers", &mut self.allowed_response_headers),
            ("audit_non_hmac_request_keys", &mut self.audit_non_hmac_request_keys),
            ("audit_non_hmac_response_keys", &mut self.audit_non_hmac_response_keys),
        ] {
            if let Some(given) = given.list(name)? {
                *list = given;
            }
        }
        if let Some(given) = given.object("user_lockout_config")? {
            let mut lockout = self.user_lockout.unwrap_or_default();
            lockout.apply(given)?;
            self.user_lockout = Some(lockout);
        }
        Ok(())
    }

    /// The members that `sys/auth` shows as `config`.
    pub fn to_json(&self) -> Object {
        let mut object = crate::json::object([
            ("default_lease_ttl", Value::from(self.default_lease_ttl)),
            ("max_lease_ttl", Value::from(self.max_lease_ttl)),
        ]);
        self.add_settings(&mut object);
        object
    }

    /// Adds everything but the TTLs, which `tune` shows in another way. What is not set is left out, as in Vault.
    pub fn add_settings(&self, object: &mut Object) {
        // Vault takes it at enabling, ignores it and shows this.
        object.insert("force_no_cache", Value::from(false));
        object.insert("token_type", Value::from(self.token_type.name()));
        if !self.listing_visibility.is_empty() {
            object.insert("listing_visibility", Value::from(self.listing_visibility.as_str()));
        }
        for (name, list) in [
            ("passthrough_request_headers", &self.passthrough_request_headers),
            ("allowed_response_headers", &self.allowed_response_headers),
            ("audit_non_hmac_request_keys", &self.audit_non_hmac_request_keys),
            ("audit_non_hmac_response_keys", &self.audit_non_hmac_response_keys),
        ] {
            if !list.is_empty() {
                object.insert(name, Value::from(list.clone()));
            }
        }
        if let Some(lockout) = &self.user_lockout {
            lockout.show(object);
        }
    }
}

/// A TTL of a mount: seconds or a duration; `system` and nothing take the system's (0).
///
/// # Errors
/// 400: `unreadable` words the error of a text that is no duration; a negative one is refused by the field's name.
pub fn mount_ttl(field: &str, value: &Value, unreadable: impl Fn(&str, &str) -> String) -> Result<i64> {
    let refuse = |text: String| Error::bad_request(Code::InvalidRequest, text);
    let text = match value {
        Value::String(text) => text.expose().as_str(),
        Value::Number(number) => number.text(),
        Value::Null => "",
        other => {
            return Err(refuse(format!(
                "{field} must be seconds or a duration text, not a JSON {}",
                other.kind()
            )));
        }
    };
    if text.is_empty() || text == "system" {
        return Ok(0);
    }
    let seconds = field::parse_seconds(text).map_err(|cause| refuse(unreadable(text, &cause)))?;
    if seconds < 0 {
        return Err(refuse(format!("{field} must not be negative")));
    }
    Ok(seconds)
}
