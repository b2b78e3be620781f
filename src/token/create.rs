//! `auth/token/create` and `create-orphan`.

use super::batch;
use super::grant::{assignable, auth};
use super::record::{self, CREATED, Record, State};
use super::store::{Caller, Tokens, no_parent};
use super::ttl::{Terms, ttl};
use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::field::{Field, Fields, Kind, parse_seconds};
use crate::limits;
use crate::policy::names;
use crate::reply::Reply;
use crate::secret::Secret;
use crate::ttls::Ttls;

/// The fields of `create` and `create-orphan`. The times are texts to Vault: it reads them after the types have
/// been checked, so their errors come without a prefix.
pub const CREATE_FIELDS: &[Field] = &[
    Field::new("display_name", Kind::String),
    Field::new("entity_alias", Kind::String),
    Field::new("explicit_max_ttl", Kind::String),
    Field::secret("id", Kind::String),
    Field::new("lease", Kind::String),
    Field::new("meta", Kind::Pairs),
    Field::new("no_default_policy", Kind::Bool),
    Field::new("no_parent", Kind::Bool),
    Field::new("num_uses", Kind::Int),
    Field::new("period", Kind::String),
    Field::new("policies", Kind::Texts),
    Field::new("renewable", Kind::Bool),
    Field::new("ttl", Kind::String),
    Field::new("type", Kind::String),
];

/// Vault's text; here such a token is looked up by HMAC-SHA256 like all others.
const CUSTOM_ID_WARNING: &str = "Supplying a custom ID for the token uses the weaker SHA1 hashing instead of the more secure SHA2-256 HMAC for token obfuscation. SHA1 hashed tokens on the wire leads to less secure lookups.";
/// Beginnings that only generated tokens have.
const RESERVED_PREFIXES: [&str; 6] = ["hvs.", "hvb.", "hvr.", "s.", "b.", "r."];

/// What a request asks for. Times are in seconds, 0 is "not set".
struct Wish {
    batch: bool,
    num_uses: i64,
    explicit_max: i64,
    period: i64,
    ttl: i64,
    no_parent: bool,
    renewable: bool,
    /// With its prefix, where a name was given.
    display_name: Option<String>,
    id: Option<Secret<String>>,
}

impl Wish {
    fn read(fields: &Fields) -> Result<Self> {
        let batch = match fields.string_or_empty("type")?.as_str() {
            "" | "service" => false,
            "batch" => true,
            _ => return Err(refused("invalid 'token_type' value")),
        };
        let num_uses = fields.int("num_uses")?.unwrap_or_default();
        if num_uses < 0 {
            return Err(refused("number of uses cannot be negative"));
        }
        if !fields.string_or_empty("entity_alias")?.is_empty() {
            return Err(refused("'entity_alias' is only allowed in combination with token role"));
        }
        let ttl_name = if fields.string_or_empty("ttl")?.is_empty() { "lease" } else { "ttl" };
        let given = |name| Ok(fields.string(name)?.filter(|text| !text.is_empty()));
        Ok(Self {
            batch,
            num_uses,
            explicit_max: seconds(fields, "explicit_max_ttl")?,
            period: seconds(fields, "period")?,
            ttl: seconds(fields, ttl_name)?,
            no_parent: fields.bool("no_parent")?.unwrap_or_default(),
            renewable: fields.bool("renewable")?.unwrap_or(true),
            display_name: given("display_name")?.map(|name| display_name(&name)),
            id: given("id")?.map(Secret::new),
        })
    }

    /// Whether this caller may have it with these policies.
    fn check_rights(&self, caller: &Caller, orphan: bool, policies: &[String]) -> Result<()> {
        if self.batch {
            self.check_batch(policies)?;
        }
        assignable(policies)?;
        for (asked, what) in [
            (self.id.is_some(), "specify token id"),
            (self.no_parent && !orphan, "create orphan token"),
            (self.period > 0, "create periodic token"),
        ] {
            if asked && !caller.has_sudo() {
                return Err(refused(format!("root or sudo privileges required to {what}")));
            }
        }
        self.id.as_ref().map_or(Ok(()), |id| check_custom_id(id.expose()))
    }

    fn check_batch(&self, policies: &[String]) -> Result<()> {
        let cannot = |name: &str| Err(refused(format!("batch tokens cannot have \"{name}\" set")));
        let limits =
            [("explicit_max_ttl", self.explicit_max), ("num_uses", self.num_uses), ("period", self.period)];
        if let Some((name, _)) = limits.iter().find(|(_, value)| *value > 0) {
            return cannot(name);
        }
        if is_root(policies) {
            return Err(refused("batch tokens cannot be root tokens"));
        }
        // Vault makes one with an id of its own instead, and says nothing.
        if self.id.is_some() { cannot("id") } else { Ok(()) }
    }

    fn terms(&self) -> Terms {
        let Self { ttl, period, explicit_max, .. } = *self;
        Terms { increment: 0, ttl, period, max: 0, explicit_max }
    }
}

impl Tokens {
    /// Creates a token as a child of the caller's, or as an orphan. What the host creates is always an orphan; a
    /// token of the policy `root` without a TTL that it creates is like Vault's first root token.
    ///
    /// `mount` are the TTLs of the token store, `policy_exists` says whether to warn of a policy.
    ///
    /// # Errors
    /// 400 with Vault's texts, and for the host when it names no policies.
    pub fn create(
        &self,
        caller: &Caller,
        fields: &Fields,
        orphan: bool,
        mount: Ttls,
        policy_exists: &dyn Fn(&str) -> Result<bool>,
        deadline: &Deadline,
    ) -> Result<Option<Reply>> {
        may_create(caller)?;
        let wish = Wish::read(fields)?;
        let policies = policies(caller, fields)?;
        wish.check_rights(caller, orphan, &policies)?;
        let time = self.clock.read();
        let created = time.now;
        let is_timeless = is_root(&policies) && wish.ttl == 0 && wish.period == 0;
        let is_endless = is_timeless && wish.explicit_max == 0;
        let (ttl, mut warnings) = match (is_endless, is_timeless) {
            (true, _) => endless(caller)?,
            (false, true) => (wish.explicit_max, Vec::new()),
            (false, false) => ttl(mount, wish.terms(), created, created)?,
        };
        for policy in policies.iter().filter(|policy| *policy != names::ROOT) {
            if !policy_exists(policy)? {
                warnings.push(format!("Policy \"{policy}\" does not exist"));
            }
        }
        let (parent, entity_id, bound_cidrs) = match caller {
            Caller::Token(bearer) if !orphan && !wish.no_parent => {
                let Record { entity_id, bound_cidrs, .. } = &bearer.record;
                let bound_cidrs = if is_endless { Vec::new() } else { bound_cidrs.clone() };
                (Some(bearer.index.clone()), entity_id.clone(), bound_cidrs)
            }
            _ => (None, String::new(), Vec::new()),
        };
        // Vault makes its first root token when it is initialised; here the host is who can.
        let is_first_root = is_endless && matches!(caller, Caller::Host);
        let (path, plain_name) = match (is_first_root, orphan) {
            (true, _) => ("auth/token/root", "root"),
            (false, true) => ("auth/token/create-orphan", "token"),
            (false, false) => ("auth/token/create", "token"),
        };
        let (mut token, accessor) = self.new_names()?;
        let mut custom_index = None;
        if let Some(id) = wish.id {
            warnings.push(CUSTOM_ID_WARNING.to_owned());
            custom_index = Some(self.barrier.index_of(id.expose()));
            token = id;
        }
        let template = Record {
            batch: wish.batch,
            accessor,
            policies,
            path: path.to_owned(),
            display_name: wish.display_name.unwrap_or_else(|| plain_name.to_owned()),
            meta: fields.pairs("meta")?.filter(|meta| !meta.is_empty()),
            entity_id,
            mount_id: CREATED.to_owned(),
            role: None,
            groups: Vec::new(),
            parent,
            depth: 0,
            created,
            ttl,
            expires: (!is_endless).then(|| created.saturating_add(ttl)),
            ahead: time.ahead(),
            explicit_max: wish.explicit_max,
            period: wish.period,
            num_uses: wish.num_uses,
            bound_cidrs,
            leased: !is_first_root,
            renewable: !is_endless && !wish.batch && wish.renewable,
            renewed: None,
            state: State::Live,
        };
        if wish.batch {
            let record = Record { accessor: String::new(), ..template };
            let token = self.seal_batch(&record, 0)?;
            return Ok(Some(Reply { auth: Some(auth(token, &record, ttl)), warnings, ..Reply::default() }));
        }
        self.sweep_aside(CREATED, deadline);
        let record = self.insert(token.expose(), template, deadline, |record, batch| {
            if let Some(index) = &custom_index
                && self.is_taken(index, deadline)?
            {
                return Err(refused("cannot create a token with a duplicate ID"));
            }
            // A parent is checked in any case; the creator of an orphan must not have been revoked either.
            if let (Caller::Token(bearer), None) = (caller, &record.parent) {
                let creator = self.find_by_index(&bearer.index, deadline)?.ok_or_else(no_parent)?;
                batch.checks.push(creator.check(&record::record_key(&bearer.index)));
            }
            Ok(())
        })?;
        let auth = auth(token, &record, ttl);
        Ok(Some(Reply { auth: Some(auth), warnings, ..Reply::default() }))
    }

    /// Whether a token is stored under this index; one that has ended makes room.
    fn is_taken(&self, index: &str, deadline: &Deadline) -> Result<bool> {
        if self.find_by_index(index, deadline)?.is_some() {
            return Ok(true);
        }
        self.remove_if_dead(index, deadline)?;
        Ok(self.barrier.read::<Record>(&record::record_key(index), deadline)?.is_some())
    }
}

fn may_create(caller: &Caller) -> Result<()> {
    if let Some(record) = caller.record() {
        batch::refuse(record, "create more tokens")?;
    }
    match caller.record().map(|record| record.num_uses) {
        Some(1..) => Err(refused("restricted use token cannot generate child tokens")),
        // This request took its last use.
        Some(..0) => Err(no_parent()),
        Some(0) | None => Ok(()),
    }
}

/// The policies of the new token: the caller's where none are named, otherwise some of his, or any with `sudo`.
fn policies(caller: &Caller, fields: &Fields) -> Result<Vec<String>> {
    let wished = fields.texts("policies")?.unwrap_or_default();
    // Vault gives the policies of the caller's token; the host has no token, and may do everything.
    if wished.is_empty() && matches!(caller, Caller::Host) {
        return Err(refused("\"policies\" is missing: name them, \"root\" included"));
    }
    let root = [names::ROOT.to_owned()];
    let own = caller.record().map_or(root.as_slice(), |record| record.policies.as_slice());
    let wants_default = !fields.bool("no_default_policy")?.unwrap_or_default();
    let policies = if wished.is_empty() {
        names::sanitise(own, false)
    } else if caller.has_sudo() {
        names::sanitise(&wished, wants_default)
    } else {
        let clean = names::sanitise(&wished, false);
        if !clean.iter().all(|policy| own.contains(policy)) {
            return Err(refused("child policies must be subset of parent"));
        }
        let has_default = own.iter().any(|policy| policy == names::DEFAULT);
        names::sanitise(&clean, wants_default && has_default)
    };
    if is_root(&policies) && !is_root(own) {
        return Err(refused("root tokens may not be created without parent token being root"));
    }
    Ok(policies)
}

fn is_root(policies: &[String]) -> bool {
    policies.iter().any(|policy| policy == names::ROOT)
}

/// A root token without end, as far as the caller's own has none.
fn endless(caller: &Caller) -> Result<(i64, Vec<String>)> {
    if caller.record().is_some_and(|parent| parent.expires.is_some()) {
        return Err(refused("expiring root tokens cannot create non-expiring root tokens"));
    }
    Ok((0, Vec::new()))
}

fn check_custom_id(id: &str) -> Result<()> {
    if let Some(prefix) = RESERVED_PREFIXES.iter().find(|prefix| id.starts_with(**prefix)) {
        return Err(refused(format!("custom token ID cannot have the '{prefix}' prefix")));
    }
    if id.contains('.') {
        return Err(refused("custom token ID cannot have a '.' in the value"));
    }
    if id.len() > limits::NAME_BYTES {
        return Err(refused(format!("a custom token ID can have {} bytes at most", limits::NAME_BYTES)));
    }
    Ok(())
}

fn seconds(fields: &Fields, name: &str) -> Result<i64> {
    let seconds = parse_seconds(&fields.string_or_empty(name)?).map_err(refused)?;
    if seconds < 0 { Err(refused(format!("{name} must be positive"))) } else { Ok(seconds) }
}

/// `token-` and the name, with `-` for all but letters, digits and hyphens.
fn display_name(wished: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = "token-".chars().chain(wished.chars()).map(safe).collect();
    name.strip_suffix('-').unwrap_or(&name).to_owned()
}

fn refused(text: impl Into<String>) -> Error {
    Error::bad_request(Code::InvalidRequest, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{self, Value};
    use crate::token::testing::*;

    fn shown(reply: &Reply) -> String {
        let mut auth = reply.auth.as_ref().expect("auth").to_json();
        for name in ["client_token", "accessor", "mfa_requirement", "token_type", "token_policies"] {
            auth.remove(name);
        }
        let mut text = Vec::new();
        json::write_object(&auth, &mut text);
        Value::from(reply.warnings.clone()).write(&mut text);
        String::from_utf8(text).expect("UTF-8")
    }

    fn check(tokens: &Tokens, caller: &Caller, request: &str, answer: &str) {
        let given = match create(tokens, caller, request) {
            Ok(reply) => shown(&reply),
            Err(error) => format!("{} {}", error.status(), error.text().unwrap_or_default()),
        };
        assert_eq!(given, answer, "{request}");
    }

    #[test]
    fn the_host_says_what_its_token_may_do() {
        let (tokens, _) = tokens();
        for request in ["{}", r#"{"policy":["dev"]}"#, r#"{"policies":[]}"#, r#"{"policies":null,"ttl":60}"#]
        {
            check(
                &tokens,
                &Caller::Host,
                request,
                "400 \"policies\" is missing: name them, \"root\" included",
            );
        }
        assert!(stored_keys(&tokens).is_empty());
    }

    /// From the recordings of a root token's children.
    #[test]
    fn root_creates_with_each_field() {
        let (tokens, _) = tokens();
        let root = bearer(&tokens, &created(&tokens, &Caller::Host, ROOT).client_token);
        for (request, answer) in [
            (
                "{}",
                r#"{"entity_id":"","lease_duration":0,"metadata":null,"num_uses":0,"orphan":false,"policies":["root"],"renewable":false}[]"#,
            ),
            (
                r#"{"policies":["dev","default","dev"],"ttl":"1h","meta":{"k":"v","n":1},"num_uses":5}"#,
                r#"{"entity_id":"","lease_duration":3600,"metadata":{"k":"v","n":"1"},"num_uses":5,"orphan":false,"policies":["default","dev"],"renewable":true}[]"#,
            ),
            (
                r#"{"policies":"ops, DEV","period":3600,"no_default_policy":true}"#,
                r#"{"entity_id":"","lease_duration":3600,"metadata":null,"num_uses":0,"orphan":false,"policies":["ops, dev"],"renewable":true}[]"#,
            ),
            (
                r#"{"policies":["unknown"],"explicit_max_ttl":"2h","ttl":14400,"renewable":false}"#,
                r#"{"entity_id":"","lease_duration":7200,"metadata":null,"num_uses":0,"orphan":false,"policies":["default","unknown"],"renewable":false}["TTL of \"4h\" exceeded the effective max_ttl of \"2h\"; TTL value is capped accordingly","Policy \"unknown\" does not exist"]"#,
            ),
            (
                r#"{"policies":["dev"],"no_parent":true,"ttl":60}"#,
                r#"{"entity_id":"","lease_duration":60,"metadata":null,"num_uses":0,"orphan":true,"policies":["default","dev"],"renewable":true}[]"#,
            ),
            (
                r#"{"policies":["dev"],"type":"service","lease":"20m"}"#,
                r#"{"entity_id":"","lease_duration":1200,"metadata":null,"num_uses":0,"orphan":false,"policies":["default","dev"],"renewable":true}[]"#,
            ),
            (
                r#"{"policies":["root","dev"]}"#,
                r#"{"entity_id":"","lease_duration":0,"metadata":null,"num_uses":0,"orphan":false,"policies":["root"],"renewable":false}[]"#,
            ),
            (
                r#"{"policies":["default"]}"#,
                r#"{"entity_id":"","lease_duration":2764800,"metadata":null,"num_uses":0,"orphan":false,"policies":["default"],"renewable":true}[]"#,
            ),
        ] {
            check(&tokens, &root, request, answer);
        }
    }

    #[test]
    fn what_creation_refuses() {
        let (tokens, _) = tokens();
        let root = bearer(&tokens, &created(&tokens, &Caller::Host, ROOT).client_token);
        create(&tokens, &root, r#"{"id":"a b"}"#).expect("a custom id");
        for (request, text) in [
            (r#"{"ttl":"abc"}"#, "time: invalid duration \"abc\""),
            (r#"{"ttl":-1}"#, "ttl must be positive"),
            (r#"{"ttl":1.5}"#, "time: missing unit in duration \"1.5\""),
            (r#"{"period":-1}"#, "period must be positive"),
            (r#"{"explicit_max_ttl":"x"}"#, "time: invalid duration \"x\""),
            (r#"{"num_uses":-1}"#, "number of uses cannot be negative"),
            (r#"{"type":"junk"}"#, "invalid 'token_type' value"),
            (r#"{"policies":["response-wrapping"]}"#, "cannot assign policy \"response-wrapping\""),
            (r#"{"policies":["control-group"]}"#, "cannot assign policy \"control-group\""),
            (r#"{"id":"with.dot"}"#, "custom token ID cannot have a '.' in the value"),
            (r#"{"id":"hvs.prefixed"}"#, "custom token ID cannot have the 'hvs.' prefix"),
            (r#"{"id":"s.prefixed"}"#, "custom token ID cannot have the 's.' prefix"),
            (r#"{"id":"a b"}"#, "cannot create a token with a duplicate ID"),
            (r#"{"entity_alias":"x"}"#, "'entity_alias' is only allowed in combination with token role"),
            (r#"{"type":"batch","period":60}"#, "batch tokens cannot have \"period\" set"),
            (r#"{"type":"batch","num_uses":1}"#, "batch tokens cannot have \"num_uses\" set"),
            (
                r#"{"type":"batch","explicit_max_ttl":60}"#,
                "batch tokens cannot have \"explicit_max_ttl\" set",
            ),
            (r#"{"type":"batch","id":"x"}"#, "batch tokens cannot be root tokens"),
            (r#"{"type":"batch","policies":["dev"],"id":"x"}"#, "batch tokens cannot have \"id\" set"),
        ] {
            check(&tokens, &root, request, &format!("400 {text}"));
        }
        let long = "x".repeat(limits::NAME_BYTES);
        create(&tokens, &root, &format!("{{\"id\":\"{long}\"}}")).expect("just short enough");
        let error = create(&tokens, &root, &format!("{{\"id\":\"{long}x\"}}")).err().expect("too long");
        assert_eq!(error.text(), Some("a custom token ID can have 2048 bytes at most"));
    }

    /// From the recordings of what a login may create.
    #[test]
    fn a_token_without_root_passes_on_what_it_has() {
        let (tokens, _) = tokens();
        let login = created(&tokens, &Caller::Host, r#"{"policies":["dev"],"ttl":"1h"}"#);
        let login = bearer(&tokens, &login.client_token);
        for (request, policies) in [
            ("{}", ["default", "dev"].as_slice()),
            (r#"{"policies":["dev"]}"#, &["default", "dev"]),
            (r#"{"policies":["dev"],"no_default_policy":true}"#, &["dev"]),
            (r#"{"policies":["default"]}"#, &["default"]),
        ] {
            assert_eq!(created(&tokens, &login, request).policies, policies, "{request}");
        }
        // A child's TTL is not limited by its parent's.
        assert_eq!(created(&tokens, &login, r#"{"ttl":"100h"}"#).lease_duration, 360_000);
        for (request, text) in [
            (r#"{"policies":["ops"]}"#, "child policies must be subset of parent"),
            (r#"{"policies":["root"]}"#, "child policies must be subset of parent"),
            (r#"{"no_parent":true}"#, "root or sudo privileges required to create orphan token"),
            (r#"{"period":"1h"}"#, "root or sudo privileges required to create periodic token"),
            (r#"{"id":"x"}"#, "root or sudo privileges required to specify token id"),
        ] {
            check(&tokens, &login, request, &format!("400 {text}"));
        }
        let orphan = tokens
            .create(&login, &fields(CREATE_FIELDS, "{}"), true, MOUNT, &|_| Ok(true), &deadline())
            .expect("only update is needed")
            .and_then(|reply| reply.auth)
            .expect("auth");
        assert!(orphan.orphan);
    }

    #[test]
    fn tokens_of_limited_uses_have_no_children() {
        let (tokens, _) = tokens();
        let thrice = created(&tokens, &Caller::Host, r#"{"policies":["dev"],"num_uses":3}"#);
        let once = created(&tokens, &Caller::Host, r#"{"policies":["dev"],"num_uses":1}"#);
        let thrice = bearer(&tokens, &thrice.client_token);
        check(&tokens, &thrice, "{}", "400 restricted use token cannot generate child tokens");
        let once = bearer(&tokens, &once.client_token);
        check(&tokens, &once, "{}", "400 parent token lookup failed: no parent found");
    }

    #[test]
    fn an_expiring_root_token_makes_no_endless_ones() {
        let (tokens, _) = tokens();
        let root = created(&tokens, &Caller::Host, r#"{"policies":["root"],"ttl":"1h"}"#);
        let root = bearer(&tokens, &root.client_token);
        check(&tokens, &root, "{}", "400 expiring root tokens cannot create non-expiring root tokens");
        assert_eq!(created(&tokens, &root, r#"{"ttl":"30m"}"#).policies, ["root"]);
        let sudo = created(&tokens, &Caller::Host, r#"{"policies":["dev"]}"#);
        let Caller::Token(mut sudo) = bearer(&tokens, &sudo.client_token) else { unreachable!() };
        sudo.sudo = true;
        check(
            &tokens,
            &Caller::Token(sudo),
            r#"{"policies":["root"]}"#,
            "400 root tokens may not be created without parent token being root",
        );
    }

    #[test]
    fn display_names() {
        for (wished, name) in
            [("fred & co./x", "token-fred---co--x"), ("child", "token-child"), ("é!", "token--")]
        {
            assert_eq!(display_name(wished), name, "{wished}");
        }
    }

    #[test]
    fn ancestors_and_records_are_bounded() {
        let (tokens, _) = tokens();
        let mut caller = Caller::Host;
        for _ in 0..=limits::TOKEN_ANCESTORS {
            let token = created(&tokens, &caller, r#"{"policies":["dev"]}"#).client_token;
            caller = bearer(&tokens, &token);
        }
        let error = create(&tokens, &caller, "{}").err().expect("too deep");
        assert_eq!(error.code(), Code::LimitReached);
        let long = "x".repeat(1_000);
        let meta: Vec<String> = (0..1_100).map(|n| format!("\"{n}\":\"{long}\"")).collect();
        let error = create(
            &tokens,
            &Caller::Host,
            &format!("{{\"policies\":\"dev\",\"meta\":{{{}}}}}", meta.join(",")),
        )
        .err();
        assert_eq!(error.expect("too big").code(), Code::TooLarge);
    }
}
