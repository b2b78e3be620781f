//! `auth/token/tidy`: looks at every row of every service token, and removes those that belong to no living one. None
//! should be there but those of tokens that ended and were not swept yet; what a defect, or a copy of a database that was
//! being written, has left goes by this. Rows of no single token are left alone: roles are deleted by hand; generations
//! of batch tokens, and the entities of logins, go with their mount, whose disabling is gone on with until they have. The
//! entities of token roles go here, once no token belongs to them.

use super::record::{self, Record, State};
use super::store::Tokens;
use crate::deadline::Deadline;
use crate::error::Result;
use crate::json::Value;
use crate::limits;
use crate::log::Level;
use crate::reply::Reply;
use crate::storage::{Batch, Check, Durability, Found, Revision};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const STARTED: &str = "Tidy operation successfully started. Any information from the operation will be printed to Vault's server logs.";
const RUNNING: &str = "Tidy operation already in progress.";
const UNFINISHED: &str = "not all could be looked at in its time: the next one goes on where this one ended";

/// What is looked at, in the order of the keys.
const KINDS: [(&str, Kind); 7] = [
    (record::ACCESSORS, Kind::Accessor),
    (record::CHILDREN, Kind::Child),
    (record::ENTITIES, Kind::Entity),
    (record::RECORDS, Kind::Record),
    (record::LEASES, Kind::Lease),
    (record::WRAPPED, Kind::Wrapped),
    (record::WRAPPERS, Kind::Wrapper),
];

#[derive(Clone, Copy)]
enum Kind {
    Accessor,
    Child,
    Entity,
    Record,
    Lease,
    Wrapped,
    Wrapper,
}

/// Where tidying stands in this process.
#[derive(Default)]
pub(super) struct Tidier {
    running: AtomicBool,
    /// The last key that was looked at by one that did not come to its end; empty at the beginning.
    after: Mutex<String>,
}

/// Says that nobody tidies any more, however the tidying ends.
struct Turn<'a>(&'a Tidier);

/// What is to be done about one row.
enum Finding {
    /// It belongs to somebody.
    Good,
    /// It does not, as long as the record it names is this one.
    Stray(Check),
    /// It is that of a token that has ended.
    Ended(String, Box<Record>),
}

impl Tokens {
    /// Tidies for so long at most. One that is under way in this process is left at it.
    ///
    /// # Errors
    /// Failures of the storage; what is removed by then stays removed.
    pub fn tidy(&self, time: Duration, deadline: &Deadline) -> Result<Option<Reply>> {
        let Some(_turn) = self.tidier.begin() else {
            return Ok(Reply::warnings(vec![RUNNING.to_owned()]));
        };
        let short = deadline.within(time);
        let mut after = std::mem::take(&mut *self.tidier.after());
        let mut removed = 0;
        let result = self.tidy_all(&mut after, &mut removed, &short);
        // Whoever waits for the answer may have less time than tidying takes.
        let is_unfinished = result.is_err() && short.interrupted().is_some();
        if result.is_err() {
            *self.tidier.after() = after;
        }
        if deadline.cancel().is_cancelled() || (result.is_err() && !is_unfinished) {
            return result.map(|()| None);
        }
        let mut warnings = vec![STARTED.to_owned()];
        if is_unfinished {
            warnings.push(UNFINISHED.to_owned());
        }
        let members = [("removed", Value::from(removed)), ("finished", Value::from(!is_unfinished))];
        self.logger.log(Level::Info, "tokens_tidied", &members);
        Ok(Some(Reply { status: Some(202), warnings, ..Reply::default() }))
    }

    fn tidy_all(&self, after: &mut String, removed: &mut i64, deadline: &Deadline) -> Result<()> {
        for (prefix, kind) in KINDS {
            loop {
                deadline.check("tidying")?;
                let page = self.barrier.list_keys(prefix, after, limits::REVOKE_PAGE, deadline)?;
                let Some((last, _)) = page.last() else { break };
                let last = last.clone();
                *removed += self.tidy_page(kind, &page, deadline)?;
                *after = last;
            }
        }
        *removed += self.forget_idle_entities(None, deadline)?;
        Ok(())
    }

    fn tidy_page(&self, kind: Kind, page: &[(String, Revision)], deadline: &Deadline) -> Result<i64> {
        let (mut removed, ended) = self.barrier.update(deadline, || {
            let mut batch = Batch { durability: Durability::Relaxed, ..Batch::default() };
            let (mut removed, mut ended) = (0, Vec::new());
            for (key, revision) in page {
                match self.finding(kind, key, deadline)? {
                    Finding::Good => {}
                    Finding::Ended(index, record) => ended.push((index, record)),
                    // Written anew since it was listed, it is somebody's.
                    Finding::Stray(_) if self.barrier.revision_of(key, deadline)? != Some(*revision) => {}
                    Finding::Stray(check) => {
                        batch.checks.push(check);
                        batch.deletes.push(key.clone());
                        removed += 1;
                    }
                }
            }
            Ok((batch, (removed, ended)))
        })?;
        for (index, seen) in ended {
            // Another may have been created under its custom id.
            let is_same = |record: &Record| record.accessor == seen.accessor;
            self.mark(std::slice::from_ref(&index), State::Revoked, Durability::Relaxed, deadline, is_same)?;
            self.remove_if_dead(&index, deadline)?;
            removed += 1;
        }
        Ok(removed)
    }

    fn finding(&self, kind: Kind, key: &str, deadline: &Deadline) -> Result<Finding> {
        let index = match kind {
            Kind::Accessor => match self.barrier.look::<String>(key, deadline)? {
                Found::Record(stored) => stored.value,
                // It may be of a later version.
                Found::Nothing | Found::Unreadable(_) => return Ok(Finding::Good),
            },
            Kind::Lease => {
                record::parse_lease_key(key).map(|(_, _, index)| index.to_owned()).unwrap_or_default()
            }
            Kind::Child | Kind::Entity | Kind::Record | Kind::Wrapped | Kind::Wrapper => {
                key.rsplit_once('/').map(|(_, index)| index.to_owned()).unwrap_or_default()
            }
        };
        let record_key = record::record_key(&index);
        let stored = match self.barrier.look::<Record>(&record_key, deadline)? {
            Found::Record(stored) => stored,
            Found::Nothing => return Ok(Finding::Stray(Check { key: record_key, revision: None })),
            Found::Unreadable(_) => return Ok(Finding::Good),
        };
        let check = stored.check(&record_key);
        let record = stored.value;
        let is_its_own = match kind {
            Kind::Record => true,
            Kind::Accessor => record::accessor_key(&self.barrier.index_of(&record.accessor)) == key,
            Kind::Lease => record.lease_key(&index) == key,
            Kind::Wrapped => record.is_wrapping(),
            Kind::Entity => record.entity_key(&index).as_deref() == Some(key),
            Kind::Wrapper => record.wrapper_keys(&index).any(|own| own == key),
            Kind::Child => {
                let parent = record.parent.as_deref();
                parent.is_some_and(|parent| record::child_key(parent, &index) == key)
            }
        };
        Ok(match kind {
            _ if !is_its_own => Finding::Stray(check),
            // Once for each token is enough.
            Kind::Record if !self.is_alive(&index, &record, deadline)? => {
                Finding::Ended(index, Box::new(record))
            }
            _ => Finding::Good,
        })
    }
}

impl Tidier {
    fn begin(&self) -> Option<Turn<'_>> {
        let begun = self.running.compare_exchange(false, true, Ordering::SeqCst, Ordering::SeqCst);
        begun.is_ok().then_some(Turn(self))
    }

    fn after(&self) -> std::sync::MutexGuard<'_, String> {
        self.after.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.running.store(false, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use crate::storage::encode;
    use crate::token::Caller;
    use crate::token::testing::*;

    fn write(tokens: &Tokens, rows: &[(&str, Vec<u8>)]) {
        let puts: Vec<_> = rows.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        let batch = || Ok((Batch { puts: puts.clone(), ..Batch::default() }, ()));
        tokens.barrier.update(&deadline(), batch).expect("written");
    }

    fn tidied(tokens: &Tokens, deadline: &Deadline) -> (Option<u16>, usize) {
        let reply = tokens.tidy(limits::TIDY_TIME, deadline).expect("tidied").expect("an answer");
        (reply.status, reply.warnings.len())
    }

    #[test]
    fn what_belongs_to_no_living_token_goes_and_nothing_else() {
        let (tokens, clock) = tokens();
        let parent = created(&tokens, &Caller::Host, DEV).client_token;
        let child = created(&tokens, &bearer(&tokens, &parent), "{}").client_token;
        let short = created(&tokens, &Caller::Host, r#"{"policies":["dev"],"ttl":60}"#).client_token;
        let grandchild = created(&tokens, &bearer(&tokens, &short), "{}").client_token;
        let index = tokens.barrier.index_of(parent.expose());
        let good: Vec<String> = stored_keys(&tokens)
            .into_iter()
            .filter(|key| {
                let of_short = [&short, &grandchild].map(|token| tokens.barrier.index_of(token.expose()));
                !of_short.iter().any(|index| key.contains(index))
            })
            .collect();
        let lost = Record { parent: Some("gone".to_owned()), ..record() };
        write(
            &tokens,
            &[
                ("token/accessor/stray", encode(&"nobody").expect("JSON")),
                ("token/accessor/other", encode(&index).expect("JSON")),
                (&format!("token/child/gone/{index}"), encode(&()).expect("JSON")),
                ("token/child/gone/nobody", encode(&()).expect("JSON")),
                (&format!("token/lease/m1/000000000007/{index}"), encode(&()).expect("JSON")),
                ("token/lease/m1/never/nobody", encode(&()).expect("JSON")),
                ("token/wrapped/nobody", encode(&()).expect("JSON")),
                (&format!("token/wrapper/fred/{index}"), encode(&()).expect("JSON")),
                ("token/wrapper/fred/nobody", encode(&()).expect("JSON")),
                (&format!("token/entity/e/{index}"), encode(&()).expect("JSON")),
                ("token/id/lost", encode(&lost).expect("JSON")),
            ],
        );
        clock.advance(seconds(60));
        assert_eq!(tidied(&tokens, &deadline()), (Some(202), 1));
        let left = stored_keys(&tokens);
        let accessors = |keys: &[String]| keys.iter().filter(|key| key.contains("accessor")).count();
        // The accessors' keys do not show whose they are.
        assert_eq!(accessors(&left), 2, "{left:?}");
        assert_eq!(left.len() - 2, good.len() - accessors(&good), "{left:?}");
        assert!(lives(&tokens, &parent) && lives(&tokens, &child));
        assert!(left.iter().all(|key| key.contains("accessor") || good.contains(key)), "{left:?}");
    }

    #[test]
    fn one_at_a_time_and_the_next_goes_on() {
        let (tokens, _) = tokens();
        for _ in 0..30 {
            created(&tokens, &Caller::Host, DEV);
        }
        let turn = tokens.tidier.begin().expect("nobody tidies");
        assert_eq!(tidied(&tokens, &deadline()), (None, 1));
        drop(turn);
        let no_time = deadline().within(std::time::Duration::ZERO);
        *tokens.tidier.after() = "token/id/".to_owned();
        write(&tokens, &[("token/wrapped/nobody", encode(&()).expect("JSON"))]);
        assert_eq!(tidied(&tokens, &no_time), (Some(202), 2));
        assert_eq!(*tokens.tidier.after(), "token/id/");
        assert_eq!(tidied(&tokens, &deadline()), (Some(202), 1));
        assert!(tokens.tidier.after().is_empty());
        assert_eq!(stored_keys(&tokens).len(), 90);
        assert_eq!(
            tokens.tidy(limits::TIDY_TIME, &cut_short()).err().expect("cancelled").code(),
            Code::Cancelled
        );
    }
}
