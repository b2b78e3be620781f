//! The exported functions of the operations.
//!
//! Written by `make generate` from the table in `src/api/operations`. Do not edit.

use super::buffer::Buffer;
use super::functions::operation;
use super::handles::Handle;
use std::ffi::c_char;

/// Writes the configuration of a mount. Members left out keep what they were before; nothing is written
/// when any of them is refused. A list is an array of texts or one text split at commas; a duration is a
/// text such as "90m".
///
/// Vault: POST auth/<mount_point>/config
///
/// Request members, beside the common ones and "mount_point" (text, default okta):
///
/// - org_name (text): the organisation: acme in https://acme.okta.com; needed unless there is an
///   org_url.
/// - api_token (text): API token of a read-only administrator, for groups and renewal; never shown.
/// - base_url (text): the domain behind org_name, not a URL; default okta.com.
/// - org_url (text): the organisation's full address, such as https://sso.example.ca, instead of the
///   two; a new org_name or a base_url written later takes its place.
/// - bypass_okta_mfa (boolean): count MFA_REQUIRED and MFA_ENROLL as success; default false.
/// - organization, token, production, ttl, max_ttl (as in Vault): a deprecated name.
/// - token_ttl (seconds or duration): life of a login's token; default that of the mount.
/// - token_max_ttl (seconds or duration): how long renewals can stretch it.
/// - token_period (seconds or duration): tokens without an end that must be renewed this often.
/// - token_explicit_max_ttl (seconds or duration): hard end, whatever else is set.
/// - token_policies (list of texts): policies of every login.
/// - token_no_default_policy (boolean): leave the policy "default" out; default false.
/// - token_bound_cidrs (list of texts): addresses or networks that may log in and use the token.
/// - token_num_uses (number): uses of a token; default 0, unlimited.
/// - token_type (text): default, service or batch.
///
/// Answers 204 with an empty body; 200 with "warnings" when there are some.
///
/// Refusals beside the common ones:
///
/// - 400 invalid_request: a member is missing, of the wrong type or not allowed.
///
/// `{"org_url":"https://acme.okta.com","api_token":"00TokenOfAcme","token_ttl":"1h"}`
/// answers 204.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_configure(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("configure", handle, request, request_len, response) }
}

/// Reads the configuration of a mount, without its API token.
///
/// Vault: GET auth/<mount_point>/config
///
/// Request members: the common ones and "mount_point" (text, default okta).
///
/// Answers 200 with "data": the members of okta_auth_configure() with their effective values, durations
/// in seconds. A warning says that no API token is set.
///
/// Refusals beside the common ones:
///
/// - 404 not_found: the mount is not configured.
///
/// `{}`
/// answers 200:
/// `{"data":{"org_name":"","organization":"","org_url":"https://acme.okta.com","base_url":"okta.com",
/// "bypass_okta_mfa":false,"token_bound_cidrs":[],"token_explicit_max_ttl":0,"token_max_ttl":0,
/// "token_no_default_policy":false,"token_num_uses":0,"token_period":0,"token_policies":[],
/// "token_ttl":3600,"token_type":"default"}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_read_config(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("read_config", handle, request, request_len, response) }
}

/// Maps a user to groups and policies, beside the groups that Okta tells. What was mapped before is
/// replaced. The name keeps the spelling of its first write.
///
/// Vault: POST auth/<mount_point>/users/<username>
///
/// Request members, beside the common ones and "mount_point" (text, default okta):
///
/// - username (text, required): the user's name; upper and lower case are the same.
/// - groups (list of texts): groups of okta_auth_register_group(); default none.
/// - policies (list of texts): policies; default none.
///
/// Answers 204 with an empty body; 200 with "warnings" when there are some.
///
/// Refusals beside the common ones:
///
/// - 400 invalid_request: the name is empty, too long or has control characters.
/// - 400 limit_reached: there are 100,000 users at the mount.
///
/// `{"username":"fred","groups":["on-call"],"policies":["dev"]}`
/// answers 204.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_register_user(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("register_user", handle, request, request_len, response) }
}

/// Reads what a user is mapped to.
///
/// Vault: GET auth/<mount_point>/users/<username>
///
/// Request members, beside the common ones and "mount_point" (text, default okta):
///
/// - username (text, required): the user's name; upper and lower case are the same.
///
/// Answers 200 with "data": "groups" and "policies", as they were written.
///
/// Refusals beside the common ones:
///
/// - 404 not_found: nothing is stored under this name.
///
/// `{"username":"fred"}`
/// answers 200:
/// `{"data":{"groups":["on-call"],"policies":["dev"]}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_read_user(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("read_user", handle, request, request_len, response) }
}

/// Lists the names of all mapped users.
///
/// Vault: LIST auth/<mount_point>/users
///
/// Request members: the common ones and "mount_point" (text, default okta).
///
/// Answers 200 with "data": "keys", the names, sorted.
///
/// Refusals beside the common ones:
///
/// - 404 not_found: there is none.
///
/// `{}`
/// answers 200:
/// `{"data":{"keys":["fred"]}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_list_users(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("list_users", handle, request, request_len, response) }
}

/// Forgets what a user is mapped to, known or not. Tokens he has stay valid.
///
/// Vault: DELETE auth/<mount_point>/users/<username>
///
/// Request members, beside the common ones and "mount_point" (text, default okta):
///
/// - username (text, required): the user's name; upper and lower case are the same.
///
/// Answers 204 with an empty body; 200 with "warnings" when there are some.
///
/// `{"username":"barney"}`
/// answers 204.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_delete_user(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("delete_user", handle, request, request_len, response) }
}

/// Maps a group, of Okta or of okta_auth_register_user(), to policies. What was mapped before is
/// replaced.
///
/// Vault: POST auth/<mount_point>/groups/<name>
///
/// Request members, beside the common ones and "mount_point" (text, default okta):
///
/// - name (text, required): the group's name; upper and lower case are the same.
/// - policies (list of texts): policies; lower-cased, sorted, doubles dropped; default none.
///
/// Answers 204 with an empty body; 200 with "warnings" when there are some.
///
/// Refusals beside the common ones:
///
/// - 400 invalid_request: the name is empty, too long or has control characters.
/// - 400 limit_reached: there are 100,000 groups at the mount.
///
/// `{"name":"on-call","policies":["duty","ops"]}`
/// answers 204.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_register_group(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("register_group", handle, request, request_len, response) }
}

/// Reads the policies of a group.
///
/// Vault: GET auth/<mount_point>/groups/<name>
///
/// Request members, beside the common ones and "mount_point" (text, default okta):
///
/// - name (text, required): the group's name; upper and lower case are the same.
///
/// Answers 200 with "data": "policies".
///
/// Refusals beside the common ones:
///
/// - 404 not_found: nothing is stored under this name.
///
/// `{"name":"on-call"}`
/// answers 200:
/// `{"data":{"policies":["duty","ops"]}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_read_group(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("read_group", handle, request, request_len, response) }
}

/// Lists the names of all mapped groups.
///
/// Vault: LIST auth/<mount_point>/groups
///
/// Request members: the common ones and "mount_point" (text, default okta).
///
/// Answers 200 with "data": "keys", the names in Vault's order.
///
/// Refusals beside the common ones:
///
/// - 404 not_found: there is none.
///
/// `{}`
/// answers 200:
/// `{"data":{"keys":["on-call"]}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_list_groups(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("list_groups", handle, request, request_len, response) }
}

/// Forgets the policies of a group, known or not. Tokens issued before keep them until renewed.
///
/// Vault: DELETE auth/<mount_point>/groups/<name>
///
/// Request members, beside the common ones and "mount_point" (text, default okta):
///
/// - name (text, required): the group's name; upper and lower case are the same.
///
/// Answers 204 with an empty body; 200 with "warnings" when there are some.
///
/// `{"name":"interns"}`
/// answers 204.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_delete_group(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("delete_group", handle, request, request_len, response) }
}

/// Logs a user in at Okta with password and second factor, and issues a token. Waits for a push until
/// the user has answered it, at most login_timeout_ms or timeout_ms, and ends with 503 deadline_exceeded
/// then, not sooner; okta_auth_close() ends the wait. Nothing is sent twice: one password check, one
/// push. The passcode "totp" chooses a TOTP factor, of "provider" where given; without it Okta Verify
/// push is used. When the push wants a number tapped, okta_auth_verify() tells it, in another thread, to
/// whoever knows the "nonce".
///
/// Vault: POST auth/<mount_point>/login/<username>
///
/// Request members, beside the common ones and "mount_point" (text, default okta):
///
/// - username (text, required): as the user would type it at Okta; outer blanks are trimmed.
/// - password (text, required): the user's password; never stored.
/// - totp (text): passcode of a TOTP factor; a user who has none is sent a push all the same (Vault).
/// - provider (text): OKTA or GOOGLE: whose TOTP factor.
/// - nonce (text): 16 letters and digits or more, random: where a number challenge is shown.
///
/// Answers 200 with "auth": the token, its accessor, policies and lease_duration in seconds. "metadata"
/// has username as typed, policies, and Okta's okta_user_id and okta_login.
///
/// Refusals beside the common ones:
///
/// - 400 invalid_request, not_configured: the request or the configuration lacks something, or no such
///   token can be issued.
/// - 400 invalid_credentials, locked_out, password_expired, login_refused: Okta refused the user.
/// - 400 mfa_enrollment_required, no_supported_factor, passcode_required, passcode_invalid: the second
///   factor is missing or wrong.
/// - 400 push_rejected, challenge_timeout, nonce_required, nonce_invalid: the push was not accepted, or
///   its number could not be shown.
/// - 403 permission_denied: remote_address is outside token_bound_cidrs.
/// - 403 user_locked: Okta called too many passwords or codes of this user wrong, and is not asked;
///   retry_after says how long to wait.
/// - 429 rate_limited: Okta asks to slow down, or too many pushes were sent to this user; retry_after
///   says how long.
/// - 503 okta_unreachable, okta_timeout: Okta could not be reached, or did not answer in time.
/// - 400 okta_invalid_answer, okta_error, api_token_refused: Okta failed, or does not accept the
///   configured api_token.
///
/// `{"username":"fred","password":"correct horse"}`
/// answers 200:
/// `{"auth":{"client_token":"hvs.CAESIJ","accessor":"0e9e354a520df07867ce8abf","policies":["default",
/// "dev","duty","ops"],"token_policies":["default","dev","duty","ops"],"metadata":{"username":"fred",
/// "policies":"dev,duty,ops","okta_user_id":"00ub0oNGTSWTBKOLGLNR","okta_login":"fred@acme.com"},
/// "lease_duration":3600,"renewable":true,"entity_id":"7d2e3179-f69b-450c-7179-ac8ee8bd8ca9",
/// "token_type":"service","orphan":true,"mfa_requirement":null,"num_uses":0}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_login(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("login", handle, request, request_len, response) }
}

/// Tells the number to tap in Okta Verify, while okta_auth_login() with this nonce waits in another
/// thread. It confirms nothing.
///
/// Vault: GET auth/<mount_point>/verify/<nonce>
///
/// Request members, beside the common ones and "mount_point" (text, default okta):
///
/// - nonce (text, required): what the login was given.
///
/// Answers 200 with "data": {"correct_answer": 42}, a number, which may be 0.
///
/// Refusals beside the common ones:
///
/// - 404 not_found: no login with this nonce waits, or Okta has shown no number yet.
///
/// `{"nonce":"9f86d081884c7d659a2feaa0"}`
/// answers 404:
/// `{"errors":[],"code":"not_found"}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_verify(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("verify", handle, request, request_len, response) }
}

/// Begins a login with a password, and answers without waiting for a person. Without a choice of factor
/// nothing is sent to the user: the answer lists his factors. A factor can be chosen at once: by
/// factor_id, by factor_type with provider, or as okta_auth_login() does by "totp", which is checked at
/// once. Any process with the same storage can continue the transaction.
///
/// Vault: POST auth/<mount_point>/transactions
///
/// Request members, beside the common ones and "mount_point" (text, default okta):
///
/// - username (text, required): as the user would type it at Okta; outer blanks are trimmed.
/// - password (text, required): the user's password; never stored.
/// - totp (text): passcode of a TOTP factor, of "provider" OKTA or GOOGLE where given.
/// - factor_id (text): the factor to take: an id of "factors".
/// - factor_type (text): instead of factor_id: a type as in "factors"; of several the last.
/// - provider (text): with factor_type: whose factor, in any letter case.
///
/// Answers 202 while the transaction is open, 200 with "auth" (as of okta_auth_login()) when it is done,
/// and only then. "data" always has these members: "id"; "state" (mfa_required, challenge, done);
/// "factors", those that are active, each {"id", "type", "provider", "name", "supported"}; "factor", the
/// chosen one, or null; "challenge", null or {"type" (push, number, passcode, question), "number" (to
/// tap; may be 0) or null, "question" or null, "resend_after" (seconds) or null where nothing can be
/// sent again}; "poll_after" (seconds) or null where polling is of no use; "expires_at" (RFC 3339);
/// "attempts_left" or null; "last_error", null or {"code", "text"}, such as passcode_invalid;
/// "password_warning", null or {"code":"password_expiring"} with "days_left" and more of Okta's policy
/// where given.
///
/// Refusals beside the common ones:
///
/// - 400 invalid_request, not_configured, passcode_invalid: nothing was sent to Okta.
/// - 400 push_rejected, challenge_timeout, too_many_attempts, transaction_expired, invalid_credentials,
///   locked_out, password_expired, mfa_enrollment_required, login_refused: the transaction has failed:
///   "data" is {"id", "state": "failed"}, with Okta's "password_policy" or what is "enrollable" where it
///   says so, and the id is unknown from here on.
/// - 400 okta_invalid_answer, okta_error, api_token_refused: Okta failed, or cannot be understood;
///   "data" says whether the transaction has failed.
/// - 403 permission_denied: remote_address is outside token_bound_cidrs; nothing is changed.
/// - 403 user_locked: Okta called too many passwords or codes of this user wrong, and is not asked;
///   retry_after says how long to wait.
/// - 429 rate_limited, limit_reached: Okta asks to slow down, or the user has too many transactions
///   open; retry_after says how long.
/// - 503 okta_unreachable, okta_timeout: Okta's answer was lost; as long as "data" shows an open
///   transaction it can be polled, and the next step asks Okta first what became of it.
/// - 503 limit_reached: too many transactions are open in all.
///
/// `{"username":"wilma","password":"correct horse"}`
/// answers 202:
/// `{"data":{"id":"6c1d0d1ea5a2ba0d3ae3bf1c8e7f2b44","state":"mfa_required",
/// "factors":[{"id":"opf3g5hWpTeY","type":"push","provider":"OKTA","name":"Wilma's phone",
/// "supported":true}],"factor":null,"challenge":null,"poll_after":null,
/// "expires_at":"2026-11-24T03:12:43Z","attempts_left":null,"last_error":null,"password_warning":null}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_start_transaction(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("start_transaction", handle, request, request_len, response) }
}

/// Takes the next step of a transaction: chooses a factor, gives a passcode or an answer, has the push
/// or message sent again, or, with none of these, asks how it stands. Each answers at once; polled
/// sooner than "poll_after" says, it answers the last state without asking Okta. A push or message goes
/// out when a factor is chosen and with "resend", and never else; choosing the same factor once more
/// sends nothing. Of two steps at the same time one is taken, and the other answers the last state.
///
/// Vault: POST auth/<mount_point>/transactions/<id>
///
/// Request members, beside the common ones and "mount_point" (text, default okta):
///
/// - id (text, required): what the start answered; a secret.
/// - factor_id (text): the factor to take: an id of "factors".
/// - factor_type (text): instead of factor_id: a type as in "factors"; of several the last.
/// - provider (text): with factor_type: whose factor, in any letter case.
/// - passcode (text): the code of the chosen factor; outer blanks are trimmed.
/// - answer (text): the answer to the security question.
/// - resend (boolean): true: send the push or message again.
///
/// Answers 202 while the transaction is open, 200 with "auth" (as of okta_auth_login()) when it is done,
/// and only then. "data" always has these members: "id"; "state" (mfa_required, challenge, done);
/// "factors", those that are active, each {"id", "type", "provider", "name", "supported"}; "factor", the
/// chosen one, or null; "challenge", null or {"type" (push, number, passcode, question), "number" (to
/// tap; may be 0) or null, "question" or null, "resend_after" (seconds) or null where nothing can be
/// sent again}; "poll_after" (seconds) or null where polling is of no use; "expires_at" (RFC 3339);
/// "attempts_left" or null; "last_error", null or {"code", "text"}, such as passcode_invalid;
/// "password_warning", null or {"code":"password_expiring"} with "days_left" and more of Okta's policy
/// where given.
///
/// Refusals beside the common ones:
///
/// - 400 push_rejected, challenge_timeout, too_many_attempts, transaction_expired, invalid_credentials,
///   locked_out, password_expired, mfa_enrollment_required, login_refused: the transaction has failed:
///   "data" is {"id", "state": "failed"}, with Okta's "password_policy" or what is "enrollable" where it
///   says so, and the id is unknown from here on.
/// - 400 okta_invalid_answer, okta_error, api_token_refused: Okta failed, or cannot be understood;
///   "data" says whether the transaction has failed.
/// - 400 invalid_request, factor_unavailable, factor_required: the request does not fit; the transaction
///   is as it was, and "data" shows it.
/// - 403 permission_denied: remote_address is outside token_bound_cidrs; nothing is changed.
/// - 403 user_locked: Okta called too many passwords or codes of this user wrong, and is not asked;
///   retry_after says how long to wait.
/// - 404 not_found: the id is wrong, or its transaction is done, failed, cancelled or expired.
/// - 429 rate_limited, too_many_attempts: too soon, or too often for this user; the transaction is open,
///   retry_after says how long to wait.
/// - 503 okta_unreachable, okta_timeout: Okta's answer was lost; as long as "data" shows an open
///   transaction it can be polled, and the next step asks Okta first what became of it.
///
/// `{"id":"<id>","factor_type":"push","provider":"OKTA"}`
/// answers 202:
/// `{"data":{"id":"6c1d0d1ea5a2ba0d3ae3bf1c8e7f2b44","state":"challenge",
/// "factors":[{"id":"opf3g5hWpTeY","type":"push","provider":"OKTA","name":"Wilma's phone",
/// "supported":true}],"factor":{"id":"opf3g5hWpTeY","type":"push","provider":"OKTA",
/// "name":"Wilma's phone","supported":true},"challenge":{"type":"number","number":42,"question":null,
/// "resend_after":0},"poll_after":2,"expires_at":"2026-11-24T03:12:43Z","attempts_left":null,
/// "last_error":null,"password_warning":null}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_continue_transaction(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("continue_transaction", handle, request, request_len, response) }
}

/// Ends a transaction, here and at Okta. Okta is told once, for at most five seconds, and whatever it
/// says the id is unknown from here on.
///
/// Vault: DELETE auth/<mount_point>/transactions/<id>
///
/// Request members, beside the common ones and "mount_point" (text, default okta):
///
/// - id (text, required): what the start answered; a secret.
///
/// Answers 204 with an empty body.
///
/// Refusals beside the common ones:
///
/// - 403 permission_denied: remote_address is outside token_bound_cidrs; nothing is changed.
/// - 404 not_found: the id is wrong, or its transaction is done, failed, cancelled or expired.
///
/// `{"id":"<id>"}`
/// answers 204.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_cancel_transaction(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("cancel_transaction", handle, request, request_len, response) }
}

/// Mounts another Okta method, with a configuration, users, groups and tokens of its own.
///
/// Vault: POST sys/auth/<path>
///
/// Request members, beside the common ones:
///
/// - path (text, required): where it is mounted, such as okta or corp/okta.
/// - type (text, required): okta.
/// - description (text): for people.
/// - config (object): members of okta_auth_tune_auth_method(), but for the description.
///
/// Answers 204 with an empty body; 200 with "warnings" when there are some.
///
/// Refusals beside the common ones:
///
/// - 400 path_in_use: a mount of this path, above it or below it exists.
/// - 400 invalid_request, unsupported: the path, type or an option is not allowed.
/// - 400 limit_reached: there are 1000 mounts.
///
/// `{"path":"corp/okta","type":"okta","description":"Logins of the company"}`
/// answers 204.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_enable_auth_method(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("enable_auth_method", handle, request, request_len, response) }
}

/// Lists the mounts.
///
/// Vault: GET sys/auth
///
/// Request members: the common ones.
///
/// Answers 200 with "data": for each path, with a slash at its end, its type, accessor, description and
/// config. As in Vault the members of "data" stand in the body itself as well.
///
/// `{}`
/// answers 200:
/// `{"corp/okta/":{"type":"okta"},"okta/":{"type":"okta"},"token/":{"type":"token"}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_list_auth_methods(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("list_auth_methods", handle, request, request_len, response) }
}

/// Changes how long the tokens of a mount live, when its users are locked, and its description.
///
/// Vault: POST sys/auth/<path>/tune
///
/// Request members, beside the common ones:
///
/// - path (text, required): where it is mounted, such as okta or corp/okta.
/// - default_lease_ttl (seconds or duration): life of a token where nothing else says.
/// - max_lease_ttl (seconds or duration): how long renewals can stretch it.
/// - description (text): for people.
/// - audit_non_hmac_request_keys (list of texts): members of requests that the audit log shows in clear,
///   unless they are secrets by their kind.
/// - audit_non_hmac_response_keys (list of texts): likewise members of answers.
/// - token_type (text): default-service, default-batch, service or batch: what logins get, or what they
///   get by default.
/// - user_lockout_config (object): lockout_threshold (5), lockout_duration and
///   lockout_counter_reset_duration (900 s each), lockout_disable (false); what is left out stays, 0 is
///   the default.
/// - passthrough_request_headers (list of texts): X-Forwarded-For lets okta_auth_request() pass it on to
///   Okta.
///
/// Answers 204 with an empty body; 200 with "warnings" when there are some.
///
/// Refusals beside the common ones:
///
/// - 400 not_found: there is no such mount.
/// - 400 invalid_request: a value is not allowed.
///
/// `{"path":"corp/okta","default_lease_ttl":"1h","max_lease_ttl":7200}`
/// answers 204.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_tune_auth_method(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("tune_auth_method", handle, request, request_len, response) }
}

/// Reads what okta_auth_tune_auth_method() changes, with effective values.
///
/// Vault: GET sys/auth/<path>/tune
///
/// Request members, beside the common ones:
///
/// - path (text, required): where it is mounted, such as okta or corp/okta.
///
/// Answers 200 with "data": lease times in seconds, and more as in Vault.
///
/// Refusals beside the common ones:
///
/// - 400 not_found: there is no such mount.
///
/// `{"path":"corp/okta"}`
/// answers 200:
/// `{"data":{"default_lease_ttl":3600,"description":"Logins of the company","force_no_cache":false,
/// "max_lease_ttl":7200,"token_type":"default-service"}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_read_auth_method_tuning(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("read_auth_method_tuning", handle, request, request_len, response) }
}

/// Removes a mount with its configuration, users and groups, and revokes all its tokens.
///
/// Vault: DELETE sys/auth/<path>
///
/// Request members, beside the common ones:
///
/// - path (text, required): where it is mounted, such as okta or corp/okta.
///
/// Answers 204 with an empty body; 200 with "warnings" when there are some.
///
/// Refusals beside the common ones:
///
/// - 400 unsupported: the path is that of a built-in mount.
///
/// `{"path":"corp/okta"}`
/// answers 204.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_disable_auth_method(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("disable_auth_method", handle, request, request_len, response) }
}

/// Says what tokens okta_auth_create_token() makes with this "role_name". Members that are left out stay
/// as they are.
///
/// Vault: POST auth/token/roles/<role_name>
///
/// Request members, beside the common ones:
///
/// - role_name (text, required): of letters, digits, and _; inside also . or -.
/// - allowed_policies (list of texts): what its tokens may have, and have where none are named.
/// - allowed_policies_glob (list of texts): also what they may have, * standing for any text.
/// - disallowed_policies (list of texts): what they may not have.
/// - disallowed_policies_glob (list of texts): also what they may not have.
/// - orphan (boolean): they have no parent; default false.
/// - renewable (boolean): they can be renewed; default true.
/// - path_suffix (text): stands behind the role's name in the path that look-ups show.
/// - allowed_entity_aliases (list of texts): whose entity they may belong to, * standing for any text.
/// - token_type (text): default-service, default-batch, service or batch.
/// - token_bound_cidrs (list of texts): addresses and networks that they may be used from.
/// - token_explicit_max_ttl (seconds or duration): their hard end.
/// - token_period (seconds or duration): they have no end and must be renewed this often.
/// - token_num_uses (number): their uses; default 0, unlimited.
/// - token_no_default_policy (boolean): leave the policy "default" out; default false.
///
/// Answers 204 with an empty body; 200 with "warnings" when there are some.
///
/// Refusals beside the common ones:
///
/// - 400 invalid_request: a member is not allowed, or does not go with the others.
/// - 400 limit_reached: there are too many roles.
///
/// `{"role_name":"backup","allowed_policies":["dev"],"token_period":"1h","orphan":true}`
/// answers 204.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_create_or_update_token_role(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("create_or_update_token_role", handle, request, request_len, response) }
}

/// Shows a token role.
///
/// Vault: GET auth/token/roles/<role_name>
///
/// Request members, beside the common ones:
///
/// - role_name (text, required): of letters, digits, and _; inside also . or -.
///
/// Answers 200 with "data": what was written, times in seconds.
///
/// Refusals beside the common ones:
///
/// - 404 not_found: nothing is stored under this name.
///
/// `{"role_name":"backup"}`
/// answers 200:
/// `{"data":{"allowed_entity_aliases":null,"allowed_policies":["dev"],"allowed_policies_glob":[],
/// "disallowed_policies":[],"disallowed_policies_glob":[],"explicit_max_ttl":0,"name":"backup",
/// "orphan":true,"path_suffix":"","period":0,"renewable":true,"token_explicit_max_ttl":0,
/// "token_no_default_policy":false,"token_period":3600,"token_type":"default-service"}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_read_token_role(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("read_token_role", handle, request, request_len, response) }
}

/// Lists the names of all token roles.
///
/// Vault: LIST auth/token/roles
///
/// Request members: the common ones.
///
/// Answers 200 with "data": "keys".
///
/// Refusals beside the common ones:
///
/// - 404 not_found: there is none.
///
/// `{}`
/// answers 200:
/// `{"data":{"keys":["backup"]}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_list_token_roles(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("list_token_roles", handle, request, request_len, response) }
}

/// Writes an ACL policy. Tokens that name it have the new rights with their next request.
///
/// Vault: POST sys/policies/acl/<name>
///
/// Request members, beside the common ones:
///
/// - name (text, required): its name; letter case does not count.
/// - policy (text, required): its rules as in Vault: HCL or its JSON form, 1 MiB at most; or that in
///   base64.
///
/// Answers 204 with an empty body; 200 with "warnings" when there are some.
///
/// Refusals beside the common ones:
///
/// - 400 invalid_request: "policy" is missing or cannot be parsed, or the policy is built in; "default"
///   can be replaced.
/// - 400 limit_reached: there are 20,000 policies.
///
/// `{"name":"ops","policy":"path \"printers/+\" { capabilities = [\"read\", \"update\"] }"}`
/// answers 204.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_create_or_update_acl_policy(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("create_or_update_acl_policy", handle, request, request_len, response) }
}

/// Reads an ACL policy.
///
/// Vault: GET sys/policies/acl/<name>
///
/// Request members, beside the common ones:
///
/// - name (text, required): its name; letter case does not count.
///
/// Answers 200 with "data": "name" and "policy", the text as it was written.
///
/// Refusals beside the common ones:
///
/// - 404 not_found: nothing is stored under this name.
///
/// `{"name":"ops"}`
/// answers 200:
/// `{"data":{"name":"ops","policy":"path \"printers/+\" { capabilities = [\"read\", \"update\"] }"}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_read_acl_policy(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("read_acl_policy", handle, request, request_len, response) }
}

/// Lists the ACL policies.
///
/// Vault: LIST sys/policies/acl
///
/// Request members: the common ones.
///
/// Answers 200 with "data": "keys", "default" and "root" among them.
///
/// `{}`
/// answers 200:
/// `{"data":{"keys":["default","ops","root"]}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_list_acl_policies(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("list_acl_policies", handle, request, request_len, response) }
}

/// Issues a token with the host's authority, without a login at Okta.
///
/// Vault: POST auth/token/create[/<role_name>]
///
/// Request members, beside the common ones:
///
/// - policies (list of texts): required without a role: what it may do; "root" may do everything.
/// - no_default_policy (boolean): leave the policy "default" out; default false.
/// - ttl (seconds or duration): its life; default that of the storage.
/// - explicit_max_ttl (seconds or duration): hard end, whatever renewals say.
/// - period (seconds or duration): a token without an end that must be renewed this often.
/// - renewable (boolean): default true.
/// - num_uses (number): uses; default 0, unlimited.
/// - display_name (text): shown by look-ups as token-<display_name>.
/// - meta (object of texts): shown by look-ups.
/// - type (text): service, or batch: not stored, so it can be neither renewed nor revoked; default
///   service.
/// - role_name (text): make it as this role says; "policies" may then be left out.
/// - entity_alias (text): with a role that allows it: whose entity the token belongs to.
///
/// Answers 200 with "auth": client_token, accessor, policies, lease_duration in seconds.
///
/// Refusals beside the common ones:
///
/// - 400 invalid_request: "policies" is missing, or a member is not allowed.
///
/// `{"policies":["dev"],"ttl":"1h","meta":{"purpose":"backup"}}`
/// answers 200:
/// `{"auth":{"client_token":"hvs.CAESIK","accessor":"1f9e354a520df07867ce8ab0","policies":["default",
/// "dev"],"token_policies":["default","dev"],"metadata":{"purpose":"backup"},"lease_duration":3600,
/// "renewable":true,"entity_id":"","token_type":"service","orphan":true,"mfa_requirement":null,
/// "num_uses":0}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_create_token(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("create_token", handle, request, request_len, response) }
}

/// Issues a token without a parent, as okta_auth_create_token() by the host does.
///
/// Vault: POST auth/token/create-orphan
///
/// Request members, beside the common ones:
///
/// - policies (list of texts): required without a role: what it may do; "root" may do everything.
/// - no_default_policy (boolean): leave the policy "default" out; default false.
/// - ttl (seconds or duration): its life; default that of the storage.
/// - explicit_max_ttl (seconds or duration): hard end, whatever renewals say.
/// - period (seconds or duration): a token without an end that must be renewed this often.
/// - renewable (boolean): default true.
/// - num_uses (number): uses; default 0, unlimited.
/// - display_name (text): shown by look-ups as token-<display_name>.
/// - meta (object of texts): shown by look-ups.
/// - type (text): service, or batch: not stored, so it can be neither renewed nor revoked; default
///   service.
///
/// Answers 200 with "auth": client_token, accessor, policies, lease_duration in seconds.
///
/// Refusals beside the common ones:
///
/// - 400 invalid_request: "policies" is missing, or a member is not allowed.
///
/// `{"policies":["ops"],"ttl":600,"no_default_policy":true}`
/// answers 200:
/// `{"auth":{"client_token":"hvs.CAESIL","accessor":"2f9e354a520df07867ce8ab1","policies":["ops"],
/// "token_policies":["ops"],"metadata":null,"lease_duration":600,"renewable":true,"entity_id":"",
/// "token_type":"service","orphan":true,"mfa_requirement":null,"num_uses":0}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_create_orphan_token(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("create_orphan_token", handle, request, request_len, response) }
}

/// Tells what a token is and may do. It enforces nothing: it takes none of the token's uses, compares no
/// address with its CIDRs, and answers 200 for a wrapping token, too. Whoever lets somebody in by a
/// token asks okta_auth_authorize(), or leaves it to okta_auth_request().
///
/// Vault: POST auth/token/lookup
///
/// Request members, beside the common ones:
///
/// - token (text, required): the token.
///
/// Answers 200 with "data": policies, ttl (seconds left; 0 is without end), expire_time (RFC 3339 or
/// null), creation_time (Unix seconds), creation_ttl and explicit_max_ttl (seconds), num_uses, meta and
/// more. "period", "bound_cidrs", "last_renewal" and "last_renewal_time" are there when they apply.
///
/// Refusals beside the common ones:
///
/// - 403 invalid_token: the token is unknown, expired or revoked.
/// - 400 invalid_request: "token" is missing.
///
/// `{"token":"<client_token>"}`
/// answers 200:
/// `{"data":{"accessor":"2f9e354a520df07867ce8ab1","creation_time":1795489200,"creation_ttl":600,
/// "display_name":"token","entity_id":"","expire_time":"2026-11-24T03:10:00Z","explicit_max_ttl":0,
/// "id":"hvs.CAESIL","issue_time":"2026-11-24T03:00:00Z","meta":null,"num_uses":0,"orphan":true,
/// "path":"auth/token/create-orphan","policies":["ops"],"renewable":true,"ttl":600,"type":"service"}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_lookup_token(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("lookup_token", handle, request, request_len, response) }
}

/// Tells what the token of an accessor is and may do, without the token itself.
///
/// Vault: POST auth/token/lookup-accessor
///
/// Request members, beside the common ones:
///
/// - accessor (text, required): the token's accessor.
///
/// Answers 200 with "data": policies, ttl (seconds left; 0 is without end), expire_time (RFC 3339 or
/// null), creation_time (Unix seconds), creation_ttl and explicit_max_ttl (seconds), num_uses, meta and
/// more. "period", "bound_cidrs", "last_renewal" and "last_renewal_time" are there when they apply.
///
/// Refusals beside the common ones:
///
/// - 400 not_found: the accessor is unknown, or its token is gone.
/// - 400 invalid_request: "accessor" is missing.
///
/// `{"accessor":"<accessor>"}`
/// answers 200:
/// `{"data":{"accessor":"2f9e354a520df07867ce8ab1","creation_time":1795489200,"creation_ttl":600,
/// "display_name":"token","entity_id":"","expire_time":"2026-11-24T03:10:00Z","explicit_max_ttl":0,
/// "id":"","issue_time":"2026-11-24T03:00:00Z","meta":null,"num_uses":0,"orphan":true,
/// "path":"auth/token/create-orphan","policies":["ops"],"renewable":true,"ttl":600,"type":"service"}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_lookup_accessor(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("lookup_accessor", handle, request, request_len, response) }
}

/// Tells what a token may do on some paths. Takes none of its uses. Through okta_auth_request()
/// sys/capabilities-self and sys/capabilities-accessor answer it as well.
///
/// Vault: POST sys/capabilities
///
/// Request members, beside the common ones:
///
/// - token (text): the token.
/// - accessor (text): its accessor, in place of the token.
/// - paths (list of texts, required): such as auth/okta/config or printers/3; 10,000 at most.
///
/// Answers 200 with "data": for each path a list of create, delete, list, patch, read, recover,
/// subscribe, sudo, update, or of "root" or "deny" alone; for a single path the same list as
/// "capabilities". The members of "data" stand in the body itself as well.
///
/// Refusals beside the common ones:
///
/// - 400 invalid_request: "paths" is missing, or has an empty path.
/// - 400 limit_reached: there are over 10,000 paths.
/// - 400 invalid_token: the token is unknown, expired or revoked.
/// - 400 not_found: the accessor is unknown, or its token is gone.
/// - 500 invalid_request: both "token" and "accessor" are missing.
///
/// `{"accessor":"<accessor>","paths":["printers/3"]}`
/// answers 200:
/// `{"data":{"capabilities":["read","update"],"printers/3":["read","update"]}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_get_capabilities(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("get_capabilities", handle, request, request_len, response) }
}

/// Decides whether the bearer of a token may do something on a path of yours, by the token's policies;
/// on a path that okta_auth_request() serves, as that decides. It takes one use of a token with
/// num_uses, as the request itself would, whatever it decides. Give the user's remote_address: a token
/// may be bound to some.
///
/// Vault: no path; okta_auth_request() does not reach it
///
/// Request members, beside the common ones:
///
/// - token (text, required): the token.
/// - path (text, required): the path, decoded, without empty, "." and ".." segments.
/// - operation (text, required): create, read, update, delete, list or patch.
/// - parameters (object): what the request carries, for policies that look at parameters.
/// - wrapping_ttl (seconds or duration): how long its answer is to live wrapped, for policies that bound
///   it; default 0, not wrapped.
///
/// Answers 200 with "data" when it is allowed, and only then: "allowed", "sudo" (whether the rule grants
/// that as well), "policies" that grant it, "rule" (the path of the rule that decided, or null) and
/// "reason" (for people).
///
/// Refusals beside the common ones:
///
/// - 403 permission_denied: it is not allowed: the same "data", with the "policies" that refuse it; or,
///   without "data", the token is missing or must not be used from remote_address.
/// - 403 invalid_token: the token is unknown, expired, revoked or used up.
/// - 400 invalid_request: the path or operation cannot be one, or a member is unknown.
///
/// `{"token":"<client_token>","path":"printers/3","operation":"update","parameters":{"paper":"A4"}}`
/// answers 200:
/// `{"data":{"allowed":true,"sudo":false,"policies":["ops"],"rule":"printers/+",
/// "reason":"the rule grants it"}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_authorize(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("authorize", handle, request, request_len, response) }
}

/// Deletes an ACL policy. Tokens that name it keep its name, and have none of its rights any more.
///
/// Vault: DELETE sys/policies/acl/<name>
///
/// Request members, beside the common ones:
///
/// - name (text, required): its name; letter case does not count.
///
/// Answers 204 with an empty body, also when there was none.
///
/// Refusals beside the common ones:
///
/// - 400 invalid_request: the policy is built in.
///
/// `{"name":"ops"}`
/// answers 204.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_delete_acl_policy(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("delete_acl_policy", handle, request, request_len, response) }
}

/// Stretches the life of a token. For a login's token Okta is asked first, with the mount's API token,
/// whether the user is still active and which groups he is in; his password is not needed.
///
/// Vault: POST auth/token/renew
///
/// Request members, beside the common ones:
///
/// - token (text, required): the token.
/// - increment (seconds or duration): the life wished for; default 0: as at its creation.
///
/// Answers 200 with "auth", lease_duration is what it got, in seconds.
///
/// Refusals beside the common ones:
///
/// - 400 invalid_token, invalid_request: the token is unknown, missing or not renewable.
/// - 400 relogin_required: the mount has no API token, or the user is not active at Okta.
/// - 500 relogin_required: the user's policies have changed, the token's role is gone, or it is past its
///   greatest life.
/// - 403 permission_denied: remote_address is outside token_bound_cidrs.
/// - 429 rate_limited: Okta asks to slow down; retry_after says how long.
/// - 503 okta_unreachable, okta_timeout: Okta could not be reached, or did not answer in time.
/// - 400 okta_invalid_answer, okta_error, api_token_refused: Okta failed, or does not accept the
///   configured api_token.
///
/// `{"token":"<client_token>","increment":"30m"}`
/// answers 200:
/// `{"auth":{"client_token":"hvs.CAESIL","accessor":"2f9e354a520df07867ce8ab1","policies":["ops"],
/// "token_policies":["ops"],"metadata":null,"lease_duration":1800,"renewable":true,"entity_id":"",
/// "token_type":"service","orphan":true,"mfa_requirement":null,"num_uses":0}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_renew_token(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("renew_token", handle, request, request_len, response) }
}

/// As okta_auth_renew_token(), for the token of an accessor.
///
/// Vault: POST auth/token/renew-accessor
///
/// Request members, beside the common ones:
///
/// - accessor (text, required): the token's accessor.
/// - increment (seconds or duration): the life wished for; default 0: as at its creation.
///
/// Answers 200 with "auth", client_token is empty.
///
/// Refusals beside the common ones:
///
/// - 400 not_found: the accessor is unknown, or its token is gone.
/// - 400 invalid_request: "accessor" is missing, or its token is not renewable.
/// - 400 relogin_required: the mount has no API token, or the user is not active at Okta.
/// - 500 relogin_required: the user's policies have changed, the token's role is gone, or it is past its
///   greatest life.
/// - 403 permission_denied: remote_address is outside token_bound_cidrs.
/// - 429 rate_limited: Okta asks to slow down; retry_after says how long.
/// - 503 okta_unreachable, okta_timeout: Okta could not be reached, or did not answer in time.
/// - 400 okta_invalid_answer, okta_error, api_token_refused: Okta failed, or does not accept the
///   configured api_token.
///
/// `{"accessor":"<accessor>"}`
/// answers 200:
/// `{"auth":{"client_token":"","accessor":"2f9e354a520df07867ce8ab1","policies":["ops"],
/// "token_policies":["ops"],"metadata":null,"lease_duration":600,"renewable":true,"entity_id":"",
/// "token_type":"service","orphan":true,"mfa_requirement":null,"num_uses":0}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_renew_accessor(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("renew_accessor", handle, request, request_len, response) }
}

/// Lists the accessors of all tokens.
///
/// Vault: LIST auth/token/accessors
///
/// Request members: the common ones.
///
/// Answers 200 with "data": "keys".
///
/// Refusals beside the common ones:
///
/// - 404 not_found: there is none.
///
/// `{}`
/// answers 200:
/// `{"data":{"keys":["1f9e354a520df07867ce8ab0"]}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_list_accessors(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("list_accessors", handle, request, request_len, response) }
}

/// As okta_auth_revoke_token(), for the token of an accessor.
///
/// Vault: POST auth/token/revoke-accessor
///
/// Request members, beside the common ones:
///
/// - accessor (text, required): the token's accessor.
///
/// Answers 204 with an empty body; 200 with a warning when the accessor is unknown.
///
/// Refusals beside the common ones:
///
/// - 400 invalid_request: "accessor" is missing.
///
/// `{"accessor":"<accessor>"}`
/// answers 204.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_revoke_accessor(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("revoke_accessor", handle, request, request_len, response) }
}

/// Ends a token, at once and for good. Tokens made with it live on without a parent.
///
/// Vault: POST auth/token/revoke-orphan
///
/// Request members, beside the common ones:
///
/// - token (text, required): the token.
///
/// Answers 204 with an empty body.
///
/// Refusals beside the common ones:
///
/// - 400 invalid_request, not_found: the token is missing, unknown, or a batch token.
///
/// `{"token":"<login_token>"}`
/// answers 204.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_revoke_token_and_orphan_children(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("revoke_token_and_orphan_children", handle, request, request_len, response) }
}

/// Ends a token and all tokens made with it, at once and for good. An unknown one is no error.
///
/// Vault: POST auth/token/revoke
///
/// Request members, beside the common ones:
///
/// - token (text, required): the token.
///
/// Answers 204 with an empty body.
///
/// Refusals beside the common ones:
///
/// - 400 invalid_request: "token" is missing, or a batch token.
///
/// `{"token":"<client_token>"}`
/// answers 204.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_revoke_token(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("revoke_token", handle, request, request_len, response) }
}

/// Ends the tokens that a user's logins were given until now, whichever way he typed his name, and all
/// tokens made with them but orphans: whoever may create those can outlive this. He can log in again:
/// lock him at Okta first. A call that ends early has ended some; the next goes on.
///
/// Vault: POST auth/<mount_point>/revoke/users/<username>
///
/// Request members, beside the common ones and "mount_point" (text, default okta):
///
/// - username (text, required): his login or his id at Okta, or one of the first 16 spellings that he
///   typed at a login.
///
/// Answers 200 with "data": "revoked", how many service tokens of logins it was. Where batch tokens were
/// issued, too, "warnings" says that they have ended; where nobody who has logged in is known by this
/// name, it says so.
///
/// Refusals beside the common ones:
///
/// - 400 invalid_request: "username" is missing.
///
/// `{"username":"fred@acme.com"}`
/// answers 200:
/// `{"data":{"revoked":1}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_revoke_user_tokens(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("revoke_user_tokens", handle, request, request_len, response) }
}

/// As okta_auth_revoke_user_tokens(), for all users who had policies by a group when their token was
/// issued or renewed last.
///
/// Vault: POST auth/<mount_point>/revoke/groups/<name>
///
/// Request members, beside the common ones and "mount_point" (text, default okta):
///
/// - name (text, required): a group that policies are or were mapped to.
///
/// Answers 200 with "data": "revoked", how many service tokens of logins it was. Where batch tokens were
/// issued, too, "warnings" says that they have ended.
///
/// Refusals beside the common ones:
///
/// - 400 invalid_request: "name" is missing.
///
/// `{"name":"Engineers"}`
/// answers 200:
/// `{"data":{"revoked":3}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_revoke_group_tokens(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("revoke_group_tokens", handle, request, request_len, response) }
}

/// As okta_auth_revoke_user_tokens(), for all users of the mount.
///
/// Vault: POST auth/<mount_point>/revoke
///
/// Request members: the common ones and "mount_point" (text, default okta).
///
/// Answers 200 with "data": "revoked", how many service tokens of logins it was. Where batch tokens were
/// issued, too, "warnings" says that they have ended.
///
/// `{}`
/// answers 200:
/// `{"data":{"revoked":12}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_revoke_mount_tokens(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("revoke_mount_tokens", handle, request, request_len, response) }
}

/// Keeps an object under a token of one use, for "wrap_ttl", which has to be given here.
///
/// Vault: POST sys/wrapping/wrap
///
/// Request members, beside the common ones:
///
/// - data (object, required): anything; the limits are those of a request.
///
/// Answers 200 with "wrap_info": token, accessor, ttl (seconds), creation_time (RFC 3339),
/// creation_path.
///
/// Refusals beside the common ones:
///
/// - 400 invalid_request: "data" or "wrap_ttl" is missing.
/// - 413 too_large: it has more than 1 MiB.
///
/// `{"data":{"db_password":"s3cret"},"wrap_ttl":"10m"}`
/// answers 200:
/// `{"data":null,"wrap_info":{"token":"hvs.CAESIM","accessor":"3f9e354a520df07867ce8ab2","ttl":600,
/// "creation_time":"2026-11-24T03:00:00Z","creation_path":"sys/wrapping/wrap"}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_wrap(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("wrap", handle, request, request_len, response) }
}

/// Tells what an answer was wrapped by, and when. The token keeps its use.
///
/// Vault: POST sys/wrapping/lookup
///
/// Request members, beside the common ones:
///
/// - token (text, required): the wrapping token.
///
/// Answers 200 with "data": creation_path, creation_time (RFC 3339), creation_ttl (seconds).
///
/// Refusals beside the common ones:
///
/// - 400 invalid_token: the token is no wrapping token, was used, or has expired.
/// - 403 invalid_token: "token" is missing or no text.
///
/// `{"token":"<wrapping_token>"}`
/// answers 200:
/// `{"data":{"creation_path":"sys/wrapping/wrap","creation_time":"2026-11-24T03:00:00Z",
/// "creation_ttl":600}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_read_wrapping(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("read_wrapping", handle, request, request_len, response) }
}

/// Moves what is kept under a wrapping token to a new one with the whole life of the old, which ends.
/// Says to whoever holds it that nobody has unwrapped it.
///
/// Vault: POST sys/wrapping/rewrap
///
/// Request members, beside the common ones:
///
/// - token (text, required): the wrapping token.
///
/// Answers 200 with "wrap_info": token, accessor, ttl (seconds), creation_time (RFC 3339),
/// creation_path.
///
/// Refusals beside the common ones:
///
/// - 400 invalid_token: the token is no wrapping token, was used, or has expired.
/// - 403 invalid_token: "token" is missing or no text.
///
/// `{"token":"<wrapping_token>"}`
/// answers 200:
/// `{"data":null,"wrap_info":{"token":"hvs.CAESIN","accessor":"4f9e354a520df07867ce8ab3","ttl":600,
/// "creation_time":"2026-11-24T03:00:00Z","creation_path":"sys/wrapping/wrap"}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_rewrap(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("rewrap", handle, request, request_len, response) }
}

/// Gives what is kept under a wrapping token, once: of several who ask, in any process, one gets it. A
/// refusal may mean that somebody else has read it.
///
/// Vault: POST sys/wrapping/unwrap
///
/// Request members, beside the common ones:
///
/// - token (text, required): the wrapping token.
///
/// Answers 200 with the answer as it was wrapped, with its own "request_id", "warnings" and "auth".
///
/// Refusals beside the common ones:
///
/// - 400 invalid_token: the token is no wrapping token, was used, or has expired.
/// - 403 invalid_token: "token" is missing or no text.
/// - 400 invalid_request: "wrap_ttl" is given, too.
///
/// `{"token":"<wrapping_token>"}`
/// answers 200:
/// `{"data":{"db_password":"s3cret"},"wrap_info":null}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_unwrap(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("unwrap", handle, request, request_len, response) }
}

/// Deletes a token role. Its tokens live on until their time is up, and cannot be renewed. An unknown
/// one is no error.
///
/// Vault: DELETE auth/token/roles/<role_name>
///
/// Request members, beside the common ones:
///
/// - role_name (text, required): of letters, digits, and _; inside also . or -.
///
/// Answers 204 with an empty body.
///
/// Refusals beside the common ones:
///
/// - 400 invalid_request: "role_name" is missing.
///
/// `{"role_name":"backup"}`
/// answers 204.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_delete_token_role(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("delete_token_role", handle, request, request_len, response) }
}

/// Looks at every row of every service token and removes those of no living one, for ten seconds at
/// most; nothing depends on it. The log says how many it was.
///
/// Vault: POST auth/token/tidy
///
/// Request members: the common ones.
///
/// Answers 202 with a warning that says so, also when it is done; 200 with a warning while another
/// thread is at it.
///
/// `{}`
/// answers 202:
/// `{"warnings":["Tidy operation successfully started. Any information from the operation will be printed to Vault's server logs."]}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_tidy_tokens(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("tidy_tokens", handle, request, request_len, response) }
}

/// Tells what stands for a text in the audit log, so that the lines of a token, an accessor or a
/// transaction can be found. It is the same for the file and for the function of okta_auth_set_audit().
///
/// Vault: POST sys/audit-hash/file
///
/// Request members, beside the common ones:
///
/// - input (text, required): the text as it was sent or answered.
///
/// Answers 200 with "data".
///
/// Refusals beside the common ones:
///
/// - 400 invalid_request: "input" is missing or empty.
///
/// `{"input":"hvs.CAESIGFk"}`
/// answers 200:
/// `{"data":{"hash":"<hash>"}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_audit_hash(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("audit_hash", handle, request, request_len, response) }
}

/// Tells which users are refused for a while, because Okta called too many of their passwords or codes
/// wrong; see LOGINS. Those whom Okta has locked are not among them.
///
/// Vault: GET sys/locked-users
///
/// Request members, beside the common ones:
///
/// - mount_accessor (text): of this mount only; default all.
///
/// Answers 200 with "data": "total" and, as in Vault, the names by namespace (there is one) and mount
/// accessor. Names are in the form in which they are counted: lower case, without blanks around them.
///
/// `{}`
/// answers 200:
/// `{"data":{"by_namespace":[],"total":0}}`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_list_locked_users(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("list_locked_users", handle, request, request_len, response) }
}

/// Lets a user in again before his time is up, and forgets his wrong passwords and codes.
///
/// Vault: POST sys/locked-users/<mount_accessor>/unlock/<alias_identifier>
///
/// Request members, beside the common ones:
///
/// - mount_accessor (text, required): which mount, as okta_auth_list_auth_methods() names it.
/// - alias_identifier (text, required): his name, in any spelling.
///
/// Answers 204 with an empty body; 200 with "warnings" when there are some.
///
/// Refusals beside the common ones:
///
/// - 404 not_found: no Okta method has this accessor.
///
/// `{"mount_accessor":"<mount_accessor>","alias_identifier":"fred@acme.com"}`
/// answers 204.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_auth_unlock_user(
    handle: Handle,
    request: *const c_char,
    request_len: usize,
    response: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promises about `request` and `response`.
    unsafe { operation("unlock_user", handle, request, request_len, response) }
}
