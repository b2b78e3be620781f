//! The Okta auth method: its configuration, users and groups, login, verify and renewal.
//!
//! It knows nothing of HTTP, of routes, or of how tokens are stored: it is handed checked [`Fields`] and says
//! what to answer, or what kind of token to issue.
//!
//! [`Fields`]: crate::field::Fields

mod calls;
mod config;
mod factors;
mod failures;
mod groups;
mod guesses;
mod login;
mod mapping;
mod names;
mod nonces;
mod renewal;
#[cfg(test)]
mod script;
pub mod transaction;
mod transactions;
mod users;

pub use calls::{Calls, OktaCalls};
pub use config::CONFIG_FIELDS;
pub use groups::GROUP_FIELDS;
pub use guesses::{Guess, Guesses, Turn};
pub use login::{
    Attempt, Authenticated, Chosen, LOGIN_FIELDS, Login, OKTA_USER_ID, Pending, Prepared, Reached, USERNAME,
    authenticate,
};
pub use names::canonical;
pub use nonces::{Nonces, Published, VERIFY_FIELDS};
pub use renewal::{PreparedRenewal, RenewalTerms, Renewed, still_active};
pub use transactions::{
    Asked, Begun, CONTINUE_FIELDS, Done, Finished, GivenUp, Next, START_FIELDS, Started, Step, Transactions,
};
pub use users::USER_FIELDS;

use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::storage::{Barrier, Batch, Check, Revision, encode};
use serde::Serialize;

/// The method at one mount, for one request.
#[derive(Clone, Copy)]
pub struct Method<'a> {
    /// Where everything is stored, below `auth/<mount_id>/`.
    pub barrier: &'a Barrier,
    /// Which mount it is: its id in the storage, not its path.
    pub mount_id: &'a str,
    /// What must still hold whenever something is written, such as that the mount is there. Where it holds no
    /// longer, the write gives up as if the storage were busy.
    pub guards: &'a [Check],
    /// The end of the request.
    pub deadline: &'a Deadline,
}

impl Method<'_> {
    fn key(&self, kind: &str, name: &str) -> String {
        format!("auth/{}/{kind}{name}", self.mount_id)
    }

    /// A commit that writes one record, provided that it is still the write that was read, or still absent.
    fn replacing<T: Serialize>(&self, key: &str, revision: Option<Revision>, record: &T) -> Result<Batch> {
        let mut checks = self.guards.to_vec();
        checks.push(Check { key: key.to_owned(), revision });
        Ok(Batch { checks, puts: vec![(key.to_owned(), encode(record)?)], ..Batch::default() })
    }

    /// Refuses one more record of a kind than `limit`.
    fn check_room(&self, kind: &str, limit: usize, plural: &str) -> Result<()> {
        if self.barrier.has_room(&self.key(kind, ""), limit, self.deadline)? {
            return Ok(());
        }
        let text = format!("{limit} {plural} are registered at this mount, and no more are possible");
        Err(Error::bad_request(Code::LimitReached, text))
    }

    /// Deletes one record; an absent one is fine.
    fn remove(&self, key: &str) -> Result<()> {
        self.barrier.update(self.deadline, || {
            let checks = self.guards.to_vec();
            Ok((Batch { checks, deletes: vec![key.to_owned()], ..Batch::default() }, ()))
        })
    }
}

#[cfg(test)]
mod test_support {
    //! A method on a memory engine, driven with JSON texts.

    use super::Method;
    use crate::deadline::{Cancel, Deadline};
    use crate::error::Result;
    use crate::field::{Field, Fields};
    use crate::json;
    use crate::reply::Reply;
    use crate::secret::Secret;
    use crate::storage::{Barrier, Batch, MemoryStorage, encode};
    use std::time::Duration;

    pub struct Fixture {
        pub barrier: Barrier,
        pub deadline: Deadline,
    }

    impl Fixture {
        pub fn new() -> Self {
            let deadline = Deadline::after(Duration::from_secs(60), Cancel::default());
            let barrier = Barrier::open(Box::new(MemoryStorage::default()), &Secret::new([7; 32]), &deadline)
                .expect("an empty storage opens");
            Self { barrier, deadline }
        }

        /// Writes so many rows by one commit.
        pub fn fill(&self, prefix: &str, count: usize) {
            let rows = || {
                let puts = (0..count).map(|number| Ok((format!("{prefix}{number}"), encode(&())?)));
                Ok((Batch { puts: puts.collect::<Result<_>>()?, ..Batch::default() }, ()))
            };
            self.barrier.update(&self.deadline, rows).expect("written");
        }

        pub fn method(&self) -> Method<'_> {
            Method { barrier: &self.barrier, mount_id: "m1", guards: &[], deadline: &self.deadline }
        }
    }

    /// Members of a request, checked as the router does.
    pub fn fields(schema: &'static [Field], json: &str) -> Result<Fields> {
        let value = json::parse(json).expect("valid JSON");
        let fields = Fields::new(schema, value.as_object().expect("an object").clone());
        fields.validate("")?;
        Ok(fields)
    }

    /// What a client would see: `status data warnings`, or `status text`.
    pub fn shown(answer: Result<Option<Reply>>) -> String {
        match answer {
            Err(error) => format!("{} {}", error.status(), error.shown(true).unwrap_or_default()),
            Ok(None) => "nothing".to_owned(),
            Ok(Some(reply)) => {
                let mut data = Vec::new();
                json::Value::from(reply.data).write(&mut data);
                let data = String::from_utf8(data).expect("UTF-8");
                if reply.warnings.is_empty() { data } else { format!("{data} {:?}", reply.warnings) }
            }
        }
    }
}
