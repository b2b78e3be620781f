//! Response wrapping: an answer is kept under a token of one use, and given once to whoever shows it.
//!
//! A wrapping token is a token like others but for its policy, which opens nothing else. What it keeps stands in a
//! row of its own, `token/wrapped/<index>`, and goes with the token by one commit: to one of those who ask at the
//! same time, or, when nobody asked, to the sweep.

use super::record::{self, CREATED, Record, State, WrappedFor};
use super::store::Tokens;
use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::policy::names;
use crate::secret::Secret;
use crate::storage::{Batch, encode};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Hex digits of an index that make those that begin with them alike.
const ALIKE_DIGITS: usize = 2;

/// An answer in waiting.
#[derive(Serialize, Deserialize)]
struct Wrapped {
    /// Its whole body.
    #[serde(with = "crate::secret::sealed_record")]
    body: Secret<String>,
}

/// What is to be kept, how long, and for whom.
struct Kept<'a> {
    content: &'a Wrapped,
    ttl: i64,
    path: &'a str,
    who: Option<WrappedFor>,
}

/// A wrapping token that was just shown. Looking at it takes no use.
pub struct Wrapping {
    /// What it is stored under.
    pub index: String,
    /// What is noted of it.
    pub record: Arc<Record>,
}

/// A wrapping token as whoever asked for wrapping gets it.
pub struct NewWrapping {
    /// The token.
    pub token: Secret<String>,
    /// What is noted of it.
    pub record: Record,
}

impl Tokens {
    /// Keeps the body of an answer for so many seconds. `path` is what was asked, which look-ups show; `who` is whom it
    /// is wrapped for, an entity or the index of a token, and none for the host, who alone has the last of the room.
    ///
    /// # Errors
    /// 413 for a body over [`limits::WRAPPED_BYTES`]; 503 where too many wait, in all or for `who`; failures of the
    /// storage.
    pub fn wrap(
        &self,
        body: Secret<String>,
        ttl: i64,
        path: &str,
        who: Option<&str>,
        deadline: &Deadline,
    ) -> Result<NewWrapping> {
        if body.expose().len() > limits::WRAPPED_BYTES {
            let text = format!("an answer that is wrapped can have {} bytes at most", limits::WRAPPED_BYTES);
            return Err(Error::new(413, Code::TooLarge, text));
        }
        let who = who.map(|who| {
            let shares = body.expose().len().div_ceil(limits::WRAPPED_SHARE_BYTES).max(1);
            WrappedFor { who: who.to_owned(), shares }
        });
        if let Some(WrappedFor { who, shares }) = &who {
            let prefix = record::wrapper_prefix(who);
            let taken = self.barrier.count(&prefix, limits::WRAPPED_FOR_ONE, deadline)?;
            if taken.saturating_add(*shares) > limits::WRAPPED_FOR_ONE {
                return Err(full("for whoever shows this token"));
            }
        }
        let kept = Kept { ttl, path, who, content: &Wrapped { body } };
        self.keep(kept, deadline, |_| Ok(()))
    }

    /// A wrapping token, if the text is one that can be used.
    pub fn find_wrapping(&self, token: &str, deadline: &Deadline) -> Result<Option<Wrapping>> {
        let found = self.find(token, deadline)?.map(|(index, record)| Wrapping { index, record });
        Ok(found.filter(|wrapping| wrapping.record.is_wrapping()))
    }

    /// Takes what a wrapping token keeps, and with it the token.
    ///
    /// # Errors
    /// 400 where somebody else was faster.
    pub fn unwrap(&self, wrapping: &Wrapping, deadline: &Deadline) -> Result<Secret<String>> {
        let (_, body) = self.take_use(&wrapping.index, deadline)?.ok_or_else(invalid_wrapping_token)?;
        body.ok_or_else(invalid_wrapping_token)
    }

    /// Moves what a wrapping token keeps under a new one of the same life and path, in one commit.
    ///
    /// # Errors
    /// As [`Tokens::unwrap`].
    pub fn rewrap(&self, wrapping: &Wrapping, deadline: &Deadline) -> Result<NewWrapping> {
        let Record { ttl, path, wrapped_for, .. } = &*wrapping.record;
        let content = self.content(&wrapping.index, deadline)?.ok_or_else(invalid_wrapping_token)?;
        let kept = Kept { ttl: *ttl, path, who: wrapped_for.clone(), content: &content };
        self.keep(kept, deadline, |batch| {
            let index = &wrapping.index;
            let old = self.find_by_index(index, deadline)?.ok_or_else(invalid_wrapping_token)?;
            batch.checks.push(old.check(&record::record_key(index)));
            batch.deletes.extend(self.keys_of(index, &old.value));
            Ok(())
        })
    }

    /// Revokes a token that was issued for an answer which nobody got. One that was only renewed stays: its bearer has
    /// it. Of a batch token nothing is stored.
    pub fn revoke_unseen(&self, token: &Secret<String>, deadline: &Deadline) -> Result<()> {
        match self.find(token.expose(), deadline)? {
            Some((index, record)) if record.renewed.is_none() && !record.batch => {
                self.revoke_tree(&index, deadline)
            }
            _ => Ok(()),
        }
    }

    /// The body under a wrapping token, for the commit that removes both.
    pub(super) fn wrapped_body(&self, index: &str, deadline: &Deadline) -> Result<Option<Secret<String>>> {
        Ok(self.content(index, deadline)?.map(|content| content.body))
    }

    fn content(&self, index: &str, deadline: &Deadline) -> Result<Option<Wrapped>> {
        Ok(self.barrier.read::<Wrapped>(&record::wrapped_key(index), deadline)?.map(|stored| stored.value))
    }

    /// To count all that wait would cost more than all else; so those are counted whose index begins alike. Indexes are
    /// HMACs, which nobody can steer.
    fn has_room(&self, index: &str, is_of_host: bool, deadline: &Deadline) -> Result<()> {
        let alike = record::wrapped_key(index.get(..ALIKE_DIGITS).unwrap_or_default());
        let limit = if is_of_host { limits::WRAPPED_ALIKE } else { limits::WRAPPED_ALIKE_FOR_BEARERS };
        if self.barrier.count(&alike, limit, deadline)? < limit { Ok(()) } else { Err(full("in all")) }
    }

    fn keep(
        &self,
        Kept { content, ttl, path, who }: Kept,
        deadline: &Deadline,
        prepare: impl Fn(&mut Batch) -> Result<()>,
    ) -> Result<NewWrapping> {
        // First, as it may make room.
        self.sweep_aside(CREATED, deadline);
        let (token, accessor) = self.new_names()?;
        let index = self.barrier.index_of(token.expose());
        self.has_room(&index, who.is_none(), deadline)?;
        let key = record::wrapped_key(&index);
        let time = self.clock.read();
        let template = Record {
            accessor,
            policies: vec![names::RESPONSE_WRAPPING.to_owned()],
            path: path.to_owned(),
            display_name: String::new(),
            meta: None,
            entity_id: String::new(),
            mount_id: CREATED.to_owned(),
            parent: None,
            depth: 0,
            created: time.now,
            ttl,
            expires: Some(time.now.saturating_add(ttl)),
            ahead: time.ahead(),
            explicit_max: ttl,
            period: 0,
            num_uses: 1,
            batch: false,
            groups: Vec::new(),
            role: None,
            bound_cidrs: Vec::new(),
            wrapped_for: who,
            leased: true,
            renewable: false,
            renewed: None,
            renewed_ttl: None,
            state: State::Live,
        };
        let record = self.insert(token.expose(), template, deadline, |record, batch| {
            prepare(batch)?;
            for key in record.wrapper_keys(&index) {
                batch.puts.push((key, encode(&())?));
            }
            batch.puts.push((key.clone(), encode(content)?));
            Ok(())
        })?;
        Ok(NewWrapping { token, record })
    }
}

fn full(whose: &str) -> Error {
    let text = format!(
        "as many wrapped answers wait {whose} as there may be: try again when some are unwrapped or have expired"
    );
    Error::new(503, Code::LimitReached, text)
}

/// 400 where a text is no wrapping token that can still be used.
pub fn invalid_wrapping_token() -> Error {
    Error::bad_request(Code::InvalidToken, "wrapping token is not valid or does not exist")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::testing::*;

    #[test]
    fn the_number_of_wrapped_answers_is_bounded() {
        let (tokens, _) = tokens();
        let add = |numbers: std::ops::Range<usize>| {
            let attempt = || {
                let row = |n| Ok((record::wrapped_key(&format!("a7{n:062x}")), encode(&n)?));
                let puts = numbers.clone().map(row).collect::<Result<_>>()?;
                Ok((Batch { puts, ..Batch::default() }, ()))
            };
            tokens.barrier.update(&deadline(), attempt).expect("written");
        };
        let next = format!("a7{:062x}", 1 << 20);
        let has_room = |index: &str, is_of_host| tokens.has_room(index, is_of_host, &deadline());
        add(0..limits::WRAPPED_ALIKE_FOR_BEARERS);
        assert!(has_room(&next, false).is_err());
        add(limits::WRAPPED_ALIKE_FOR_BEARERS..limits::WRAPPED_ALIKE - 1);
        has_room(&next, true).expect("room for one of the host's");
        add(limits::WRAPPED_ALIKE - 1..limits::WRAPPED_ALIKE);
        let refused = has_room(&next, true).expect_err("full");
        assert_eq!((refused.status(), refused.code()), (503, Code::LimitReached));
        assert!(has_room(&format!("a8{:062x}", 0), false).is_ok());
    }

    #[test]
    fn nobody_but_the_host_takes_all_the_room_for_wrapped_answers() {
        let (tokens, _) = tokens();
        let rows = || {
            let row = |n| Ok((format!("{}{n}", record::wrapper_prefix("fred")), encode(&())?));
            let puts = (1..limits::WRAPPED_FOR_ONE).map(row).collect::<Result<_>>()?;
            Ok((Batch { puts, ..Batch::default() }, ()))
        };
        tokens.barrier.update(&deadline(), rows).expect("written");
        let wrap = |who| tokens.wrap(Secret::from("answer"), 60, "a/path", who, &deadline());
        let last = wrap(Some("fred")).expect("room for one");
        let Err(refused) = wrap(Some("fred")) else { panic!("there is no room") };
        assert_eq!((refused.status(), refused.code()), (503, Code::LimitReached));
        assert!(wrap(Some("gina")).is_ok() && wrap(None).is_ok());
        // To move one makes none more; to take it makes room.
        let shown = |token: &Secret<String>| {
            tokens.find_wrapping(token.expose(), &deadline()).expect("read").expect("there")
        };
        let moved = tokens.rewrap(&shown(&last.token), &deadline()).expect("moved");
        assert!(wrap(Some("fred")).is_err());
        tokens.unwrap(&shown(&moved.token), &deadline()).expect("taken");
        assert!(wrap(Some("fred")).is_ok());
    }

    #[test]
    fn a_long_answer_takes_more_of_the_room() {
        let (tokens, _) = tokens();
        let wrap = |bytes: usize| {
            tokens.wrap(Secret::from("x".repeat(bytes)), 60, "a/path", Some("fred"), &deadline())
        };
        let taken =
            || tokens.barrier.count(&record::wrapper_prefix("fred"), 10_000, &deadline()).expect("counted");
        let long = wrap(limits::WRAPPED_SHARE_BYTES * 3 + 1).expect("wrapped");
        assert_eq!(taken(), 4);
        let shown = tokens.find_wrapping(long.token.expose(), &deadline()).expect("read").expect("there");
        tokens.unwrap(&shown, &deadline()).expect("taken");
        assert_eq!(taken(), 0);
        let most = limits::WRAPPED_FOR_ONE * limits::WRAPPED_SHARE_BYTES / limits::WRAPPED_BYTES;
        assert_eq!((0..most + 9).filter(|_| wrap(limits::WRAPPED_BYTES).is_ok()).count(), most);
    }
}
