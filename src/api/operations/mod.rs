//! The table of named operations: each is a method and a path of Vault's, with its documentation.
//!
//! `make generate` writes the C functions, and with them the header's chapters, from this table. The file needs
//! nothing else of the crate, so that the generator can compile it by itself.

mod audit;
mod lockout;
mod method;
mod mounts;
mod policies;
mod tokens;
mod transactions;
mod wrapping;

/// One row of the table.
#[derive(Debug)]
pub struct Operation {
    /// As hvac names it; the C function is `okta_auth_<name>`.
    pub name: &'static str,
    /// HTTP method of Vault's API; `LIST` is one.
    pub method: &'static str,
    /// Vault's path, `{name}` standing for a member of the request that is taken out of it, `{name?}` for one that may
    /// be left out.
    pub path: &'static str,
    /// What it does, in sentences.
    pub summary: &'static str,
    /// The members of a request, in groups that several operations share.
    pub members: &'static [&'static [Member]],
    /// What a success answers.
    pub answer: &'static str,
    /// Statuses that are this operation's own; those of every operation stand in the header's first chapter.
    pub refusals: &'static [Refusal],
    /// A request that works, given the ones before it in the table.
    pub example: Example,
}

/// A member of a request.
#[derive(Debug)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// Its JSON type, with the unit where it has one.
    pub shape: &'static str,
    /// Whether a request without it is refused.
    pub required: bool,
    /// What it means, and its default.
    pub meaning: &'static str,
}

/// A status that is no success.
#[derive(Debug)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// Values of the error body's `code`.
    pub codes: &'static [&'static str],
    /// When it comes.
    pub when: &'static str,
}

/// A request and the members of its answer that matter. A text `<name>` stands for a value of an answer before.
#[derive(Debug)]
pub struct Example {
    /// The request.
    pub request: &'static str,
    /// The status of the answer.
    pub status: u16,
    /// The body: members of the envelope that are left out here are as in every answer.
    pub answer: &'static str,
}

/// Every named operation.
pub const OPERATIONS: &[Operation] = &[
    method::CONFIGURE,
    method::READ_CONFIG,
    method::REGISTER_USER,
    method::READ_USER,
    method::LIST_USERS,
    method::DELETE_USER,
    method::REGISTER_GROUP,
    method::READ_GROUP,
    method::LIST_GROUPS,
    method::DELETE_GROUP,
    method::LOGIN,
    method::VERIFY,
    transactions::START_TRANSACTION,
    transactions::CONTINUE_TRANSACTION,
    transactions::CANCEL_TRANSACTION,
    mounts::ENABLE_AUTH_METHOD,
    mounts::LIST_AUTH_METHODS,
    mounts::TUNE_AUTH_METHOD,
    mounts::READ_AUTH_METHOD_TUNING,
    mounts::DISABLE_AUTH_METHOD,
    tokens::CREATE_OR_UPDATE_TOKEN_ROLE,
    tokens::READ_TOKEN_ROLE,
    tokens::LIST_TOKEN_ROLES,
    policies::CREATE_OR_UPDATE_ACL_POLICY,
    policies::READ_ACL_POLICY,
    policies::LIST_ACL_POLICIES,
    tokens::CREATE_TOKEN,
    tokens::CREATE_ORPHAN_TOKEN,
    tokens::LOOKUP_TOKEN,
    tokens::LOOKUP_ACCESSOR,
    policies::GET_CAPABILITIES,
    policies::AUTHORIZE,
    policies::DELETE_ACL_POLICY,
    tokens::RENEW_TOKEN,
    tokens::RENEW_ACCESSOR,
    tokens::LIST_ACCESSORS,
    tokens::REVOKE_ACCESSOR,
    tokens::REVOKE_TOKEN_AND_ORPHAN_CHILDREN,
    tokens::REVOKE_TOKEN,
    tokens::REVOKE_USER_TOKENS,
    tokens::REVOKE_GROUP_TOKENS,
    tokens::REVOKE_MOUNT_TOKENS,
    wrapping::WRAP,
    wrapping::READ_WRAPPING,
    wrapping::REWRAP,
    wrapping::UNWRAP,
    tokens::DELETE_TOKEN_ROLE,
    tokens::TIDY_TOKENS,
    audit::AUDIT_HASH,
    lockout::LIST_LOCKED_USERS,
    lockout::UNLOCK_USER,
];

const fn required(name: &'static str, shape: &'static str, meaning: &'static str) -> Member {
    Member { name, shape, required: true, meaning }
}

const fn optional(name: &'static str, shape: &'static str, meaning: &'static str) -> Member {
    Member { name, shape, required: false, meaning }
}

const fn refusal(status: u16, codes: &'static [&'static str], when: &'static str) -> Refusal {
    Refusal { status, codes, when }
}

const NO_BODY: &str = "204 with an empty body; 200 with \"warnings\" when there are some.";

/// What every operation that asks Okta may meet.
const OKTA_ASKS_TO_WAIT: Refusal =
    refusal(429, &["rate_limited"], "Okta asks to slow down; retry_after says how long");
const OKTA_AWAY: Refusal = refusal(
    503,
    &["okta_unreachable", "okta_timeout"],
    "Okta could not be reached, or did not answer in time",
);
const OKTA_FAILED: Refusal = refusal(
    400,
    &["okta_invalid_answer", "okta_error", "api_token_refused"],
    "Okta failed, or does not accept the configured api_token",
);

/// What every step of a login may meet.
const LOCKED_HERE: Refusal = refusal(
    403,
    &["user_locked"],
    "Okta called too many passwords or codes of this user wrong, and is not asked; retry_after says how long to wait",
);

const NOT_FOUND: Refusal = refusal(404, &["not_found"], "nothing is stored under this name");
