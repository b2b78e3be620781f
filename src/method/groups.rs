//! `groups/<name>`: policies of a group of Okta's or of our own.

use super::{Method, names};
use crate::error::Result;
use crate::field::{Field, Fields, Kind};
use crate::json::{self, Value};
use crate::letter_case;
use crate::limits;
use crate::policy::names as policy_names;
use crate::reply::Reply;
use serde::{Deserialize, Serialize};

/// Fields of `groups/<name>`.
pub const GROUP_FIELDS: &[Field] = &[Field::new("name", Kind::String), Field::new("policies", Kind::List)];

const PREFIX: &str = "group/";
const EMPTY: &str = "'name' must be supplied";

/// A stored group.
#[derive(Serialize, Deserialize)]
pub(super) struct GroupRecord {
    /// In lower case, as Vault keeps it.
    pub name: String,
    /// Cleaned.
    pub policies: Vec<String>,
}

impl Method<'_> {
    /// Writes a group. Its policies are cleaned: trimmed, in lower case, sorted, each once; `root` stands alone.
    ///
    /// # Errors
    /// 400 for a name that cannot be stored, and for one too many; storage errors.
    pub fn write_group(&self, name: &str, fields: &Fields) -> Result<Option<Reply>> {
        let key = self.key(PREFIX, &names::key(name, EMPTY)?);
        let policies = policy_names::sanitise(&fields.list("policies")?.unwrap_or_default(), false);
        self.barrier.update(self.deadline, || {
            let stored = self.barrier.read::<GroupRecord>(&key, self.deadline)?;
            if stored.is_none() {
                self.check_room(PREFIX, limits::GROUPS, "groups")?;
            }
            let name = match &stored {
                Some(stored) => stored.value.name.clone(),
                None => letter_case::lower(name),
            };
            let record = GroupRecord { name, policies: policies.clone() };
            let revision = stored.map(|stored| stored.revision);
            Ok((self.replacing(&key, revision, &record)?, None))
        })
    }

    /// Reads a group by any spelling of the name.
    ///
    /// # Errors
    /// As [`Method::write_group`].
    pub fn read_group(&self, name: &str) -> Result<Option<Reply>> {
        let record = self.group(&names::key(name, EMPTY)?)?;
        Ok(record.map(|record| Reply::data(json::object([("policies", Value::from(record.policies))]))))
    }

    /// Deletes a group by any spelling of the name; an unknown one is fine.
    ///
    /// # Errors
    /// As [`Method::write_group`].
    pub fn delete_group(&self, name: &str) -> Result<Option<Reply>> {
        self.remove(&self.key(PREFIX, &names::key(name, EMPTY)?))?;
        Ok(None)
    }

    /// Every group, each name in full, in Vault's order.
    ///
    /// # Errors
    /// Storage errors.
    pub fn list_groups(&self) -> Result<Option<Reply>> {
        let stored = self.barrier.list_all::<GroupRecord>(&self.key(PREFIX, ""), self.deadline)?;
        let names = stored.into_iter().map(|(_, stored)| stored.value.name).collect();
        Ok(Reply::keys(in_vaults_order(names)))
    }

    /// The group that Okta or a user's entry names; `None` when nothing is mapped to it. A name that cannot be stored
    /// has nothing mapped to it either.
    pub(super) fn mapped_group(&self, name: &str) -> Result<Option<GroupRecord>> {
        match names::key(name, EMPTY) {
            Ok(key) => self.group(&key),
            Err(_) => Ok(None),
        }
    }

    fn group(&self, key: &str) -> Result<Option<GroupRecord>> {
        let stored = self.barrier.read::<GroupRecord>(&self.key(PREFIX, key), self.deadline)?;
        Ok(stored.map(|stored| stored.value))
    }
}

/// Vault walks its storage with a stack of folders: in each the names come first, sorted; then the folders, the
/// last one first.
fn in_vaults_order(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    let mut ordered = Vec::with_capacity(names.len());
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let start = names.partition_point(|name| *name < folder);
        let inside = names.iter().skip(start).map_while(|name| Some((name, name.strip_prefix(&*folder)?)));
        let mut last: Option<String> = None;
        for (name, rest) in inside {
            match rest.find('/') {
                None => ordered.push(name.clone()),
                Some(slash) => {
                    let inner = format!("{folder}{}", rest.get(..=slash).unwrap_or(rest));
                    if last.as_ref() != Some(&inner) {
                        folders.push(inner.clone());
                        last = Some(inner);
                    }
                }
            }
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Fixture, fields, shown};
    use super::*;
    use proptest::prelude::*;

    fn write(fixture: &Fixture, name: &str, json: &str) -> String {
        shown(fields(GROUP_FIELDS, json).and_then(|fields| fixture.method().write_group(name, &fields)))
    }

    /// Vault's own unit test of groups.
    #[test]
    fn vaults_order_and_spellings() {
        let fixture = Fixture::new();
        let method = fixture.method();
        for name in ["%20\\", "foo", "zfoo", "🙂", "foo/nested", "foo/even/more/nested"] {
            let policies = Value::from(vec![format!("{name}_a"), format!("{name}_b")]);
            let mut body = Vec::new();
            json::write_object(&json::object([("policies", policies)]), &mut body);
            let body = String::from_utf8(body).expect("UTF-8");
            assert_eq!(write(&fixture, name, &body), "nothing", "{name}");
            assert_eq!(shown(method.read_group(name)), body);
            assert_eq!(shown(method.read_group(&name.to_uppercase())), body);
        }
        assert_eq!(
            shown(method.list_groups()),
            r#"{"keys":["%20\\","foo","zfoo","🙂","foo/nested","foo/even/more/nested"]}"#
        );
    }

    #[test]
    fn the_last_folder_comes_first() {
        let names = ["a/1", "a/b/2", "b", "b/3", "b/4", "c/"].map(str::to_owned).to_vec();
        assert_eq!(in_vaults_order(names), ["b", "c/", "b/3", "b/4", "a/1", "a/b/2"]);
    }

    #[test]
    fn groups_are_bounded_in_number() {
        let fixture = Fixture::new();
        fixture.fill("auth/m1/group/x", limits::GROUPS - 1);
        assert_eq!(write(&fixture, "last", "{}"), "nothing");
        let refused = "400 100000 groups are registered at this mount, and no more are possible";
        assert_eq!(write(&fixture, "more", "{}"), refused);
        // One that is there can be changed, and makes room when it is deleted.
        assert_eq!(write(&fixture, "LAST", "{}"), "nothing");
        assert_eq!(shown(fixture.method().delete_group("last")), "nothing");
        assert_eq!(write(&fixture, "more", "{}"), "nothing");
        assert_eq!(write(&fixture, "last", "{}"), refused);
    }

    #[test]
    fn a_group_has_one_entry_whatever_its_spelling() {
        let fixture = Fixture::new();
        let method = fixture.method();
        assert_eq!(shown(method.list_groups()), "nothing");
        write(&fixture, "ENGINEERS", r#"{"policies":["dev"]}"#);
        for name in ["Engineers", "engineers", "ENGINEERS", "eNGINEERS"] {
            assert_eq!(shown(method.read_group(name)), r#"{"policies":["dev"]}"#);
        }
        write(&fixture, "eNGINEERS", r#"{"policies":["ops"]}"#);
        assert_eq!(shown(method.list_groups()), r#"{"keys":["engineers"]}"#);
        assert_eq!(shown(method.read_group("Engineers")), r#"{"policies":["ops"]}"#);
        for _ in 0..2 {
            assert_eq!(shown(method.delete_group("ENGINEERS")), "nothing");
            assert_eq!(shown(method.list_groups()), "nothing");
        }
        assert_eq!(shown(method.read_group("")), "400 'name' must be supplied");
    }

    #[test]
    fn policies_are_cleaned() {
        let fixture = Fixture::new();
        for (sent, kept) in [
            (r#"["ops","dev"]"#, r#"["dev","ops"]"#),
            (r#"" ops , dev ,,""#, r#"["dev","ops"]"#),
            (r#"["B","a","b","A"]"#, r#"["a","b"]"#),
            (r#"["dev,ops"]"#, r#"["dev,ops"]"#),
            ("null", "[]"),
            ("{}", "[]"),
            ("7", r#"["7"]"#),
            (r#"[1,null,"x"]"#, r#"["1","x"]"#),
            (r#"["root","dev"]"#, r#"["root"]"#),
            (r#"["ROOT"]"#, r#"["root"]"#),
            (r#"["default","dev"]"#, r#"["default","dev"]"#),
            (r#"[""]"#, "[]"),
            (r#"["ÄB","äb"]"#, r#"["äb"]"#),
            (r#"" , ""#, "[]"),
        ] {
            assert_eq!(write(&fixture, "Engineers", &format!(r#"{{"policies":{sent}}}"#)), "nothing");
            let expected = format!(r#"{{"policies":{kept}}}"#);
            assert_eq!(shown(fixture.method().read_group("Engineers")), expected, "{sent}");
        }
        write(&fixture, "Engineers", "{}");
        assert_eq!(shown(fixture.method().read_group("Engineers")), r#"{"policies":[]}"#);
    }

    #[test]
    fn a_name_from_okta_that_cannot_be_stored_maps_to_nothing() {
        let fixture = Fixture::new();
        for name in ["", "a..b", "a\nb"] {
            assert!(fixture.method().mapped_group(name).expect("no error").is_none());
        }
    }

    proptest! {
        #[test]
        fn every_group_is_listed_once(names in proptest::collection::btree_set("[a-c/]{1,8}", 0..20)) {
            let names: Vec<String> = names.into_iter().collect();
            let mut ordered = in_vaults_order(names.clone());
            ordered.sort_unstable();
            // A name that ends in a slash is a folder without a name of its own inside it.
            prop_assert_eq!(ordered, names);
        }
    }
}
