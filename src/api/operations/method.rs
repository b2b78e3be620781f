//! Operations of the Okta method: configuration, users, groups, login.

use super::{
    Example, LOCKED_HERE, Member, NO_BODY, NOT_FOUND, OKTA_AWAY, OKTA_FAILED, Operation, optional, refusal,
    required,
};

const CONFIG: &[Member] = &[
    optional(
        "org_name",
        "text",
        "the organisation: acme in https://acme.okta.com; needed unless there is an org_url",
    ),
    optional(
        "api_token",
        "text",
        "API token of a read-only administrator, for groups and renewal; never shown",
    ),
    optional("base_url", "text", "the domain behind org_name, not a URL; default okta.com"),
    optional(
        "org_url",
        "text",
        "the organisation's full address, such as https://sso.example.ca, instead of the two; a new org_name or a \
         base_url written later takes its place",
    ),
    optional("bypass_okta_mfa", "boolean", "count MFA_REQUIRED and MFA_ENROLL as success; default false"),
    optional("organization, token, production, ttl, max_ttl", "as in Vault", "a deprecated name"),
];

const TOKEN_FIELDS: &[Member] = &[
    optional("token_ttl", "seconds or duration", "life of a login's token; default that of the mount"),
    optional("token_max_ttl", "seconds or duration", "how long renewals can stretch it"),
    optional("token_period", "seconds or duration", "tokens without an end that must be renewed this often"),
    optional("token_explicit_max_ttl", "seconds or duration", "hard end, whatever else is set"),
    optional("token_policies", "list of texts", "policies of every login"),
    optional("token_no_default_policy", "boolean", "leave the policy \"default\" out; default false"),
    optional("token_bound_cidrs", "list of texts", "addresses or networks that may log in and use the token"),
    optional("token_num_uses", "number", "uses of a token; default 0, unlimited"),
    optional("token_type", "text", "default, service or batch"),
];

pub const CONFIGURE: Operation = Operation {
    name: "configure",
    method: "POST",
    path: "auth/{mount_point}/config",
    summary: "Writes the configuration of a mount. Members left out keep what they were before; nothing is \
              written when any of them is refused. A list is an array of texts or one text split at commas; a \
              duration is a text such as \"90m\".",
    members: &[CONFIG, TOKEN_FIELDS],
    answer: NO_BODY,
    refusals: &[refusal(400, &["invalid_request"], "a member is missing, of the wrong type or not allowed")],
    example: Example {
        request: r#"{"org_url":"https://acme.okta.com","api_token":"00TokenOfAcme","token_ttl":"1h"}"#,
        status: 204,
        answer: "",
    },
};

pub const READ_CONFIG: Operation = Operation {
    name: "read_config",
    method: "GET",
    path: "auth/{mount_point}/config",
    summary: "Reads the configuration of a mount, without its API token.",
    members: &[],
    answer: "200 with \"data\": the members of okta_auth_configure() with their effective values, durations in \
             seconds. A warning says that no API token is set.",
    refusals: &[refusal(404, &["not_found"], "the mount is not configured")],
    example: Example {
        request: "{}",
        status: 200,
        answer: r#"{"data":{"org_name":"","organization":"","org_url":"https://acme.okta.com","base_url":"okta.com","bypass_okta_mfa":false,"token_bound_cidrs":[],"token_explicit_max_ttl":0,"token_max_ttl":0,"token_no_default_policy":false,"token_num_uses":0,"token_period":0,"token_policies":[],"token_ttl":3600,"token_type":"default"}}"#,
    },
};

const USERNAME: &[Member] =
    &[required("username", "text", "the user's name; upper and lower case are the same")];

pub const REGISTER_USER: Operation = Operation {
    name: "register_user",
    method: "POST",
    path: "auth/{mount_point}/users/{username}",
    summary: "Maps a user to groups and policies, beside the groups that Okta tells. What was mapped before is \
              replaced. The name keeps the spelling of its first write.",
    members: &[
        USERNAME,
        &[
            optional("groups", "list of texts", "groups of okta_auth_register_group(); default none"),
            optional("policies", "list of texts", "policies; default none"),
        ],
    ],
    answer: NO_BODY,
    refusals: &[
        refusal(400, &["invalid_request"], "the name is empty, too long or has control characters"),
        refusal(400, &["limit_reached"], "there are 100,000 users at the mount"),
    ],
    example: Example {
        request: r#"{"username":"fred","groups":["on-call"],"policies":["dev"]}"#,
        status: 204,
        answer: "",
    },
};

pub const READ_USER: Operation = Operation {
    name: "read_user",
    method: "GET",
    path: "auth/{mount_point}/users/{username}",
    summary: "Reads what a user is mapped to.",
    members: &[USERNAME],
    answer: "200 with \"data\": \"groups\" and \"policies\", as they were written.",
    refusals: &[NOT_FOUND],
    example: Example {
        request: r#"{"username":"fred"}"#,
        status: 200,
        answer: r#"{"data":{"groups":["on-call"],"policies":["dev"]}}"#,
    },
};

pub const LIST_USERS: Operation = Operation {
    name: "list_users",
    method: "LIST",
    path: "auth/{mount_point}/users",
    summary: "Lists the names of all mapped users.",
    members: &[],
    answer: "200 with \"data\": \"keys\", the names, sorted.",
    refusals: &[refusal(404, &["not_found"], "there is none")],
    example: Example { request: "{}", status: 200, answer: r#"{"data":{"keys":["fred"]}}"# },
};

pub const DELETE_USER: Operation = Operation {
    name: "delete_user",
    method: "DELETE",
    path: "auth/{mount_point}/users/{username}",
    summary: "Forgets what a user is mapped to, known or not. Tokens he has stay valid.",
    members: &[USERNAME],
    answer: NO_BODY,
    refusals: &[],
    example: Example { request: r#"{"username":"barney"}"#, status: 204, answer: "" },
};

const GROUP: &[Member] = &[required("name", "text", "the group's name; upper and lower case are the same")];

pub const REGISTER_GROUP: Operation = Operation {
    name: "register_group",
    method: "POST",
    path: "auth/{mount_point}/groups/{name}",
    summary: "Maps a group, of Okta or of okta_auth_register_user(), to policies. What was mapped before is \
              replaced.",
    members: &[
        GROUP,
        &[optional(
            "policies",
            "list of texts",
            "policies; lower-cased, sorted, doubles dropped; default none",
        )],
    ],
    answer: NO_BODY,
    refusals: &[
        refusal(400, &["invalid_request"], "the name is empty, too long or has control characters"),
        refusal(400, &["limit_reached"], "there are 100,000 groups at the mount"),
    ],
    example: Example { request: r#"{"name":"on-call","policies":["duty","ops"]}"#, status: 204, answer: "" },
};

pub const READ_GROUP: Operation = Operation {
    name: "read_group",
    method: "GET",
    path: "auth/{mount_point}/groups/{name}",
    summary: "Reads the policies of a group.",
    members: &[GROUP],
    answer: "200 with \"data\": \"policies\".",
    refusals: &[NOT_FOUND],
    example: Example {
        request: r#"{"name":"on-call"}"#,
        status: 200,
        answer: r#"{"data":{"policies":["duty","ops"]}}"#,
    },
};

pub const LIST_GROUPS: Operation = Operation {
    name: "list_groups",
    method: "LIST",
    path: "auth/{mount_point}/groups",
    summary: "Lists the names of all mapped groups.",
    members: &[],
    answer: "200 with \"data\": \"keys\", the names in Vault's order.",
    refusals: &[refusal(404, &["not_found"], "there is none")],
    example: Example { request: "{}", status: 200, answer: r#"{"data":{"keys":["on-call"]}}"# },
};

pub const DELETE_GROUP: Operation = Operation {
    name: "delete_group",
    method: "DELETE",
    path: "auth/{mount_point}/groups/{name}",
    summary: "Forgets the policies of a group, known or not. Tokens issued before keep them until renewed.",
    members: &[GROUP],
    answer: NO_BODY,
    refusals: &[],
    example: Example { request: r#"{"name":"interns"}"#, status: 204, answer: "" },
};

pub const LOGIN: Operation = Operation {
    name: "login",
    method: "POST",
    path: "auth/{mount_point}/login/{username}",
    summary: "Logs a user in at Okta with password and second factor, and issues a token. Waits for a push until \
              the user has answered it, at most login_timeout_ms or timeout_ms, and ends with 503 deadline_exceeded \
              then, not sooner; okta_auth_close() ends the wait. \
              Nothing is sent twice: one password check, one push. The passcode \"totp\" chooses a TOTP factor, \
              of \"provider\" where given; without it Okta Verify push is used. When the push wants a number \
              tapped, okta_auth_verify() tells it, in another thread, to whoever knows the \"nonce\".",
    members: &[&[
        required("username", "text", "as the user would type it at Okta; outer blanks are trimmed"),
        required("password", "text", "the user's password; never stored"),
        optional(
            "totp",
            "text",
            "passcode of a TOTP factor; a user who has none is sent a push all the same (Vault)",
        ),
        optional("provider", "text", "OKTA or GOOGLE: whose TOTP factor"),
        optional("nonce", "text", "16 letters and digits or more, random: where a number challenge is shown"),
    ]],
    answer: "200 with \"auth\": the token, its accessor, policies and lease_duration in seconds. \
             \"metadata\" has username as typed, policies, and Okta's okta_user_id and okta_login.",
    refusals: &[
        refusal(
            400,
            &["invalid_request", "not_configured"],
            "the request or the configuration lacks something, or no such token can be issued",
        ),
        refusal(
            400,
            &["invalid_credentials", "locked_out", "password_expired", "login_refused"],
            "Okta refused the user",
        ),
        refusal(
            400,
            &["mfa_enrollment_required", "no_supported_factor", "passcode_required", "passcode_invalid"],
            "the second factor is missing or wrong",
        ),
        refusal(
            400,
            &["push_rejected", "challenge_timeout", "nonce_required", "nonce_invalid"],
            "the push was not accepted, or its number could not be shown",
        ),
        refusal(403, &["permission_denied"], "remote_address is outside token_bound_cidrs"),
        LOCKED_HERE,
        refusal(
            429,
            &["rate_limited"],
            "Okta asks to slow down, or too many pushes were sent to this user; retry_after says how long",
        ),
        OKTA_AWAY,
        OKTA_FAILED,
    ],
    example: Example {
        request: r#"{"username":"fred","password":"correct horse"}"#,
        status: 200,
        answer: r#"{"auth":{"client_token":"hvs.CAESIJ","accessor":"0e9e354a520df07867ce8abf","policies":["default","dev","duty","ops"],"token_policies":["default","dev","duty","ops"],"metadata":{"username":"fred","policies":"dev,duty,ops","okta_user_id":"00ub0oNGTSWTBKOLGLNR","okta_login":"fred@acme.com"},"lease_duration":3600,"renewable":true,"entity_id":"7d2e3179-f69b-450c-7179-ac8ee8bd8ca9","token_type":"service","orphan":true,"mfa_requirement":null,"num_uses":0}}"#,
    },
};

pub const VERIFY: Operation = Operation {
    name: "verify",
    method: "GET",
    path: "auth/{mount_point}/verify/{nonce}",
    summary: "Tells the number to tap in Okta Verify, while okta_auth_login() with this nonce waits in another \
              thread. It confirms nothing.",
    members: &[&[required("nonce", "text", "what the login was given")]],
    answer: "200 with \"data\": {\"correct_answer\": 42}, a number, which may be 0.",
    refusals: &[refusal(
        404,
        &["not_found"],
        "no login with this nonce waits, or Okta has shown no number yet",
    )],
    example: Example {
        request: r#"{"nonce":"9f86d081884c7d659a2feaa0"}"#,
        status: 404,
        answer: r#"{"errors":[],"code":"not_found"}"#,
    },
};
