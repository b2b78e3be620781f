//! What a handler answers when all went well, before it is put into Vault's envelope.

use crate::json::{Object, Value};
use crate::secret::Secret;
use std::collections::BTreeMap;

/// A success with a body. A handler that has nothing to say returns no reply at all (204, or 404 for a read).
#[derive(Default)]
pub struct Reply {
    /// `None` is `null`, an empty object is `{}`: Vault tells them apart.
    pub data: Option<Object>,
    /// Vault's `warnings`.
    pub warnings: Vec<String>,
    /// The token that was issued or renewed.
    pub auth: Option<Auth>,
    /// Vault's `wrap_info`: what to unwrap the answer with, whose other members are empty then.
    pub wrap_info: Option<Object>,
    /// The whole body, in place of an envelope with all of this: what was wrapped, and paths that have none.
    pub body: Option<Secret<String>>,
    /// The HTTP status where it is not 200.
    pub status: Option<u16>,
}

impl Reply {
    /// A reply with this `data`.
    pub fn data(data: Object) -> Self {
        Self { data: Some(data), ..Self::default() }
    }

    /// A reply of warnings only (`data` is null), or none when there are none.
    pub fn warnings(warnings: Vec<String>) -> Option<Self> {
        (!warnings.is_empty()).then(|| Self { warnings, ..Self::default() })
    }

    /// A listing: `{"keys": [...]}`, and Vault's 404 when there are none.
    pub fn keys(keys: Vec<String>) -> Option<Self> {
        let list = Value::from(keys);
        match list.as_array() {
            Some([]) | None => None,
            Some(_) => Some(Self::data(crate::json::object([("keys", list)]))),
        }
    }
}

/// Vault's `auth` object: a token and what it may do.
#[derive(Clone, Default)]
pub struct Auth {
    /// The token itself; empty when it was found by its accessor.
    pub client_token: Secret<String>,
    /// 24 letters and digits that stand for the token without giving it away.
    pub accessor: String,
    /// All policies, sorted.
    pub policies: Vec<String>,
    /// Policies of the token itself, sorted.
    pub token_policies: Vec<String>,
    /// `None` is `null`.
    pub metadata: Option<BTreeMap<String, String>>,
    /// Seconds.
    pub lease_duration: i64,
    /// Whether it can be renewed.
    pub renewable: bool,
    /// Empty when the token belongs to no entity.
    pub entity_id: String,
    /// `service` or `batch`.
    pub token_type: &'static str,
    /// Whether it has no parent.
    pub orphan: bool,
    /// Uses left; 0 is unlimited.
    pub num_uses: i64,
    /// Such as `okta-fred`. This and what follows is told to the audit log alone.
    pub display_name: String,
    /// When the token was made, in Unix seconds.
    pub issued: i64,
    /// Whether its entity was made with it.
    pub entity_created: bool,
}

impl Auth {
    /// The object as Vault prints it.
    pub fn to_json(&self) -> Object {
        let mut object = crate::json::object([
            ("accessor", Value::from(self.accessor.as_str())),
            ("client_token", Value::String(self.client_token.clone())),
            ("entity_id", Value::from(self.entity_id.as_str())),
            ("lease_duration", Value::from(self.lease_duration)),
            ("mfa_requirement", Value::Null),
            ("num_uses", Value::from(self.num_uses)),
            ("orphan", Value::from(self.orphan)),
            ("policies", Value::from(self.policies.clone())),
            ("renewable", Value::from(self.renewable)),
            ("token_type", Value::from(self.token_type)),
        ]);
        if !self.token_policies.is_empty() {
            object.insert("token_policies", Value::from(self.token_policies.clone()));
        }
        object.insert("metadata", Value::from(self.metadata.as_ref().map(crate::json::texts)));
        object
    }
}
