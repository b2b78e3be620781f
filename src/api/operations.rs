//! The table of named operations: each is a method and a path of Vault's.

/// One row of the table.
#[derive(Debug)]
pub struct Operation {
    /// As hvac names it; the C function is `okta_auth_<name>`.
    pub name: &'static str,
    /// HTTP method of Vault's API; `LIST` is one.
    pub method: &'static str,
    /// Vault's path, `{name}` standing for a member of the request that is taken out of it.
    pub path: &'static str,
}

const fn row(name: &'static str, method: &'static str, path: &'static str) -> Operation {
    Operation { name, method, path }
}

/// Every named operation.
pub const OPERATIONS: &[Operation] = &[
    row("configure", "POST", "auth/{mount_point}/config"),
    row("read_config", "GET", "auth/{mount_point}/config"),
    row("register_user", "POST", "auth/{mount_point}/users/{username}"),
    row("read_user", "GET", "auth/{mount_point}/users/{username}"),
    row("delete_user", "DELETE", "auth/{mount_point}/users/{username}"),
    row("list_users", "LIST", "auth/{mount_point}/users"),
    row("register_group", "POST", "auth/{mount_point}/groups/{name}"),
    row("read_group", "GET", "auth/{mount_point}/groups/{name}"),
    row("delete_group", "DELETE", "auth/{mount_point}/groups/{name}"),
    row("list_groups", "LIST", "auth/{mount_point}/groups"),
    row("login", "POST", "auth/{mount_point}/login/{username}"),
    row("verify", "GET", "auth/{mount_point}/verify/{nonce}"),
    row("enable_auth_method", "POST", "sys/auth/{path}"),
    row("disable_auth_method", "DELETE", "sys/auth/{path}"),
    row("list_auth_methods", "GET", "sys/auth"),
    row("read_auth_method_tuning", "GET", "sys/auth/{path}/tune"),
    row("tune_auth_method", "POST", "sys/auth/{path}/tune"),
    row("create_token", "POST", "auth/token/create"),
    row("create_orphan_token", "POST", "auth/token/create-orphan"),
    row("lookup_token", "POST", "auth/token/lookup"),
    row("renew_token", "POST", "auth/token/renew"),
    row("revoke_token", "POST", "auth/token/revoke"),
    row("revoke_token_and_orphan_children", "POST", "auth/token/revoke-orphan"),
    row("lookup_accessor", "POST", "auth/token/lookup-accessor"),
    row("renew_accessor", "POST", "auth/token/renew-accessor"),
    row("revoke_accessor", "POST", "auth/token/revoke-accessor"),
    row("list_accessors", "LIST", "auth/token/accessors"),
];
