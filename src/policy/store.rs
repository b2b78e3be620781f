//! The policies of a storage, and what is kept of them between requests.
//!
//! | key | value |
//! |---|---|
//! | `policy/acl/<name>` | a policy's text |
//! | `policy/name/<name>` | nothing; listings read these rows, as texts may be large |
//! | `policy/generation` | nothing; written with each change of a policy, so that one look tells whether any has changed |

use super::acl::Acl;
use super::builtin;
use super::compiled::Policy;
use super::names;
use super::weight;
use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::storage::{Barrier, Batch, Cache, Moment, Revision, encode};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

const NAMES: &str = "policy/name/";
const GENERATION: &str = "policy/generation";

/// Reads and changes policies, and compiles each once until it changes, in whichever process.
pub struct Policies {
    barrier: Arc<Barrier>,
    kept: RwLock<Kept>,
    generation: Cache<()>,
}

/// Compiled policies, and how many bytes they take.
#[derive(Default)]
struct Kept {
    by_name: HashMap<String, Entry>,
    weight: usize,
}

/// What a name stands for; nothing, as long as nobody has written the policy.
#[derive(Clone)]
struct Entry {
    policy: Option<Arc<Policy>>,
    /// The write that its text is of.
    revision: Option<Revision>,
    /// The generation at which it was last compared with the storage.
    seen: Option<Revision>,
}

impl Entry {
    fn weight(&self, name: &str) -> usize {
        let policy = self.policy.as_ref().map_or(0, |policy| policy.weight());
        policy + weight::of_text(name) + weight::of_table::<String, Self>(1)
    }
}

impl Kept {
    fn keep(&mut self, name: &str, entry: Entry) {
        if self.weight + entry.weight(name) > limits::POLICIES_KEPT_BYTES {
            // Whatever is in use comes back with its next request.
            *self = Self::default();
        }
        self.weight += entry.weight(name);
        let old = self.by_name.insert(name.to_owned(), entry);
        self.weight -= old.map_or(0, |entry| entry.weight(name));
    }
}

impl Policies {
    /// The policies of a storage.
    pub fn new(barrier: Arc<Barrier>) -> Self {
        Self { barrier, kept: RwLock::default(), generation: Cache::new(1) }
    }

    /// What tokens with these policies (cleaned names) may do. Names that nobody has written grant nothing.
    ///
    /// `moment` was taken for this request.
    ///
    /// # Errors
    /// Failures of the storage; 503 where a stored policy cannot be understood, as it may deny something.
    pub fn acl(&self, names: &[String], moment: Moment, deadline: &Deadline) -> Result<Acl> {
        if let [name] = names
            && name == names::ROOT
        {
            return Ok(Acl::root());
        }
        // Read first: what is read after it is at least as new.
        let generation = self.barrier.read_cached(GENERATION, &self.generation, moment, deadline)?;
        let generation = generation.map(|stored| stored.revision);
        let mut policies = Vec::with_capacity(names.len());
        let mut others = Vec::new();
        {
            let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
            for name in names {
                match kept.by_name.get(name).filter(|entry| entry.seen == generation) {
                    Some(entry) => policies.extend(entry.policy.clone()),
                    None => others.push(name),
                }
            }
        }
        for name in others {
            policies.extend(self.look_again(name, generation, deadline)?);
        }
        Ok(Acl::new(policies))
    }

    /// A policy that was not kept, or that may have changed.
    fn look_again(
        &self,
        name: &str,
        generation: Option<Revision>,
        deadline: &Deadline,
    ) -> Result<Option<Arc<Policy>>> {
        let held = self.kept.read().unwrap_or_else(PoisonError::into_inner).by_name.get(name).cloned();
        let revision = self.barrier.revision_of(&key(name), deadline)?;
        let entry = match held.filter(|entry| entry.revision == revision) {
            Some(entry) => Entry { seen: generation, ..entry },
            None => {
                let (text, revision) = self.text(name, deadline)?;
                let compiled = text.map(|text| Policy::compile(name, &text)).transpose();
                let compiled = compiled.map_err(|why| {
                    let text = format!("the stored policy {name:?} cannot be understood: {why}");
                    Error::new(503, Code::StorageFailed, text)
                })?;
                Entry { policy: compiled.map(|(policy, _)| Arc::new(policy)), revision, seen: generation }
            }
        };
        let policy = entry.policy.clone();
        self.kept.write().unwrap_or_else(PoisonError::into_inner).keep(name, entry);
        Ok(policy)
    }

    /// The text of a policy, where there is one, and the write that it is of, where somebody has written it.
    pub(super) fn text(&self, name: &str, deadline: &Deadline) -> Result<(Option<String>, Option<Revision>)> {
        Ok(match self.barrier.read::<String>(&key(name), deadline)? {
            Some(stored) => (Some(stored.value), Some(stored.revision)),
            None => (builtin::text(name).map(str::to_owned), None),
        })
    }

    /// Whether there is such a policy.
    ///
    /// # Errors
    /// Failures of the storage.
    pub fn exists(&self, name: &str, deadline: &Deadline) -> Result<bool> {
        Ok(names::is_built_in(name) || self.barrier.revision_of(&name_key(name), deadline)?.is_some())
    }

    /// The names of all written policies, sorted.
    pub(super) fn written(&self, deadline: &Deadline) -> Result<Vec<String>> {
        let mut names = Vec::new();
        let mut after = String::new();
        loop {
            let page = self.barrier.list_keys(NAMES, &after, limits::STORAGE_PAGE, deadline)?;
            let is_last = page.len() < limits::STORAGE_PAGE;
            after = page.last().map(|(key, _)| key.clone()).unwrap_or_default();
            names.extend(page.iter().filter_map(|(key, _)| Some(key.strip_prefix(NAMES)?.to_owned())));
            if is_last {
                return Ok(names);
            }
        }
    }

    /// Writes a policy that compiles, or (`None`) deletes one.
    ///
    /// # Errors
    /// 400 for one too many; failures of the storage.
    pub(super) fn change(&self, name: &str, text: Option<&str>, deadline: &Deadline) -> Result<()> {
        self.barrier.update(deadline, || {
            if text.is_some()
                && self.barrier.revision_of(&name_key(name), deadline)?.is_none()
                && !self.barrier.has_room(NAMES, limits::POLICIES, deadline)?
            {
                let text = format!("{} policies are there, and no more are possible", limits::POLICIES);
                return Err(Error::bad_request(Code::LimitReached, text));
            }
            let mut batch = Batch::default();
            match text {
                Some(text) => {
                    batch.puts.push((key(name), encode(&text)?));
                    batch.puts.push((name_key(name), encode(&())?));
                }
                None => batch.deletes.extend([key(name), name_key(name)]),
            }
            batch.puts.push((GENERATION.to_owned(), encode(&())?));
            Ok((batch, ()))
        })
    }
}

fn key(name: &str) -> String {
    format!("policy/acl/{name}")
}

fn name_key(name: &str) -> String {
    format!("{NAMES}{name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deadline::Cancel;
    use crate::storage::{BarrierKey, MemoryStorage};
    use std::time::Duration;

    fn deadline() -> Deadline {
        Deadline::after(Duration::from_secs(60), Cancel::default())
    }

    fn policies() -> Policies {
        let key = BarrierKey::new([7; 32]);
        let barrier = Barrier::open(Box::<MemoryStorage>::default(), &key, &deadline()).expect("opened");
        Policies::new(Arc::new(barrier))
    }

    fn granted(policies: &Policies, names: &[&str], path: &str) -> String {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let moment = policies.barrier.moment(&deadline()).expect("a moment");
        policies.acl(&names, moment, &deadline()).expect("compiled").capabilities(path, None, None).join(" ")
    }

    fn kept(policies: &Policies, name: &str) -> Option<Arc<Policy>> {
        policies.kept.read().expect("kept").by_name.get(name).and_then(|entry| entry.policy.clone())
    }

    #[test]
    fn a_policy_is_compiled_once_until_it_changes() {
        let policies = policies();
        // Another process on the same storage.
        let other = Policies::new(Arc::clone(&policies.barrier));
        assert_eq!(granted(&policies, &["dev", "default"], "a"), "deny");
        other.change("dev", Some(r#"path "a" { capabilities = ["read"] }"#), &deadline()).expect("written");
        assert_eq!(granted(&policies, &["dev", "default"], "a"), "read");
        let (dev, default) = (kept(&policies, "dev"), kept(&policies, "default"));
        other.change("ops", Some(""), &deadline()).expect("written");
        assert_eq!(granted(&policies, &["dev", "default"], "a"), "read");
        let same = |one: Option<Arc<Policy>>, name| {
            Arc::ptr_eq(&one.expect("kept"), &kept(&policies, name).expect("kept"))
        };
        assert!(same(dev, "dev") && same(default, "default"));

        other.change("dev", Some(r#"path "a" { capabilities = ["list"] }"#), &deadline()).expect("written");
        assert_eq!(granted(&policies, &["dev"], "a"), "list");
        other.change("dev", None, &deadline()).expect("deleted");
        assert_eq!(granted(&policies, &["dev"], "a"), "deny");
        assert_eq!(granted(&policies, &["root"], "a"), "root");
        // `root` among others is cleaned away before; by itself it has no rules.
        assert_eq!(granted(&policies, &["dev", "root"], "a"), "deny");
    }

    #[test]
    fn the_default_policy_can_be_replaced() {
        let policies = policies();
        assert_eq!(granted(&policies, &["default"], "auth/token/lookup-self"), "read");
        policies.change("default", Some("# nothing"), &deadline()).expect("written");
        assert_eq!(granted(&policies, &["default"], "auth/token/lookup-self"), "deny");
    }

    #[test]
    fn a_stored_policy_that_cannot_be_understood_denies_everything() {
        let policies = policies();
        policies.change("dev", Some("path"), &deadline()).expect("written");
        let moment = policies.barrier.moment(&deadline()).expect("a moment");
        let error = policies.acl(&["dev".to_owned()], moment, &deadline()).err().expect("refused");
        assert_eq!((error.status(), error.code()), (503, Code::StorageFailed));
    }

    #[test]
    fn policies_are_bounded_in_number() {
        let policies = policies();
        let rows = || {
            let puts = (1..limits::POLICIES).map(|number| Ok((format!("{NAMES}x{number}"), encode(&())?)));
            Ok((Batch { puts: puts.collect::<Result<_>>()?, ..Batch::default() }, ()))
        };
        policies.barrier.update(&deadline(), rows).expect("written");
        let change = |name, text| {
            policies.change(name, text, &deadline()).map_err(|error| (error.status(), error.code()))
        };
        assert_eq!(change("last", Some("")), Ok(()));
        let refused = Err((400, Code::LimitReached));
        assert_eq!((change("more", Some("")), change("default", Some(""))), (refused, refused));
        // One that is there can be changed, and makes room when it is deleted.
        assert_eq!((change("last", Some("")), change("last", None)), (Ok(()), Ok(())));
        assert_eq!((change("more", Some("")), change("last", Some(""))), (Ok(()), refused));
    }

    #[test]
    fn what_is_kept_of_policies_is_bounded() {
        let rules: String = (0..9_999).map(|n| format!("path \"{n}\" {{}}\n")).collect();
        let policy = Arc::new(Policy::compile("dev", &rules).expect("a policy").0);
        let entry = Entry { policy: Some(policy), revision: None, seen: None };
        let each = entry.weight("1000");
        assert!(each > 9_999 * 100, "{each}");
        let most = limits::POLICIES_KEPT_BYTES / each;
        let mut kept = Kept::default();
        for n in 1_000..1_000 + most * 5 / 2 {
            kept.keep(&n.to_string(), entry.clone());
            assert_eq!(kept.weight, kept.by_name.len() * each);
            assert!(kept.weight <= limits::POLICIES_KEPT_BYTES);
        }
        kept.keep("1000", entry.clone());
        kept.keep("1000", entry);
        assert_eq!(kept.weight, kept.by_name.len() * each);
        assert!(kept.by_name.len() > most / 4 && most > 20);
        // A name that nobody has written a policy of takes room as well.
        kept.keep("nobody", Entry { policy: None, revision: None, seen: None });
        assert!(kept.weight > (kept.by_name.len() - 1) * each + "nobody".len());
    }
}
