//! Polls that were given up in this process: cancelled, or out of time. Their claims need not lapse first.
//!
//! Other steps are left to lapse: what they sent may still be on its way to Okta, and the next step would not see it
//! there yet.

use crate::limits;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The claims of polls that were given up, as many as there are limits for; older ones lapse by their time.
#[derive(Clone, Default)]
pub struct GivenUp(Arc<Mutex<VecDeque<u64>>>);

impl GivenUp {
    /// Notes a claim when the guard is dropped before it is told that the step was settled.
    pub(super) fn watch(&self, claim: u64) -> Watch {
        Watch { given_up: self.clone(), claim: Some(claim) }
    }

    /// Whether a claim was given up.
    pub(super) fn has(&self, claim: u64) -> bool {
        self.lock().contains(&claim)
    }

    /// A panic elsewhere leaves the list whole.
    fn lock(&self) -> MutexGuard<'_, VecDeque<u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A poll that is under way.
pub struct Watch {
    given_up: GivenUp,
    claim: Option<u64>,
}

impl Watch {
    /// It was settled.
    pub(super) fn settled(mut self) {
        self.claim = None;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let Some(claim) = self.claim else { return };
        let mut list = self.given_up.lock();
        if list.len() >= limits::GIVEN_UP_POLLS {
            list.pop_front();
        }
        list.push_back(claim);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poll_that_is_not_settled_is_given_up_and_old_ones_are_forgotten() {
        let given_up = GivenUp::default();
        given_up.watch(1).settled();
        drop(given_up.watch(2));
        assert_eq!((given_up.has(1), given_up.has(2)), (false, true));
        for claim in 0..u64::try_from(limits::GIVEN_UP_POLLS).expect("fits") {
            drop(given_up.watch(100 + claim));
        }
        assert_eq!((given_up.has(2), given_up.has(100)), (false, true));
        assert_eq!(given_up.lock().len(), limits::GIVEN_UP_POLLS);
    }
}
