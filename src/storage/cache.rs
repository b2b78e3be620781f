//! Records that are read far more often than they are written, kept in clear so that they need not be opened and parsed
//! at every reading.

use super::Revision;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A moment in the life of a storage: the number of its last commit. As long as it is the same, nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(pub(super) Revision);

impl Moment {
    /// Whether what is of this write was written after it.
    pub fn is_before(self, revision: Revision) -> bool {
        revision > self.0
    }

    /// How many commits have written anything since an earlier one.
    pub(super) fn commits_since(self, earlier: Moment) -> Option<u64> {
        self.0.checked_sub(earlier.0)
    }
}

/// The versions of some records that were read last, for `Barrier::read_cached`.
pub struct Cache<T> {
    records: Mutex<HashMap<String, Kept<T>>>,
    most: usize,
}

struct Kept<T> {
    value: Arc<T>,
    revision: Revision,
    as_of: Moment,
}

impl<T> Cache<T> {
    /// An empty one that keeps so many records at most; then one goes for each that comes.
    pub fn new(most: usize) -> Self {
        Self { records: Mutex::default(), most }
    }

    /// The record of a key if nothing has changed since it was read.
    pub(super) fn as_of(&self, key: &str, moment: Moment) -> Option<(Arc<T>, Revision)> {
        let records = self.records();
        let kept = records.get(key).filter(|kept| kept.as_of == moment)?;
        Some((Arc::clone(&kept.value), kept.revision))
    }

    /// What was last kept of a key, and the moment after which it was read.
    pub(super) fn last(&self, key: &str) -> Option<(Arc<T>, Moment)> {
        self.records().get(key).map(|kept| (Arc::clone(&kept.value), kept.as_of))
    }

    /// The record of a key if it is of this write, which was read after this moment.
    pub(super) fn of_write(&self, key: &str, revision: Revision, moment: Moment) -> Option<Arc<T>> {
        let mut records = self.records();
        let kept = records.get_mut(key).filter(|kept| kept.revision == revision)?;
        kept.as_of = moment;
        Some(Arc::clone(&kept.value))
    }

    /// Keeps a record that was read after this moment.
    pub(super) fn keep(&self, key: &str, value: &Arc<T>, revision: Revision, as_of: Moment) {
        let mut records = self.records();
        if records.len() >= self.most && !records.contains_key(key) {
            let any = records.keys().next().cloned();
            any.map(|any| records.remove(&any));
        }
        records.insert(key.to_owned(), Kept { value: Arc::clone(value), revision, as_of });
    }

    /// Forgets a key that holds nothing any more.
    pub(super) fn forget(&self, key: &str) {
        self.records().remove(key);
    }

    fn records(&self) -> MutexGuard<'_, HashMap<String, Kept<T>>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_kept_for_one_moment_or_for_one_write() {
        let cache = Cache::new(2);
        cache.keep("a", &Arc::new(1), 7, Moment(9));
        assert_eq!(cache.as_of("a", Moment(9)), Some((Arc::new(1), 7)));
        assert_eq!(cache.as_of("a", Moment(10)), None);
        assert_eq!(cache.of_write("a", 8, Moment(10)), None);
        assert_eq!(cache.of_write("a", 7, Moment(10)), Some(Arc::new(1)));
        assert_eq!(cache.as_of("a", Moment(10)), Some((Arc::new(1), 7)));
        cache.forget("a");
        assert_eq!(cache.as_of("a", Moment(10)), None);
    }

    #[test]
    fn a_cache_has_a_bound() {
        let cache = Cache::new(3);
        for number in 0..100_u64 {
            cache.keep(&number.to_string(), &Arc::new(number), number, Moment(number));
            assert_eq!(cache.as_of(&number.to_string(), Moment(number)), Some((Arc::new(number), number)));
        }
        assert_eq!(cache.records().len(), 3);
    }
}
