//! Operations on mounts.

use super::{Example, Member, NO_BODY, Operation, optional, refusal, required};

const PATH: &[Member] = &[required("path", "text", "where it is mounted, such as okta or corp/okta")];

pub const ENABLE_AUTH_METHOD: Operation = Operation {
    name: "enable_auth_method",
    method: "POST",
    path: "sys/auth/{path}",
    summary: "Mounts another Okta method, with a configuration, users, groups and tokens of its own.",
    members: &[
        PATH,
        &[
            required("type", "text", "okta"),
            optional("description", "text", "for people"),
            optional("config", "object", "members of okta_auth_tune_auth_method(), but for the description"),
        ],
    ],
    answer: NO_BODY,
    refusals: &[
        refusal(400, &["path_in_use"], "a mount of this path, above it or below it exists"),
        refusal(400, &["invalid_request", "unsupported"], "the path, type or an option is not allowed"),
        refusal(400, &["limit_reached"], "there are 1000 mounts"),
    ],
    example: Example {
        request: r#"{"path":"corp/okta","type":"okta","description":"Logins of the company"}"#,
        status: 204,
        answer: "",
    },
};

pub const LIST_AUTH_METHODS: Operation = Operation {
    name: "list_auth_methods",
    method: "GET",
    path: "sys/auth",
    summary: "Lists the mounts.",
    members: &[],
    answer: "200 with \"data\": for each path, with a slash at its end, its type, accessor, description and \
             config. As in Vault the members of \"data\" stand in the body itself as well.",
    refusals: &[],
    example: Example {
        request: "{}",
        status: 200,
        answer: r#"{"corp/okta/":{"type":"okta"},"okta/":{"type":"okta"},"token/":{"type":"token"}}"#,
    },
};

pub const TUNE_AUTH_METHOD: Operation = Operation {
    name: "tune_auth_method",
    method: "POST",
    path: "sys/auth/{path}/tune",
    summary: "Changes how long the tokens of a mount live, when its users are locked, and its description.",
    members: &[
        PATH,
        &[
            optional("default_lease_ttl", "seconds or duration", "life of a token where nothing else says"),
            optional("max_lease_ttl", "seconds or duration", "how long renewals can stretch it"),
            optional("description", "text", "for people"),
            optional(
                "audit_non_hmac_request_keys",
                "list of texts",
                "members of requests that the audit log shows in clear, unless they are secrets by their kind",
            ),
            optional("audit_non_hmac_response_keys", "list of texts", "likewise members of answers"),
            optional(
                "token_type",
                "text",
                "default-service, default-batch, service or batch: what logins get, or what they get by default",
            ),
            optional(
                "user_lockout_config",
                "object",
                "lockout_threshold (5), lockout_duration and lockout_counter_reset_duration (900 s each), \
                 lockout_disable (false); what is left out stays, 0 is the default",
            ),
            optional(
                "passthrough_request_headers",
                "list of texts",
                "X-Forwarded-For lets okta_auth_request() pass it on to Okta",
            ),
        ],
    ],
    answer: NO_BODY,
    refusals: &[
        refusal(400, &["not_found"], "there is no such mount"),
        refusal(400, &["invalid_request"], "a value is not allowed"),
    ],
    example: Example {
        request: r#"{"path":"corp/okta","default_lease_ttl":"1h","max_lease_ttl":7200}"#,
        status: 204,
        answer: "",
    },
};

pub const READ_AUTH_METHOD_TUNING: Operation = Operation {
    name: "read_auth_method_tuning",
    method: "GET",
    path: "sys/auth/{path}/tune",
    summary: "Reads what okta_auth_tune_auth_method() changes, with effective values.",
    members: &[PATH],
    answer: "200 with \"data\": lease times in seconds, and more as in Vault.",
    refusals: &[refusal(400, &["not_found"], "there is no such mount")],
    example: Example {
        request: r#"{"path":"corp/okta"}"#,
        status: 200,
        answer: r#"{"data":{"default_lease_ttl":3600,"description":"Logins of the company","force_no_cache":false,"max_lease_ttl":7200,"token_type":"default-service"}}"#,
    },
};

pub const DISABLE_AUTH_METHOD: Operation = Operation {
    name: "disable_auth_method",
    method: "DELETE",
    path: "sys/auth/{path}",
    summary: "Removes a mount with its configuration, users and groups, and revokes all its tokens.",
    members: &[PATH],
    answer: NO_BODY,
    refusals: &[refusal(400, &["unsupported"], "the path is that of a built-in mount")],
    example: Example { request: r#"{"path":"corp/okta"}"#, status: 204, answer: "" },
};
