//! Batch tokens: nothing of one is stored. It is `hvb.` and the base64url of what its record would hold, sealed by
//! the barrier.
//!
//! It lives until its time is up, as long as its parent lives, and no longer than its mount. None can be revoked by
//! itself; but those of a mount, of a user or of a group can, by counting: a token remembers which *generation* of its
//! mount's it is of, each revocation begins a new one, and notes whose tokens of older ones have ended.
//!
//! | key | what it is for |
//! |---|---|
//! | `token/batch/<mount id>` | the [`Generations`] of a mount; there from its first batch token on |
//! | `token/batch/<mount id>/entity/<entity id>` | the generation before which a user's have ended |
//! | `token/batch/<mount id>/group/<folded name>` | the generation before which a group's have ended |

use super::record::{Record, State};
use super::store::Tokens;
use crate::cidr::Cidr;
use crate::clock::UnixSeconds;
use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::letter_case;
use crate::limits;
use crate::secret::Secret;
use crate::storage::{Barrier, Batch, Check, Found, Moment, Stored, encode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What every batch token begins with.
pub(super) const PREFIX: &str = "hvb.";

/// What a batch token holds, under short names, as it travels with every request.
#[derive(Serialize, Deserialize)]
struct Sealed {
    #[serde(rename = "p")]
    policies: Vec<String>,
    #[serde(rename = "a")]
    path: String,
    #[serde(rename = "n")]
    display_name: String,
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    meta: Option<BTreeMap<String, String>>,
    #[serde(rename = "e", default, skip_serializing_if = "String::is_empty")]
    entity_id: String,
    #[serde(rename = "i")]
    mount_id: String,
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    #[serde(rename = "c")]
    created: UnixSeconds,
    #[serde(rename = "t")]
    ttl: i64,
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    ahead: Option<UnixSeconds>,
    #[serde(rename = "b", default, skip_serializing_if = "Vec::is_empty")]
    bound_cidrs: Vec<Cidr>,
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    #[serde(rename = "g", default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
    #[serde(rename = "v", default)]
    generation: u64,
}

/// The generations of a mount's batch tokens.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Generations {
    /// That of tokens that are issued now.
    current: u64,
    /// All of older ones than this have ended.
    ended: u64,
}

/// Whose batch tokens are to end.
pub(super) enum Whose<'a> {
    /// Those of all users of the mount.
    Everybodys,
    /// Those of an entity.
    Entitys(&'a str),
    /// Those of logins that had policies by this group.
    Groups(&'a str),
}

impl Tokens {
    /// Makes the token of a record, with what `prepare` wants to see checked or written; it may finish the record, and
    /// is called anew after each lost race.
    ///
    /// # Errors
    /// What `prepare` answers; 400 when the token would be longer than is sensible.
    pub(super) fn issue_batch(
        &self,
        template: &Record,
        deadline: &Deadline,
        mut prepare: impl FnMut(&mut Record, &mut Batch) -> Result<()>,
    ) -> Result<(Secret<String>, Record)> {
        self.barrier.update(deadline, || {
            let mut record = template.clone();
            let mut commit = Batch::default();
            prepare(&mut record, &mut commit)?;
            let generation = match record.is_login() {
                true => self.generation(&record.mount_id, &mut commit, deadline)?,
                false => 0,
            };
            Ok((commit, (self.seal_batch(&record, generation)?, record)))
        })
    }

    fn seal_batch(&self, record: &Record, generation: u64) -> Result<Secret<String>> {
        let record = record.clone();
        let sealed = Sealed {
            policies: record.policies,
            path: record.path,
            display_name: record.display_name,
            meta: record.meta,
            entity_id: record.entity_id,
            mount_id: record.mount_id,
            parent: record.parent,
            created: record.created,
            ttl: record.ttl,
            ahead: record.ahead,
            bound_cidrs: record.bound_cidrs,
            role: record.role,
            groups: record.groups,
            generation,
        };
        let sealed = self.barrier.seal(&self.batch_context, encode(&sealed)?)?;
        let mut token = PREFIX.to_owned();
        URL_SAFE_NO_PAD.encode_string(sealed, &mut token);
        if token.len() > limits::BATCH_TOKEN_BYTES {
            let limit = limits::BATCH_TOKEN_BYTES;
            let text = format!("the batch token would be longer than {limit} bytes: use service tokens");
            return Err(Error::bad_request(Code::TooLarge, text));
        }
        Ok(Secret::new(token))
    }

    /// The record that a living batch token holds. One that was not made here, or was changed, holds none. `moment` was
    /// taken for this request.
    pub(super) fn open_batch(
        &self,
        token: &str,
        moment: Moment,
        deadline: &Deadline,
    ) -> Result<Option<Record>> {
        let Some(sealed) = token.strip_prefix(PREFIX).and_then(|text| self.unseal_batch(text)) else {
            return Ok(None);
        };
        let generation = sealed.generation;
        let record = Record::from(sealed);
        if record.has_expired(self.clock.read()) {
            return Ok(None);
        }
        if let Some(parent) = &record.parent
            && self.find_by_index_as_of(parent, moment, deadline)?.is_none()
        {
            return Ok(None);
        }
        Ok(self.is_of_living_generation(&record, generation, moment, deadline)?.then_some(record))
    }

    fn unseal_batch(&self, text: &str) -> Option<Sealed> {
        if text.len() > limits::BATCH_TOKEN_BYTES {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let clear = self.barrier.unseal(&self.batch_context, sealed).ok()?;
        serde_json::from_slice(&clear).ok()
    }

    /// The generation of a token that is issued with this commit.
    fn generation(&self, mount_id: &str, commit: &mut Batch, deadline: &Deadline) -> Result<u64> {
        let moment = self.barrier.moment(deadline)?;
        match self.generations(mount_id, moment, deadline)? {
            Some(stored) => Ok(stored.value.current),
            None => {
                let key = generations_key(mount_id);
                commit.checks.push(Check { key: key.clone(), revision: None });
                commit.puts.push((key, encode(&Generations::default())?));
                Ok(0)
            }
        }
    }

    fn generations(
        &self,
        mount_id: &str,
        moment: Moment,
        deadline: &Deadline,
    ) -> Result<Option<Stored<Arc<Generations>>>> {
        self.barrier.read_cached(&generations_key(mount_id), &self.generations, moment, deadline)
    }

    fn is_of_living_generation(
        &self,
        record: &Record,
        generation: u64,
        moment: Moment,
        deadline: &Deadline,
    ) -> Result<bool> {
        if !record.is_login() {
            return Ok(true);
        }
        // Without them its mount is gone.
        let Some(stored) = self.generations(&record.mount_id, moment, deadline)? else {
            return Ok(false);
        };
        let Generations { current, ended } = *stored.value;
        if generation < ended || generation == current {
            return Ok(generation >= ended);
        }
        let groups = record.groups.iter().map(|group| Whose::Groups(group));
        for whose in groups.chain([Whose::Entitys(&record.entity_id)]) {
            let ended = self.barrier.read::<u64>(&whose.key(&record.mount_id), deadline)?;
            if ended.is_some_and(|ended| generation < ended.value) {
                return Ok(false);
            }
        }
        // A row that was there at this moment may have gone since, because all of its generation have ended.
        let now = self.generations(&record.mount_id, self.barrier.moment(deadline)?, deadline)?;
        Ok(now.is_some_and(|stored| generation >= stored.value.ended))
    }

    /// Ends batch tokens of a mount that were issued until now; `false` when it never issued any.
    pub(super) fn end_batch(&self, mount_id: &str, whose: &Whose, deadline: &Deadline) -> Result<bool> {
        let key = generations_key(mount_id);
        let rows = format!("{key}/");
        let is_full = !matches!(whose, Whose::Everybodys)
            && !self.barrier.has_room(&rows, limits::BATCH_ENDS, deadline)?;
        let everybodys = is_full || matches!(whose, Whose::Everybodys);
        let begun = self.barrier.update(deadline, || {
            let mut batch = Batch::default();
            let Some(stored) = self.barrier.read::<Generations>(&key, deadline)? else {
                return Ok((batch, None));
            };
            batch.checks.push(stored.check(&key));
            let Generations { current, ended } = stored.value;
            let current = current.saturating_add(1);
            let ended = if everybodys { current } else { ended };
            batch.puts.push((key.clone(), encode(&Generations { current, ended })?));
            if !everybodys {
                batch.puts.push((whose.key(mount_id), encode(&current)?));
            }
            Ok((batch, Some(current)))
        })?;
        if let Some(ended) = begun.filter(|_| everybodys) {
            self.forget_ends_until(ended, &rows, deadline)?;
        }
        Ok(begun.is_some())
    }

    /// Removes what is noted of single users and groups and says nothing more, as all of these generations have ended.
    /// What others note meanwhile is of a later one, and stays.
    fn forget_ends_until(&self, ended: u64, rows: &str, deadline: &Deadline) -> Result<()> {
        let mut after = String::new();
        loop {
            let page = self.barrier.list_keys(rows, &after, limits::STORAGE_PAGE, deadline)?;
            let Some((last, _)) = page.last() else {
                return Ok(());
            };
            after.clone_from(last);
            self.barrier.update(deadline, || {
                let mut batch = Batch::default();
                for (key, _) in &page {
                    // One that cannot be read may be of a later one.
                    if let Found::Record(stored) = self.barrier.look::<u64>(key, deadline)?
                        && stored.value <= ended
                    {
                        batch.checks.push(stored.check(key));
                        batch.deletes.push(key.clone());
                    }
                }
                Ok((batch, ()))
            })?;
        }
    }

    /// Ends all batch tokens of a mount that is going.
    pub(super) fn forget_batch(&self, mount_id: &str, deadline: &Deadline) -> Result<()> {
        let key = generations_key(mount_id);
        self.barrier
            .update(deadline, || Ok((Batch { deletes: vec![key.clone()], ..Batch::default() }, ())))?;
        self.barrier.delete_all(&format!("{key}/"), deadline)
    }
}

impl From<Sealed> for Record {
    fn from(sealed: Sealed) -> Self {
        Self {
            batch: true,
            accessor: String::new(),
            policies: sealed.policies,
            path: sealed.path,
            display_name: sealed.display_name,
            meta: sealed.meta,
            entity_id: sealed.entity_id,
            mount_id: sealed.mount_id,
            role: sealed.role,
            groups: sealed.groups,
            parent: sealed.parent,
            depth: 0,
            created: sealed.created,
            ttl: sealed.ttl,
            expires: Some(sealed.created.saturating_add(sealed.ttl)),
            ahead: sealed.ahead,
            explicit_max: 0,
            period: 0,
            num_uses: 0,
            bound_cidrs: sealed.bound_cidrs,
            wrapped_for: None,
            leased: true,
            renewable: false,
            renewed: None,
            renewed_ttl: None,
            state: State::Live,
        }
    }
}

impl Whose<'_> {
    fn key(&self, mount_id: &str) -> String {
        let rows = generations_key(mount_id);
        match self {
            Self::Everybodys => rows,
            Self::Entitys(id) => format!("{rows}/entity/{id}"),
            Self::Groups(name) => format!("{rows}/group/{}", letter_case::fold(name)),
        }
    }
}

/// What a batch token is sealed for: no other use of the barrier, and no other storage that has the same key.
pub(super) fn context(barrier: &Barrier) -> String {
    format!("batch token of {}", barrier.index_of("batch token"))
}

/// 400 for what cannot be done to a batch token.
pub(super) fn refuse(record: &Record, what: &str) -> Result<()> {
    if record.batch {
        let text = format!("batch tokens cannot {what}");
        return Err(Error::bad_request(Code::InvalidRequest, text));
    }
    Ok(())
}

fn generations_key(mount_id: &str) -> String {
    format!("token/batch/{mount_id}")
}
