//! Revocation of the tokens that the logins of a mount were given: all of them, those of a user, those of a group, or
//! those of a path; always with all that was created with them. Whoever logs in meanwhile is none of them.
//!
//! A call that ends early has revoked what it has come to; the next one goes on.

use super::batch::Whose;
use super::record::{self, Record, State};
use super::revoke::go_on;
use super::store::Tokens;
use crate::deadline::Deadline;
use crate::error::Result;
use crate::json::{self, Value};
use crate::letter_case;
use crate::limits;
use crate::reply::Reply;
use crate::storage::{Durability, Found, Moment};

/// Said where tokens end that nobody can count.
const BATCH_TOO: &str = "their batch tokens that were issued until now have ended, too; they are not counted";

/// Said where nobody's tokens were looked for.
pub(super) const UNKNOWN: &str =
    "no user who has logged in here is known by this name: name him by his login or his id at Okta";

impl Tokens {
    /// Revokes the tokens of a user, however he typed his name at his logins. He is named by what he goes by at Okta, by
    /// his id there, or by what he typed, of which [`limits::TYPED_NAMES`] are remembered. A name that nobody has is
    /// warned of.
    ///
    /// # Errors
    /// Failures of the storage.
    pub fn revoke_user(&self, mount_id: &str, user: &str, deadline: &Deadline) -> Result<Option<Reply>> {
        let entities = self.entities_called(mount_id, user.trim(), deadline)?;
        if entities.is_empty() {
            return Ok(Some(Reply { warnings: vec![UNKNOWN.to_owned()], ..counted(0, false) }));
        }
        let mut has_batch = false;
        for entity in &entities {
            has_batch = self.end_batch(mount_id, &Whose::Entitys(entity), deadline)?;
        }
        let revoked =
            self.revoke_where(mount_id, &|record| entities.contains(&record.entity_id), deadline)?;
        Ok(Some(counted(revoked, has_batch)))
    }

    /// Revokes the tokens of those who had policies by a group when their token was issued or renewed last.
    ///
    /// # Errors
    /// Failures of the storage.
    pub fn revoke_group(&self, mount_id: &str, group: &str, deadline: &Deadline) -> Result<Option<Reply>> {
        let has_batch = self.end_batch(mount_id, &Whose::Groups(group), deadline)?;
        let folded = letter_case::fold(group);
        let is_member = |record: &Record| record.groups.iter().any(|name| letter_case::fold(name) == folded);
        let revoked = self.revoke_where(mount_id, &is_member, deadline)?;
        Ok(Some(counted(revoked, has_batch)))
    }

    /// Revokes all tokens of a mount, which goes on to issue new ones.
    ///
    /// # Errors
    /// Failures of the storage.
    pub fn revoke_all(&self, mount_id: &str, deadline: &Deadline) -> Result<Option<Reply>> {
        let has_batch = self.end_batch(mount_id, &Whose::Everybodys, deadline)?;
        let revoked = self.revoke_where(mount_id, &|_| true, deadline)?;
        Ok(Some(counted(revoked, has_batch)))
    }

    /// Revokes the tokens of a mount that were issued by this path or one below it. As in Vault, batch tokens are none
    /// of them.
    ///
    /// # Errors
    /// Failures of the storage.
    pub fn revoke_path(&self, mount_id: &str, path: &str, deadline: &Deadline) -> Result<()> {
        let path = path.trim_end_matches('/');
        let is_below = |record: &Record| {
            record.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.revoke_where(mount_id, &is_below, deadline).map(drop)
    }

    /// Revokes those tokens of a mount that live now and are `meant`, and says how many it was.
    fn revoke_where(
        &self,
        mount_id: &str,
        meant: &dyn Fn(&Record) -> bool,
        deadline: &Deadline,
    ) -> Result<i64> {
        let begin = self.barrier.moment(deadline)?;
        let (mut revoked, mut since) = (0, None);
        loop {
            let start = self.barrier.moment(deadline)?;
            let found = self.revoke_once(mount_id, begin, since, meant, deadline)?;
            revoked += found;
            // A renewal that comes meanwhile may move a token to where the look is over already.
            if found == 0 && since.is_some() {
                return Ok(revoked);
            }
            since = Some(start);
        }
    }

    /// Looks once at the tokens of a mount that were there at the moment `begin`, or at those of them that have been
    /// renewed `since`.
    fn revoke_once(
        &self,
        mount_id: &str,
        begin: Moment,
        since: Option<Moment>,
        meant: &dyn Fn(&Record) -> bool,
        deadline: &Deadline,
    ) -> Result<i64> {
        let prefix = record::lease_prefix(mount_id);
        let time = self.clock.read();
        let is_meant = |record: &Record| {
            let lives = record.state == State::Live && !record.has_expired(time);
            lives && record.mount_id == mount_id && meant(record)
        };
        let (mut revoked, mut after) = (0, String::new());
        loop {
            go_on(deadline)?;
            let page = self.barrier.list_keys(&prefix, &after, limits::REVOKE_PAGE, deadline)?;
            let Some((last, _)) = page.last() else {
                return Ok(revoked);
            };
            after.clone_from(last);
            let mut indexes = Vec::with_capacity(page.len());
            for (key, revision) in &page {
                if since.is_some_and(|since| !since.is_before(*revision)) {
                    continue;
                }
                if let Some((_, _, index)) = record::parse_lease_key(key)
                    && (!begin.is_before(*revision) || self.was_there(index, begin, deadline)?)
                {
                    indexes.push(index.to_owned());
                }
            }
            let marked = self.mark(&indexes, State::Revoked, Durability::Durable, deadline, is_meant)?;
            for (index, _) in &marked {
                // It is revoked; rows that cannot be removed now are left to the sweep.
                let _ = self.remove_if_dead(index, deadline);
                revoked += 1;
            }
        }
    }

    /// Whether a token was there at this moment, whatever the clocks show: the row of its accessor is written with it,
    /// and never again.
    fn was_there(&self, index: &str, moment: Moment, deadline: &Deadline) -> Result<bool> {
        let Found::Record(stored) = self.barrier.look::<Record>(&record::record_key(index), deadline)? else {
            return Ok(true);
        };
        let key = record::accessor_key(&self.barrier.index_of(&stored.value.accessor));
        let written = self.barrier.revision_of(&key, deadline)?;
        Ok(written.is_none_or(|written| !moment.is_before(written)))
    }
}

fn counted(revoked: i64, has_batch: bool) -> Reply {
    let warnings = if has_batch { vec![BATCH_TOO.to_owned()] } else { Vec::new() };
    Reply { warnings, ..Reply::data(json::object([("revoked", Value::from(revoked))])) }
}
