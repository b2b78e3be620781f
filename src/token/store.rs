//! The store of tokens: finding them, using them, writing new ones.

use super::batch::{self, Generations};
use super::entity::Entity;
use super::id;
use super::record::{self, Record, State};
use super::sweep::Sweeper;
use super::tidy::Tidier;
use crate::clock::{Clock, UnixSeconds};
use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::log::Logger;
use crate::secret::Secret;
use crate::storage::{Barrier, Batch, Cache, Check, Moment, Stored, encode};
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

/// Vault's text where a token is unknown, expired or revoked.
const INVALID_TOKEN: &str = "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n";

/// All tokens of one storage. Any number of processes may work on the same storage.
pub struct Tokens {
    pub(super) barrier: Arc<Barrier>,
    pub(super) clock: Clock,
    pub(super) logger: Logger,
    pub(super) sweeper: Sweeper,
    records: Cache<Record>,
    pub(super) entities: Cache<Entity>,
    pub(super) generations: Cache<Generations>,
    pub(super) tidier: Tidier,
    /// When entities without tokens were looked for to make room.
    pub(super) looked_for_idle: Mutex<Option<UnixSeconds>>,
    /// What batch tokens are sealed for.
    pub(super) batch_context: String,
}

/// Who asks.
pub enum Caller {
    /// The daemon itself, through a named operation: it may do everything and uses no token.
    Host,
    /// The bearer of a token.
    Token(Box<Bearer>),
}

/// A token that was just shown and found valid.
pub struct Bearer {
    /// The token as it was shown.
    pub token: Secret<String>,
    /// What it is stored under; empty for a batch token.
    pub index: String,
    /// Its record; once [`Tokens::charge`] was called, after this use.
    pub record: Arc<Record>,
    /// What it kept, where it is a wrapping token: it is gone now, and this is the one who gets it.
    pub wrapped: Option<Secret<String>>,
    /// Whether its policies give it `sudo` on the path of the request; [`Tokens::authenticate`] sets it for the
    /// policy `root` only.
    pub sudo: bool,
}

/// A token's record after a use, and what it kept where it was a wrapping token.
pub(super) type Used = (Record, Option<Secret<String>>);

impl Caller {
    /// [`Record::check_address`] of its token.
    pub fn check_address(&self, remote: Option<IpAddr>) -> Result<()> {
        self.record().map_or(Ok(()), |record| record.check_address(remote))
    }

    /// The caller's record, where it is not the host.
    pub fn record(&self) -> Option<&Record> {
        match self {
            Self::Host => None,
            Self::Token(bearer) => Some(&bearer.record),
        }
    }

    /// Whether it may do what needs `root` or `sudo`.
    pub fn has_sudo(&self) -> bool {
        match self {
            Self::Host => true,
            Self::Token(bearer) => bearer.sudo,
        }
    }
}

/// Whether a token can be used.
enum Life {
    Alive,
    Gone,
    /// The time of this token, which may be an ancestor, is up, and nobody has noted it yet.
    Expired(String),
}

impl Tokens {
    /// The tokens of a storage. What goes wrong beside a request is logged.
    pub fn new(barrier: Arc<Barrier>, clock: Clock, logger: Logger) -> Self {
        let batch_context = batch::context(&barrier);
        Self {
            barrier,
            clock,
            logger,
            sweeper: Sweeper::default(),
            tidier: Tidier::default(),
            looked_for_idle: Mutex::default(),
            records: Cache::new(limits::TOKENS_KEPT),
            entities: Cache::new(limits::TOKENS_KEPT),
            generations: Cache::new(limits::MOUNTS),
            batch_context,
        }
    }

    /// Finds the bearer of a token. No use is taken: [`Tokens::charge`] does that.
    ///
    /// `moment` was taken for this request.
    ///
    /// # Errors
    /// 403 `permission denied` without a token; 403 with Vault's two errors when it is unknown, expired, revoked or used
    /// up; failures of the storage. Where he comes from is [`Caller::check_address`]'s to look at.
    pub fn authenticate(
        &self,
        token: &Secret<String>,
        moment: Moment,
        deadline: &Deadline,
    ) -> Result<Caller> {
        if token.expose().is_empty() {
            return Err(Error::new(403, Code::PermissionDenied, "permission denied"));
        }
        let found = self.find_as_of(token.expose(), moment, deadline)?;
        let (index, record) = found.ok_or_else(invalid_token)?;
        let sudo = record.is_root();
        Ok(Caller::Token(Box::new(Bearer { token: token.clone(), index, record, wrapped: None, sudo })))
    }

    /// Takes one use of a caller's token, where its uses are numbered. The last one removes the token: the request goes
    /// on with the copy in [`Bearer::record`], whose `num_uses` is -1 then, as Vault shows it.
    ///
    /// # Errors
    /// 403 where others have taken the last use; failures of the storage.
    pub fn charge(&self, caller: &mut Caller, deadline: &Deadline) -> Result<()> {
        if let Caller::Token(bearer) = caller
            && bearer.record.num_uses > 0
        {
            let (record, wrapped) = self.take_use(&bearer.index, deadline)?.ok_or_else(invalid_token)?;
            (bearer.record, bearer.wrapped) = (Arc::new(record), wrapped);
        }
        Ok(())
    }

    /// Takes one use of a token: its record then, and what a wrapping token kept. `None` when it is gone.
    pub(super) fn take_use(&self, index: &str, deadline: &Deadline) -> Result<Option<Used>> {
        let key = record::record_key(index);
        self.barrier.update(deadline, || {
            let Some(stored) = self.find_by_index(index, deadline)? else {
                return Ok((Batch::default(), None));
            };
            let checks = vec![stored.check(&key)];
            let mut record = Record::clone(&stored.value);
            if record.num_uses == 1 {
                let wrapped = if record.is_wrapping() { self.wrapped_body(index, deadline)? } else { None };
                // It has no children: a token of limited uses cannot create any.
                let deletes = self.keys_of(index, &record);
                record.num_uses = -1;
                return Ok((Batch { checks, deletes, ..Batch::default() }, Some((record, wrapped))));
            }
            record.num_uses -= 1;
            let puts = vec![(key.clone(), encode(&record)?)];
            Ok((Batch { checks, puts, ..Batch::default() }, Some((record, None))))
        })
    }

    /// The index and record of a token that can be used now; takes no use. A batch token has no index.
    pub(super) fn find(&self, token: &str, deadline: &Deadline) -> Result<Option<(String, Arc<Record>)>> {
        self.find_as_of(token, self.barrier.moment(deadline)?, deadline)
    }

    /// As [`Tokens::find`], for a request that has taken its moment.
    pub(super) fn find_as_of(
        &self,
        token: &str,
        moment: Moment,
        deadline: &Deadline,
    ) -> Result<Option<(String, Arc<Record>)>> {
        if token.starts_with(batch::PREFIX) {
            return Ok(self
                .open_batch(token, moment, deadline)?
                .map(|record| (String::new(), Arc::new(record))));
        }
        if token.is_empty() || token.len() > limits::NAME_BYTES {
            return Ok(None);
        }
        let index = self.barrier.index_of(token);
        Ok(self.find_by_index_as_of(&index, moment, deadline)?.map(|stored| (index, stored.value)))
    }

    /// The index and record of a living token, by its accessor.
    pub(super) fn find_by_accessor(
        &self,
        accessor: &str,
        deadline: &Deadline,
    ) -> Result<Option<(String, Arc<Record>)>> {
        if accessor.len() > limits::NAME_BYTES {
            return Ok(None);
        }
        let key = record::accessor_key(&self.barrier.index_of(accessor));
        let Some(Stored { value: index, .. }) = self.barrier.read::<String>(&key, deadline)? else {
            return Ok(None);
        };
        Ok(self.find_by_index(&index, deadline)?.map(|stored| (index, stored.value)))
    }

    /// The record of a living token.
    pub(super) fn find_by_index(
        &self,
        index: &str,
        deadline: &Deadline,
    ) -> Result<Option<Stored<Arc<Record>>>> {
        self.find_by_index_as_of(index, self.barrier.moment(deadline)?, deadline)
    }

    /// One read, and one more for each ancestor, where something was written since they were last read.
    pub(super) fn find_by_index_as_of(
        &self,
        index: &str,
        moment: Moment,
        deadline: &Deadline,
    ) -> Result<Option<Stored<Arc<Record>>>> {
        let Some(stored) = self.record(index, moment, deadline)? else {
            return Ok(None);
        };
        match self.life(index, &stored.value, moment, deadline)? {
            Life::Alive => Ok(Some(stored)),
            Life::Gone => Ok(None),
            Life::Expired(expired) => {
                self.note_expiry(&expired, deadline);
                Ok(None)
            }
        }
    }

    fn record(
        &self,
        index: &str,
        moment: Moment,
        deadline: &Deadline,
    ) -> Result<Option<Stored<Arc<Record>>>> {
        self.barrier.read_cached(&record::record_key(index), &self.records, moment, deadline)
    }

    /// Whether a token that is stored can be used.
    pub(super) fn is_alive(&self, index: &str, record: &Record, deadline: &Deadline) -> Result<bool> {
        Ok(matches!(self.life(index, record, self.barrier.moment(deadline)?, deadline)?, Life::Alive))
    }

    /// A token dies with each of its ancestors, at that very moment; removing its rows comes later.
    fn life(&self, index: &str, record: &Record, moment: Moment, deadline: &Deadline) -> Result<Life> {
        if record.state != State::Live {
            return Ok(Life::Gone);
        }
        let time = self.clock.read();
        if record.has_expired(time) {
            return Ok(Life::Expired(index.to_owned()));
        }
        let mut parent = record.parent.clone();
        for _ in 0..=limits::TOKEN_ANCESTORS {
            let Some(index) = parent else {
                return Ok(Life::Alive);
            };
            let Some(Stored { value: ancestor, .. }) = self.record(&index, moment, deadline)? else {
                return Ok(Life::Gone);
            };
            match ancestor.state {
                State::Revoked => return Ok(Life::Gone),
                // Its children are orphans, though they do not show it yet: what is above it is none of theirs.
                State::Orphaning => return Ok(Life::Alive),
                State::Live if ancestor.has_expired(time) => return Ok(Life::Expired(index)),
                State::Live => parent = ancestor.parent.clone(),
            }
        }
        Ok(Life::Gone)
    }

    /// Writes all rows of a new token in one commit, with what `prepare` wants to see checked or written with
    /// them. `prepare` is called anew after each lost race; it may finish the record.
    ///
    /// # Errors
    /// What `prepare` answers; `parent token lookup failed: no parent found` when the parent is gone.
    pub(super) fn insert(
        &self,
        token: &str,
        template: Record,
        deadline: &Deadline,
        mut prepare: impl FnMut(&mut Record, &mut Batch) -> Result<()>,
    ) -> Result<Record> {
        let index = self.barrier.index_of(token);
        let record_key = record::record_key(&index);
        self.barrier.update(deadline, || {
            let mut record = template.clone();
            let mut batch = Batch::default();
            prepare(&mut record, &mut batch)?;
            if let Some(parent) = &record.parent {
                let stored = self.find_by_index(parent, deadline)?.ok_or_else(no_parent)?;
                record.depth = stored.value.depth + 1;
                if record.depth > limits::TOKEN_ANCESTORS {
                    return Err(Error::bad_request(
                        Code::LimitReached,
                        format!("a token can have {} ancestors at most", limits::TOKEN_ANCESTORS),
                    ));
                }
                // The parent is still as it was seen: nobody began to revoke it in between.
                batch.checks.push(stored.check(&record::record_key(parent)));
                batch.puts.push((record::child_key(parent, &index), encode(&())?));
            }
            let accessor_key = record::accessor_key(&self.barrier.index_of(&record.accessor));
            batch.checks.push(Check { key: record_key.clone(), revision: None });
            batch.checks.push(Check { key: accessor_key.clone(), revision: None });
            batch.puts.push((record.lease_key(&index), encode(&())?));
            if let Some(key) = record.entity_key(&index) {
                batch.puts.push((key, encode(&())?));
            }
            batch.puts.push((accessor_key, encode(&index)?));
            batch.puts.push((record_key.clone(), encoded(&record)?));
            Ok((batch, record))
        })
    }

    /// A fresh token and accessor.
    pub(super) fn new_names(&self) -> Result<(Secret<String>, String)> {
        Ok((Secret::new(id::service_token(&self.barrier)?), id::accessor(&self.barrier)?))
    }

    /// Every key of a token but those of its children.
    pub(super) fn keys_of(&self, index: &str, record: &Record) -> Vec<String> {
        let mut keys = vec![
            record::record_key(index),
            record::accessor_key(&self.barrier.index_of(&record.accessor)),
            record.lease_key(index),
            // An orphan has no such row; deleting what is not there does nothing.
            record::child_key(record.parent.as_deref().unwrap_or_default(), index),
        ];
        keys.extend(record.is_wrapping().then(|| record::wrapped_key(index)));
        keys.extend(record.wrapper_keys(index));
        keys.extend(record.entity_key(index));
        keys
    }
}

/// A record as it is written.
///
/// # Errors
/// 400 when it is too large.
pub(super) fn encoded(record: &Record) -> Result<Vec<u8>> {
    let encoded = encode(record)?;
    if encoded.len() > limits::TOKEN_RECORD_BYTES {
        return Err(Error::bad_request(
            Code::TooLarge,
            format!("what is noted of a token is over {} bytes", limits::TOKEN_RECORD_BYTES),
        ));
    }
    Ok(encoded)
}

/// 403 where a token is unknown, expired or revoked.
pub(super) fn invalid_token() -> Error {
    Error::new(403, Code::InvalidToken, INVALID_TOKEN)
}

/// 400 where the creator's own token is gone.
pub(super) fn no_parent() -> Error {
    Error::bad_request(Code::InvalidToken, "parent token lookup failed: no parent found")
}
