//! Passwords and codes that Okta is being asked about, counted for each user. Each may be a wrong one: so no more are
//! under way than he has left before he is locked, and the others wait for their turn, to be refused once he is.
//! Otherwise a thousand guesses that come together would all reach Okta before the first of them counts.

use super::names;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The guesses of one client. There are no more than its calls.
#[derive(Clone, Default)]
pub struct Guesses(Arc<Mutex<Users>>);

/// By mount and user.
type Users = HashMap<String, User>;

#[derive(Default)]
struct User {
    under_way: u32,
    /// In the order in which they came.
    waiting: VecDeque<Arc<Notify>>,
}

/// A guess that is under way until this is dropped. It counts from before it is known how many the user has left, as
/// one that ends in between may leave him fewer.
pub struct Guess {
    of: OfUser,
    /// How many were under way with this one when it began.
    number: u32,
    /// What it has come from; given up once it is sure.
    turn: Option<Turn>,
    /// Its end makes no room.
    stands_back: bool,
}

/// A place in the queue. Dropped, it lets the next one look.
pub struct Turn {
    of: OfUser,
    wake: Arc<Notify>,
}

#[derive(Clone)]
struct OfUser {
    guesses: Guesses,
    key: String,
}

impl Guesses {
    /// Begins a guess, unless others wait: then it waits behind them. [`Guess::unless_too_many`] has the last word.
    ///
    /// # Errors
    /// The turn to wait for.
    pub fn begin(&self, mount_id: &str, username: &str) -> Result<Guess, Turn> {
        let key = format!("{mount_id}/{}", names::canonical(username));
        let of = OfUser { guesses: self.clone(), key };
        let mut users = self.users();
        let user = users.entry(of.key.clone()).or_default();
        if !user.waiting.is_empty() {
            let wake = Arc::<Notify>::default();
            user.waiting.push_back(Arc::clone(&wake));
            drop(users);
            return Err(Turn { of, wake });
        }
        let number = user.begin();
        drop(users);
        Ok(Guess { of, number, turn: None, stands_back: false })
    }

    fn users(&self) -> MutexGuard<'_, Users> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl User {
    fn begin(&mut self) -> u32 {
        self.under_way = self.under_way.saturating_add(1);
        self.under_way
    }

    fn end(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }
}

impl Guess {
    /// Goes on, where no more are under way than the user has `left`, who is not locked. Otherwise it waits at the head
    /// of the queue.
    ///
    /// # Errors
    /// The turn to wait for.
    pub fn unless_too_many(mut self, left: u32) -> Result<Self, Turn> {
        let turn = self.turn.take();
        if self.number <= left.max(1) {
            // Given up, it lets the next one look: there may be room for that, too.
            drop(turn);
            return Ok(self);
        }
        Err(match turn {
            // It is first already, and was woken should others have ended meanwhile.
            Some(turn) => {
                self.stands_back = true;
                turn
            }
            // Should others have ended before it is in the queue, the end of this guess wakes it, once.
            None => {
                let wake = Arc::<Notify>::default();
                let mut users = self.of.guesses.users();
                users.entry(self.of.key.clone()).or_default().waiting.push_front(Arc::clone(&wake));
                drop(users);
                Turn { of: self.of.clone(), wake }
            }
        })
    }
}

impl Turn {
    /// Waits until it may have come. It may be dropped at any point.
    pub async fn come(&self) {
        self.wake.notified().await;
    }

    /// Begins the guess that has waited.
    pub fn begin(self) -> Guess {
        let mut users = self.of.guesses.users();
        let number = users.entry(self.of.key.clone()).or_default().begin();
        drop(users);
        Guess { of: self.of.clone(), number, turn: Some(self), stands_back: false }
    }
}

impl Drop for Guess {
    fn drop(&mut self) {
        if self.stands_back {
            self.of.guesses.users().entry(self.of.key.clone()).or_default().end();
        } else {
            self.of.change(User::end);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.of.change(|user| user.waiting.retain(|wake| !Arc::ptr_eq(wake, &self.wake)));
    }
}

impl OfUser {
    /// Changes what is noted of the user, and lets the first of those who wait look.
    fn change(&self, change: impl FnOnce(&mut User)) {
        let mut users = self.guesses.users();
        let Entry::Occupied(mut entry) = users.entry(self.key.clone()) else { return };
        let user = entry.get_mut();
        change(user);
        match user.waiting.front() {
            Some(first) => first.notify_one(),
            None if user.under_way == 0 => drop(entry.remove()),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    fn has_come(turn: &Turn) -> bool {
        pin!(turn.come()).poll(&mut Context::from_waker(Waker::noop())) == Poll::Ready(())
    }

    fn begun(guesses: &Guesses, left: u32) -> Result<Guess, Turn> {
        guesses.begin("m1", " Fred").and_then(|guess| guess.unless_too_many(left))
    }

    #[test]
    fn no_more_are_under_way_than_are_left_and_the_others_come_in_turn() {
        let guesses = Guesses::default();
        let one = begun(&guesses, 2).ok().expect("begun");
        let other = begun(&guesses, 2).ok().expect("begun");
        let third = begun(&guesses, 2).err().expect("two are under way");
        let fourth = begun(&guesses, 2).err().expect("another waits");
        // Of another user, and at another mount.
        assert!(guesses.begin("m1", "gina").is_ok() && guesses.begin("m2", "fred").is_ok());
        // It looks once by itself, as the others may have ended while it stood back.
        assert!(has_come(&third) && !has_come(&third));
        drop(one);
        assert!(has_come(&third) && !has_come(&fourth));
        // One has less left by now.
        let third = third.begin().unless_too_many(1).err().expect("another is under way");
        assert!(!has_come(&third) && !has_come(&fourth));
        drop(other);
        assert!(has_come(&third) && !has_come(&fourth));
        let third = third.begin().unless_too_many(3).ok().expect("its turn");
        // There may be room for the next one, too.
        assert!(has_come(&fourth));
        let late = begun(&guesses, 3).err().expect("another waits");
        drop(third);
        assert!(has_come(&fourth) && !has_come(&late));
        // Whoever gives up lets the next one look.
        drop(fourth);
        assert!(has_come(&late));
        drop(late);
        assert!(guesses.users().is_empty());
    }

    /// A guess that ends between the look at what is left and the count of those under way has been counted.
    #[test]
    fn threads_together_have_no_more_than_is_left() {
        const LEFT: u32 = 5;
        for _ in 0..200 {
            let (guesses, wrong) = (Guesses::default(), Mutex::new(0));
            let try_one = || {
                let mut guess = guesses.begin("m1", "fred");
                loop {
                    let begun = match guess {
                        Ok(begun) => begun,
                        Err(turn) => {
                            crate::method::script::block_on(turn.come());
                            turn.begin()
                        }
                    };
                    let left = LEFT - *wrong.lock().expect("no panic");
                    if left == 0 {
                        return;
                    }
                    match begun.unless_too_many(left) {
                        Ok(_under_way) => {
                            *wrong.lock().expect("no panic") += 1;
                            return;
                        }
                        Err(turn) => guess = Err(turn),
                    }
                }
            };
            std::thread::scope(|scope| (0..12).for_each(|_| drop(scope.spawn(try_one))));
            assert_eq!(*wrong.lock().expect("no panic"), LEFT);
            assert!(guesses.users().is_empty());
        }
    }
}
