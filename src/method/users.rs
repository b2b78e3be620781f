//! `users/<name>`: groups and policies of a user by the name that he logs in with.

use super::{Method, names};
use crate::error::Result;
use crate::field::{Field, Fields, Kind};
use crate::json::{self, Value};
use crate::limits;
use crate::reply::Reply;
use serde::{Deserialize, Serialize};

/// Fields of `users/<name>`.
pub const USER_FIELDS: &[Field] =
    &[Field::new("name", Kind::String), Field::new("groups", Kind::List), Field::new("policies", Kind::List)];

const PREFIX: &str = "user/";
const EMPTY: &str = "Error empty name";

/// A stored user. The lists are as they were written: Vault cleans them only where they are used.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct UserRecord {
    /// The spelling of the first write.
    pub name: String,
    /// Local groups, on top of those that Okta knows.
    pub groups: Vec<String>,
    /// Policies of the user's own.
    pub policies: Vec<String>,
}

impl Method<'_> {
    /// Writes a user: the whole of it, so that a list that is left out becomes empty.
    ///
    /// # Errors
    /// 400 for a name that cannot be stored, and for one too many; storage errors.
    pub fn write_user(&self, name: &str, fields: &Fields) -> Result<Option<Reply>> {
        let key = self.key(PREFIX, &names::key(name, EMPTY)?);
        let groups = fields.list("groups")?.unwrap_or_default();
        let policies = fields.list("policies")?.unwrap_or_default();
        self.barrier.update(self.deadline, || {
            let stored = self.barrier.read::<UserRecord>(&key, self.deadline)?;
            if stored.is_none() {
                self.check_room(PREFIX, limits::USERS, "users")?;
            }
            let name = stored.as_ref().map_or(name, |stored| &stored.value.name).to_owned();
            let record = UserRecord { name, groups: groups.clone(), policies: policies.clone() };
            let revision = stored.map(|stored| stored.revision);
            Ok((self.replacing(&key, revision, &record)?, None))
        })
    }

    /// Reads a user by any spelling of the name.
    ///
    /// # Errors
    /// As [`Method::write_user`].
    pub fn read_user(&self, name: &str) -> Result<Option<Reply>> {
        let record = self.user(name)?;
        Ok(record.map(|record| {
            Reply::data(json::object([
                ("groups", Value::from(record.groups)),
                ("policies", Value::from(record.policies)),
            ]))
        }))
    }

    /// Deletes a user by any spelling of the name; an unknown one is fine.
    ///
    /// # Errors
    /// As [`Method::write_user`].
    pub fn delete_user(&self, name: &str) -> Result<Option<Reply>> {
        self.remove(&self.key(PREFIX, &names::key(name, EMPTY)?))?;
        Ok(None)
    }

    /// Every user, each name in full, sorted. Vault shows one level of its storage, where the user `corp/fred` is a
    /// folder `corp/` that cannot be opened.
    ///
    /// # Errors
    /// Storage errors.
    pub fn list_users(&self) -> Result<Option<Reply>> {
        let stored = self.barrier.list_all::<UserRecord>(&self.key(PREFIX, ""), self.deadline)?;
        let mut names: Vec<String> = stored.into_iter().map(|(_, stored)| stored.value.name).collect();
        names.sort_unstable();
        Ok(Reply::keys(names))
    }

    pub(super) fn user(&self, name: &str) -> Result<Option<UserRecord>> {
        let key = self.key(PREFIX, &names::key(name, EMPTY)?);
        Ok(self.barrier.read::<UserRecord>(&key, self.deadline)?.map(|stored| stored.value))
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Fixture, fields, shown};
    use super::*;

    fn write(fixture: &Fixture, name: &str, json: &str) -> String {
        shown(fields(USER_FIELDS, json).and_then(|fields| fixture.method().write_user(name, &fields)))
    }

    #[test]
    fn users_are_bounded_in_number() {
        let fixture = Fixture::new();
        fixture.fill("auth/m1/user/x", limits::USERS - 1);
        assert_eq!(write(&fixture, "last", "{}"), "nothing");
        let refused = "400 100000 users are registered at this mount, and no more are possible";
        assert_eq!(write(&fixture, "more", "{}"), refused);
        // One that is there can be changed, and makes room when it is deleted.
        assert_eq!(write(&fixture, "LAST", "{}"), "nothing");
        assert_eq!(shown(fixture.method().delete_user("last")), "nothing");
        assert_eq!(write(&fixture, "more", "{}"), "nothing");
        assert_eq!(write(&fixture, "last", "{}"), refused);
    }

    #[test]
    fn a_user_lives_and_dies() {
        let fixture = Fixture::new();
        let method = fixture.method();
        assert_eq!(shown(method.list_users()), "nothing");
        assert_eq!(shown(method.read_user("fred")), "nothing");
        let body = r#"{"groups":["Engineers","on-call"],"policies":["dev","ops"]}"#;
        assert_eq!(write(&fixture, "fred", body), "nothing");
        assert_eq!(shown(method.read_user("fred")), body);
        assert_eq!(write(&fixture, "wilma", r#"{"policies":"duty"}"#), "nothing");
        assert_eq!(shown(method.list_users()), r#"{"keys":["fred","wilma"]}"#);
        for _ in 0..2 {
            assert_eq!(shown(method.delete_user("fred")), "nothing");
            assert_eq!(shown(method.read_user("fred")), "nothing");
        }
        assert_eq!(shown(method.list_users()), r#"{"keys":["wilma"]}"#);
    }

    #[test]
    fn forms_of_lists() {
        let fixture = Fixture::new();
        for (sent, kept) in [
            (r#"["Engineers","on-call"]"#, r#"["Engineers","on-call"]"#),
            (r#"" Engineers , on-call ""#, r#"["Engineers","on-call"]"#),
            (r#""Engineers,,x""#, r#"["Engineers","","x"]"#),
            (r#"["Engineers,on-call"]"#, r#"["Engineers,on-call"]"#),
            (r#"["b","a","b"]"#, r#"["b","a","b"]"#),
            (r#"["UPPER","Mixed"]"#, r#"["UPPER","Mixed"]"#),
            (r#""""#, "[]"),
            ("null", "[]"),
            ("{}", "[]"),
            ("7", r#"["7"]"#),
            ("true", r#"["1"]"#),
            (r#"[1,null,"x"]"#, r#"["1","","x"]"#),
            (r#"",""#, r#"["",""]"#),
        ] {
            let body = format!(r#"{{"groups":{sent},"policies":{sent}}}"#);
            assert_eq!(write(&fixture, "fred", &body), "nothing", "{sent}");
            let expected = format!(r#"{{"groups":{kept},"policies":{kept}}}"#);
            assert_eq!(shown(fixture.method().read_user("fred")), expected, "{sent}");
        }
        let refused = write(&fixture, "fred", r#"{"groups":{"a":1}}"#);
        assert!(refused.starts_with("400 error converting input for field \"groups\": "), "{refused}");
    }

    #[test]
    fn a_second_write_replaces_everything_but_the_spelling() {
        let fixture = Fixture::new();
        let method = fixture.method();
        write(&fixture, "Fred", r#"{"groups":["Engineers"],"policies":["dev"]}"#);
        write(&fixture, "FRED", r#"{"policies":["ops"]}"#);
        assert_eq!(shown(method.list_users()), r#"{"keys":["Fred"]}"#);
        assert_eq!(shown(method.read_user("fred")), r#"{"groups":[],"policies":["ops"]}"#);
        assert_eq!(shown(method.delete_user("fRED")), "nothing");
        assert_eq!(shown(method.list_users()), "nothing");
    }

    #[test]
    fn every_listed_name_can_be_read() {
        let fixture = Fixture::new();
        let names = [
            "fred@corp.test",
            "fred+x",
            "a b",
            "a#b",
            "50%",
            "a%2Fb",
            "a?b",
            "a&b=c",
            "back\\slash",
            "ünï",
            "🙂",
            "q\"uote",
            "corp/fred",
            "corp/east/wilma",
            "corp",
            "star*",
            "a.b",
            " lead",
            "İstanbul",
            "ΣΊΣΥΦΟΣ",
        ];
        for name in names {
            assert_eq!(write(&fixture, name, r#"{"policies":["dev"]}"#), "nothing", "{name}");
        }
        let list = fixture.method().list_users().expect("listed").expect("some").data.expect("data");
        let listed: Vec<&str> =
            list["keys"].as_array().expect("keys").iter().filter_map(Value::as_str).collect();
        let mut sorted = names;
        sorted.sort_unstable();
        assert_eq!(listed, sorted);
        for name in listed {
            assert_ne!(shown(fixture.method().read_user(name)), "nothing", "{name}");
        }
    }

    #[test]
    fn mounts_do_not_see_each_other() {
        let fixture = Fixture::new();
        write(&fixture, "fred", "{}");
        let other = Method { mount_id: "m", ..fixture.method() };
        assert_eq!(shown(other.list_users()), "nothing");
        assert_eq!(shown(other.read_user("fred")), "nothing");
    }

    #[test]
    fn nothing_is_written_to_a_mount_that_is_gone() {
        let fixture = Fixture::new();
        let guards = [crate::storage::Check { key: "mount/m1".into(), revision: Some(1) }];
        let gone = Method { guards: &guards, ..fixture.method() };
        let error = gone.write_user("fred", &Fields::default()).err().expect("refused");
        assert_eq!(error.status(), 503);
        assert_eq!(shown(fixture.method().read_user("fred")), "nothing");
    }
}
