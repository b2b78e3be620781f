//! Numbers to tap, published for `verify/<nonce>` while a login waits.
//!
//! As in Vault they live in memory, and whoever knows the nonce may read the number: it helps the user and proves
//! nothing. A nonce has one login at a time, and its number goes when that login ends, however it ends.

use super::Method;
use crate::clock::{Clock, UnixSeconds};
use crate::error::{Code, Error, Result};
use crate::field::{Field, Kind};
use crate::json::{self, Value};
use crate::limits;
use crate::reply::Reply;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Fields of `verify/<nonce>`.
pub const VERIFY_FIELDS: &[Field] = &[Field::secret("nonce", Kind::String)];

impl Method<'_> {
    /// The number to tap in the login that waits under this nonce; nothing where none does.
    ///
    /// # Errors
    /// None of its own.
    pub fn verify(&self, nonces: &Nonces, nonce: &str) -> Result<Option<Reply>> {
        let number = nonces.number(self.mount_id, nonce);
        Ok(number.map(|number| Reply::data(json::object([("correct_answer", Value::from(number))]))))
    }
}

/// The board of one client, shared by its logins.
#[derive(Clone)]
pub struct Nonces {
    board: Arc<Mutex<Board>>,
    clock: Clock,
}

/// By mount and nonce.
type Board = HashMap<(String, String), Shown>;

struct Shown {
    number: i64,
    until: UnixSeconds,
}

impl Nonces {
    /// An empty board.
    pub fn new(clock: Clock) -> Self {
        Self { board: Arc::default(), clock }
    }

    /// Shows a number under a nonce until the guard is dropped or [`limits::NONCE_LIFETIME`] has passed.
    ///
    /// # Errors
    /// 400 when the nonce is empty, too short, or another login's; 503 when too many wait.
    pub fn publish(&self, mount_id: &str, nonce: &str, number: i64) -> Result<Published> {
        if nonce.is_empty() {
            return Err(Error::bad_request(
                Code::NonceRequired,
                "nonce must be provided during login request when presented with number challenge",
            ));
        }
        if nonce.chars().count() < limits::NONCE_CHARACTERS {
            return Err(Error::bad_request(
                Code::NonceInvalid,
                format!("nonce must have at least {} characters, chosen at random", limits::NONCE_CHARACTERS),
            ));
        }
        let key = (mount_id.to_owned(), nonce.to_owned());
        let until = self.until();
        let mut board = self.lock();
        let full = board.len() >= limits::PENDING_NONCES;
        match board.entry(key.clone()) {
            Entry::Occupied(_) => Err(Error::bad_request(
                Code::NonceInvalid,
                "nonce is in use by another login: choose one at random for each",
            )),
            Entry::Vacant(_) if full => Err(Error::new(
                503,
                Code::LimitReached,
                "too many logins wait for a number to be tapped; try again",
            )),
            Entry::Vacant(place) => {
                place.insert(Shown { number, until });
                Ok(Published { nonces: self.clone(), key })
            }
        }
    }

    /// The number shown under a nonce.
    pub fn number(&self, mount_id: &str, nonce: &str) -> Option<i64> {
        let now = self.clock.now();
        let board = self.lock();
        let shown = board.get(&(mount_id.to_owned(), nonce.to_owned()))?;
        (now < shown.until).then_some(shown.number)
    }

    fn until(&self) -> UnixSeconds {
        let lifetime = i64::try_from(limits::NONCE_LIFETIME.as_secs()).unwrap_or(i64::MAX);
        self.clock.now().saturating_add(lifetime)
    }

    /// A panic elsewhere leaves the map whole.
    fn lock(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps a number on the board; takes it down when dropped.
pub struct Published {
    nonces: Nonces,
    key: (String, String),
}

impl Published {
    /// Shows this number from now on, for the full time again.
    pub fn show(&self, number: i64) {
        let until = self.nonces.until();
        self.nonces.lock().insert(self.key.clone(), Shown { number, until });
    }
}

impl Drop for Published {
    fn drop(&mut self) {
        self.nonces.lock().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Fixture, shown};
    use super::*;

    const NONCE: &str = "nonce-0123456789abcdef";

    #[test]
    fn a_number_is_shown_to_those_who_know_the_nonce_while_the_login_lasts() {
        let fixture = Fixture::new();
        let method = fixture.method();
        let nonces = Nonces::new(Clock::driven(1_000));
        assert_eq!(nonces.number("m1", NONCE), None);
        let published = nonces.publish("m1", NONCE, 0).expect("published");
        assert_eq!(nonces.number("m1", NONCE), Some(0));
        published.show(92);
        assert_eq!(shown(method.verify(&nonces, NONCE)), r#"{"correct_answer":92}"#);
        assert_eq!(shown(method.verify(&nonces, "short")), "nothing");
        assert_eq!(nonces.number("m1", "nonce-0123456789abcdefx"), None);
        assert_eq!(nonces.number("m2", NONCE), None);
        drop(published);
        assert_eq!(nonces.number("m1", NONCE), None);
    }

    #[test]
    fn a_number_fades_and_comes_back_when_shown_again() {
        let clock = Clock::driven(1_000);
        let nonces = Nonces::new(clock.clone());
        let published = nonces.publish("m1", NONCE, 7).expect("published");
        clock.advance(limits::NONCE_LIFETIME - std::time::Duration::from_secs(1));
        assert_eq!(nonces.number("m1", NONCE), Some(7));
        clock.advance(std::time::Duration::from_secs(1));
        assert_eq!(nonces.number("m1", NONCE), None);
        published.show(8);
        assert_eq!(nonces.number("m1", NONCE), Some(8));
    }

    #[test]
    fn short_and_used_nonces_are_refused() {
        let nonces = Nonces::new(Clock::driven(1_000));
        let refusal =
            |nonce: &str| nonces.publish("m1", nonce, 1).err().map(|error| (error.status(), error.code()));
        assert_eq!(refusal(""), Some((400, Code::NonceRequired)));
        assert_eq!(refusal("123456789012345"), Some((400, Code::NonceInvalid)));
        assert_eq!(refusal("üüüüüüüüüüüüüüü"), Some((400, Code::NonceInvalid)));
        assert_eq!(refusal("üüüüüüüüüüüüüüüü"), None);
        let _first = nonces.publish("m1", NONCE, 1).expect("published");
        assert_eq!(refusal(NONCE), Some((400, Code::NonceInvalid)));
        assert_eq!(nonces.number("m1", NONCE), Some(1));
        assert!(nonces.publish("m2", NONCE, 2).is_ok());
    }

    #[test]
    fn the_board_is_bounded() {
        let nonces = Nonces::new(Clock::driven(1_000));
        let publish = |index: usize| nonces.publish("m1", &format!("{index:020}"), 1);
        let shown: Vec<_> = (0..limits::PENDING_NONCES).map(publish).collect::<Result<_>>().expect("room");
        let error = publish(limits::PENDING_NONCES).err().expect("full");
        assert_eq!((error.status(), error.code()), (503, Code::LimitReached));
        drop(shown);
        assert!(publish(0).is_ok());
    }
}
