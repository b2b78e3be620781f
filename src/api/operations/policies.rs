//! Operations on policies, and questions to them.

use super::{Example, Member, NO_BODY, NOT_FOUND, Operation, optional, refusal, required};

const NAME: &[Member] = &[required("name", "text", "its name; letter case does not count")];

pub const CREATE_OR_UPDATE_ACL_POLICY: Operation = Operation {
    name: "create_or_update_acl_policy",
    method: "POST",
    path: "sys/policies/acl/{name}",
    summary: "Writes an ACL policy. Tokens that name it have the new rights with their next request.",
    members: &[
        NAME,
        &[required(
            "policy",
            "text",
            "its rules as in Vault: HCL or its JSON form, 1 MiB at most; or that in base64",
        )],
    ],
    answer: NO_BODY,
    refusals: &[
        refusal(
            400,
            &["invalid_request"],
            "\"policy\" is missing or cannot be parsed, or the policy is built in; \"default\" can be replaced",
        ),
        refusal(400, &["limit_reached"], "there are 20,000 policies"),
    ],
    example: Example {
        request: r#"{"name":"ops","policy":"path \"printers/+\" { capabilities = [\"read\", \"update\"] }"}"#,
        status: 204,
        answer: "",
    },
};

pub const READ_ACL_POLICY: Operation = Operation {
    name: "read_acl_policy",
    method: "GET",
    path: "sys/policies/acl/{name}",
    summary: "Reads an ACL policy.",
    members: &[NAME],
    answer: "200 with \"data\": \"name\" and \"policy\", the text as it was written.",
    refusals: &[NOT_FOUND],
    example: Example {
        request: r#"{"name":"ops"}"#,
        status: 200,
        answer: r#"{"data":{"name":"ops","policy":"path \"printers/+\" { capabilities = [\"read\", \"update\"] }"}}"#,
    },
};

pub const LIST_ACL_POLICIES: Operation = Operation {
    name: "list_acl_policies",
    method: "LIST",
    path: "sys/policies/acl",
    summary: "Lists the ACL policies.",
    members: &[],
    answer: "200 with \"data\": \"keys\", \"default\" and \"root\" among them.",
    refusals: &[],
    example: Example { request: "{}", status: 200, answer: r#"{"data":{"keys":["default","ops","root"]}}"# },
};

pub const DELETE_ACL_POLICY: Operation = Operation {
    name: "delete_acl_policy",
    method: "DELETE",
    path: "sys/policies/acl/{name}",
    summary: "Deletes an ACL policy. Tokens that name it keep its name, and have none of its rights any more.",
    members: &[NAME],
    answer: "204 with an empty body, also when there was none.",
    refusals: &[refusal(400, &["invalid_request"], "the policy is built in")],
    example: Example { request: r#"{"name":"ops"}"#, status: 204, answer: "" },
};

pub const GET_CAPABILITIES: Operation = Operation {
    name: "get_capabilities",
    method: "POST",
    path: "sys/capabilities",
    summary: "Tells what a token may do on some paths. Takes none of its uses. Through okta_auth_request() \
              sys/capabilities-self and sys/capabilities-accessor answer it as well.",
    members: &[&[
        optional("token", "text", "the token"),
        optional("accessor", "text", "its accessor, in place of the token"),
        required("paths", "list of texts", "such as auth/okta/config or printers/3; 10,000 at most"),
    ]],
    answer: "200 with \"data\": for each path a list of create, delete, list, patch, read, recover, subscribe, sudo, \
             update, or of \"root\" or \"deny\" alone; for a single path the same list as \"capabilities\". The members \
             of \"data\" stand in the body itself as well.",
    refusals: &[
        refusal(400, &["invalid_request"], "\"paths\" is missing, or has an empty path"),
        refusal(400, &["limit_reached"], "there are over 10,000 paths"),
        refusal(400, &["invalid_token"], "the token is unknown, expired or revoked"),
        refusal(400, &["not_found"], "the accessor is unknown, or its token is gone"),
        refusal(500, &["invalid_request"], "both \"token\" and \"accessor\" are missing"),
    ],
    example: Example {
        request: r#"{"accessor":"<accessor>","paths":["printers/3"]}"#,
        status: 200,
        answer: r#"{"data":{"capabilities":["read","update"],"printers/3":["read","update"]}}"#,
    },
};

pub const AUTHORIZE: Operation = Operation {
    name: "authorize",
    method: "POST",
    path: "host/authorize",
    summary: "Decides whether the bearer of a token may do something on a path of yours, by the token's policies; on \
              a path that okta_auth_request() serves, as that decides. It takes one use of a token with num_uses, as \
              the request itself would, whatever it decides. Give the user's remote_address: a token may be \
              bound to some.",
    members: &[&[
        required("token", "text", "the token"),
        required("path", "text", "the path, decoded, without empty, \".\" and \"..\" segments"),
        required("operation", "text", "create, read, update, delete, list or patch"),
        optional("parameters", "object", "what the request carries, for policies that look at parameters"),
        optional(
            "wrapping_ttl",
            "seconds or duration",
            "how long its answer is to live wrapped, for policies that bound it; default 0, not wrapped",
        ),
    ]],
    answer: "200 with \"data\" when it is allowed, and only then: \"allowed\", \"sudo\" (whether the rule grants that as \
             well), \"policies\" that grant it, \"rule\" (the path of the rule that decided, or null) and \"reason\" (for \
             people).",
    refusals: &[
        refusal(
            403,
            &["permission_denied"],
            "it is not allowed: the same \"data\", with the \"policies\" that refuse it; or, without \"data\", the \
             token is missing or must not be used from remote_address",
        ),
        refusal(403, &["invalid_token"], "the token is unknown, expired, revoked or used up"),
        refusal(400, &["invalid_request"], "the path or operation cannot be one, or a member is unknown"),
    ],
    example: Example {
        request: r#"{"token":"<client_token>","path":"printers/3","operation":"update","parameters":{"paper":"A4"}}"#,
        status: 200,
        answer: r#"{"data":{"allowed":true,"sudo":false,"policies":["ops"],"rule":"printers/+","reason":"the rule grants it"}}"#,
    },
};
