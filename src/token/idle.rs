//! Entities that token roles have made and that no token belongs to any more. They go when there is no room for others,
//! and when tokens are tidied; the entities of logins are no more than Okta's users, and stay with their mount.

use super::entity::{self, Entity, ROLES};
use super::record::{self, CREATED};
use super::store::Tokens;
use crate::deadline::Deadline;
use crate::error::Result;
use crate::limits;
use crate::storage::{Batch, Check, Durability, Found};
use std::sync::PoisonError;

impl Tokens {
    /// Makes room for entities of a role, or of all roles. Looking takes its time, so that it is done once in a while.
    pub(super) fn make_room_for_entities(&self, role: Option<&str>, deadline: &Deadline) -> Result<()> {
        let now = self.clock.read().now;
        {
            let mut last = self.looked_for_idle.lock().unwrap_or_else(PoisonError::into_inner);
            if last.is_some_and(|last| (0..limits::IDLE_ENTITIES_PAUSE_SECONDS).contains(&(now - last))) {
                return Ok(());
            }
            *last = Some(now);
        }
        let short = deadline.within(limits::IDLE_ENTITIES_TIME);
        match self.forget_idle_entities(role, &short) {
            Err(_) if short.interrupted().is_some() && deadline.interrupted().is_none() => Ok(()),
            other => other.map(drop),
        }
    }

    /// Removes them, and says how many it was.
    ///
    /// # Errors
    /// Failures of the storage, and the end of the time; what is removed by then stays removed.
    pub(super) fn forget_idle_entities(&self, role: Option<&str>, deadline: &Deadline) -> Result<i64> {
        let prefix = role.map_or_else(|| ROLES.to_owned(), entity::role_prefix);
        let (mut removed, mut after) = (0, String::new());
        loop {
            deadline.check("looking for entities without tokens")?;
            let page = self.barrier.list_keys(&prefix, &after, limits::REVOKE_PAGE, deadline)?;
            let Some((last, _)) = page.last() else { return Ok(removed) };
            after.clone_from(last);
            for (row, _) in &page {
                removed += i64::from(self.forget_if_idle(row, deadline)?);
            }
        }
    }

    fn forget_if_idle(&self, row: &str, deadline: &Deadline) -> Result<bool> {
        let Some((_, id)) = row.rsplit_once('/') else { return Ok(false) };
        self.barrier.update(deadline, || {
            let mut batch = Batch { durability: Durability::Relaxed, ..Batch::default() };
            if self.barrier.count(&record::entity_prefix(id), 1, deadline)? > 0 {
                return Ok((batch, false));
            }
            let key = entity::entity_key(id);
            batch.deletes.push(row.to_owned());
            match self.barrier.look::<Entity>(&key, deadline)? {
                Found::Record(stored) if self.may_be_borne(&stored.value) => {
                    return Ok((Batch::default(), false));
                }
                Found::Record(stored) => {
                    batch.checks.push(stored.check(&key));
                    self.forget_names(&stored.value, &mut batch, deadline)?;
                    batch.deletes.push(key);
                }
                Found::Nothing => batch.checks.push(Check { key, revision: None }),
                // It may be of a later version.
                Found::Unreadable(_) => return Ok((Batch::default(), false)),
            }
            Ok((batch, true))
        })
    }

    /// Whether a batch token of it may live, of which nothing is stored.
    fn may_be_borne(&self, entity: &Entity) -> bool {
        self.clock.read().now < entity.batch_until
    }

    /// Whatever finds it. Whoever is making a token of it writes the same row, so that one of the two does it anew.
    fn forget_names(&self, entity: &Entity, batch: &mut Batch, deadline: &Deadline) -> Result<()> {
        let key = entity::user_key(CREATED, &entity.user_id);
        if let Some(stored) = self.barrier.read::<String>(&key, deadline)?
            && stored.value == entity.entity_id
        {
            batch.checks.push(stored.check(&key));
            batch.deletes.push(key);
        }
        let typed = entity.typed.iter().map(|typed| entity::typed_key(CREATED, typed, &entity.entity_id));
        batch.deletes.extend(typed);
        for alias in &entity.aliases {
            let key = entity::name_key(CREATED, &alias.name);
            let stored = self.barrier.read::<String>(&key, deadline)?;
            batch.deletes.extend(stored.filter(|stored| stored.value == entity.entity_id).map(|_| key));
        }
        Ok(())
    }
}
