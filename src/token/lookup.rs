//! `auth/token/lookup`, `lookup-self`, `lookup-accessor` and the list of accessors.

use super::record::{self, Record, State};
use super::store::{Bearer, Caller, Tokens};
use crate::clock::rfc3339;
use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::field::{Field, Fields, Kind};
use crate::json::{self, Object, Value};
use crate::limits;
use crate::log::Level;
use crate::reply::Reply;
use crate::secret::Secret;
use crate::storage::Moment;
use crate::storage::{Found, Stored};
use std::collections::HashMap;
use std::sync::Arc;

/// The fields of `lookup`, `lookup-self` (which ignores it), `revoke` and `revoke-orphan`.
pub const TOKEN_FIELDS: &[Field] = &[Field::secret("token", Kind::String)];
/// The fields of `lookup-accessor` and `revoke-accessor`.
pub const ACCESSOR_FIELDS: &[Field] = &[Field::new("accessor", Kind::String)];

impl Tokens {
    /// What is known of a token; of the caller's own where none is named.
    ///
    /// `moment` was taken for this request.
    ///
    /// # Errors
    /// 403 `bad token` for an unknown one; 400 `missing token ID` when the host names none.
    pub fn lookup(
        &self,
        caller: &Caller,
        fields: &Fields,
        moment: Moment,
        deadline: &Deadline,
    ) -> Result<Option<Reply>> {
        let token = Secret::new(fields.string_or_empty("token")?);
        match caller {
            Caller::Token(bearer)
                if token.expose().is_empty() || token.matches(bearer.token.expose().as_bytes()) =>
            {
                self.lookup_self(caller)
            }
            Caller::Host if token.expose().is_empty() => Err(missing_token()),
            _ => match self.find_as_of(token.expose(), moment, deadline)? {
                Some((_, record)) => Ok(Some(Reply::data(self.shown(&record, token)))),
                None => Err(Error::new(403, Code::InvalidToken, "bad token")),
            },
        }
    }

    /// What is known of the caller's token, after the use that this request takes.
    pub fn lookup_self(&self, caller: &Caller) -> Result<Option<Reply>> {
        match caller {
            Caller::Host => Err(missing_token()),
            Caller::Token(bearer) => Ok(Some(Reply::data(self.shown(&bearer.record, bearer.token.clone())))),
        }
    }

    /// What is known of the token with this accessor; its `id` stays empty.
    ///
    /// # Errors
    /// 400 `missing accessor`, `invalid accessor`.
    pub fn lookup_accessor(
        &self,
        caller: &Caller,
        fields: &Fields,
        deadline: &Deadline,
    ) -> Result<Option<Reply>> {
        let accessor = accessor(fields)?;
        // It may have taken its last use to ask for itself.
        if let Some(record) = caller.record().filter(|record| record.accessor == accessor) {
            return Ok(Some(Reply::data(self.shown(record, Secret::default()))));
        }
        let (_, record) = self.find_by_accessor(&accessor, deadline)?.ok_or_else(invalid_accessor)?;
        Ok(Some(Reply::data(self.shown(&record, Secret::default()))))
    }

    /// The index of the token that a caller's comes from over all that were made with one another; of an orphan's, its own.
    ///
    /// # Errors
    /// Failures of the storage.
    pub fn first_ancestor(&self, bearer: &Bearer, deadline: &Deadline) -> Result<String> {
        // A batch token is stored under no index.
        let mut index = self.barrier.index_of(bearer.token.expose());
        let mut parent = bearer.record.parent.clone();
        for _ in 0..=limits::TOKEN_ANCESTORS {
            let Some(above) = parent else { break };
            parent = self.find_by_index(&above, deadline)?.and_then(|stored| stored.value.parent.clone());
            index = above;
        }
        Ok(index)
    }

    /// The record of a token that can be used now; takes no use.
    ///
    /// # Errors
    /// Failures of the storage.
    pub fn record_of(&self, token: &str, deadline: &Deadline) -> Result<Option<Arc<Record>>> {
        Ok(self.find(token, deadline)?.map(|(_, record)| record))
    }

    /// As [`Tokens::record_of`], of the token with this accessor.
    ///
    /// # Errors
    /// Failures of the storage.
    pub fn record_of_accessor(&self, accessor: &str, deadline: &Deadline) -> Result<Option<Arc<Record>>> {
        Ok(self.find_by_accessor(accessor, deadline)?.map(|(_, record)| record))
    }

    /// The accessors of all living tokens, sorted. One whose record cannot be read cannot be used either, and is left
    /// out.
    pub fn list_accessors(&self, deadline: &Deadline) -> Result<Option<Reply>> {
        let mut accessors = Vec::new();
        // A parent is met before or after its children: what hangs on parents is settled at the end.
        let mut parents: HashMap<String, (Option<String>, bool)> = HashMap::new();
        let (mut after, mut unreadable) = (String::new(), 0_i64);
        loop {
            let page =
                self.barrier.list_found::<Record>(record::RECORDS, &after, limits::STORAGE_PAGE, deadline)?;
            let time = self.clock.read();
            let is_last = page.len() < limits::STORAGE_PAGE;
            for (key, found) in page {
                after.clone_from(&key);
                let Found::Record(Stored { value: record, .. }) = found else {
                    unreadable += 1;
                    continue;
                };
                let lives = record.state == State::Live && !record.has_expired(time);
                let index = key.strip_prefix(record::RECORDS).unwrap_or_default().to_owned();
                // The children of one that is cutting them loose are orphans already.
                let place = match record.state {
                    State::Orphaning => (None, true),
                    State::Live | State::Revoked => (record.parent.clone(), lives),
                };
                parents.insert(index, place);
                if lives {
                    accessors.push((record.accessor, record.parent));
                }
            }
            if is_last {
                break;
            }
        }
        if unreadable > 0 {
            self.logger.log(Level::Warn, "tokens_unreadable", &[("tokens", Value::from(unreadable))]);
        }
        let mut living: Vec<String> = accessors
            .into_iter()
            .filter(|(_, parent)| has_living_ancestors(parent.as_deref(), &parents))
            .map(|(accessor, _)| accessor)
            .collect();
        living.sort_unstable();
        Ok(Reply::keys(living))
    }

    fn shown(&self, record: &Record, id: Secret<String>) -> Object {
        let now = self.clock.now();
        let meta = record.meta.as_ref().map(json::texts);
        let mut data = json::object([
            ("accessor", Value::from(record.accessor.as_str())),
            ("creation_time", Value::from(record.created)),
            ("creation_ttl", Value::from(record.ttl)),
            ("display_name", Value::from(record.display_name.as_str())),
            ("entity_id", Value::from(record.entity_id.as_str())),
            ("expire_time", Value::from(record.expires.map(rfc3339))),
            ("explicit_max_ttl", Value::from(record.explicit_max)),
            ("id", Value::String(id)),
            ("meta", Value::from(meta)),
            ("num_uses", Value::from(record.num_uses)),
            ("orphan", Value::from(record.parent.is_none())),
            ("path", Value::from(record.path.as_str())),
            ("policies", Value::from(record.policies.clone())),
            ("ttl", Value::from(record.expires.map_or(0, |expires| (expires - now).max(0)))),
            ("type", Value::from(record.type_name())),
        ]);
        if let Some(role) = &record.role {
            data.insert("role", Value::from(role.as_str()));
        }
        if record.period > 0 {
            data.insert("period", Value::from(record.period));
        }
        if !record.bound_cidrs.is_empty() {
            let cidrs: Vec<String> = record.bound_cidrs.iter().map(ToString::to_string).collect();
            data.insert("bound_cidrs", Value::from(cidrs));
        }
        if record.leased {
            data.insert("issue_time", Value::from(rfc3339(record.created)));
            data.insert("renewable", Value::from(record.renewable));
        }
        if let Some(renewed) = record.renewed {
            data.insert("last_renewal", Value::from(rfc3339(renewed)));
            data.insert("last_renewal_time", Value::from(renewed));
        }
        data
    }
}

fn has_living_ancestors(parent: Option<&str>, parents: &HashMap<String, (Option<String>, bool)>) -> bool {
    let mut next = parent;
    for _ in 0..=limits::TOKEN_ANCESTORS {
        let Some(index) = next else {
            return true;
        };
        match parents.get(index) {
            Some((parent, true)) => next = parent.as_deref(),
            _ => return false,
        }
    }
    false
}

/// The accessor that a request names.
pub fn accessor(fields: &Fields) -> Result<String> {
    fields
        .string("accessor")?
        .filter(|accessor| !accessor.is_empty())
        .ok_or_else(|| Error::raised(400, Code::InvalidRequest, "missing accessor"))
}

/// 400 for an accessor that no living token has.
pub fn invalid_accessor() -> Error {
    Error::raised(400, Code::NotFound, "invalid accessor")
}

/// 400 where a token has to be named.
pub(super) fn missing_token() -> Error {
    Error::bad_request(Code::InvalidRequest, "missing token ID")
}
