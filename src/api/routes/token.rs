//! `auth/token/…`: the token store.

use crate::api::client::Core;
use crate::api::request::Verb;
use crate::api::router::{Call, Names, Pattern, Route, Served};
use crate::api::routes::system::VALIDATION;
use crate::deadline::Deadline;
use crate::error::Result;
use crate::field::Field;
use crate::limits;
use crate::token::{
    ACCESSOR_FIELDS, By, CREATE_BY_ROLE_FIELDS, CREATE_FIELDS, Caller, Creation, RENEW_ACCESSOR_FIELDS,
    RENEW_FIELDS, REVOKE_SELF_FIELDS, ROLE_FIELDS, ROLE_NAME, Renewal, TOKEN_FIELDS,
};
use crate::ttls::Ttls;

type Handlers = &'static [(Verb, crate::api::router::Handler)];

/// Routes below `auth/token/`. The first that fits counts.
pub const ROUTES: &[Route] = &[
    exact("create", CREATE_FIELDS, &[(Verb::Update, |call| create(call, By::Caller))]),
    exact("create-orphan", CREATE_FIELDS, &[(Verb::Update, |call| create(call, By::CallerAsOrphan))]),
    Route {
        pattern: Pattern::Name("create/", ROLE_NAME, Names::Exact),
        fields: CREATE_BY_ROLE_FIELDS,
        validation_prefix: VALIDATION,
        handlers: &[(Verb::Update, |call| create(call, By::Role(&call.capture(ROLE_NAME)?)))],
    },
    Route {
        pattern: Pattern::Name("roles/", ROLE_NAME, Names::Exact),
        fields: ROLE_FIELDS,
        // Vault validates a role in its existence check.
        validation_prefix: "",
        handlers: &[(Verb::Read, read_role), (Verb::Update, write_role), (Verb::Delete, delete_role)],
    },
    Route {
        pattern: Pattern::Folder("roles"),
        fields: &[],
        validation_prefix: VALIDATION,
        handlers: &[(Verb::List, |call| Ok(call.core.tokens.list_roles(&call.deadline)?.into()))],
    },
    exact("lookup", TOKEN_FIELDS, &[(Verb::Read, lookup), (Verb::Update, lookup)]),
    exact("lookup-self", TOKEN_FIELDS, &[(Verb::Read, lookup_self), (Verb::Update, lookup_self)]),
    exact("lookup-accessor", ACCESSOR_FIELDS, &[(Verb::Update, lookup_accessor)]),
    exact("renew", RENEW_FIELDS, &[(Verb::Update, renew)]),
    exact("renew-self", RENEW_FIELDS, &[(Verb::Update, renew_self)]),
    exact("renew-accessor", RENEW_ACCESSOR_FIELDS, &[(Verb::Update, renew_accessor)]),
    exact("revoke", TOKEN_FIELDS, &[(Verb::Update, revoke)]),
    exact("revoke-self", REVOKE_SELF_FIELDS, &[(Verb::Update, revoke_self)]),
    exact("revoke-accessor", ACCESSOR_FIELDS, &[(Verb::Update, revoke_accessor)]),
    exact("revoke-orphan", TOKEN_FIELDS, &[(Verb::Update, revoke_orphan)]),
    exact("tidy", &[], &[(Verb::Update, tidy)]),
    Route {
        pattern: Pattern::Folder("accessors"),
        fields: &[],
        validation_prefix: VALIDATION,
        handlers: &[(Verb::List, |call| Ok(call.core.tokens.list_accessors(&call.deadline)?.into()))],
    },
];

/// Where a write below the token store needs `create` as long as nothing is there, at a role: whether something is.
pub fn exists(core: &Core, rest: &str, deadline: &Deadline) -> Result<Option<bool>> {
    let role = rest.strip_prefix("roles/").filter(|name| !name.is_empty());
    role.map(|name| core.tokens.has_role(name, deadline)).transpose()
}

/// Whether a path below the token store needs `sudo` beside the right itself (Vault's root paths).
pub fn is_protected(rest: &str) -> bool {
    rest.starts_with("accessors") || rest.starts_with("revoke-orphan")
}

const fn exact(path: &'static str, fields: &'static [Field], handlers: Handlers) -> Route {
    Route { pattern: Pattern::Exact(path), fields, validation_prefix: VALIDATION, handlers }
}

fn ttls(call: &Call) -> Result<Ttls> {
    Ok(call.mount()?.ttls(call.core.ttls))
}

fn create(call: &Call, by: By) -> Result<Served> {
    let creation = Creation {
        caller: call.caller()?,
        fields: &call.fields,
        by,
        mount_ttls: ttls(call)?,
        mount_accessor: &call.mount()?.accessor,
        policy_exists: &|policy| call.core.policies.exists(policy, &call.deadline),
    };
    Ok(call.core.tokens.create(&creation, &call.deadline)?.into())
}

fn read_role(call: &Call) -> Result<Served> {
    Ok(call.core.tokens.read_role(&call.capture(ROLE_NAME)?, &call.deadline)?.into())
}

fn write_role(call: &Call) -> Result<Served> {
    Ok(call.core.tokens.write_role(&call.fields, ttls(call)?.max, &call.deadline)?.into())
}

fn delete_role(call: &Call) -> Result<Served> {
    Ok(call.core.tokens.delete_role(&call.capture(ROLE_NAME)?, &call.deadline)?.into())
}

fn lookup(call: &Call) -> Result<Served> {
    Ok(call.core.tokens.lookup(call.caller()?, &call.fields, call.moment, &call.deadline)?.into())
}

fn lookup_self(call: &Call) -> Result<Served> {
    Ok(call.core.tokens.lookup_self(call.caller()?)?.into())
}

fn tidy(call: &Call) -> Result<Served> {
    let time = match call.caller()? {
        Caller::Host => limits::TIDY_TIME,
        Caller::Token(_) => limits::TIDY_TIME_AT_DOOR,
    };
    Ok(call.core.tokens.tidy(time, &call.deadline)?.into())
}

fn lookup_accessor(call: &Call) -> Result<Served> {
    Ok(call.core.tokens.lookup_accessor(call.caller()?, &call.fields, &call.deadline)?.into())
}

fn renew(call: &Call) -> Result<Served> {
    go_on(call, call.core.tokens.renewal(&call.fields, &call.deadline)?)
}

fn renew_self(call: &Call) -> Result<Served> {
    go_on(call, call.core.tokens.renewal_of_caller(call.caller()?, &call.fields)?)
}

fn renew_accessor(call: &Call) -> Result<Served> {
    go_on(call, call.core.tokens.renewal_by_accessor(&call.fields, &call.deadline)?)
}

fn go_on(call: &Call, renewal: Renewal) -> Result<Served> {
    // Whoever names another's token shows the address that its bearer comes from. Vault looks at the caller's token.
    renewal.record().check_address(call.context.remote_address)?;
    if renewal.record().is_login() {
        return super::okta::renew(call, renewal);
    }
    Ok(call.core.tokens.renew(renewal, None, ttls(call)?, &call.deadline)?.into())
}

fn revoke(call: &Call) -> Result<Served> {
    Ok(call.core.tokens.revoke(&call.fields, &call.deadline)?.into())
}

fn revoke_self(call: &Call) -> Result<Served> {
    Ok(call.core.tokens.revoke_self(call.caller()?, &call.deadline)?.into())
}

fn revoke_accessor(call: &Call) -> Result<Served> {
    Ok(call.core.tokens.revoke_accessor(&call.fields, &call.deadline)?.into())
}

fn revoke_orphan(call: &Call) -> Result<Served> {
    Ok(call.core.tokens.revoke_orphan(call.caller()?, &call.fields, &call.deadline)?.into())
}
