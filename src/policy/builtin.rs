//! The policies that are there before anybody has written one (Vault's `vault/policy_store.go`). Some of their paths
//! have no function here; `sys/capabilities-self` shows them as Vault does.

use super::names::{CONTROL_GROUP, DEFAULT, RESPONSE_WRAPPING};

/// The text of a policy that is there by itself; `root` has none, as it needs no rules.
pub fn text(name: &str) -> Option<&'static str> {
    match name {
        DEFAULT => Some(DEFAULT_TEXT),
        RESPONSE_WRAPPING => Some(RESPONSE_WRAPPING_TEXT),
        CONTROL_GROUP => Some(CONTROL_GROUP_TEXT),
        _ => None,
    }
}

const DEFAULT_TEXT: &str = r#"# What every token may do, unless it was made without this policy.

# See to itself.
path "auth/token/lookup-self" {
  capabilities = ["read"]
}
path "auth/token/renew-self" {
  capabilities = ["update"]
}
path "auth/token/revoke-self" {
  capabilities = ["update"]
}
path "sys/capabilities-self" {
  capabilities = ["update"]
}
path "sys/internal/ui/resultant-acl" {
  capabilities = ["read"]
}

# Know who it belongs to.
path "identity/entity/id/{{identity.entity.id}}" {
  capabilities = ["read"]
}
path "identity/entity/name/{{identity.entity.name}}" {
  capabilities = ["read"]
}

# Be vouched for towards others.
path "identity/oidc/provider/+/authorize" {
  capabilities = ["read", "update"]
}

# See to its leases, by their ids.
path "sys/leases/lookup" {
  capabilities = ["update"]
}
path "sys/leases/renew" {
  capabilities = ["update"]
}
path "sys/renew" {
  capabilities = ["update"]
}

# Keep something that no other token can read.
path "cubbyhole/*" {
  capabilities = ["create", "read", "update", "delete", "list"]
}

# Pass something on in a token that can be used once.
path "sys/wrapping/lookup" {
  capabilities = ["update"]
}
path "sys/wrapping/unwrap" {
  capabilities = ["update"]
}
path "sys/wrapping/wrap" {
  capabilities = ["update"]
}

# Have something hashed.
path "sys/tools/hash" {
  capabilities = ["update"]
}
path "sys/tools/hash/*" {
  capabilities = ["update"]
}

# See whether others have consented to its request.
path "sys/control-group/request" {
  capabilities = ["update"]
}
"#;

const RESPONSE_WRAPPING_TEXT: &str = r#"# What the token of a wrapped answer may do: give the answer out.
path "cubbyhole/response" {
  capabilities = ["create", "read"]
}
path "sys/wrapping/unwrap" {
  capabilities = ["update"]
}
"#;

const CONTROL_GROUP_TEXT: &str = r#"# What the token of a request that waits for others' consent may do. There are none here.
path "cubbyhole/control-group" {
  capabilities = ["create", "read", "update", "delete"]
}
path "sys/wrapping/unwrap" {
  capabilities = ["update"]
}
"#;
