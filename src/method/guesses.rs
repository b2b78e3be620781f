//! Passwords that Okta is being asked about, counted for each user. Each may be a wrong one: so no more are under way
//! than he has left before he is locked, and the others wait for their turn, to be refused once he is. Otherwise a
//! thousand guesses that come together would all reach Okta before the first of them counts.

use super::names;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The guesses of one client. There are no more than its calls.
#[derive(Clone, Default)]
pub struct Guesses(Arc<Mutex<Lines>>);

/// By mount and user.
type Lines = HashMap<String, Line>;

#[derive(Default)]
struct Line {
    under_way: u32,
    waiting: u32,
    wake: Arc<Notify>,
}

/// A guess that is under way until this is dropped.
pub struct Guess(Place);

/// The wait for one's turn. Dropped, it lets the next one look.
pub struct Turn {
    place: Place,
    wake: Arc<Notify>,
}

struct Place {
    guesses: Guesses,
    key: String,
}

impl Guesses {
    /// Begins a guess of a user who has so many `left`, at least one, before he is locked; otherwise he is to wait. A
    /// `turn` that has come is used up.
    ///
    /// # Errors
    /// The turn to wait for.
    pub fn begin(
        &self,
        mount_id: &str,
        username: &str,
        left: u32,
        turn: Option<Turn>,
    ) -> std::result::Result<Guess, Turn> {
        let key = format!("{mount_id}/{}", names::canonical(username));
        let place = Place { guesses: self.clone(), key: key.clone() };
        let mut lines = self.lines();
        let line = lines.entry(key).or_default();
        let is_first = turn.is_some() || line.waiting == 0;
        if is_first && line.under_way < left.max(1) {
            line.under_way += 1;
            // The turn is dropped last: there may be room for the next one, too.
            drop(lines);
            return Ok(Guess(place));
        }
        if let Some(turn) = turn {
            drop(lines);
            return Err(turn);
        }
        line.waiting += 1;
        let wake = Arc::clone(&line.wake);
        drop(lines);
        Err(Turn { place, wake })
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Waits until it may have come. It may be dropped at any point.
    pub async fn come(&self) {
        self.wake.notified().await;
    }
}

impl Drop for Guess {
    fn drop(&mut self) {
        self.0.leave(|line| line.under_way = line.under_way.saturating_sub(1));
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.place.leave(|line| line.waiting = line.waiting.saturating_sub(1));
    }
}

impl Place {
    /// Lets go of it, and lets the next one look.
    fn leave(&mut self, leave: impl FnOnce(&mut Line)) {
        let mut lines = self.guesses.lines();
        let Entry::Occupied(mut entry) = lines.entry(std::mem::take(&mut self.key)) else { return };
        let line = entry.get_mut();
        leave(line);
        if line.waiting > 0 {
            line.wake.notify_one();
        } else if line.under_way == 0 {
            entry.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::script::block_on;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    fn has_come(turn: &Turn) -> bool {
        pin!(turn.come()).poll(&mut Context::from_waker(Waker::noop())) == Poll::Ready(())
    }

    #[test]
    fn no_more_are_under_way_than_are_left_and_the_others_come_in_turn() {
        let guesses = Guesses::default();
        let begin = |left, turn| guesses.begin("m1", " Fred", left, turn);
        let one = begin(2, None).ok().expect("begun");
        let other = guesses.begin("m1", "fred", 2, None).ok().expect("begun");
        let third = begin(2, None).err().expect("two are under way");
        let fourth = begin(2, None).err().expect("two are under way");
        // Of another user, and at another mount.
        assert!(guesses.begin("m1", "gina", 1, None).is_ok() && guesses.begin("m2", "fred", 1, None).is_ok());
        assert!(!has_come(&third));
        drop(one);
        block_on(third.come());
        // One has less left by now.
        let third = begin(1, Some(third)).err().expect("another is under way");
        drop(other);
        let turns = [third, fourth];
        let [come, waiting]: [Vec<Turn>; 2] =
            turns.into_iter().fold([Vec::new(), Vec::new()], |mut both, turn| {
                both[usize::from(!has_come(&turn))].push(turn);
                both
            });
        assert_eq!((come.len(), waiting.len()), (1, 1));
        // Newcomers stand behind those who wait.
        let late = begin(5, None).err().expect("others wait");
        let first = come.into_iter().next().and_then(|turn| begin(5, Some(turn)).ok()).expect("its turn");
        // There is room for those behind it.
        assert!(waiting.iter().chain([&late]).any(has_come));
        drop((first, waiting));
        assert!(has_come(&late));
        // Whoever gives up lets the next one look.
        let last = begin(5, None).err().expect("another waits");
        drop(late);
        assert!(has_come(&last));
        drop(last);
        assert!(guesses.lines().is_empty());
    }
}
