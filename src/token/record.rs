//! What is stored of a token, and under which keys.
//!
//! | key | what it is for |
//! |---|---|
//! | `token/id/<index>` | the token's [`Record`]; the index is the HMAC of the token |
//! | `token/accessor/<index of the accessor>` | the index of the token |
//! | `token/lease/<mount>/<end>/<index>` | finds the tokens of a mount in the order in which they end |
//! | `token/child/<index of the parent>/<index>` | finds the children of a token |
//! | `token/entity/<entity id>/<index>` | finds the tokens of an entity that were made by hand |
//! | `token/wrapped/<index>` | the answer that a wrapping token keeps |
//! | `token/wrapper/<who>/<share>/<index>` | counts what somebody has had wrapped |
//!
//! All keys of a token are written, moved and deleted together with its record.

use crate::cidr::Cidr;
use crate::clock::{Reading, UnixSeconds};
use crate::error::{Error, Result};
use crate::policy::names;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The prefix of all records.
pub const RECORDS: &str = "token/id/";
/// The prefix of all lease rows.
pub const LEASES: &str = "token/lease/";
/// The prefix of all rows of accessors.
pub const ACCESSORS: &str = "token/accessor/";
/// The prefix of all rows of children.
pub const CHILDREN: &str = "token/child/";
/// The prefix of all rows of entities' tokens.
pub const ENTITIES: &str = "token/entity/";
/// The prefix of all that wrapping tokens keep.
pub const WRAPPED: &str = "token/wrapped/";
/// The prefix of all rows of those who have had answers wrapped.
pub const WRAPPERS: &str = "token/wrapper/";
/// Stands for the mount in the keys of tokens that were created by hand and not by a login.
pub const CREATED: &str = "token";

/// Digits of an end in a lease key: enough for 30,000 years, so that keys sort as the times do.
const END_DIGITS: usize = 12;
const GREATEST_END: UnixSeconds = 999_999_999_999;
/// Sorts after every end.
const NEVER: &str = "never";

/// A service token as it is stored, sealed by the barrier, or what a batch token holds. Times are Unix seconds,
/// durations seconds.
#[derive(Clone, Serialize, Deserialize)]
pub struct Record {
    /// Whether it is a batch token's, of which nothing is stored.
    #[serde(skip)]
    pub batch: bool,
    /// 24 letters and digits that stand for the token; a batch token has none.
    pub accessor: String,
    /// Sanitised policies.
    pub policies: Vec<String>,
    /// The request path that made it, such as `auth/okta/login/fred`.
    pub path: String,
    /// Such as `okta-fred`.
    pub display_name: String,
    /// What the method or the creator noted; `None` is `null`.
    pub meta: Option<BTreeMap<String, String>>,
    /// Empty when it belongs to no entity.
    pub entity_id: String,
    /// The id of the mount whose login made it; `token` for one made by hand.
    pub mount_id: String,
    /// The role that it was made by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The groups that its user had policies by when it was issued or renewed last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// The index of its parent; an orphan has none.
    pub parent: Option<String>,
    /// How many ancestors it had when it was made.
    pub depth: usize,
    /// When it was made.
    pub created: UnixSeconds,
    /// The lifetime it was made with; 0 has no end.
    pub ttl: i64,
    /// The second at which it is gone.
    pub expires: Option<UnixSeconds>,
    /// The furthest that the clock of the process that set `expires` had ever been, where it had been set back
    /// since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ahead: Option<UnixSeconds>,
    /// Its own maximum, 0 for none.
    pub explicit_max: i64,
    /// Its period, 0 for none.
    pub period: i64,
    /// Uses left: 0 is unlimited, -1 stands in the copy of the request that took the last one.
    pub num_uses: i64,
    /// Addresses it may be used from; empty is everywhere.
    pub bound_cidrs: Vec<Cidr>,
    /// Of a wrapping token: for whom its answer was wrapped; none is the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrapped_for: Option<WrappedFor>,
    /// Whether Vault keeps a lease for it: all but a root token made by the host.
    pub leased: bool,
    /// Whether it can be renewed.
    pub renewable: bool,
    /// When it was last renewed.
    pub renewed: Option<UnixSeconds>,
    /// What its last renewal gave it, which the next one gives again where nothing else is asked for (Vault).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewed_ttl: Option<i64>,
    /// Whether its end was decided before its time.
    pub state: State,
}

/// For whom an answer was wrapped, and how much of his room it takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrappedFor {
    /// An entity, or the index of a token.
    pub who: String,
    /// Shares of [`crate::limits::WRAPPED_SHARE_BYTES`].
    pub shares: usize,
}

/// Where a token stands between its birth and the removal of its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// It can be used until it expires.
    Live,
    /// It is gone, and so are its descendants; their rows are being removed.
    Revoked,
    /// It is gone, but its children stay: they are being cut loose.
    Orphaning,
}

impl Record {
    /// Whether its time is up.
    pub fn has_expired(&self, time: Reading) -> bool {
        has_come(self.expires, self.ahead, time)
    }

    /// Looks at whether it may be used from an address.
    ///
    /// # Errors
    /// 403 from one that it is not bound to.
    pub fn check_address(&self, remote: Option<IpAddr>) -> Result<()> {
        if Cidr::allow(&self.bound_cidrs, remote) { Ok(()) } else { Err(Error::permission_denied()) }
    }

    /// Whether it is a login's token, which is renewed with the method's consent only.
    pub fn is_login(&self) -> bool {
        self.mount_id != CREATED
    }

    /// Vault's name of its type.
    pub fn type_name(&self) -> &'static str {
        if self.batch { "batch" } else { "service" }
    }

    /// Whether it holds the policy `root`.
    pub fn is_root(&self) -> bool {
        self.policies.iter().any(|policy| policy == names::ROOT)
    }

    /// Whether it keeps an answer for whoever unwraps it, and is good for nothing else.
    pub fn is_wrapping(&self) -> bool {
        self.policies.iter().any(|policy| policy == names::RESPONSE_WRAPPING)
    }

    /// The key of its row under the entity that it belongs to, where it was made by hand.
    pub fn entity_key(&self, index: &str) -> Option<String> {
        let has_one = !self.is_login() && !self.entity_id.is_empty();
        has_one.then(|| format!("{}{index}", entity_prefix(&self.entity_id)))
    }

    /// The keys of its rows under whom its answer was wrapped for, one for each share.
    pub fn wrapper_keys(&self, index: &str) -> impl Iterator<Item = String> {
        self.wrapped_for.iter().flat_map(move |WrappedFor { who, shares }| {
            let prefix = wrapper_prefix(who);
            (0..*shares).map(move |share| format!("{prefix}{share}/{index}"))
        })
    }

    /// The key of its lease row. What is to be removed comes first.
    pub fn lease_key(&self, index: &str) -> String {
        let prefix = lease_prefix(&self.mount_id);
        match (self.state, self.expires) {
            (State::Live, None) => format!("{prefix}{NEVER}/{index}"),
            (State::Live, Some(expires)) => {
                format!("{prefix}{:0END_DIGITS$}/{index}", expires.clamp(1, GREATEST_END))
            }
            (State::Revoked | State::Orphaning, _) => format!("{prefix}{:0END_DIGITS$}/{index}", 0),
        }
    }
}

/// Whether an end has come: the clock shows it, or showed it once and was set back. Where it had been `ahead` already
/// when the end was set, only what it showed beyond that counts.
pub fn has_come(end: Option<UnixSeconds>, ahead: Option<UnixSeconds>, time: Reading) -> bool {
    let seen = |end| time.furthest >= end && ahead.is_none_or(|ahead| time.furthest > ahead);
    end.is_some_and(|end| time.now >= end || seen(end))
}

/// The prefix of the lease rows of one mount.
pub fn lease_prefix(mount_id: &str) -> String {
    format!("{LEASES}{mount_id}/")
}

/// The mount, the end and the index that a lease key names; a token without end has none.
pub fn parse_lease_key(key: &str) -> Option<(&str, Option<UnixSeconds>, &str)> {
    let (mount_id, rest) = key.strip_prefix(LEASES)?.split_once('/')?;
    let (end, index) = rest.split_once('/')?;
    let end = if end == NEVER { None } else { Some(end.parse().ok()?) };
    Some((mount_id, end, index))
}

/// The key of a token's record.
pub fn record_key(index: &str) -> String {
    let mut key = String::with_capacity(RECORDS.len() + index.len());
    key.push_str(RECORDS);
    key.push_str(index);
    key
}

/// The key that finds a token by its accessor's index.
pub fn accessor_key(accessor_index: &str) -> String {
    format!("{ACCESSORS}{accessor_index}")
}

/// The prefix of the rows of a token's children.
pub fn child_prefix(parent: &str) -> String {
    format!("{CHILDREN}{parent}/")
}

/// The key of what a wrapping token keeps.
pub fn wrapped_key(index: &str) -> String {
    format!("{WRAPPED}{index}")
}

/// The prefix of the rows of an entity's tokens.
pub fn entity_prefix(entity_id: &str) -> String {
    format!("{ENTITIES}{entity_id}/")
}

/// The prefix of the rows of what was wrapped for somebody.
pub fn wrapper_prefix(who: &str) -> String {
    format!("{WRAPPERS}{who}/")
}

/// The key of a child's row under its parent.
pub fn child_key(parent: &str, index: &str) -> String {
    format!("{CHILDREN}{parent}/{index}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::testing::record;

    #[test]
    fn lease_keys_sort_by_end_and_read_back() {
        let mut keys = Vec::new();
        for (state, expires) in [
            (State::Revoked, Some(9)),
            (State::Live, Some(9)),
            (State::Live, Some(1_700_000_000)),
            (State::Live, Some(11_000_000_000)),
            (State::Live, None),
        ] {
            let record = Record { state, expires, mount_id: "m1".to_owned(), ..record() };
            let key = record.lease_key("abc");
            let end = if state == State::Live { expires } else { Some(0) };
            assert_eq!(parse_lease_key(&key), Some(("m1", end, "abc")));
            keys.push(key);
        }
        assert!(keys.is_sorted(), "{keys:?}");
        assert_eq!(parse_lease_key("token/lease/m1"), None);
    }
}
