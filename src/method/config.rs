//! `config`: which organisation of Okta's, with which API token, and what tokens of its logins are like.
//!
//! Where Okta is comes from one of two: `org_name` and `base_url`, as in Vault, which make
//! `https://<org_name>.<base_url>`; or `org_url`, which Vault does not have and which is the whole address, for
//! organisations under a domain of their own. With an `org_url` the others are not needed: it stands for itself,
//! `org_name` is only kept, and `base_url` and `production` are dropped. Whoever later sets a `base_url` without
//! an `org_url` goes back to the first way. Of both in one request `org_url` counts, so that what was read can
//! be written back.

use super::Method;
use crate::error::{Code, Error, Result};
use crate::field::{Field, Fields, Kind};
use crate::json::Value;
use crate::okta::Org;
use crate::reply::Reply;
use crate::secret::Secret;
use crate::storage::Stored;
use crate::token_fields::{TokenFields, not_negative};
use serde::{Deserialize, Serialize};

/// Fields of `config`.
pub const CONFIG_FIELDS: &[Field] = &[
    Field::new("org_name", Kind::String),
    Field::new("organization", Kind::String).standing_for(&["org_name"]),
    Field::new("org_url", Kind::String).standing_for(&["org_name", "base_url"]),
    Field::secret("api_token", Kind::String),
    Field::secret("token", Kind::String).standing_for(&["api_token"]),
    Field::new("base_url", Kind::String),
    Field::new("production", Kind::Bool).standing_for(&["base_url"]),
    Field::new("bypass_okta_mfa", Kind::Bool),
    Field::new("ttl", Kind::Seconds).standing_for(&["token_ttl"]),
    Field::new("max_ttl", Kind::Seconds).standing_for(&["token_max_ttl"]),
    Field::new("token_bound_cidrs", Kind::List),
    Field::new("token_explicit_max_ttl", Kind::Seconds),
    Field::new("token_max_ttl", Kind::Seconds),
    Field::new("token_no_default_policy", Kind::Bool),
    Field::new("token_period", Kind::Seconds),
    Field::new("token_policies", Kind::List),
    Field::new("token_type", Kind::String),
    Field::new("token_ttl", Kind::Seconds),
    Field::new("token_num_uses", Kind::Int),
];

/// The warning of a configuration or login without an API token.
pub(super) const NO_API_TOKEN: &str = "No Okta API token is configured (api_token). Okta group membership will not be queried during login, so only policies from locally-defined users and groups will apply, and the tokens of logins cannot be renewed.";
const BYPASS: &str = "Okta MFA bypass is configured. In addition to ignoring Okta MFA requests, certain other account statuses will not be seen, such as PASSWORD_EXPIRED. Authentication will succeed in these cases.";

const NAME_IDLE: &str = "org_url stands for org_name and base_url: beside it they have no effect.";

const PRODUCTION_DOMAIN: &str = "okta.com";
const PREVIEW_DOMAIN: &str = "oktapreview.com";

/// The stored configuration.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Config {
    org_name: String,
    /// The whole address; empty when not set.
    org_url: String,
    /// Empty when not set.
    #[serde(with = "crate::secret::sealed_record")]
    api_token: Secret<String>,
    /// The domain that follows the organisation's name; empty when not set.
    base_url: String,
    /// Deprecated: chooses the domain where `base_url` is not set.
    production: Option<bool>,
    /// Password only: Okta's demand for a second factor counts as success.
    pub bypass_okta_mfa: bool,
    /// `token_ttl`, when it was last written by its old name.
    ttl: i64,
    /// `token_max_ttl`, likewise.
    max_ttl: i64,
    /// What tokens of logins are like.
    pub token: TokenFields,
}

impl Method<'_> {
    /// Whether there is a configuration: a write creates one or updates it.
    ///
    /// # Errors
    /// Storage errors.
    pub fn config_exists(&self) -> Result<bool> {
        Ok(self.stored_config()?.is_some())
    }

    /// Writes the fields that the request has. `creating` says what the caller was found to have a right to.
    ///
    /// # Errors
    /// 400 with Vault's texts, and nothing is changed; 503 when the configuration came or went since `creating`
    /// was found; storage errors.
    pub fn write_config(&self, fields: &Fields, creating: bool) -> Result<Option<Reply>> {
        let key = self.key("config", "");
        self.barrier.update(self.deadline, || {
            let stored = self.stored_config()?;
            if stored.is_none() != creating {
                return Err(Error::new(
                    503,
                    Code::StorageBusy,
                    "the configuration was created or removed by somebody else meanwhile; try again",
                ));
            }
            let (revision, mut config) = match stored {
                Some(Stored { value, revision }) => (Some(revision), value),
                None => (None, Config::default()),
            };
            config.apply(fields)?;
            let batch = self.replacing(&key, revision, &config)?;
            let given = |name: &str| Ok::<_, Error>(!fields.string_or_empty(name)?.is_empty());
            let both = given("org_url")? && (given("org_name")? || given("organization")?);
            let warnings = [(config.bypass_okta_mfa, BYPASS), (both, NAME_IDLE)];
            let warnings = warnings.into_iter().filter(|(holds, _)| *holds).map(|(_, text)| text.to_owned());
            Ok((batch, Reply::warnings(warnings.collect())))
        })
    }

    /// Reads the configuration, without the API token.
    ///
    /// # Errors
    /// Storage errors.
    pub fn read_config(&self) -> Result<Option<Reply>> {
        Ok(self.config()?.map(|config| config.to_reply()))
    }

    pub(super) fn config(&self) -> Result<Option<Config>> {
        Ok(self.stored_config()?.map(|stored| stored.value))
    }

    fn stored_config(&self) -> Result<Option<Stored<Config>>> {
        self.barrier.read(&self.key("config", ""), self.deadline)
    }
}

impl Config {
    /// Where Okta is.
    ///
    /// # Errors
    /// 500: Vault takes any `org_name`, and so do we; that it makes no address shows only here.
    pub fn org(&self) -> Result<Org> {
        let url = if self.org_url.is_empty() {
            format!("https://{}.{}", self.org_name, self.domain())
        } else {
            self.org_url.clone()
        };
        Org::parse(&url).map_err(|why| {
            Error::new(
                500,
                Code::OktaUnreachable,
                format!("the configured org_name and base_url make no usable address: {why}"),
            )
        })
    }

    /// The API token, if there is one.
    pub fn api_token(&self) -> Option<&Secret<String>> {
        (!self.api_token.expose().is_empty()).then_some(&self.api_token)
    }

    fn domain(&self) -> &str {
        match (self.base_url.as_str(), self.production) {
            ("", Some(false)) => PREVIEW_DOMAIN,
            ("", _) => PRODUCTION_DOMAIN,
            (domain, _) => domain,
        }
    }

    fn apply(&mut self, fields: &Fields) -> Result<()> {
        self.apply_address(fields)?;
        // The older name counts only where the newer is not said at all.
        let api_token =
            fields.string("api_token")?.map_or_else(|| fields.string("token"), |token| Ok(Some(token)));
        if let Some(api_token) = api_token? {
            // Such as the newline at the end of a file.
            if !api_token.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(refused("api_token holds characters that no token of Okta's has"));
            }
            self.api_token = Secret::new(api_token);
        }
        if let Some(bypass_okta_mfa) = fields.bool("bypass_okta_mfa")? {
            self.bypass_okta_mfa = bypass_okta_mfa;
        }
        self.token.set(fields)?;
        replace_deprecated(&mut self.token.ttl, &mut self.ttl, ["token_ttl", "ttl"], fields)?;
        replace_deprecated(&mut self.token.max_ttl, &mut self.max_ttl, ["token_max_ttl", "max_ttl"], fields)?;
        // Checked after the deprecated names too, which Vault lets pass.
        self.token.check()
    }

    fn apply_address(&mut self, fields: &Fields) -> Result<()> {
        let name_before = self.org_name.clone();
        let org_name = fields.string("org_name")?;
        let organization = fields.string("organization")?;
        match (org_name, organization) {
            (Some(name), Some(older)) => self.org_name = if name.is_empty() { older } else { name },
            (Some(name), None) | (None, Some(name)) => self.org_name = name,
            (None, None) => {}
        }
        let base_url = fields.string("base_url")?;
        // The last word counts. A client that knows no org_url, and writes again what is there, says nothing.
        let is_renamed = !self.org_name.is_empty() && self.org_name != name_before;
        match fields.string("org_url")? {
            Some(org_url) => self.org_url = org_url,
            None if is_renamed || base_url.as_ref().is_some_and(|base_url| !base_url.is_empty()) => {
                self.org_url.clear();
            }
            None => {}
        }
        if self.org_name.is_empty() && self.org_url.is_empty() {
            return Err(refused("org_name is missing"));
        }
        if let Some(base_url) = base_url {
            check_domain(&base_url)?;
            self.base_url = base_url;
        }
        if !self.org_url.is_empty() {
            let org = Org::parse(&self.org_url)
                .map_err(|why| refused(format!("Error parsing given org_url: {why}")))?;
            self.org_url = org.to_string();
            self.base_url.clear();
            self.production = None;
        } else if !self.base_url.is_empty() {
            self.production = None;
        } else if let Some(production) = fields.bool("production")? {
            self.production = Some(production);
        }
        // What Vault lets pass: a text that ends the host's name, so that another's would follow it.
        if self.org_url.is_empty() && self.org_name.contains(['/', '?', '#', '@', ':', '\\']) {
            return Err(refused("org_name is a name such as acme; a whole address belongs in org_url"));
        }
        Ok(())
    }

    fn to_reply(&self) -> Reply {
        let mut data = self.token.to_json();
        let mut show = |name: &str, value: Value| {
            data.insert(name.to_owned(), value);
        };
        show("org_name", Value::from(self.org_name.as_str()));
        show("organization", Value::from(self.org_name.as_str()));
        show("base_url", Value::from(self.domain()));
        show("bypass_okta_mfa", Value::from(self.bypass_okta_mfa));
        if !self.org_url.is_empty() {
            show("org_url", Value::from(self.org_url.as_str()));
        }
        if let Some(production) = self.production {
            show("production", Value::from(production));
        }
        for (name, seconds) in [("ttl", self.ttl), ("max_ttl", self.max_ttl)] {
            if seconds > 0 {
                show(name, Value::from(seconds));
            }
        }
        let mut reply = Reply::data(data);
        if self.bypass_okta_mfa {
            reply.warnings.push(BYPASS.to_owned());
        }
        if self.api_token().is_none() {
            reply.warnings.push(NO_API_TOKEN.to_owned());
        }
        reply
    }
}

/// Vault's rule for a field with an old name: the old one counts where the new one is not given; what is shown
/// under the old name is gone once only the new one is given.
fn replace_deprecated(
    value: &mut i64,
    by_old_name: &mut i64,
    [name, old_name]: [&str; 2],
    fields: &Fields,
) -> Result<()> {
    match (fields.seconds(name)?, fields.seconds(old_name)?) {
        (None, Some(old)) => {
            *value = not_negative(old, old_name)?;
            *by_old_name = *value;
        }
        (Some(new), Some(_)) => *by_old_name = new,
        (Some(_), None) => *by_old_name = 0,
        (None, None) => {}
    }
    Ok(())
}

/// `base_url` is a domain that an organisation's name is put before, with a port if need be. Vault looks for a
/// comma where the dot stands, so that it takes whole URLs, paths and worse, and fails at each login.
fn check_domain(base_url: &str) -> Result<()> {
    let refuse = |why: &str| {
        Err(refused(format!(
            "Error parsing given base_url: {why}; base_url is a domain such as okta.com, a whole URL belongs in org_url"
        )))
    };
    if base_url.is_empty() {
        return Ok(());
    }
    if base_url.contains("://") {
        return refuse("it has a scheme");
    }
    // Alone and not behind a name: a domain such as `0.0.1` (behind the name `127`) is fine, `acme.0.0.1` is not.
    match Org::parse(&format!("https://{base_url}")) {
        Err(why) => refuse(&why),
        Ok(_) if base_url.ends_with('/') => refuse("it ends in a slash"),
        Ok(_) if base_url.starts_with('[') => refuse("it is an address that no name can stand before"),
        Ok(_) => Ok(()),
    }
}

fn refused(text: impl Into<String>) -> Error {
    Error::bad_request(Code::InvalidRequest, text)
}

#[cfg(test)]
mod tests;
