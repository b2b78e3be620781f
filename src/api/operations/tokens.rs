//! Operations on tokens.

use super::{
    Example, Member, NO_BODY, NOT_FOUND, OKTA_ASKS_TO_WAIT, OKTA_AWAY, OKTA_FAILED, Operation, optional,
    refusal, required,
};

const CREATE: &[Member] = &[
    optional(
        "policies",
        "list of texts",
        "required without a role: what it may do; \"root\" may do everything",
    ),
    optional("no_default_policy", "boolean", "leave the policy \"default\" out; default false"),
    optional("ttl", "seconds or duration", "its life; default that of the storage"),
    optional("explicit_max_ttl", "seconds or duration", "hard end, whatever renewals say"),
    optional("period", "seconds or duration", "a token without an end that must be renewed this often"),
    optional("renewable", "boolean", "default true"),
    optional("num_uses", "number", "uses; default 0, unlimited"),
    optional("display_name", "text", "shown by look-ups as token-<display_name>"),
    optional("meta", "object of texts", "shown by look-ups"),
    optional(
        "type",
        "text",
        "service, or batch: not stored, so it can be neither renewed nor revoked; default service",
    ),
];

const BY_ROLE: &[Member] = &[
    optional("role_name", "text", "make it as this role says; \"policies\" may then be left out"),
    optional("entity_alias", "text", "with a role that allows it: whose entity the token belongs to"),
];

const ROLE_NAME: &[Member] =
    &[required("role_name", "text", "of letters, digits, and _; inside also . or -")];
const ROLE: &[Member] = &[
    optional("allowed_policies", "list of texts", "what its tokens may have, and have where none are named"),
    optional("allowed_policies_glob", "list of texts", "also what they may have, * standing for any text"),
    optional("disallowed_policies", "list of texts", "what they may not have"),
    optional("disallowed_policies_glob", "list of texts", "also what they may not have"),
    optional("orphan", "boolean", "they have no parent; default false"),
    optional("renewable", "boolean", "they can be renewed; default true"),
    optional("path_suffix", "text", "stands behind the role's name in the path that look-ups show"),
    optional(
        "allowed_entity_aliases",
        "list of texts",
        "whose entity they may belong to, * standing for any text",
    ),
    optional("token_type", "text", "default-service, default-batch, service or batch"),
    optional("token_bound_cidrs", "list of texts", "addresses and networks that they may be used from"),
    optional("token_explicit_max_ttl", "seconds or duration", "their hard end"),
    optional("token_period", "seconds or duration", "they have no end and must be renewed this often"),
    optional("token_num_uses", "number", "their uses; default 0, unlimited"),
    optional("token_no_default_policy", "boolean", "leave the policy \"default\" out; default false"),
];

const TOKEN: &[Member] = &[required("token", "text", "the token")];
const ACCESSOR: &[Member] = &[required("accessor", "text", "the token's accessor")];
const INCREMENT: &[Member] =
    &[optional("increment", "seconds or duration", "the life wished for; default 0: as at its creation")];

const AUTH: &str = "200 with \"auth\": client_token, accessor, policies, lease_duration in seconds.";
const LOOKUP: &str = "200 with \"data\": policies, ttl (seconds left; 0 is without end), expire_time (RFC 3339 or \
                      null), creation_time (Unix seconds), creation_ttl and explicit_max_ttl (seconds), num_uses, \
                      meta and more. \"period\", \"bound_cidrs\", \"last_renewal\" and \"last_renewal_time\" are \
                      there when they apply.";
const RELOGIN: &str = "the mount has no API token, or the user is not active at Okta";
const CHANGED: &str =
    "the user's policies have changed, the token's role is gone, or it is past its greatest life";
const NOT_CREATED: &str = "\"policies\" is missing, or a member is not allowed";
const COUNTED: &str = "200 with \"data\": \"revoked\", how many service tokens of logins it was. Where batch tokens were issued, too, \
                       \"warnings\" says that they have ended.";
const USERS_COUNTED: &str = "200 with \"data\": \"revoked\", how many service tokens of logins it was. Where batch tokens were \
                             issued, too, \"warnings\" says that they have ended; where nobody who has logged in is known by \
                             this name, it says so.";
const REVOKED: &str = "204 with an empty body.";

pub const CREATE_OR_UPDATE_TOKEN_ROLE: Operation = Operation {
    name: "create_or_update_token_role",
    method: "POST",
    path: "auth/token/roles/{role_name}",
    summary: "Says what tokens okta_auth_create_token() makes with this \"role_name\". Members that are left out stay as they \
              are.",
    members: &[ROLE_NAME, ROLE],
    answer: NO_BODY,
    refusals: &[
        refusal(400, &["invalid_request"], "a member is not allowed, or does not go with the others"),
        refusal(400, &["limit_reached"], "there are too many roles"),
    ],
    example: Example {
        request: r#"{"role_name":"backup","allowed_policies":["dev"],"token_period":"1h","orphan":true}"#,
        status: 204,
        answer: "",
    },
};

pub const READ_TOKEN_ROLE: Operation = Operation {
    name: "read_token_role",
    method: "GET",
    path: "auth/token/roles/{role_name}",
    summary: "Shows a token role.",
    members: &[ROLE_NAME],
    answer: "200 with \"data\": what was written, times in seconds.",
    refusals: &[NOT_FOUND],
    example: Example {
        request: r#"{"role_name":"backup"}"#,
        status: 200,
        answer: r#"{"data":{"allowed_entity_aliases":null,"allowed_policies":["dev"],"allowed_policies_glob":[],"disallowed_policies":[],"disallowed_policies_glob":[],"explicit_max_ttl":0,"name":"backup","orphan":true,"path_suffix":"","period":0,"renewable":true,"token_explicit_max_ttl":0,"token_no_default_policy":false,"token_period":3600,"token_type":"default-service"}}"#,
    },
};

pub const LIST_TOKEN_ROLES: Operation = Operation {
    name: "list_token_roles",
    method: "LIST",
    path: "auth/token/roles",
    summary: "Lists the names of all token roles.",
    members: &[],
    answer: "200 with \"data\": \"keys\".",
    refusals: &[refusal(404, &["not_found"], "there is none")],
    example: Example { request: "{}", status: 200, answer: r#"{"data":{"keys":["backup"]}}"# },
};

pub const DELETE_TOKEN_ROLE: Operation = Operation {
    name: "delete_token_role",
    method: "DELETE",
    path: "auth/token/roles/{role_name}",
    summary: "Deletes a token role. Its tokens live on until their time is up, and cannot be renewed. An unknown one is no \
              error.",
    members: &[ROLE_NAME],
    answer: REVOKED,
    refusals: &[refusal(400, &["invalid_request"], "\"role_name\" is missing")],
    example: Example { request: r#"{"role_name":"backup"}"#, status: 204, answer: "" },
};

pub const CREATE_TOKEN: Operation = Operation {
    name: "create_token",
    method: "POST",
    path: "auth/token/create/{role_name?}",
    summary: "Issues a token with the host's authority, without a login at Okta.",
    members: &[CREATE, BY_ROLE],
    answer: AUTH,
    refusals: &[refusal(400, &["invalid_request"], NOT_CREATED)],
    example: Example {
        request: r#"{"policies":["dev"],"ttl":"1h","meta":{"purpose":"backup"}}"#,
        status: 200,
        answer: r#"{"auth":{"client_token":"hvs.CAESIK","accessor":"1f9e354a520df07867ce8ab0","policies":["default","dev"],"token_policies":["default","dev"],"metadata":{"purpose":"backup"},"lease_duration":3600,"renewable":true,"entity_id":"","token_type":"service","orphan":true,"mfa_requirement":null,"num_uses":0}}"#,
    },
};

pub const CREATE_ORPHAN_TOKEN: Operation = Operation {
    name: "create_orphan_token",
    method: "POST",
    path: "auth/token/create-orphan",
    summary: "Issues a token without a parent, as okta_auth_create_token() by the host does.",
    members: &[CREATE],
    answer: AUTH,
    refusals: &[refusal(400, &["invalid_request"], NOT_CREATED)],
    example: Example {
        request: r#"{"policies":["ops"],"ttl":600,"no_default_policy":true}"#,
        status: 200,
        answer: r#"{"auth":{"client_token":"hvs.CAESIL","accessor":"2f9e354a520df07867ce8ab1","policies":["ops"],"token_policies":["ops"],"metadata":null,"lease_duration":600,"renewable":true,"entity_id":"","token_type":"service","orphan":true,"mfa_requirement":null,"num_uses":0}}"#,
    },
};

pub const LOOKUP_TOKEN: Operation = Operation {
    name: "lookup_token",
    method: "POST",
    path: "auth/token/lookup",
    summary: "Tells what a token is and may do. It enforces nothing: it takes none of the token's uses, compares no \
              address with its CIDRs, and answers 200 for a wrapping token, too. Whoever lets somebody in by a token \
              asks okta_auth_authorize(), or leaves it to okta_auth_request().",
    members: &[TOKEN],
    answer: LOOKUP,
    refusals: &[
        refusal(403, &["invalid_token"], "the token is unknown, expired or revoked"),
        refusal(400, &["invalid_request"], "\"token\" is missing"),
    ],
    example: Example {
        request: r#"{"token":"<client_token>"}"#,
        status: 200,
        answer: r#"{"data":{"accessor":"2f9e354a520df07867ce8ab1","creation_time":1795489200,"creation_ttl":600,"display_name":"token","entity_id":"","expire_time":"2026-11-24T03:10:00Z","explicit_max_ttl":0,"id":"hvs.CAESIL","issue_time":"2026-11-24T03:00:00Z","meta":null,"num_uses":0,"orphan":true,"path":"auth/token/create-orphan","policies":["ops"],"renewable":true,"ttl":600,"type":"service"}}"#,
    },
};

pub const LOOKUP_ACCESSOR: Operation = Operation {
    name: "lookup_accessor",
    method: "POST",
    path: "auth/token/lookup-accessor",
    summary: "Tells what the token of an accessor is and may do, without the token itself.",
    members: &[ACCESSOR],
    answer: LOOKUP,
    refusals: &[
        refusal(400, &["not_found"], "the accessor is unknown, or its token is gone"),
        refusal(400, &["invalid_request"], "\"accessor\" is missing"),
    ],
    example: Example {
        request: r#"{"accessor":"<accessor>"}"#,
        status: 200,
        answer: r#"{"data":{"accessor":"2f9e354a520df07867ce8ab1","creation_time":1795489200,"creation_ttl":600,"display_name":"token","entity_id":"","expire_time":"2026-11-24T03:10:00Z","explicit_max_ttl":0,"id":"","issue_time":"2026-11-24T03:00:00Z","meta":null,"num_uses":0,"orphan":true,"path":"auth/token/create-orphan","policies":["ops"],"renewable":true,"ttl":600,"type":"service"}}"#,
    },
};

pub const RENEW_TOKEN: Operation = Operation {
    name: "renew_token",
    method: "POST",
    path: "auth/token/renew",
    summary: "Stretches the life of a token. For a login's token Okta is asked first, with the mount's API token, \
              whether the user is still active and which groups he is in; his password is not needed.",
    members: &[TOKEN, INCREMENT],
    answer: "200 with \"auth\", lease_duration is what it got, in seconds.",
    refusals: &[
        refusal(400, &["invalid_token", "invalid_request"], "the token is unknown, missing or not renewable"),
        refusal(400, &["relogin_required"], RELOGIN),
        refusal(500, &["relogin_required"], CHANGED),
        refusal(403, &["permission_denied"], "remote_address is outside token_bound_cidrs"),
        OKTA_ASKS_TO_WAIT,
        OKTA_AWAY,
        OKTA_FAILED,
    ],
    example: Example {
        request: r#"{"token":"<client_token>","increment":"30m"}"#,
        status: 200,
        answer: r#"{"auth":{"client_token":"hvs.CAESIL","accessor":"2f9e354a520df07867ce8ab1","policies":["ops"],"token_policies":["ops"],"metadata":null,"lease_duration":1800,"renewable":true,"entity_id":"","token_type":"service","orphan":true,"mfa_requirement":null,"num_uses":0}}"#,
    },
};

pub const RENEW_ACCESSOR: Operation = Operation {
    name: "renew_accessor",
    method: "POST",
    path: "auth/token/renew-accessor",
    summary: "As okta_auth_renew_token(), for the token of an accessor.",
    members: &[ACCESSOR, INCREMENT],
    answer: "200 with \"auth\", client_token is empty.",
    refusals: &[
        refusal(400, &["not_found"], "the accessor is unknown, or its token is gone"),
        refusal(400, &["invalid_request"], "\"accessor\" is missing, or its token is not renewable"),
        refusal(400, &["relogin_required"], RELOGIN),
        refusal(500, &["relogin_required"], CHANGED),
        refusal(403, &["permission_denied"], "remote_address is outside token_bound_cidrs"),
        OKTA_ASKS_TO_WAIT,
        OKTA_AWAY,
        OKTA_FAILED,
    ],
    example: Example {
        request: r#"{"accessor":"<accessor>"}"#,
        status: 200,
        answer: r#"{"auth":{"client_token":"","accessor":"2f9e354a520df07867ce8ab1","policies":["ops"],"token_policies":["ops"],"metadata":null,"lease_duration":600,"renewable":true,"entity_id":"","token_type":"service","orphan":true,"mfa_requirement":null,"num_uses":0}}"#,
    },
};

pub const LIST_ACCESSORS: Operation = Operation {
    name: "list_accessors",
    method: "LIST",
    path: "auth/token/accessors",
    summary: "Lists the accessors of all tokens.",
    members: &[],
    answer: "200 with \"data\": \"keys\".",
    refusals: &[refusal(404, &["not_found"], "there is none")],
    example: Example {
        request: "{}",
        status: 200,
        answer: r#"{"data":{"keys":["1f9e354a520df07867ce8ab0"]}}"#,
    },
};

pub const REVOKE_ACCESSOR: Operation = Operation {
    name: "revoke_accessor",
    method: "POST",
    path: "auth/token/revoke-accessor",
    summary: "As okta_auth_revoke_token(), for the token of an accessor.",
    members: &[ACCESSOR],
    answer: "204 with an empty body; 200 with a warning when the accessor is unknown.",
    refusals: &[refusal(400, &["invalid_request"], "\"accessor\" is missing")],
    example: Example { request: r#"{"accessor":"<accessor>"}"#, status: 204, answer: "" },
};

pub const REVOKE_TOKEN_AND_ORPHAN_CHILDREN: Operation = Operation {
    name: "revoke_token_and_orphan_children",
    method: "POST",
    path: "auth/token/revoke-orphan",
    summary: "Ends a token, at once and for good. Tokens made with it live on without a parent.",
    members: &[TOKEN],
    answer: REVOKED,
    refusals: &[refusal(
        400,
        &["invalid_request", "not_found"],
        "the token is missing, unknown, or a batch token",
    )],
    example: Example { request: r#"{"token":"<login_token>"}"#, status: 204, answer: "" },
};

pub const REVOKE_TOKEN: Operation = Operation {
    name: "revoke_token",
    method: "POST",
    path: "auth/token/revoke",
    summary: "Ends a token and all tokens made with it, at once and for good. An unknown one is no error.",
    members: &[TOKEN],
    answer: REVOKED,
    refusals: &[refusal(400, &["invalid_request"], "\"token\" is missing, or a batch token")],
    example: Example { request: r#"{"token":"<client_token>"}"#, status: 204, answer: "" },
};

pub const REVOKE_USER_TOKENS: Operation = Operation {
    name: "revoke_user_tokens",
    method: "POST",
    path: "auth/{mount_point}/revoke/users/{username}",
    summary: "Ends the tokens that a user's logins were given until now, whichever way he typed his name, and all tokens made \
              with them but orphans: whoever may create those can outlive this. He can log in again: lock him at Okta first. A call that ends early has ended some; the next goes \
              on.",
    members: &[&[required(
        "username",
        "text",
        "his login or his id at Okta, or one of the first 16 spellings that he typed at a login",
    )]],
    answer: USERS_COUNTED,
    refusals: &[refusal(400, &["invalid_request"], "\"username\" is missing")],
    example: Example {
        request: r#"{"username":"fred@acme.com"}"#,
        status: 200,
        answer: r#"{"data":{"revoked":1}}"#,
    },
};

pub const REVOKE_GROUP_TOKENS: Operation = Operation {
    name: "revoke_group_tokens",
    method: "POST",
    path: "auth/{mount_point}/revoke/groups/{name}",
    summary: "As okta_auth_revoke_user_tokens(), for all users who had policies by a group when their token was issued or \
              renewed last.",
    members: &[&[required("name", "text", "a group that policies are or were mapped to")]],
    answer: COUNTED,
    refusals: &[refusal(400, &["invalid_request"], "\"name\" is missing")],
    example: Example { request: r#"{"name":"Engineers"}"#, status: 200, answer: r#"{"data":{"revoked":3}}"# },
};

pub const REVOKE_MOUNT_TOKENS: Operation = Operation {
    name: "revoke_mount_tokens",
    method: "POST",
    path: "auth/{mount_point}/revoke",
    summary: "As okta_auth_revoke_user_tokens(), for all users of the mount.",
    members: &[],
    answer: COUNTED,
    refusals: &[],
    example: Example { request: "{}", status: 200, answer: r#"{"data":{"revoked":12}}"# },
};

pub const TIDY_TOKENS: Operation = Operation {
    name: "tidy_tokens",
    method: "POST",
    path: "auth/token/tidy",
    summary: "Looks at every row of every service token and removes those of no living one, for ten seconds at most; nothing \
              depends on it. The log says how many it was.",
    members: &[],
    answer: "202 with a warning that says so, also when it is done; 200 with a warning while another thread is at it.",
    refusals: &[],
    example: Example {
        request: "{}",
        status: 202,
        answer: r#"{"warnings":["Tidy operation successfully started. Any information from the operation will be printed to Vault's server logs."]}"#,
    },
};
