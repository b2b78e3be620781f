//! SQLite against the in-memory engine, under random batches.

use super::*;
use okta_auth::storage::Durability;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    /// Keys by number: checks (with the revision as it is, or a stale one), puts, deletes.
    Commit {
        checks: Vec<(usize, bool)>,
        puts: Vec<(usize, u8)>,
        deletes: Vec<usize>,
        relaxed: bool,
    },
    List {
        prefix: usize,
        after: usize,
        limit: usize,
    },
    Reopen,
}

const KEYS: [&str; 8] = ["", "a", "a/", "a/b", "a/b/c", "ab", "b/ü", "c"];

fn step() -> impl Strategy<Value = Step> {
    let key = 0..KEYS.len();
    let commit = (
        prop::collection::vec((key.clone(), prop::bool::weighted(0.9)), 0..3),
        prop::collection::vec((key.clone(), any::<u8>()), 0..4),
        prop::collection::vec(key.clone(), 0..3),
        any::<bool>(),
    )
        .prop_map(|(checks, puts, deletes, relaxed)| Step::Commit { checks, puts, deletes, relaxed });
    let list =
        (key.clone(), key, 0..10usize).prop_map(|(prefix, after, limit)| Step::List { prefix, after, limit });
    prop_oneof![8 => commit, 3 => list, 1 => Just(Step::Reopen)]
}

/// The batch of a step for one engine: revisions differ between engines, what they mean does not.
fn batch(storage: &dyn Storage, step: &Step) -> Option<Batch> {
    let Step::Commit { checks, puts, deletes, relaxed } = step else { return None };
    let check = |(key, fresh): &(usize, bool)| {
        let current = get(storage, KEYS[*key]).map(|entry| entry.revision);
        let stale = current.map_or(Some(1), |_| None);
        Check { key: KEYS[*key].into(), revision: if *fresh { current } else { stale } }
    };
    Some(Batch {
        checks: checks.iter().map(check).collect(),
        puts: puts.iter().map(|(key, value)| (KEYS[*key].into(), vec![*value])).collect(),
        deletes: deletes.iter().map(|key| KEYS[*key].into()).collect(),
        durability: if *relaxed { Durability::Relaxed } else { Durability::Durable },
    })
}

fn contents(storage: &dyn Storage, prefix: &str, after: &str, limit: usize) -> Vec<(String, Vec<u8>)> {
    let entries = storage.list(prefix, after, limit, &soon()).expect("listed");
    entries.into_iter().map(|entry| (entry.key, entry.value)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_engines_do_the_same(steps in prop::collection::vec(step(), 1..40)) {
        let memory = MemoryStorage::default();
        let place = Place::new();
        let mut sqlite = place.open();
        for step in steps {
            match &step {
                Step::Commit { .. } => {
                    let result = |storage: &dyn Storage| {
                        batch(storage, &step).map(|batch| storage.commit(batch, &soon()))
                    };
                    prop_assert_eq!(result(&memory), result(&sqlite));
                }
                Step::List { prefix, after, limit } => {
                    let listed = |storage| contents(storage, KEYS[*prefix], KEYS[*after], *limit);
                    prop_assert_eq!(listed(&memory), listed(&sqlite));
                }
                Step::Reopen => sqlite = place.open(),
            }
            prop_assert_eq!(contents(&memory, "", "", 100), contents(&sqlite, "", "", 100));
        }
    }
}
