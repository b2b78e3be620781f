//! Entities: one for each user of a mount, the same at every login however he typed his name.
//!
//! | key | what it is for |
//! |---|---|
//! | `entity/id/<entity id>` | the [`Entity`] |
//! | `entity/user/<mount id>/<Okta user id>` | the id of a user's entity |
//! | `entity/name/<mount id>/<folded name>` | the id of the entity whose alias has the name |
//! | `entity/role/<role>/<entity id>` | counts the entities that a token role has made |
//! | `entity/typed/<mount id>/<folded name>/<entity id>` | finds the users who typed this name at a login |

use super::record::{CREATED, Record};
use super::store::Tokens;
use crate::clock::UnixSeconds;
use crate::deadline::Deadline;
use crate::error::{Code, Error, Result};
use crate::letter_case;
use crate::limits;
use crate::policy::{Attribute, Attributes};
use crate::storage::{Barrier, Batch, Check, Found, Moment, Stored, encode};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const TYPED: &str = "entity/typed/";
/// The prefix of all rows of entities that token roles have made.
pub(super) const ROLES: &str = "entity/role/";

/// An entity as it is stored, and as templates of policies read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// A UUID; what look-ups of its tokens show as `entity_id`.
    pub entity_id: String,
    /// `entity_` and eight hex digits, as Vault names those that a login makes.
    pub entity_name: String,
    /// What it is at which mount.
    pub aliases: Vec<Alias>,
    /// What it was made for, as [`AliasOf::user_id`].
    #[serde(default)]
    pub(super) user_id: String,
    /// What the user typed at his logins, folded.
    #[serde(default)]
    pub(super) typed: Vec<String>,
    /// Of one of a token role: when the last of its batch tokens ends, of which nothing else is stored.
    #[serde(default)]
    pub(super) batch_until: UnixSeconds,
}

/// What an entity is at one mount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    /// The mount by the name that templates call it by, such as `auth_okta_1a2b3c4d`.
    pub mount_accessor: String,
    /// A UUID.
    pub id: String,
    /// Okta's login of the user, and his id at Okta where it gave no login; never what he typed. Empty once another
    /// user of the mount goes by it: what is granted to a name is its present bearer's.
    pub name: String,
    /// What the method notes, such as `okta_user_id`.
    pub metadata: BTreeMap<String, String>,
}

impl Attributes for Entity {
    fn attribute(&self, attribute: &Attribute) -> Option<&str> {
        let alias = |accessor: &String| self.aliases.iter().find(|alias| alias.mount_accessor == *accessor);
        match attribute {
            Attribute::EntityId => Some(&self.entity_id),
            Attribute::EntityName => Some(&self.entity_name),
            Attribute::AliasId(accessor) => Some(&alias(accessor)?.id),
            Attribute::AliasName(accessor) => Some(&alias(accessor)?.name),
            Attribute::AliasMetadata(accessor, key) => alias(accessor)?.metadata.get(key).map(String::as_str),
            Attribute::Unknown => None,
        }
    }
}

/// Who an entity is to be for.
#[derive(Clone)]
pub struct AliasOf<'a> {
    /// The id of the mount.
    pub mount_id: &'a str,
    /// Its accessor.
    pub mount_accessor: &'a str,
    /// What a user of the mount never changes: his id at Okta.
    pub user_id: &'a str,
    /// What he goes by today; may be empty.
    pub name: &'a str,
    /// What he typed.
    pub typed: &'a str,
    /// For the alias.
    pub metadata: BTreeMap<String, String>,
    /// The token role that it is made by; none at a login.
    pub role: Option<&'a str>,
    /// When the batch token ends that a role makes of it.
    pub batch_until: Option<UnixSeconds>,
}

impl Tokens {
    /// The entity that a token belongs to; none where it belongs to none, or to one that went with its mount.
    ///
    /// `moment` was taken for this request.
    ///
    /// # Errors
    /// Failures of the storage.
    pub fn entity(
        &self,
        record: &Record,
        moment: Moment,
        deadline: &Deadline,
    ) -> Result<Option<Arc<Entity>>> {
        if record.entity_id.is_empty() {
            return Ok(None);
        }
        let key = entity_key(&record.entity_id);
        let stored = self.barrier.read_cached(&key, &self.entities, moment, deadline)?;
        Ok(stored.map(|stored| stored.value))
    }

    /// The id of a user's entity, and whether it is new. The first login makes one; a later one renames it where he goes
    /// by another name now. `batch` gets the rows that are written with the token.
    ///
    /// # Errors
    /// 400 for a user id that cannot be one: empty, too long, or with control characters.
    pub(super) fn entity_for(
        &self,
        of: &AliasOf,
        batch: &mut Batch,
        deadline: &Deadline,
    ) -> Result<(String, bool)> {
        if !is_name(of.user_id) {
            return Err(Error::bad_request(
                Code::OktaInvalidAnswer,
                "the id that Okta gave the user cannot be one",
            ));
        }
        let user_key = user_key(of.mount_id, of.user_id);
        let known = self.barrier.read::<String>(&user_key, deadline)?;
        let Some(Stored { value: id, revision }) = known else {
            if let Some(role) = of.role {
                self.check_room(role, deadline)?;
            }
            let mut entity = self.new_entity(of)?;
            let id = entity.entity_id.clone();
            if let Some(role) = of.role {
                batch.puts.push((format!("{}{id}", role_prefix(role)), encode(&())?));
            }
            batch.checks.push(Check { key: user_key.clone(), revision: None });
            batch.puts.push((user_key, encode(&id)?));
            note_typed(&mut entity, of, batch)?;
            entity.note_batch(of);
            batch.puts.push((entity_key(&id), encode(&entity)?));
            self.take_name(of, &id, batch, deadline)?;
            return Ok((id, true));
        };
        if of.role.is_some() {
            // Written anew, so that it is not removed meanwhile for want of tokens.
            batch.checks.push(Check { key: user_key.clone(), revision: Some(revision) });
            batch.puts.push((user_key, encode(&id)?));
        }
        let key = entity_key(&id);
        let stored = self.barrier.read::<Entity>(&key, deadline)?.ok_or_else(|| {
            Error::new(503, Code::StorageFailed, "the storage holds no entity of a user who has one")
        })?;
        let check = stored.check(&key);
        let mut entity = stored.value;
        let is_noted = note_typed(&mut entity, of, batch)? | entity.note_batch(of);
        let name = of.alias_name();
        let renamed = entity.aliases.first_mut().filter(|alias| alias.name != name);
        if let Some(alias) = renamed {
            let old_name = std::mem::replace(&mut alias.name, name.to_owned());
            // An empty one was taken over by somebody else, and its row with it.
            if !old_name.is_empty() && letter_case::fold(&old_name) != letter_case::fold(name) {
                batch.deletes.push(name_key(of.mount_id, &old_name));
            }
            self.take_name(of, &id, batch, deadline)?;
        } else if !is_noted {
            return Ok((id, false));
        }
        batch.checks.push(check);
        batch.puts.push((key, encode(&entity)?));
        Ok((id, false))
    }

    /// Those of a mount are no more than Okta's users; those of token roles are anybody's who may use the role, who must
    /// not take the room of other roles.
    fn check_room(&self, role: &str, deadline: &Deadline) -> Result<()> {
        for (prefix, of_role, limit, whose) in [
            (role_prefix(role), Some(role), limits::ENTITIES_OF_A_ROLE, "this role"),
            (users_prefix(CREATED), None, limits::ROLE_ENTITIES, "all roles together"),
        ] {
            let has_room = || self.barrier.has_room(&prefix, limit, deadline);
            if has_room()? {
                continue;
            }
            self.make_room_for_entities(of_role, deadline)?;
            if !has_room()? {
                let text = format!("the tokens of {whose} have {limit} entities, and no more are possible");
                return Err(Error::bad_request(Code::LimitReached, text));
            }
        }
        Ok(())
    }

    /// The entities of those who go by this name, have it as their id, or typed it at a login.
    pub(super) fn entities_called(
        &self,
        mount_id: &str,
        name: &str,
        deadline: &Deadline,
    ) -> Result<BTreeSet<String>> {
        let mut entities = BTreeSet::new();
        for key in [user_key(mount_id, name), name_key(mount_id, name)] {
            entities.extend(self.barrier.read::<String>(&key, deadline)?.map(|stored| stored.value));
        }
        let prefix = typed_key(mount_id, &letter_case::fold(name), "");
        let mut after = String::new();
        loop {
            let page = self.barrier.list_keys(&prefix, &after, limits::STORAGE_PAGE, deadline)?;
            let Some((last, _)) = page.last() else {
                return Ok(entities);
            };
            after.clone_from(last);
            // A name may go on with a slash.
            let ids = page.iter().filter_map(|(key, _)| key.strip_prefix(&prefix));
            entities.extend(ids.filter(|id| !id.contains('/')).map(str::to_owned));
        }
    }

    /// Makes a name the entity's, and takes it from the one that had it.
    fn take_name(&self, of: &AliasOf, id: &str, batch: &mut Batch, deadline: &Deadline) -> Result<()> {
        let row = name_key(of.mount_id, of.alias_name());
        let stored = self.barrier.read::<String>(&row, deadline)?;
        batch
            .checks
            .push(Check { key: row.clone(), revision: stored.as_ref().map(|stored| stored.revision) });
        if let Some(other) = stored.map(|stored| stored.value).filter(|other| other != id) {
            let key = entity_key(&other);
            if let Some(stored) = self.barrier.read::<Entity>(&key, deadline)? {
                batch.checks.push(stored.check(&key));
                let mut entity = stored.value;
                entity.aliases.iter_mut().for_each(|alias| alias.name.clear());
                batch.puts.push((key, encode(&entity)?));
            }
        }
        batch.puts.push((row, encode(&id)?));
        Ok(())
    }

    fn new_entity(&self, of: &AliasOf) -> Result<Entity> {
        let entity_id = self.barrier.new_uuid()?;
        let suffix: [u8; 4] = self.barrier.random_bytes()?;
        let alias = Alias {
            mount_accessor: of.mount_accessor.to_owned(),
            id: self.barrier.new_uuid()?,
            name: of.alias_name().to_owned(),
            metadata: of.metadata.clone(),
        };
        let entity_name = format!("entity_{:08x}", u32::from_be_bytes(suffix));
        Ok(Entity {
            entity_id,
            entity_name,
            aliases: vec![alias],
            user_id: of.user_id.to_owned(),
            typed: Vec::new(),
            batch_until: 0,
        })
    }
}

impl Entity {
    /// Notes until when a batch token of it lives; whether that was new.
    fn note_batch(&mut self, of: &AliasOf) -> bool {
        let later = of.batch_until.filter(|until| *until > self.batch_until);
        self.batch_until = later.unwrap_or(self.batch_until);
        later.is_some()
    }
}

impl AliasOf<'_> {
    /// The name of the alias. What the user typed is no proof that a name is his.
    fn alias_name(&self) -> &str {
        if is_name(self.name) { self.name } else { self.user_id }
    }
}

/// Remembers what the user typed, as far as there is room; whether that was new.
fn note_typed(entity: &mut Entity, of: &AliasOf, batch: &mut Batch) -> Result<bool> {
    let typed = letter_case::fold(of.typed);
    if !is_name(&typed) || entity.typed.contains(&typed) || entity.typed.len() >= limits::TYPED_NAMES {
        return Ok(false);
    }
    batch.puts.push((typed_key(of.mount_id, &typed, &entity.entity_id), encode(&())?));
    entity.typed.push(typed);
    Ok(true)
}

/// Whether a text can be a user's name or id.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= limits::NAME_BYTES && !text.chars().any(char::is_control)
}

/// Forgets the entities of a mount.
pub(super) fn forget(barrier: &Barrier, mount_id: &str, deadline: &Deadline) -> Result<()> {
    for prefix in [users_prefix(mount_id), names_prefix(mount_id)] {
        loop {
            let page = barrier.list_keys(&prefix, "", limits::STORAGE_PAGE, deadline)?;
            if page.is_empty() {
                break;
            }
            let mut deletes = Vec::with_capacity(2 * page.len());
            for (key, _) in page {
                // One that cannot be read leads to nothing.
                if let Found::Record(stored) = barrier.look::<String>(&key, deadline)? {
                    deletes.push(entity_key(&stored.value));
                }
                deletes.push(key);
            }
            let mut batch = Some(Batch { deletes, ..Batch::default() });
            barrier.update(deadline, || Ok((batch.take().unwrap_or_default(), ())))?;
        }
    }
    barrier.delete_all(&format!("{TYPED}{mount_id}/"), deadline)
}

/// The key of an entity.
pub(super) fn entity_key(id: &str) -> String {
    format!("entity/id/{id}")
}

fn users_prefix(mount_id: &str) -> String {
    format!("entity/user/{mount_id}/")
}

/// The key that finds the entity of a user by his id.
pub(super) fn user_key(mount_id: &str, user_id: &str) -> String {
    format!("{}{user_id}", users_prefix(mount_id))
}

/// The prefix of the rows of entities that a role has made.
pub(super) fn role_prefix(role: &str) -> String {
    format!("{ROLES}{role}/")
}

fn names_prefix(mount_id: &str) -> String {
    format!("entity/name/{mount_id}/")
}

/// The key that finds an entity by what its user typed.
pub(super) fn typed_key(mount_id: &str, folded: &str, entity_id: &str) -> String {
    format!("{TYPED}{mount_id}/{folded}/{entity_id}")
}

/// The key that finds an entity by the name of its alias.
pub(super) fn name_key(mount_id: &str, name: &str) -> String {
    format!("{}{}", names_prefix(mount_id), letter_case::fold(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::Grant;
    use crate::token::grant::tests::grant;
    use crate::token::testing::*;
    use crate::token_fields::TokenFields;

    /// The entity of the token of a login by this user, who goes by this name at Okta.
    fn log_in(tokens: &Tokens, mount_id: &str, user_id: &str, name: &str) -> Entity {
        let settings = TokenFields::default();
        let grant = Grant {
            alias: AliasOf { mount_id, name, ..grant(user_id, &settings).alias },
            ..grant(user_id, &settings)
        };
        let (auth, _) = tokens.issue(grant, &mut |_| Ok(()), &deadline()).expect("issued");
        let (_, record) =
            tokens.find(auth.client_token.expose(), &deadline()).expect("found").expect("lives");
        entity(tokens, &record).expect("an entity")
    }

    fn now(tokens: &Tokens, known: &Entity) -> Option<Entity> {
        entity(tokens, &Record { entity_id: known.entity_id.clone(), ..record() })
    }

    fn entity(tokens: &Tokens, record: &Record) -> Option<Entity> {
        let entity = tokens.entity(record, moment(tokens), &deadline()).expect("read");
        entity.map(Arc::unwrap_or_clone)
    }

    #[test]
    fn one_for_each_user_of_a_mount_and_renamed_with_him() {
        let (tokens, _) = tokens();
        let fred = log_in(&tokens, "m1", "00u1", "fred@acme.com");
        assert_eq!(log_in(&tokens, "m1", "00u1", "fred@acme.com"), fred);
        assert!(fred.entity_name.len() == 15 && fred.entity_name.starts_with("entity_"), "{fred:?}");
        let [alias] = fred.aliases.as_slice() else { panic!("{fred:?}") };
        assert_eq!((alias.name.as_str(), alias.mount_accessor.as_str()), ("fred@acme.com", "auth_okta_m1"));
        assert_eq!(alias.metadata["okta_user_id"], "00u1");
        let elsewhere = log_in(&tokens, "m2", "00u1", "fred@acme.com");
        assert_ne!(elsewhere.entity_id, fred.entity_id);

        let renamed = log_in(&tokens, "m1", "00u1", "f.smith@acme.com");
        assert_eq!((&renamed.entity_id, &renamed.aliases[0].id), (&fred.entity_id, &alias.id));
        assert_eq!(renamed.aliases[0].name, "f.smith@acme.com");
        assert_eq!(log_in(&tokens, "m1", "00u2", "").aliases[0].name, "00u2");
    }

    #[test]
    fn a_name_is_its_present_bearers_alone() {
        let (tokens, _) = tokens();
        let old = log_in(&tokens, "m1", "00u1", "fred@acme.com");
        let new = log_in(&tokens, "m1", "00u2", "FRED@acme.com");
        assert_eq!(new.aliases[0].name, "FRED@acme.com");
        assert_eq!(now(&tokens, &old).expect("still there").aliases[0].name, "");
        // He comes back under another name, and then takes his own one back.
        assert_eq!(log_in(&tokens, "m1", "00u1", "fred.old@acme.com").entity_id, old.entity_id);
        assert_eq!(now(&tokens, &new).expect("there").aliases[0].name, "FRED@acme.com");
        assert_eq!(log_in(&tokens, "m1", "00u1", "fred@acme.com").aliases[0].name, "fred@acme.com");
        assert_eq!(now(&tokens, &new).expect("there").aliases[0].name, "");
    }

    #[test]
    fn entities_go_with_their_mount() {
        let (tokens, _) = tokens();
        let other = log_in(&tokens, "m10", "00u1", "fred@acme.com");
        let gone = log_in(&tokens, "m1", "00u1", "fred@acme.com");
        tokens.revoke_mount("m1", &deadline()).expect("revoked");
        assert_eq!((now(&tokens, &gone), now(&tokens, &other)), (None, Some(other.clone())));
        let rows = tokens.barrier.list_keys("entity/", "", 99, &deadline()).expect("a listing");
        assert_eq!(rows.len(), 4, "{rows:?}");
        assert_ne!(log_in(&tokens, "m1", "00u1", "fred@acme.com").entity_id, gone.entity_id);
    }
}
