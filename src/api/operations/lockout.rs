//! Operations on users who are locked here.

use super::{Example, NO_BODY, Operation, optional, refusal, required};

pub const LIST_LOCKED_USERS: Operation = Operation {
    name: "list_locked_users",
    method: "GET",
    path: "sys/locked-users",
    summary: "Tells which users are refused for a while, because Okta called too many of their passwords or codes wrong; \
              see LOGINS. Those whom Okta has locked are not among them.",
    members: &[&[optional("mount_accessor", "text", "of this mount only; default all")]],
    answer: "200 with \"data\": \"total\" and, as in Vault, the names by namespace (there is one) and mount accessor. \
             Names are in the form in which they are counted: lower case, without blanks around them.",
    refusals: &[],
    example: Example { request: "{}", status: 200, answer: r#"{"data":{"by_namespace":[],"total":0}}"# },
};

pub const UNLOCK_USER: Operation = Operation {
    name: "unlock_user",
    method: "POST",
    path: "sys/locked-users/{mount_accessor}/unlock/{alias_identifier}",
    summary: "Lets a user in again before his time is up, and forgets his wrong passwords and codes.",
    members: &[&[
        required("mount_accessor", "text", "which mount, as okta_auth_list_auth_methods() names it"),
        required("alias_identifier", "text", "his name, in any spelling"),
    ]],
    answer: NO_BODY,
    refusals: &[refusal(404, &["not_found"], "no Okta method has this accessor")],
    example: Example {
        request: r#"{"mount_accessor":"<mount_accessor>","alias_identifier":"fred@acme.com"}"#,
        status: 204,
        answer: "",
    },
};
