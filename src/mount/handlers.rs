//! What `sys/auth` and `sys/mounts/auth` answer.

use super::config::mount_ttl;
use super::{Mount, MountConfig, MountKind, Mounts, TOKEN_MOUNT, Table, normal_path};
use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::field::{Field, Fields, Kind};
use crate::json::{self, Object, Value};
use crate::limits;
use crate::reply::Reply;
use crate::ttls::Ttls;

/// Fields of `sys/auth/<path>`.
pub const ENABLE_FIELDS: &[Field] = &[
    Field::new("path", Kind::String),
    Field::new("type", Kind::String),
    Field::new("description", Kind::String),
    Field::new("config", Kind::Object),
    Field::new("options", Kind::Pairs),
    Field::new("local", Kind::Bool),
    Field::new("seal_wrap", Kind::Bool),
    Field::new("external_entropy_access", Kind::Bool),
    Field::new("plugin_name", Kind::String),
    Field::new("plugin_version", Kind::String),
];

/// Fields of `sys/auth/<path>/tune`.
pub const TUNE_FIELDS: &[Field] = &[
    Field::new("path", Kind::String),
    Field::new("default_lease_ttl", Kind::Any),
    Field::new("max_lease_ttl", Kind::Any),
    Field::new("description", Kind::String),
    Field::new("options", Kind::Pairs),
    Field::new("token_type", Kind::String),
    Field::new("listing_visibility", Kind::String),
    Field::new("passthrough_request_headers", Kind::List),
    Field::new("allowed_response_headers", Kind::List),
    Field::new("audit_non_hmac_request_keys", Kind::List),
    Field::new("audit_non_hmac_response_keys", Kind::List),
    Field::new("plugin_version", Kind::String),
    Field::new("user_lockout_config", Kind::Object),
];

/// Fields of `sys/auth`.
pub const PATH_FIELDS: &[Field] = &[Field::new("path", Kind::String)];

/// The members of `config` at enabling.
const CONFIG_FIELDS: &[Field] = &[
    Field::new("default_lease_ttl", Kind::Any),
    Field::new("max_lease_ttl", Kind::Any),
    Field::new("force_no_cache", Kind::Bool),
    Field::new("token_type", Kind::String),
    Field::new("listing_visibility", Kind::String),
    Field::new("passthrough_request_headers", Kind::List),
    Field::new("allowed_response_headers", Kind::List),
    Field::new("audit_non_hmac_request_keys", Kind::List),
    Field::new("audit_non_hmac_response_keys", Kind::List),
    Field::new("user_lockout_config", Kind::Object),
];

impl Mounts {
    /// `GET sys/auth`.
    pub fn read_all(&self, deadline: &Deadline) -> Result<Option<Reply>> {
        let table = self.table(deadline)?;
        let mounts = table.mounts().iter().filter(|mount| !mount.disabling);
        let data = mounts.map(|mount| (mount.path.clone(), Value::from(shown(mount)))).collect();
        Ok(Some(Reply::data(data)))
    }

    /// `GET sys/auth/<path>`.
    pub fn read_one(&self, path: &str, deadline: &Deadline) -> Result<Option<Reply>> {
        let path = normal_path(path)?;
        let table = self.table(deadline)?;
        let mount = enabled(&table, &path)
            .ok_or_else(|| Error::bad_request(Code::NotFound, format!("No auth engine at {path}")))?;
        Ok(Some(Reply::data(shown(mount))))
    }

    /// `GET sys/internal/ui/mounts`: those that `sees` lets pass, with all of their settings where the caller is `known`.
    pub fn read_visible(
        &self,
        sees: &dyn Fn(&Mount) -> Result<bool>,
        known: bool,
        deadline: &Deadline,
    ) -> Result<Option<Reply>> {
        let table = self.table(deadline)?;
        let of_mount = |mount: &Mount| {
            let mut object = shown(mount);
            if !known {
                object.retain(|name, _| ["type", "description", "options"].contains(&name));
            }
            Value::from(object)
        };
        let mut methods = Object::new();
        for mount in table.mounts().iter().filter(|mount| !mount.disabling) {
            if sees(mount)? {
                methods.insert(mount.path.clone(), of_mount(mount));
            }
        }
        let data = json::object([("auth", Value::from(methods)), ("secret", Value::from(Object::new()))]);
        Ok(Some(Reply::data(data)))
    }

    /// `GET sys/internal/ui/mounts/<path>`: the mount that the path is at or below.
    ///
    /// # Errors
    /// 403 where there is none, or none that the caller sees.
    pub fn read_one_visible(
        &self,
        path: &str,
        sees: &dyn Fn(&Mount) -> Result<bool>,
        deadline: &Deadline,
    ) -> Result<Option<Reply>> {
        let path = normal_path(path)?;
        let table = self.table(deadline)?;
        let found = path.strip_prefix("auth/").and_then(|path| table.route(path));
        let refused = || {
            let text = format!(
                "preflight capability check returned 403, please ensure client's policies grant access to path \
                 {path:?}"
            );
            Error::new(403, Code::PermissionDenied, text)
        };
        let (mount, _) = found.ok_or_else(refused)?;
        if !sees(&mount)? {
            return Err(refused());
        }
        let mut data = shown(&mount);
        data.insert("path", Value::from(format!("auth/{}", mount.path)));
        Ok(Some(Reply::data(data)))
    }

    /// `POST sys/auth/<path>`.
    pub fn write_enable(
        &self,
        path: &str,
        fields: &Fields,
        system: Ttls,
        deadline: &Deadline,
    ) -> Result<Option<Reply>> {
        let mut config = MountConfig::default();
        if let Some(given) = fields.object("config")? {
            apply_enable_config(&mut config, given, system)?;
        }
        // Older clients of Vault give the type "plugin" and the method's name beside it.
        let kind = match fields.string_or_empty("type")?.as_str() {
            "plugin" => fields.string_or_empty("plugin_name")?,
            kind => kind.to_owned(),
        };
        let refused = match kind.as_str() {
            "okta" => None,
            "" => Some((Code::InvalidRequest, "backend type must be specified as a string".to_owned())),
            "token" => {
                Some((Code::Unsupported, "token credential backend cannot be instantiated".to_owned()))
            }
            other => Some((Code::Unsupported, format!("plugin not found in the catalog: {other}"))),
        };
        if let Some((code, text)) = refused {
            return Err(Error::bad_request(code, text));
        }
        let mut mount = self.new_mount(path, MountKind::Okta, &fields.string_or_empty("description")?)?;
        mount.config = config;
        mount.options = fields.pairs("options")?.unwrap_or_default();
        mount.local = fields.bool("local")?.unwrap_or_default();
        mount.seal_wrap = fields.bool("seal_wrap")?.unwrap_or_default();
        mount.external_entropy_access = fields.bool("external_entropy_access")?.unwrap_or_default();
        check_size(&mount)?;
        self.enable(&mount, deadline)?;
        Ok(None)
    }

    /// `GET sys/auth/<path>/tune`; the TTLs of the system stand in for those that the mount does not set.
    pub fn read_tuning(&self, path: &str, system: Ttls, deadline: &Deadline) -> Result<Option<Reply>> {
        let path = normal_path(path)?;
        let table = self.table(deadline)?;
        let mount = enabled(&table, &path).ok_or_else(|| {
            Error::bad_request(Code::NotFound, format!("cannot fetch sysview for path \"auth/{path}\""))
        })?;
        let ttls = mount.ttls(system);
        let mut data = json::object([
            ("default_lease_ttl", Value::from(ttls.default)),
            ("max_lease_ttl", Value::from(ttls.max)),
            ("description", Value::from(mount.description.as_str())),
        ]);
        mount.config.add_settings(&mut data);
        if !mount.options.is_empty() {
            data.insert("options", Value::from(json::texts(&mount.options)));
        }
        Ok(Some(Reply::data(data)))
    }

    /// `POST sys/auth/<path>/tune`.
    pub fn write_tuning(
        &self,
        path: &str,
        fields: &Fields,
        system: Ttls,
        deadline: &Deadline,
    ) -> Result<Option<Reply>> {
        let path = normal_path(path)?;
        self.tune(&path, deadline, |mount| {
            for (name, ttl) in [
                ("default_lease_ttl", &mut mount.config.default_lease_ttl),
                ("max_lease_ttl", &mut mount.config.max_lease_ttl),
            ] {
                if let Some(value) = fields.raw(name) {
                    *ttl = mount_ttl(name, value, |_, cause| cause.to_owned())?;
                }
            }
            let ttls = mount.ttls(system);
            // A maximum below the system's default cuts that, as in Vault.
            if mount.config.default_lease_ttl > 0 && ttls.default > ttls.max {
                return Err(Error::bad_request(
                    Code::InvalidRequest,
                    format!(
                        "backend max lease TTL of {} would be less than backend default lease TTL of {}",
                        ttls.max, ttls.default
                    ),
                ));
            }
            mount.config.apply(fields)?;
            if let Some(description) = fields.string("description")? {
                mount.description = description;
            }
            if let Some(options) = fields.pairs("options")? {
                mount.options.extend(options);
            }
            check_size(mount)
        })?;
        Ok(None)
    }

    /// The path that `DELETE sys/auth/<path>` is about.
    ///
    /// # Errors
    /// 400 for the token store, which has to stay.
    pub fn path_to_disable(&self, path: &str) -> Result<String> {
        let path = normal_path(path)?;
        if path == TOKEN_MOUNT {
            let text = "token credential backend cannot be disabled";
            return Err(Error::bad_request(Code::Unsupported, text));
        }
        Ok(path)
    }
}

fn enabled<'a>(table: &'a Table, path: &str) -> Option<&'a Mount> {
    table.get(path).filter(|mount| !mount.disabling)
}

fn apply_enable_config(config: &mut MountConfig, given: Object, system: Ttls) -> Result<()> {
    let given = Fields::new(CONFIG_FIELDS, given);
    given.validate("")?;
    for (name, shown_name, ttl) in [
        ("default_lease_ttl", "default TTL", &mut config.default_lease_ttl),
        ("max_lease_ttl", "max TTL", &mut config.max_lease_ttl),
    ] {
        if let Some(value) = given.raw(name) {
            *ttl = mount_ttl(name, value, |text, cause| {
                format!("unable to parse {shown_name} of {text}: {cause}")
            })?;
        }
    }
    if config.max_lease_ttl > 0 && config.default_lease_ttl > config.max_lease_ttl {
        let text = "given default lease TTL greater than given max lease TTL";
        return Err(Error::bad_request(Code::InvalidRequest, text));
    }
    if config.max_lease_ttl == 0 && config.default_lease_ttl > system.max {
        let text = format!("given default lease TTL greater than system max lease TTL of {}", system.max);
        return Err(Error::bad_request(Code::InvalidRequest, text));
    }
    config.apply(&given)
}

/// All mounts are one record, which every change of one writes anew.
fn check_size(mount: &Mount) -> Result<()> {
    let config = &mount.config;
    let lists = [
        &config.passthrough_request_headers,
        &config.allowed_response_headers,
        &config.audit_non_hmac_request_keys,
        &config.audit_non_hmac_response_keys,
    ];
    let options = mount.options.iter().flat_map(|(name, value)| [name, value]);
    let bytes = |texts: &mut dyn Iterator<Item = &String>| texts.map(String::len).sum::<usize>();
    for (what, size, limit, unit) in [
        ("the description", mount.description.len(), limits::MOUNT_DESCRIPTION_BYTES, "bytes"),
        ("the options", mount.options.len(), limits::MOUNT_OPTIONS, "entries"),
        ("the options", bytes(&mut options.into_iter()), limits::MOUNT_OPTION_BYTES, "bytes"),
        ("the lists", bytes(&mut lists.into_iter().flatten()), limits::MOUNT_LIST_BYTES, "bytes"),
        ("the lists", lists.iter().map(|list| list.len()).sum(), limits::MOUNT_LIST_ENTRIES, "entries"),
    ] {
        if size > limit {
            let text = format!("{what} of an auth method can have {limit} {unit} at most, not {size}");
            return Err(Error::bad_request(Code::InvalidRequest, text));
        }
    }
    Ok(())
}

/// A mount as `sys/auth` shows it.
fn shown(mount: &Mount) -> Object {
    let is_token_store = mount.kind == MountKind::Token;
    let options = if is_token_store { Value::Null } else { Value::from(json::texts(&mount.options)) };
    let version = concat!("v", env!("CARGO_PKG_VERSION"), "+builtin.okta_auth");
    let mut object = json::object([
        ("accessor", Value::from(mount.accessor.as_str())),
        ("config", Value::from(mount.config.to_json())),
        ("description", Value::from(mount.description.as_str())),
        ("external_entropy_access", Value::from(mount.external_entropy_access)),
        ("local", Value::from(mount.local)),
        ("options", options),
        ("plugin_version", Value::from("")),
        ("running_plugin_version", Value::from(version)),
        ("running_sha256", Value::from("")),
        ("seal_wrap", Value::from(mount.seal_wrap)),
        ("type", Value::from(mount.kind.name())),
        ("uuid", Value::from(mount.id.as_str())),
    ]);
    if !is_token_store {
        object.insert("deprecation_status", Value::from("supported"));
    }
    object
}
