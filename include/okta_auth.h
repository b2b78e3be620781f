/*
 * okta_auth: what HashiCorp Vault's Okta auth method does behind an HTTP server, in your own process.
 *
 * This header is the manual. Link with -lokta_auth (soname libokta_auth.so.1), or with libokta_auth.a and
 * -lgcc_s -lutil -lrt -lpthread -lm -ldl -lc.
 *
 *     okta_auth_handle handle;
 *     okta_auth_buffer answer;
 *     const char *options = "{\"storage\":{\"type\":\"sqlite\",\"path\":\"/var/lib/my/okta.db\"}}";
 *     if (okta_auth_open(options, strlen(options), &handle, &answer) != 200) { ... answer.data says why ... }
 *     okta_auth_buffer_free(&answer);
 *     const char *login = "{\"username\":\"fred\",\"password\":\"correct horse\"}";
 *     int32_t status = okta_auth_login(handle, login, strlen(login), &answer);
 *     if (status == 200) { ... answer.data holds the token ... }
 *     okta_auth_buffer_free(&answer);
 *     okta_auth_close(handle);
 *
 * REQUESTS AND ANSWERS. A request is a JSON object in UTF-8, given with its length; NULL with length 0 means {}.
 * It is read during the call only. Every operation returns the status that Vault's HTTP server would send, and
 * only 200 and 204 are a success; 202 is a login transaction that is open, with a body like that of a success, and
 * what okta_auth_tidy_tokens() answers. A
 * negative number (enum okta_auth_code) means that there is no answer. There is no "last error": everything is in
 * the return value and the body. A member that an operation does not know is ignored, as in Vault, and named in the
 * answer's "warnings"; where a 204 would have none, a write is answered 200 with them instead. Not so through
 * okta_auth_request(): it answers as Vault does, and a 204 tells nobody. okta_auth_authorize(), which Vault does not
 * have, refuses such a member. A list is an array of texts; where a list of names is meant, one text split at commas
 * will do, but in okta_auth_create_token().
 *
 * A success has the body
 *   {"request_id", "lease_id", "renewable", "lease_duration", "data", "wrap_info", "warnings", "auth",
 *    "mount_type"},
 * where "data" or "auth" holds what was asked for, "warnings" is null or a list of texts, and lease_duration is
 * in seconds; 204 has an empty body. The examples show only the members that matter, and <name> stands for a
 * value of an answer before. Everything else has the body
 *   {"errors": [text, ...], "code": name},
 * where "code" is stable, see the end of this chapter; and where known "request_id", "retry_after" (seconds) and
 * "okta": {"status", "error_code", "error_id"}. Errors of a login transaction have "data", too, which says whether
 * it is still open; not so where it was not looked at: an unknown id, an address that may not log in, a member of the
 * wrong type. Negative codes have a body of this kind as well.
 *
 * Members that every operation takes, all optional:
 *   "timeout_ms"      milliseconds (1 to 86,400,000) after which it ends with 503 deadline_exceeded
 *   "remote_address"  the IP address of the user's client, for token_bound_cidrs (see AUTHORITY) and the audit log
 *   "user_agent"      what Okta is told about the user's client
 *   "request_id"      comes back in the answer, inside where that is wrapped; made up when absent
 *   "wrap_ttl"        seconds, or a duration such as "10m": the answer is wrapped, see below
 *
 * LOGINS. okta_auth_login() waits until the user has answered a push; okta_auth_start_transaction() never waits for
 * a person. It gives an id, a secret of 32 hex digits, with which okta_auth_continue_transaction() polls, chooses a
 * factor or gives a code, in this process or another one on the same storage, until it answers 200 with the token,
 * once. The user's password is kept by neither. A transaction lives for 15 minutes at most, and no longer than
 * Okta's; it is over after 3 wrong codes. One user has 20 open at one mount, and within 10 minutes 10 wrong codes and
 * 60 pushes or messages, those of okta_auth_login() included.
 *   A user whose passwords or codes Okta has called wrong five times, each within 15 minutes of the one before, is
 * locked for 15 minutes: he is refused with 403 user_locked, known to Okta or not, and Okta is not asked. A name
 * counts in all its spellings of case and outer blanks, at each mount for itself and over all processes that share
 * the storage; what Okta does not call wrong does not count, and a login that succeeds begins anew. (Vault does this
 * for other methods, not for Okta's.) okta_auth_tune_auth_method() sets the numbers or switches it off,
 * okta_auth_unlock_user() ends it. Passwords and codes of one user that come together wait for each other: no more are on their
 * way to Okta, from one process, than he has left before he is locked, and the others are refused once he is. What is
 * on its way from other processes then is not called back; but none that ends after the lock, right or wrong, gives a
 * token: it is refused with 403 user_locked. One whose call is cancelled, or out of time, before Okta has
 * answered does not count: nobody hears whether it was right.
 *
 * WRAPPING. With "wrap_ttl" a 200 with a body comes as "wrap_info" alone: {"token", "accessor", "ttl", "creation_time",
 * "creation_path"} and, where the answer holds a token, its "wrapped_accessor". okta_auth_unwrap() gives the whole
 * answer for this token, once, until "ttl" seconds have passed; so does the path cubbyhole/response at the door. Any
 * other use of the token, a refused one included, gives nothing and ends it, but for looking it up: so a token can go
 * through other hands, and whoever is to have it knows whether somebody else has read it. Errors, 204 and 202 come
 * bare, so give "wrap_ttl" with each step of a login transaction: the one that ends it with 200 is wrapped. What is
 * wrapped lives on as it would, a token inside until its own end. Of what waits, 2,000 answers of up to 16 KiB, or as
 * many fewer as they are longer, may be those of one user at the door, or of one token without an entity and all that
 * were made with it; a quarter of the room is the host's; for whoever shows no
 * token, or a wrapping token, nothing is wrapped but his login, and at the door for no longer than "max_lease_ttl" (400
 * invalid_request).
 *
 * AUTHORITY. Named operations act with the authority of this process, which could read the storage anyway; they
 * need no token. okta_auth_request() is the door for requests of others, and demands a token as Vault does.
 * The token's ACL policies decide what it may do there, as in Vault 1.21; on paths of your own ask
 * okta_auth_authorize(). okta_auth_lookup_token() tells what a token is and enforces nothing: nobody is to be let in
 * by its 200. A port behind remote_address ("192.0.2.7:1812", "[2001:db8::7]:1812") does not count.
 *   token_bound_cidrs are compared with remote_address by okta_auth_request(), okta_auth_authorize(), logins
 * and their transactions, okta_auth_renew_token() and okta_auth_renew_accessor(). Stricter than Vault: what a rule says
 * of a user, group or policy holds for every spelling of its name that is taken for it, in any letter case; a policy
 * whose text HCL would take for something else than it looks like is refused.
 *
 * AUDIT. With the option "audit", or okta_auth_set_audit(), every request leaves two lines, one before it is carried
 * out and one with its answer, refused and failed ones included, whichever function it came by; only what is no
 * request (a negative code at once: not UTF-8, too large, an unknown operation) leaves none. A line is a JSON object
 * with the members of Vault's audit log: "time", "type" ("request" or "response"), "auth" (who asks, by which
 * policies), "request", "response", "error"; and besides "status", "code", "outcome" (success, pending, refused,
 * failed, cancelled), "okta" (Okta's status, error_code and error_id), "user" (name as typed, okta_id, okta_login),
 * "factor"; in "request" "function", and "host" where it has this process's authority. Every text in "data", every
 * token and accessor, and every secret in a path stands there as "hmac-sha256:...", under a key that only the storage
 * has. "data" members that the mount's audit_non_hmac_request_keys and audit_non_hmac_response_keys name stand in
 * clear, unless they are passwords, codes or tokens by their kind. A "left_out" counts what was too long for a line.
 *   The file is made with mode 0600, is not followed through a symbolic link, must be nobody else's, and is opened
 * anew when it was moved away or removed: rotate it by renaming it. Where "required", which is the default, and the line of a request cannot be written, nothing is done; where that of an answer cannot, the answer is
 * 500 audit_failed and a token that it would have given is revoked. Otherwise, and in either case, the log says
 * "audit_failed" with a count. A disk that is full leaves what it took of a line, ended by the next one: skip what is no
 * JSON. A call that ends by its deadline or a cancel while the worker is busy has its line soon
 * after; what the worker was doing then has another line, with "untold".
 *
 * OWNERSHIP. An okta_auth_buffer is filled by a call and freed by okta_auth_buffer_free(), which wipes it: it may
 * hold a token. The struct is overwritten unread, so free it before using it again. Free one copy only. A
 * response of NULL drops the answer; the status still comes back. Never free "data" by other means, and never
 * write to it. Nothing else is owned by the caller; handles end with okta_auth_close().
 *
 * THREADS. Every function may be called from any thread at any time, okta_auth_close() included. The library has
 * no thread before the first call that goes over the network or is submitted, and never more than two of its own,
 * "okta_auth-net" and "okta_auth-work", plus one for the time of a name look-up by the system. They end with the
 * handles that used them. They block every signal (INT, TERM, HUP, QUIT, USR1, USR2, ALRM, CHLD, PIPE and the rest)
 * but PROF and those of a thread's own faults, and leave the host's handlers alone. The library installs no signal
 * handler; a host that limits the size of its files should ignore XFSZ, or a full database ends it. A thread needs
 * 256 KiB of stack to call the library. A pthread_cancel() that meets a thread inside waits until the call has
 * returned: end waits by okta_auth_cancel() or okta_auth_close().
 *
 * TICKETS. okta_auth_submit() begins any operation, okta_auth_request() included, without waiting for it, and gives
 * a ticket. The ticket has one end: an answer, OKTA_AUTH_CANCELLED after okta_auth_cancel(), or OKTA_AUTH_PANIC.
 * okta_auth_wait() takes it, and with it the ticket: whatever it returns but OKTA_AUTH_PENDING, the ticket is unknown
 * from then on. An event loop polls the descriptor of okta_auth_completion_fd(), asks okta_auth_next_completed()
 * which tickets have ended until there are no more, and takes each with okta_auth_wait() and a time of 0; see
 * examples/epoll.c. Others just wait.
 *   The deadline of an operation counts from okta_auth_submit() on and covers all of it, name look-ups and a busy
 * database included. Storage work of submitted operations is done one by one: while another process holds the
 * database, they wait for each other, and each still ends by its own deadline. okta_auth_cancel() returns at once;
 * no request of the operation leaves after it, but for one that is on its way. okta_auth_close() ends what runs:
 * waits in other threads return OKTA_AUTH_CANCELLED, tickets that were not collected end with the handle. At most
 * 32,768 tickets of a handle are open at once.
 *
 * FORK. In a child process every handle that was opened before the fork returns OKTA_AUTH_FORKED at once. Open
 * a new one there, on the same storage if you like; okta_auth_open() answers OKTA_AUTH_FORKED as well where the
 * fork could not close the database for want of time. The parent's handles go on working in the parent. Do not
 * fork inside a log or audit function and return from it in the child. Descriptors of the library are its own: do not close
 * those of others (closefrom()) while a handle is open. The database is used by its path: after chroot() open anew.
 *
 * HANDLES. A number that stands for an open client; 0 never does. Numbers are never used twice, so a stale handle
 * is told (OKTA_AUTH_CLOSED), and so is an invented one (OKTA_AUTH_INVALID_HANDLE). Tickets are numbers of the same
 * kind, and none is a handle's; one that has ended, or is of another handle, or from before a fork, or was never
 * issued, is OKTA_AUTH_INVALID_TICKET.
 *
 * FAULTS. A panic inside of the library is caught and returned as OKTA_AUTH_PANIC; the library and the handle go
 * on working. The library never writes to stdout or stderr, never exits and never aborts, save when memory or
 * the stack runs out. It reads no environment variable unless asked.
 *
 * LIMITS. A request 64 MiB, the body inside okta_auth_request() 32 MiB, JSON 300 levels deep with 250,000 values,
 * 10,000 elements in an array, 10,000 members in an object and 1 MiB in a text; a path 2,048 bytes, the name in it
 * included, and headers 1 MiB; a parameter that a policy has values for 10,000 pieces; an answer that is wrapped 1 MiB,
 * and 102,400 of them wait; 1,024 open handles; 32,768 tickets of a handle; 1,000 mounts in a storage, 20,000 policies of
 * 1 MiB each, 10,000 token roles with 10,000 entities each, 100,000 in all, which go when no token belongs to them and
 * room is needed; 100,000 registered users and as many groups of a mount.
 * An operation ends by its deadline: "timeout_ms", or 60 seconds, or login_timeout_ms where a person is waited for.
 * A handle makes 128 calls to Okta at once; more operations than that wait for their turn, within their deadline.
 *
 * VERSIONS. OKTA_AUTH_VERSION is the version of this header, okta_auth_version() that of the library that runs;
 * likewise OKTA_AUTH_ABI_VERSION and okta_auth_abi_version(). Functions, codes and members are only added while
 * the soname stays, so ignore members that you do not know.
 *
 * STATUSES that every operation may return beside its own:
 *   400  invalid_request, invalid_json: the request is not acceptable, and the text says why
 *   404  unsupported_path: there is no mount at "mount_point"
 *   413  too_large: an answer that was to be wrapped
 *   500  storage_failed, internal; audit_failed where the audit log is required
 *   503  storage_failed, storage_busy, deadline_exceeded, limit_reached
 *
 * CODES of error bodies. Names are only added.
 *   invalid_request          A member of the request is missing, of the wrong type or not allowed.
 *   invalid_json             The request is no acceptable JSON.
 *   too_large                The request is over a limit of size.
 *   not_found                Nothing is stored under this name.
 *   unsupported_operation    The path exists, but not for this method.
 *   unsupported_path         The path does not exist.
 *   permission_denied        The caller may not do this.
 *   user_locked              The user gave too many wrong passwords or codes and is refused for a while;
 *                            see retry_after.
 *   invalid_token            The token is unknown, expired or revoked.
 *   not_configured           The mount has no configuration yet.
 *   invalid_credentials      Okta refused the user: wrong password, unknown user, hidden lockout or policy.
 *                            Okta does not tell which.
 *   locked_out               The account is locked at Okta.
 *   password_expired         The password was right but has expired.
 *   login_refused            Okta answered with a state that is no login.
 *   mfa_enrollment_required  The user must enrol a factor first.
 *   passcode_required        A passcode (totp) is needed.
 *   passcode_invalid         The passcode was wrong, used before, or of another time window.
 *   another_passcode_required The passcode was good, and Okta wants another one (the next of a hardware
 *                            token, a new PIN); the text says which.
 *   no_supported_factor      The user has no factor that can be used here.
 *   factor_unavailable       The user has no such factor, or it cannot be used here.
 *   factor_required          A factor is to be chosen before a passcode or answer can be given.
 *   password_expiring        The password is right and will expire soon.
 *   too_many_attempts        Too many wrong passcodes or answers.
 *   step_in_progress         Another step of the transaction is under way.
 *   push_rejected            The user rejected the push.
 *   challenge_timeout        The user did not answer the push in time.
 *   nonce_required           A number challenge came up, but the login named no nonce to publish the number
 *                            under.
 *   nonce_invalid            The nonce is too short or is in use.
 *   rate_limited             Okta or a local limit asks to slow down; see retry_after.
 *   okta_unreachable         Okta could not be reached: name resolution, connection, TLS.
 *   okta_timeout             Okta's answer did not come in time.
 *   okta_invalid_answer      Okta's answer was not understood or not acceptable.
 *   okta_error               Okta failed or refused for another reason; see okta.
 *   api_token_refused        Okta does not accept the configured api_token, or it lacks rights.
 *   relogin_required         The token cannot be renewed any more; the user has to log in again.
 *   path_in_use              A mount of this path, above it or below it exists.
 *   storage_failed           The storage failed, is full or cannot be read.
 *   storage_busy             The storage was busy or contended for too long.
 *   wrong_key                The barrier key is not the one the storage was sealed with.
 *   deadline_exceeded        The operation's time was up.
 *   cancelled                The operation was cancelled or its handle closed.
 *   limit_reached            A bound on open handles, transactions or tickets is reached.
 *   unsupported              This library does not do this.
 *   audit_failed             The audit log cannot be written, and nothing is to be done or answered without
 *                            it.
 *   internal                 A fault of the library; please report it.
 *   transaction_expired      Okta's transaction has expired or was cancelled; start a new login.
 *   forked                   The storage belongs to the process that this one was forked from, or was in
 *                            use while it was forked.
 */

#ifndef OKTA_AUTH_H
#define OKTA_AUTH_H

#include <stddef.h>
#include <stdint.h>

/**
 * The version of the library that this header came with.
 */
#define OKTA_AUTH_VERSION "0.1.0"

/**
 * The number of the ABI this header describes. It grows when functions are added; what was there keeps its
 * meaning as long as the soname is libokta_auth.so.1. A library whose okta_auth_abi_version() is lower
 * lacks functions of this header.
 */
#define OKTA_AUTH_ABI_VERSION 1

/**
 * Level for okta_auth_set_logger: nothing is logged.
 */
#define OKTA_AUTH_LOG_OFF 0

/**
 * Level for okta_auth_set_logger: what failed and needs an operator.
 */
#define OKTA_AUTH_LOG_ERROR 1

/**
 * Level for okta_auth_set_logger: also what goes on, but not as it should.
 */
#define OKTA_AUTH_LOG_WARN 2

/**
 * Level for okta_auth_set_logger: also what was done.
 */
#define OKTA_AUTH_LOG_INFO 3

/**
 * Level for okta_auth_set_logger: also how it was done.
 */
#define OKTA_AUTH_LOG_DEBUG 4

/**
 * What a function returns when there is no answer. All are negative, so that none is an HTTP status.
 * Numbers are never reused, names are only added.
 */
enum okta_auth_code
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * A pointer that must not be NULL is NULL.
     */
    OKTA_AUTH_NULL_POINTER = -1,
    /**
     * The request or the options are not UTF-8.
     */
    OKTA_AUTH_INVALID_UTF8 = -2,
    /**
     * This handle was never issued.
     */
    OKTA_AUTH_INVALID_HANDLE = -3,
    /**
     * The request is over 64 MiB.
     */
    OKTA_AUTH_TOO_LARGE = -4,
    /**
     * The handle was opened before a fork, in the parent process: open a new one. From okta_auth_open(): the
     * fork found a database in use, so this process can open none: fork again, or exec.
     */
    OKTA_AUTH_FORKED = -5,
    /**
     * The function was called from inside a log or audit function.
     */
    OKTA_AUTH_REENTERED = -6,
    /**
     * A fault of the library was caught; it goes on working. Please report it.
     */
    OKTA_AUTH_PANIC = -7,
    /**
     * The operation is still running.
     */
    OKTA_AUTH_PENDING = -8,
    /**
     * The operation was cancelled, or its handle was closed while it ran.
     */
    OKTA_AUTH_CANCELLED = -9,
    /**
     * This ticket was never issued, or its result was collected.
     */
    OKTA_AUTH_INVALID_TICKET = -10,
    /**
     * There is no operation of this name.
     */
    OKTA_AUTH_UNKNOWN_OPERATION = -11,
    /**
     * The handle was closed.
     */
    OKTA_AUTH_CLOSED = -12,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum okta_auth_code okta_auth_code;
#else
typedef int32_t okta_auth_code;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Stands for an open client, see HANDLES above.
 */
typedef uint64_t okta_auth_handle;

/**
 * An answer's body: UTF-8 JSON, `len` bytes, with a NUL after them. `data` is never NULL after a call. Do not
 * write to it: bodies of negative codes and empty bodies stand in read-only memory.
 *
 * Every call overwrites the struct without reading it, so free it with okta_auth_buffer_free() before you use
 * it again. A copy of the struct is an alias: only one of them may be freed.
 */
typedef struct okta_auth_buffer {
    /**
     * The text.
     */
    char *data;
    /**
     * Bytes of the text, without the NUL.
     */
    size_t len;
} okta_auth_buffer;

/**
 * What okta_auth_set_logger() takes: a function that gets one JSON object in one line, `record_len` bytes of
 * UTF-8 with a NUL after them, valid during the call only. Its members are "time", "level", "event" and more.
 */
typedef void (*okta_auth_log_fn)(void *user_data, int32_t level, const char *record, size_t record_len);

/**
 * What okta_auth_set_audit() takes: a function that gets one line of the audit log, a JSON object of `line_len`
 * bytes of UTF-8 with a NUL after them, valid during the call only. It returns 0 when it has the line, and anything
 * else when it could not take it.
 */
typedef int32_t (*okta_auth_audit_fn)(void *user_data, const char *line, size_t line_len);

/**
 * Stands for a submitted operation, see TICKETS above.
 */
typedef uint64_t okta_auth_ticket;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the library that runs, such as "0.1.0". Static text; do not free it.
 */
const char *okta_auth_version(void);

/**
 * The number of the ABI that the running library has, see OKTA_AUTH_ABI_VERSION.
 */
uint32_t okta_auth_abi_version(void);

/**
 * A checksum of what the header of the running library declares. Generated bindings compare it with that of the
 * header they were made from: where the ABI numbers are the same, so are the checksums. Comments and
 * OKTA_AUTH_VERSION do not count.
 */
uint64_t okta_auth_header_checksum(void);

/**
 * Opens a handle: a storage, the mounts in it, and a pool of connections to Okta. Needs no network.
 *
 * `options` is a JSON object. Members, all optional; an unknown one is refused by name:
 *
 * - "storage": {"type":"memory"} (default), or {"type":"sqlite","path":"/var/lib/my/okta.db"}.
 * - "key": the barrier key that seals the storage, 32 bytes in base64; or "key_file": the file that holds it.
 *   Default for SQLite: `<path>.key`, made with mode 0600 at the first open.
 * - "mounts": paths of the okta mounts a new storage starts with; default ["okta"].
 * - "ca_file" or "ca_pem": trust these certificates (PEM) instead of the system's.
 * - "proxy": URL of an HTTP proxy. "use_env_proxy": true reads HTTPS_PROXY and NO_PROXY; default false.
 * - "connect_timeout_ms" (5000), "request_timeout_ms" (15000), "login_timeout_ms" (300000): milliseconds for
 *   one connection to Okta, one request to it, and one login with all its waiting.
 * - "default_lease_ttl", "max_lease_ttl": seconds or a duration such as "768h", the default of both.
 * - "audit": {"file":"/var/log/my/audit.log","required":true}: the file that audit lines are added to; with
 *   "required" (default) nothing is done and nothing answered without its line. See AUDIT.
 *
 * Returns 200 and stores the handle in `*handle`, with an empty body; or stores 0 and returns what is wrong:
 * 400 (invalid_request, invalid_json), 500 or 503 (wrong_key, storage_failed, storage_busy, audit_failed,
 * limit_reached: 1024 handles are open), or a negative code; OKTA_AUTH_FORKED where this process was forked while a database
 * was in use, so that it can open none.
 *
 * Example: `{"storage":{"type":"sqlite","path":"/var/lib/my/okta.db"}}`
 */
int32_t okta_auth_open(const char *options,
                       size_t options_len,
                       okta_auth_handle *handle,
                       struct okta_auth_buffer *response);

/**
 * Closes a handle, from any thread, also while other threads are inside: their operations end, and return
 * OKTA_AUTH_CANCELLED unless they were done. It waits a second at most for
 * them, and for a fork that is under way. Then, where nothing is, it moves the last commits (8 MiB at most) from
 * SQLite's log into the database file, and that takes as long as the disk takes. Everything that was answered is in
 * the storage, moved or not. The log function and the audit function are not called any more once this returned; a
 * call of theirs that is running is waited for, however long it takes.
 *
 * Returns 0, or OKTA_AUTH_CLOSED the second time, OKTA_AUTH_INVALID_HANDLE, OKTA_AUTH_FORKED,
 * OKTA_AUTH_REENTERED.
 */
int32_t okta_auth_close(okta_auth_handle handle);

/**
 * Wipes and frees the text of an answer, and sets `data` to NULL and `len` to 0. Does nothing with NULL and with
 * a buffer that was freed. May be called at any time, after a close and from a log function too.
 */
void okta_auth_buffer_free(struct okta_auth_buffer *buffer);

/**
 * The door for requests of others: carries out a whole request as Vault's HTTP server would, with the authority
 * of the token that comes with it. Pass on what a client sent; do not use it with the host's own wishes.
 *
 * Request members:
 *
 * - "method" (text, required): GET, POST, PUT, DELETE or LIST; HEAD of sys/health.
 * - "path" (text, required): as on the wire: percent-encoded, with or without "/v1/", with its query. With `?help=1`
 *   nothing is done, and "help" says what the path is for.
 * - "token" (text): the caller's token; needed on every path but login, verify, transactions, sys/wrapping/lookup,
 *   sys/health, sys/seal-status, sys/init and sys/internal/ui/mounts.
 * - "data" (object) or "body" (text as received, up to 32 MiB): the parameters.
 * - "headers" (object of texts or lists of texts): X-Vault-Token and Authorization: Bearer count like "token",
 *   X-Vault-Wrap-TTL like "wrap_ttl", User-Agent like "user_agent", but that one which no header can have is dropped;
 *   X-Forwarded-For reaches Okta where the mount passes it through.
 * - "remote_address" (text): the client's IP address, which token_bound_cidrs are compared with.
 * - "user_agent" and "request_id" (text), "timeout_ms" (milliseconds), "wrap_ttl": as for every operation.
 *
 * What is said twice and differently is 400. Answers, statuses and texts are those of Vault's HTTP API.
 * Codes beside those of the path: 400 invalid_request and invalid_json, 403 permission_denied and
 * invalid_token, 404 unsupported_path, 405 unsupported_operation, 413 too_large.
 *
 * Example: `{"method":"POST","path":"/v1/auth/okta/login/fred","data":{"password":"correct horse"}}`
 */
int32_t okta_auth_request(okta_auth_handle handle,
                          const char *request,
                          size_t request_len,
                          struct okta_auth_buffer *response);

/**
 * Sends the log of a handle to `function`, or to nobody (NULL, or level OKTA_AUTH_LOG_OFF). A handle logs
 * nothing until this is called; the first function is told then what went wrong while the handle was opened.
 *
 * `level` is the highest of the OKTA_AUTH_LOG_ levels that is wanted; numbers above and below count as the
 * last and the first. `function` is called with `user_data` on the thread on which something happened, from
 * several threads at once, and never while the library holds a lock. It must return, and soon, as operations wait
 * for it, those of other handles too: no longjmp, no exception, no exit of the thread, and no return in a forked
 * child. Functions called from inside it return OKTA_AUTH_REENTERED, other than okta_auth_version(),
 * okta_auth_abi_version(), okta_auth_header_checksum() and okta_auth_buffer_free().
 *
 * When this returns, the function registered before is not running and never runs again, so its `user_data` may
 * be freed. Do not call this while holding a lock that the log function takes.
 *
 * No record holds a password, passcode, token or key.
 *
 * Returns 0, or OKTA_AUTH_INVALID_HANDLE, OKTA_AUTH_CLOSED, OKTA_AUTH_FORKED, OKTA_AUTH_REENTERED.
 */
int32_t okta_auth_set_logger(okta_auth_handle handle,
                             int32_t level,
                             okta_auth_log_fn function,
                             void *user_data);

/**
 * Sends the audit log of a handle to `function`, too, or to none (NULL): every line that is made from now on. A
 * handle has no audit log until this is called, unless okta_auth_open() was given "audit". Where that does not say
 * "required": false, a line counts as written only when the file, if there is one, and this function, if there is one,
 * have it; with "audit" and neither, every request is refused.
 *
 * `function` is called with `user_data` like the log function of okta_auth_set_logger(), under the same rules:
 * from several threads at once, never while the library holds a lock, and it must return soon. When this returns,
 * the function registered before is not running and never runs again.
 *
 * Returns 0, or OKTA_AUTH_INVALID_HANDLE, OKTA_AUTH_CLOSED, OKTA_AUTH_FORKED, OKTA_AUTH_REENTERED.
 */
int32_t okta_auth_set_audit(okta_auth_handle handle,
                            okta_auth_audit_fn function,
                            void *user_data);

/**
 * Begins an operation and returns without waiting for the network or for the storage.
 *
 * `operation` is its name without okta_auth_, such as "login", or "request" for okta_auth_request(). The request
 * is read during the call only. The operation goes on by threads of the library; see TICKETS.
 *
 * Returns 202 and stores the ticket in `*ticket`, with an empty body; or stores 0 and returns what is wrong: 400
 * (invalid_request, invalid_json) where the request itself is not acceptable, 503 (limit_reached) where 32,768
 * tickets of the handle are open or no thread could be started, or a negative code, OKTA_AUTH_UNKNOWN_OPERATION
 * among them. Everything else that the operation could answer comes from okta_auth_wait().
 */
int32_t okta_auth_submit(okta_auth_handle handle,
                         const char *operation,
                         const char *request,
                         size_t request_len,
                         okta_auth_ticket *ticket,
                         struct okta_auth_buffer *response);

/**
 * Waits for a submitted operation and takes its answer; the ticket ends with it.
 *
 * `timeout_ms`: how long at most, in milliseconds; 0 only looks; -1 waits until the operation ends, which it does
 * by its own deadline ("timeout_ms" of its request). The operation goes on whatever happens here.
 *
 * Returns what the operation's own function would return, with the same body. OKTA_AUTH_PENDING while it runs;
 * OKTA_AUTH_CANCELLED once after okta_auth_cancel(), and where okta_auth_close() came meanwhile;
 * OKTA_AUTH_INVALID_TICKET for a ticket that this handle never issued or whose answer was taken: of two threads
 * that wait for one ticket, one gets the answer. 400 (invalid_request) for other negative times; the ticket stays.
 */
int32_t okta_auth_wait(okta_auth_handle handle,
                       okta_auth_ticket ticket,
                       int32_t timeout_ms,
                       struct okta_auth_buffer *response);

/**
 * Ends a submitted operation, and returns at once. It asks Okta nothing more, and okta_auth_wait() returns
 * OKTA_AUTH_CANCELLED for it, once. What it has done by then stays done: cancelled at its last moment, a login may
 * have issued a token that nobody knows.
 *
 * Returns 0, also where the operation has ended already, which changes nothing; or OKTA_AUTH_INVALID_TICKET,
 * OKTA_AUTH_INVALID_HANDLE, OKTA_AUTH_CLOSED, OKTA_AUTH_FORKED, OKTA_AUTH_REENTERED.
 */
int32_t okta_auth_cancel(okta_auth_handle handle,
                         okta_auth_ticket ticket);

/**
 * Stores a file descriptor in `*fd` that becomes readable when an operation ends: for poll, epoll, and the event
 * loops that stand on them.
 *
 * It is readable while okta_auth_next_completed() has a ticket to name, and for ever once the handle is closed. An
 * edge-triggered loop calls okta_auth_next_completed() until it returns OKTA_AUTH_PENDING. Poll it only: do not
 * read from it or write to it. It is yours and has CLOEXEC set; close it when you like, also after
 * okta_auth_close(). Each call gives another one. In a forked child it does nothing useful and no harm.
 *
 * Returns 0; or stores -1 and returns 503 where the process can have no more descriptors, or
 * OKTA_AUTH_NULL_POINTER, OKTA_AUTH_INVALID_HANDLE, OKTA_AUTH_CLOSED, OKTA_AUTH_FORKED, OKTA_AUTH_REENTERED.
 */
int32_t okta_auth_completion_fd(okta_auth_handle handle,
                                int32_t *fd);

/**
 * Stores in `*ticket` an operation that has ended, cancelled ones included, for okta_auth_wait() to take its
 * answer. Each ticket is named once, in the order in which they ended; those whose answer was taken before are not.
 *
 * Returns 0; or stores 0 and returns OKTA_AUTH_PENDING when there is none, or OKTA_AUTH_NULL_POINTER,
 * OKTA_AUTH_INVALID_HANDLE, OKTA_AUTH_CLOSED, OKTA_AUTH_FORKED, OKTA_AUTH_REENTERED.
 */
int32_t okta_auth_next_completed(okta_auth_handle handle,
                                 okta_auth_ticket *ticket);

/**
 * Writes the configuration of a mount. Members left out keep what they were before; nothing is written
 * when any of them is refused. A list is an array of texts or one text split at commas; a duration is a
 * text such as "90m".
 *
 * Vault: POST auth/<mount_point>/config
 *
 * Request members, beside the common ones and "mount_point" (text, default okta):
 *
 * - org_name (text): the organisation: acme in https://acme.okta.com; needed unless there is an
 *   org_url.
 * - api_token (text): API token of a read-only administrator, for groups and renewal; never shown.
 * - base_url (text): the domain behind org_name, not a URL; default okta.com.
 * - org_url (text): the organisation's full address, such as https://sso.example.ca, instead of the
 *   two; a new org_name or a base_url written later takes its place.
 * - bypass_okta_mfa (boolean): count MFA_REQUIRED and MFA_ENROLL as success; default false.
 * - organization, token, production, ttl, max_ttl (as in Vault): a deprecated name.
 * - token_ttl (seconds or duration): life of a login's token; default that of the mount.
 * - token_max_ttl (seconds or duration): how long renewals can stretch it.
 * - token_period (seconds or duration): tokens without an end that must be renewed this often.
 * - token_explicit_max_ttl (seconds or duration): hard end, whatever else is set.
 * - token_policies (list of texts): policies of every login.
 * - token_no_default_policy (boolean): leave the policy "default" out; default false.
 * - token_bound_cidrs (list of texts): addresses or networks that may log in and use the token.
 * - token_num_uses (number): uses of a token; default 0, unlimited.
 * - token_type (text): default, service or batch.
 *
 * Answers 204 with an empty body; 200 with "warnings" when there are some.
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_request: a member is missing, of the wrong type or not allowed.
 *
 * `{"org_url":"https://acme.okta.com","api_token":"00TokenOfAcme","token_ttl":"1h"}`
 * answers 204.
 */
int32_t okta_auth_configure(okta_auth_handle handle,
                            const char *request,
                            size_t request_len,
                            struct okta_auth_buffer *response);

/**
 * Reads the configuration of a mount, without its API token.
 *
 * Vault: GET auth/<mount_point>/config
 *
 * Request members: the common ones and "mount_point" (text, default okta).
 *
 * Answers 200 with "data": the members of okta_auth_configure() with their effective values, durations
 * in seconds. A warning says that no API token is set.
 *
 * Refusals beside the common ones:
 *
 * - 404 not_found: the mount is not configured.
 *
 * `{}`
 * answers 200:
 * `{"data":{"org_name":"","organization":"","org_url":"https://acme.okta.com","base_url":"okta.com",
 * "bypass_okta_mfa":false,"token_bound_cidrs":[],"token_explicit_max_ttl":0,"token_max_ttl":0,
 * "token_no_default_policy":false,"token_num_uses":0,"token_period":0,"token_policies":[],
 * "token_ttl":3600,"token_type":"default"}}`
 */
int32_t okta_auth_read_config(okta_auth_handle handle,
                              const char *request,
                              size_t request_len,
                              struct okta_auth_buffer *response);

/**
 * Maps a user to groups and policies, beside the groups that Okta tells. What was mapped before is
 * replaced. The name keeps the spelling of its first write.
 *
 * Vault: POST auth/<mount_point>/users/<username>
 *
 * Request members, beside the common ones and "mount_point" (text, default okta):
 *
 * - username (text, required): the user's name; upper and lower case are the same.
 * - groups (list of texts): groups of okta_auth_register_group(); default none.
 * - policies (list of texts): policies; default none.
 *
 * Answers 204 with an empty body; 200 with "warnings" when there are some.
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_request: the name is empty, too long or has control characters.
 * - 400 limit_reached: there are 100,000 users at the mount.
 *
 * `{"username":"fred","groups":["on-call"],"policies":["dev"]}`
 * answers 204.
 */
int32_t okta_auth_register_user(okta_auth_handle handle,
                                const char *request,
                                size_t request_len,
                                struct okta_auth_buffer *response);

/**
 * Reads what a user is mapped to.
 *
 * Vault: GET auth/<mount_point>/users/<username>
 *
 * Request members, beside the common ones and "mount_point" (text, default okta):
 *
 * - username (text, required): the user's name; upper and lower case are the same.
 *
 * Answers 200 with "data": "groups" and "policies", as they were written.
 *
 * Refusals beside the common ones:
 *
 * - 404 not_found: nothing is stored under this name.
 *
 * `{"username":"fred"}`
 * answers 200:
 * `{"data":{"groups":["on-call"],"policies":["dev"]}}`
 */
int32_t okta_auth_read_user(okta_auth_handle handle,
                            const char *request,
                            size_t request_len,
                            struct okta_auth_buffer *response);

/**
 * Lists the names of all mapped users.
 *
 * Vault: LIST auth/<mount_point>/users
 *
 * Request members: the common ones and "mount_point" (text, default okta).
 *
 * Answers 200 with "data": "keys", the names, sorted.
 *
 * Refusals beside the common ones:
 *
 * - 404 not_found: there is none.
 *
 * `{}`
 * answers 200:
 * `{"data":{"keys":["fred"]}}`
 */
int32_t okta_auth_list_users(okta_auth_handle handle,
                             const char *request,
                             size_t request_len,
                             struct okta_auth_buffer *response);

/**
 * Forgets what a user is mapped to, known or not. Tokens he has stay valid.
 *
 * Vault: DELETE auth/<mount_point>/users/<username>
 *
 * Request members, beside the common ones and "mount_point" (text, default okta):
 *
 * - username (text, required): the user's name; upper and lower case are the same.
 *
 * Answers 204 with an empty body; 200 with "warnings" when there are some.
 *
 * `{"username":"barney"}`
 * answers 204.
 */
int32_t okta_auth_delete_user(okta_auth_handle handle,
                              const char *request,
                              size_t request_len,
                              struct okta_auth_buffer *response);

/**
 * Maps a group, of Okta or of okta_auth_register_user(), to policies. What was mapped before is
 * replaced.
 *
 * Vault: POST auth/<mount_point>/groups/<name>
 *
 * Request members, beside the common ones and "mount_point" (text, default okta):
 *
 * - name (text, required): the group's name; upper and lower case are the same.
 * - policies (list of texts): policies; lower-cased, sorted, doubles dropped; default none.
 *
 * Answers 204 with an empty body; 200 with "warnings" when there are some.
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_request: the name is empty, too long or has control characters.
 * - 400 limit_reached: there are 100,000 groups at the mount.
 *
 * `{"name":"on-call","policies":["duty","ops"]}`
 * answers 204.
 */
int32_t okta_auth_register_group(okta_auth_handle handle,
                                 const char *request,
                                 size_t request_len,
                                 struct okta_auth_buffer *response);

/**
 * Reads the policies of a group.
 *
 * Vault: GET auth/<mount_point>/groups/<name>
 *
 * Request members, beside the common ones and "mount_point" (text, default okta):
 *
 * - name (text, required): the group's name; upper and lower case are the same.
 *
 * Answers 200 with "data": "policies".
 *
 * Refusals beside the common ones:
 *
 * - 404 not_found: nothing is stored under this name.
 *
 * `{"name":"on-call"}`
 * answers 200:
 * `{"data":{"policies":["duty","ops"]}}`
 */
int32_t okta_auth_read_group(okta_auth_handle handle,
                             const char *request,
                             size_t request_len,
                             struct okta_auth_buffer *response);

/**
 * Lists the names of all mapped groups.
 *
 * Vault: LIST auth/<mount_point>/groups
 *
 * Request members: the common ones and "mount_point" (text, default okta).
 *
 * Answers 200 with "data": "keys", the names in Vault's order.
 *
 * Refusals beside the common ones:
 *
 * - 404 not_found: there is none.
 *
 * `{}`
 * answers 200:
 * `{"data":{"keys":["on-call"]}}`
 */
int32_t okta_auth_list_groups(okta_auth_handle handle,
                              const char *request,
                              size_t request_len,
                              struct okta_auth_buffer *response);

/**
 * Forgets the policies of a group, known or not. Tokens issued before keep them until renewed.
 *
 * Vault: DELETE auth/<mount_point>/groups/<name>
 *
 * Request members, beside the common ones and "mount_point" (text, default okta):
 *
 * - name (text, required): the group's name; upper and lower case are the same.
 *
 * Answers 204 with an empty body; 200 with "warnings" when there are some.
 *
 * `{"name":"interns"}`
 * answers 204.
 */
int32_t okta_auth_delete_group(okta_auth_handle handle,
                               const char *request,
                               size_t request_len,
                               struct okta_auth_buffer *response);

/**
 * Logs a user in at Okta with password and second factor, and issues a token. Waits for a push until
 * the user has answered it, at most login_timeout_ms or timeout_ms, and ends with 503 deadline_exceeded
 * then, not sooner; okta_auth_close() ends the wait. Nothing is sent twice: one password check, one
 * push. The passcode "totp" chooses a TOTP factor, of "provider" where given; without it Okta Verify
 * push is used. When the push wants a number tapped, okta_auth_verify() tells it, in another thread, to
 * whoever knows the "nonce".
 *
 * Vault: POST auth/<mount_point>/login/<username>
 *
 * Request members, beside the common ones and "mount_point" (text, default okta):
 *
 * - username (text, required): as the user would type it at Okta; outer blanks are trimmed.
 * - password (text, required): the user's password; never stored.
 * - totp (text): passcode of a TOTP factor; a user who has none is sent a push all the same (Vault).
 * - provider (text): OKTA or GOOGLE: whose TOTP factor.
 * - nonce (text): 16 letters and digits or more, random: where a number challenge is shown.
 *
 * Answers 200 with "auth": the token, its accessor, policies and lease_duration in seconds. "metadata"
 * has username as typed, policies, and Okta's okta_user_id and okta_login.
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_request, not_configured: the request or the configuration lacks something, or no such
 *   token can be issued.
 * - 400 invalid_credentials, locked_out, password_expired, login_refused: Okta refused the user.
 * - 400 mfa_enrollment_required, no_supported_factor, passcode_required, passcode_invalid: the second
 *   factor is missing or wrong.
 * - 400 push_rejected, challenge_timeout, nonce_required, nonce_invalid: the push was not accepted, or
 *   its number could not be shown.
 * - 403 permission_denied: remote_address is outside token_bound_cidrs.
 * - 403 user_locked: Okta called too many passwords or codes of this user wrong, and is not asked;
 *   retry_after says how long to wait.
 * - 429 rate_limited: Okta asks to slow down, or too many pushes were sent to this user; retry_after
 *   says how long.
 * - 503 okta_unreachable, okta_timeout: Okta could not be reached, or did not answer in time.
 * - 400 okta_invalid_answer, okta_error, api_token_refused: Okta failed, or does not accept the
 *   configured api_token.
 *
 * `{"username":"fred","password":"correct horse"}`
 * answers 200:
 * `{"auth":{"client_token":"hvs.CAESIJ","accessor":"0e9e354a520df07867ce8abf","policies":["default",
 * "dev","duty","ops"],"token_policies":["default","dev","duty","ops"],"metadata":{"username":"fred",
 * "policies":"dev,duty,ops","okta_user_id":"00ub0oNGTSWTBKOLGLNR","okta_login":"fred@acme.com"},
 * "lease_duration":3600,"renewable":true,"entity_id":"7d2e3179-f69b-450c-7179-ac8ee8bd8ca9",
 * "token_type":"service","orphan":true,"mfa_requirement":null,"num_uses":0}}`
 */
int32_t okta_auth_login(okta_auth_handle handle,
                        const char *request,
                        size_t request_len,
                        struct okta_auth_buffer *response);

/**
 * Tells the number to tap in Okta Verify, while okta_auth_login() with this nonce waits in another
 * thread. It confirms nothing.
 *
 * Vault: GET auth/<mount_point>/verify/<nonce>
 *
 * Request members, beside the common ones and "mount_point" (text, default okta):
 *
 * - nonce (text, required): what the login was given.
 *
 * Answers 200 with "data": {"correct_answer": 42}, a number, which may be 0.
 *
 * Refusals beside the common ones:
 *
 * - 404 not_found: no login with this nonce waits, or Okta has shown no number yet.
 *
 * `{"nonce":"9f86d081884c7d659a2feaa0"}`
 * answers 404:
 * `{"errors":[],"code":"not_found"}`
 */
int32_t okta_auth_verify(okta_auth_handle handle,
                         const char *request,
                         size_t request_len,
                         struct okta_auth_buffer *response);

/**
 * Begins a login with a password, and answers without waiting for a person. Without a choice of factor
 * nothing is sent to the user: the answer lists his factors. A factor can be chosen at once: by
 * factor_id, by factor_type with provider, or as okta_auth_login() does by "totp", which is checked at
 * once. Any process with the same storage can continue the transaction.
 *
 * Vault: POST auth/<mount_point>/transactions
 *
 * Request members, beside the common ones and "mount_point" (text, default okta):
 *
 * - username (text, required): as the user would type it at Okta; outer blanks are trimmed.
 * - password (text, required): the user's password; never stored.
 * - totp (text): passcode of a TOTP factor, of "provider" OKTA or GOOGLE where given.
 * - factor_id (text): the factor to take: an id of "factors".
 * - factor_type (text): instead of factor_id: a type as in "factors"; of several the last.
 * - provider (text): with factor_type: whose factor, in any letter case.
 *
 * Answers 202 while the transaction is open, 200 with "auth" (as of okta_auth_login()) when it is done,
 * and only then. "data" always has these members: "id"; "state" (mfa_required, challenge, done);
 * "factors", those that are active, each {"id", "type", "provider", "name", "supported"}; "factor", the
 * chosen one, or null; "challenge", null or {"type" (push, number, passcode, question), "number" (to
 * tap; may be 0) or null, "question" or null, "resend_after" (seconds) or null where nothing can be
 * sent again}; "poll_after" (seconds) or null where polling is of no use; "expires_at" (RFC 3339);
 * "attempts_left" or null; "last_error", null or {"code", "text"}, such as passcode_invalid;
 * "password_warning", null or {"code":"password_expiring"} with "days_left" and more of Okta's policy
 * where given.
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_request, not_configured, passcode_invalid: nothing was sent to Okta.
 * - 400 push_rejected, challenge_timeout, too_many_attempts, transaction_expired, invalid_credentials,
 *   locked_out, password_expired, mfa_enrollment_required, login_refused: the transaction has failed:
 *   "data" is {"id", "state": "failed"}, with Okta's "password_policy" or what is "enrollable" where it
 *   says so, and the id is unknown from here on.
 * - 400 okta_invalid_answer, okta_error, api_token_refused: Okta failed, or cannot be understood;
 *   "data" says whether the transaction has failed.
 * - 403 permission_denied: remote_address is outside token_bound_cidrs; nothing is changed.
 * - 403 user_locked: Okta called too many passwords or codes of this user wrong, and is not asked;
 *   retry_after says how long to wait.
 * - 429 rate_limited, limit_reached: Okta asks to slow down, or the user has too many transactions
 *   open; retry_after says how long.
 * - 503 okta_unreachable, okta_timeout: Okta's answer was lost; as long as "data" shows an open
 *   transaction it can be polled, and the next step asks Okta first what became of it.
 * - 503 limit_reached: too many transactions are open in all.
 *
 * `{"username":"wilma","password":"correct horse"}`
 * answers 202:
 * `{"data":{"id":"6c1d0d1ea5a2ba0d3ae3bf1c8e7f2b44","state":"mfa_required",
 * "factors":[{"id":"opf3g5hWpTeY","type":"push","provider":"OKTA","name":"Wilma's phone",
 * "supported":true}],"factor":null,"challenge":null,"poll_after":null,
 * "expires_at":"2026-11-24T03:12:43Z","attempts_left":null,"last_error":null,"password_warning":null}}`
 */
int32_t okta_auth_start_transaction(okta_auth_handle handle,
                                    const char *request,
                                    size_t request_len,
                                    struct okta_auth_buffer *response);

/**
 * Takes the next step of a transaction: chooses a factor, gives a passcode or an answer, has the push
 * or message sent again, or, with none of these, asks how it stands. Each answers at once; polled
 * sooner than "poll_after" says, it answers the last state without asking Okta. A push or message goes
 * out when a factor is chosen and with "resend", and never else; choosing the same factor once more
 * sends nothing. Of two steps at the same time one is taken, and the other answers the last state.
 *
 * Vault: POST auth/<mount_point>/transactions/<id>
 *
 * Request members, beside the common ones and "mount_point" (text, default okta):
 *
 * - id (text, required): what the start answered; a secret.
 * - factor_id (text): the factor to take: an id of "factors".
 * - factor_type (text): instead of factor_id: a type as in "factors"; of several the last.
 * - provider (text): with factor_type: whose factor, in any letter case.
 * - passcode (text): the code of the chosen factor; outer blanks are trimmed.
 * - answer (text): the answer to the security question.
 * - resend (boolean): true: send the push or message again.
 *
 * Answers 202 while the transaction is open, 200 with "auth" (as of okta_auth_login()) when it is done,
 * and only then. "data" always has these members: "id"; "state" (mfa_required, challenge, done);
 * "factors", those that are active, each {"id", "type", "provider", "name", "supported"}; "factor", the
 * chosen one, or null; "challenge", null or {"type" (push, number, passcode, question), "number" (to
 * tap; may be 0) or null, "question" or null, "resend_after" (seconds) or null where nothing can be
 * sent again}; "poll_after" (seconds) or null where polling is of no use; "expires_at" (RFC 3339);
 * "attempts_left" or null; "last_error", null or {"code", "text"}, such as passcode_invalid;
 * "password_warning", null or {"code":"password_expiring"} with "days_left" and more of Okta's policy
 * where given.
 *
 * Refusals beside the common ones:
 *
 * - 400 push_rejected, challenge_timeout, too_many_attempts, transaction_expired, invalid_credentials,
 *   locked_out, password_expired, mfa_enrollment_required, login_refused: the transaction has failed:
 *   "data" is {"id", "state": "failed"}, with Okta's "password_policy" or what is "enrollable" where it
 *   says so, and the id is unknown from here on.
 * - 400 okta_invalid_answer, okta_error, api_token_refused: Okta failed, or cannot be understood;
 *   "data" says whether the transaction has failed.
 * - 400 invalid_request, factor_unavailable, factor_required: the request does not fit; the transaction
 *   is as it was, and "data" shows it.
 * - 403 permission_denied: remote_address is outside token_bound_cidrs; nothing is changed.
 * - 403 user_locked: Okta called too many passwords or codes of this user wrong, and is not asked;
 *   retry_after says how long to wait.
 * - 404 not_found: the id is wrong, or its transaction is done, failed, cancelled or expired.
 * - 429 rate_limited, too_many_attempts: too soon, or too often for this user; the transaction is open,
 *   retry_after says how long to wait.
 * - 503 okta_unreachable, okta_timeout: Okta's answer was lost; as long as "data" shows an open
 *   transaction it can be polled, and the next step asks Okta first what became of it.
 *
 * `{"id":"<id>","factor_type":"push","provider":"OKTA"}`
 * answers 202:
 * `{"data":{"id":"6c1d0d1ea5a2ba0d3ae3bf1c8e7f2b44","state":"challenge",
 * "factors":[{"id":"opf3g5hWpTeY","type":"push","provider":"OKTA","name":"Wilma's phone",
 * "supported":true}],"factor":{"id":"opf3g5hWpTeY","type":"push","provider":"OKTA",
 * "name":"Wilma's phone","supported":true},"challenge":{"type":"number","number":42,"question":null,
 * "resend_after":0},"poll_after":2,"expires_at":"2026-11-24T03:12:43Z","attempts_left":null,
 * "last_error":null,"password_warning":null}}`
 */
int32_t okta_auth_continue_transaction(okta_auth_handle handle,
                                       const char *request,
                                       size_t request_len,
                                       struct okta_auth_buffer *response);

/**
 * Ends a transaction, here and at Okta. Okta is told once, for at most five seconds, and whatever it
 * says the id is unknown from here on.
 *
 * Vault: DELETE auth/<mount_point>/transactions/<id>
 *
 * Request members, beside the common ones and "mount_point" (text, default okta):
 *
 * - id (text, required): what the start answered; a secret.
 *
 * Answers 204 with an empty body.
 *
 * Refusals beside the common ones:
 *
 * - 403 permission_denied: remote_address is outside token_bound_cidrs; nothing is changed.
 * - 404 not_found: the id is wrong, or its transaction is done, failed, cancelled or expired.
 *
 * `{"id":"<id>"}`
 * answers 204.
 */
int32_t okta_auth_cancel_transaction(okta_auth_handle handle,
                                     const char *request,
                                     size_t request_len,
                                     struct okta_auth_buffer *response);

/**
 * Mounts another Okta method, with a configuration, users, groups and tokens of its own.
 *
 * Vault: POST sys/auth/<path>
 *
 * Request members, beside the common ones:
 *
 * - path (text, required): where it is mounted, such as okta or corp/okta.
 * - type (text, required): okta.
 * - description (text): for people.
 * - config (object): members of okta_auth_tune_auth_method(), but for the description.
 *
 * Answers 204 with an empty body; 200 with "warnings" when there are some.
 *
 * Refusals beside the common ones:
 *
 * - 400 path_in_use: a mount of this path, above it or below it exists.
 * - 400 invalid_request, unsupported: the path, type or an option is not allowed.
 * - 400 limit_reached: there are 1000 mounts.
 *
 * `{"path":"corp/okta","type":"okta","description":"Logins of the company"}`
 * answers 204.
 */
int32_t okta_auth_enable_auth_method(okta_auth_handle handle,
                                     const char *request,
                                     size_t request_len,
                                     struct okta_auth_buffer *response);

/**
 * Lists the mounts.
 *
 * Vault: GET sys/auth
 *
 * Request members: the common ones.
 *
 * Answers 200 with "data": for each path, with a slash at its end, its type, accessor, description and
 * config. As in Vault the members of "data" stand in the body itself as well.
 *
 * `{}`
 * answers 200:
 * `{"corp/okta/":{"type":"okta"},"okta/":{"type":"okta"},"token/":{"type":"token"}}`
 */
int32_t okta_auth_list_auth_methods(okta_auth_handle handle,
                                    const char *request,
                                    size_t request_len,
                                    struct okta_auth_buffer *response);

/**
 * Changes how long the tokens of a mount live, when its users are locked, and its description.
 *
 * Vault: POST sys/auth/<path>/tune
 *
 * Request members, beside the common ones:
 *
 * - path (text, required): where it is mounted, such as okta or corp/okta.
 * - default_lease_ttl (seconds or duration): life of a token where nothing else says.
 * - max_lease_ttl (seconds or duration): how long renewals can stretch it.
 * - description (text): for people.
 * - audit_non_hmac_request_keys (list of texts): members of requests that the audit log shows in clear,
 *   unless they are secrets by their kind.
 * - audit_non_hmac_response_keys (list of texts): likewise members of answers.
 * - token_type (text): default-service, default-batch, service or batch: what logins get, or what they
 *   get by default.
 * - user_lockout_config (object): lockout_threshold (5), lockout_duration and
 *   lockout_counter_reset_duration (900 s each), lockout_disable (false); what is left out stays, 0 is
 *   the default.
 * - passthrough_request_headers (list of texts): X-Forwarded-For lets okta_auth_request() pass it on to
 *   Okta.
 *
 * Answers 204 with an empty body; 200 with "warnings" when there are some.
 *
 * Refusals beside the common ones:
 *
 * - 400 not_found: there is no such mount.
 * - 400 invalid_request: a value is not allowed.
 *
 * `{"path":"corp/okta","default_lease_ttl":"1h","max_lease_ttl":7200}`
 * answers 204.
 */
int32_t okta_auth_tune_auth_method(okta_auth_handle handle,
                                   const char *request,
                                   size_t request_len,
                                   struct okta_auth_buffer *response);

/**
 * Reads what okta_auth_tune_auth_method() changes, with effective values.
 *
 * Vault: GET sys/auth/<path>/tune
 *
 * Request members, beside the common ones:
 *
 * - path (text, required): where it is mounted, such as okta or corp/okta.
 *
 * Answers 200 with "data": lease times in seconds, and more as in Vault.
 *
 * Refusals beside the common ones:
 *
 * - 400 not_found: there is no such mount.
 *
 * `{"path":"corp/okta"}`
 * answers 200:
 * `{"data":{"default_lease_ttl":3600,"description":"Logins of the company","force_no_cache":false,
 * "max_lease_ttl":7200,"token_type":"default-service"}}`
 */
int32_t okta_auth_read_auth_method_tuning(okta_auth_handle handle,
                                          const char *request,
                                          size_t request_len,
                                          struct okta_auth_buffer *response);

/**
 * Removes a mount with its configuration, users and groups, and revokes all its tokens.
 *
 * Vault: DELETE sys/auth/<path>
 *
 * Request members, beside the common ones:
 *
 * - path (text, required): where it is mounted, such as okta or corp/okta.
 *
 * Answers 204 with an empty body; 200 with "warnings" when there are some.
 *
 * Refusals beside the common ones:
 *
 * - 400 unsupported: the path is that of a built-in mount.
 *
 * `{"path":"corp/okta"}`
 * answers 204.
 */
int32_t okta_auth_disable_auth_method(okta_auth_handle handle,
                                      const char *request,
                                      size_t request_len,
                                      struct okta_auth_buffer *response);

/**
 * Says what tokens okta_auth_create_token() makes with this "role_name". Members that are left out stay
 * as they are.
 *
 * Vault: POST auth/token/roles/<role_name>
 *
 * Request members, beside the common ones:
 *
 * - role_name (text, required): of letters, digits, and _; inside also . or -.
 * - allowed_policies (list of texts): what its tokens may have, and have where none are named.
 * - allowed_policies_glob (list of texts): also what they may have, * standing for any text.
 * - disallowed_policies (list of texts): what they may not have.
 * - disallowed_policies_glob (list of texts): also what they may not have.
 * - orphan (boolean): they have no parent; default false.
 * - renewable (boolean): they can be renewed; default true.
 * - path_suffix (text): stands behind the role's name in the path that look-ups show.
 * - allowed_entity_aliases (list of texts): whose entity they may belong to, * standing for any text.
 * - token_type (text): default-service, default-batch, service or batch.
 * - token_bound_cidrs (list of texts): addresses and networks that they may be used from.
 * - token_explicit_max_ttl (seconds or duration): their hard end.
 * - token_period (seconds or duration): they have no end and must be renewed this often.
 * - token_num_uses (number): their uses; default 0, unlimited.
 * - token_no_default_policy (boolean): leave the policy "default" out; default false.
 *
 * Answers 204 with an empty body; 200 with "warnings" when there are some.
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_request: a member is not allowed, or does not go with the others.
 * - 400 limit_reached: there are too many roles.
 *
 * `{"role_name":"backup","allowed_policies":["dev"],"token_period":"1h","orphan":true}`
 * answers 204.
 */
int32_t okta_auth_create_or_update_token_role(okta_auth_handle handle,
                                              const char *request,
                                              size_t request_len,
                                              struct okta_auth_buffer *response);

/**
 * Shows a token role.
 *
 * Vault: GET auth/token/roles/<role_name>
 *
 * Request members, beside the common ones:
 *
 * - role_name (text, required): of letters, digits, and _; inside also . or -.
 *
 * Answers 200 with "data": what was written, times in seconds.
 *
 * Refusals beside the common ones:
 *
 * - 404 not_found: nothing is stored under this name.
 *
 * `{"role_name":"backup"}`
 * answers 200:
 * `{"data":{"allowed_entity_aliases":null,"allowed_policies":["dev"],"allowed_policies_glob":[],
 * "disallowed_policies":[],"disallowed_policies_glob":[],"explicit_max_ttl":0,"name":"backup",
 * "orphan":true,"path_suffix":"","period":0,"renewable":true,"token_explicit_max_ttl":0,
 * "token_no_default_policy":false,"token_period":3600,"token_type":"default-service"}}`
 */
int32_t okta_auth_read_token_role(okta_auth_handle handle,
                                  const char *request,
                                  size_t request_len,
                                  struct okta_auth_buffer *response);

/**
 * Lists the names of all token roles.
 *
 * Vault: LIST auth/token/roles
 *
 * Request members: the common ones.
 *
 * Answers 200 with "data": "keys".
 *
 * Refusals beside the common ones:
 *
 * - 404 not_found: there is none.
 *
 * `{}`
 * answers 200:
 * `{"data":{"keys":["backup"]}}`
 */
int32_t okta_auth_list_token_roles(okta_auth_handle handle,
                                   const char *request,
                                   size_t request_len,
                                   struct okta_auth_buffer *response);

/**
 * Writes an ACL policy. Tokens that name it have the new rights with their next request.
 *
 * Vault: POST sys/policies/acl/<name>
 *
 * Request members, beside the common ones:
 *
 * - name (text, required): its name; letter case does not count.
 * - policy (text, required): its rules as in Vault: HCL or its JSON form, 1 MiB at most; or that in
 *   base64.
 *
 * Answers 204 with an empty body; 200 with "warnings" when there are some.
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_request: "policy" is missing or cannot be parsed, or the policy is built in; "default"
 *   can be replaced.
 * - 400 limit_reached: there are 20,000 policies.
 *
 * `{"name":"ops","policy":"path \"printers/+\" { capabilities = [\"read\", \"update\"] }"}`
 * answers 204.
 */
int32_t okta_auth_create_or_update_acl_policy(okta_auth_handle handle,
                                              const char *request,
                                              size_t request_len,
                                              struct okta_auth_buffer *response);

/**
 * Reads an ACL policy.
 *
 * Vault: GET sys/policies/acl/<name>
 *
 * Request members, beside the common ones:
 *
 * - name (text, required): its name; letter case does not count.
 *
 * Answers 200 with "data": "name" and "policy", the text as it was written.
 *
 * Refusals beside the common ones:
 *
 * - 404 not_found: nothing is stored under this name.
 *
 * `{"name":"ops"}`
 * answers 200:
 * `{"data":{"name":"ops","policy":"path \"printers/+\" { capabilities = [\"read\", \"update\"] }"}}`
 */
int32_t okta_auth_read_acl_policy(okta_auth_handle handle,
                                  const char *request,
                                  size_t request_len,
                                  struct okta_auth_buffer *response);

/**
 * Lists the ACL policies.
 *
 * Vault: LIST sys/policies/acl
 *
 * Request members: the common ones.
 *
 * Answers 200 with "data": "keys", "default" and "root" among them.
 *
 * `{}`
 * answers 200:
 * `{"data":{"keys":["default","ops","root"]}}`
 */
int32_t okta_auth_list_acl_policies(okta_auth_handle handle,
                                    const char *request,
                                    size_t request_len,
                                    struct okta_auth_buffer *response);

/**
 * Issues a token with the host's authority, without a login at Okta.
 *
 * Vault: POST auth/token/create[/<role_name>]
 *
 * Request members, beside the common ones:
 *
 * - policies (list of texts): required without a role: what it may do; "root" may do everything.
 * - no_default_policy (boolean): leave the policy "default" out; default false.
 * - ttl (seconds or duration): its life; default that of the storage.
 * - explicit_max_ttl (seconds or duration): hard end, whatever renewals say.
 * - period (seconds or duration): a token without an end that must be renewed this often.
 * - renewable (boolean): default true.
 * - num_uses (number): uses; default 0, unlimited.
 * - display_name (text): shown by look-ups as token-<display_name>.
 * - meta (object of texts): shown by look-ups.
 * - type (text): service, or batch: not stored, so it can be neither renewed nor revoked; default
 *   service.
 * - role_name (text): make it as this role says; "policies" may then be left out.
 * - entity_alias (text): with a role that allows it: whose entity the token belongs to.
 *
 * Answers 200 with "auth": client_token, accessor, policies, lease_duration in seconds.
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_request: "policies" is missing, or a member is not allowed.
 *
 * `{"policies":["dev"],"ttl":"1h","meta":{"purpose":"backup"}}`
 * answers 200:
 * `{"auth":{"client_token":"hvs.CAESIK","accessor":"1f9e354a520df07867ce8ab0","policies":["default",
 * "dev"],"token_policies":["default","dev"],"metadata":{"purpose":"backup"},"lease_duration":3600,
 * "renewable":true,"entity_id":"","token_type":"service","orphan":true,"mfa_requirement":null,
 * "num_uses":0}}`
 */
int32_t okta_auth_create_token(okta_auth_handle handle,
                               const char *request,
                               size_t request_len,
                               struct okta_auth_buffer *response);

/**
 * Issues a token without a parent, as okta_auth_create_token() by the host does.
 *
 * Vault: POST auth/token/create-orphan
 *
 * Request members, beside the common ones:
 *
 * - policies (list of texts): required without a role: what it may do; "root" may do everything.
 * - no_default_policy (boolean): leave the policy "default" out; default false.
 * - ttl (seconds or duration): its life; default that of the storage.
 * - explicit_max_ttl (seconds or duration): hard end, whatever renewals say.
 * - period (seconds or duration): a token without an end that must be renewed this often.
 * - renewable (boolean): default true.
 * - num_uses (number): uses; default 0, unlimited.
 * - display_name (text): shown by look-ups as token-<display_name>.
 * - meta (object of texts): shown by look-ups.
 * - type (text): service, or batch: not stored, so it can be neither renewed nor revoked; default
 *   service.
 *
 * Answers 200 with "auth": client_token, accessor, policies, lease_duration in seconds.
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_request: "policies" is missing, or a member is not allowed.
 *
 * `{"policies":["ops"],"ttl":600,"no_default_policy":true}`
 * answers 200:
 * `{"auth":{"client_token":"hvs.CAESIL","accessor":"2f9e354a520df07867ce8ab1","policies":["ops"],
 * "token_policies":["ops"],"metadata":null,"lease_duration":600,"renewable":true,"entity_id":"",
 * "token_type":"service","orphan":true,"mfa_requirement":null,"num_uses":0}}`
 */
int32_t okta_auth_create_orphan_token(okta_auth_handle handle,
                                      const char *request,
                                      size_t request_len,
                                      struct okta_auth_buffer *response);

/**
 * Tells what a token is and may do. It enforces nothing: it takes none of the token's uses, compares no
 * address with its CIDRs, and answers 200 for a wrapping token, too. Whoever lets somebody in by a
 * token asks okta_auth_authorize(), or leaves it to okta_auth_request().
 *
 * Vault: POST auth/token/lookup
 *
 * Request members, beside the common ones:
 *
 * - token (text, required): the token.
 *
 * Answers 200 with "data": policies, ttl (seconds left; 0 is without end), expire_time (RFC 3339 or
 * null), creation_time (Unix seconds), creation_ttl and explicit_max_ttl (seconds), num_uses, meta and
 * more. "period", "bound_cidrs", "last_renewal" and "last_renewal_time" are there when they apply.
 *
 * Refusals beside the common ones:
 *
 * - 403 invalid_token: the token is unknown, expired or revoked.
 * - 400 invalid_request: "token" is missing.
 *
 * `{"token":"<client_token>"}`
 * answers 200:
 * `{"data":{"accessor":"2f9e354a520df07867ce8ab1","creation_time":1795489200,"creation_ttl":600,
 * "display_name":"token","entity_id":"","expire_time":"2026-11-24T03:10:00Z","explicit_max_ttl":0,
 * "id":"hvs.CAESIL","issue_time":"2026-11-24T03:00:00Z","meta":null,"num_uses":0,"orphan":true,
 * "path":"auth/token/create-orphan","policies":["ops"],"renewable":true,"ttl":600,"type":"service"}}`
 */
int32_t okta_auth_lookup_token(okta_auth_handle handle,
                               const char *request,
                               size_t request_len,
                               struct okta_auth_buffer *response);

/**
 * Tells what the token of an accessor is and may do, without the token itself.
 *
 * Vault: POST auth/token/lookup-accessor
 *
 * Request members, beside the common ones:
 *
 * - accessor (text, required): the token's accessor.
 *
 * Answers 200 with "data": policies, ttl (seconds left; 0 is without end), expire_time (RFC 3339 or
 * null), creation_time (Unix seconds), creation_ttl and explicit_max_ttl (seconds), num_uses, meta and
 * more. "period", "bound_cidrs", "last_renewal" and "last_renewal_time" are there when they apply.
 *
 * Refusals beside the common ones:
 *
 * - 400 not_found: the accessor is unknown, or its token is gone.
 * - 400 invalid_request: "accessor" is missing.
 *
 * `{"accessor":"<accessor>"}`
 * answers 200:
 * `{"data":{"accessor":"2f9e354a520df07867ce8ab1","creation_time":1795489200,"creation_ttl":600,
 * "display_name":"token","entity_id":"","expire_time":"2026-11-24T03:10:00Z","explicit_max_ttl":0,
 * "id":"","issue_time":"2026-11-24T03:00:00Z","meta":null,"num_uses":0,"orphan":true,
 * "path":"auth/token/create-orphan","policies":["ops"],"renewable":true,"ttl":600,"type":"service"}}`
 */
int32_t okta_auth_lookup_accessor(okta_auth_handle handle,
                                  const char *request,
                                  size_t request_len,
                                  struct okta_auth_buffer *response);

/**
 * Tells what a token may do on some paths. Takes none of its uses. Through okta_auth_request()
 * sys/capabilities-self and sys/capabilities-accessor answer it as well.
 *
 * Vault: POST sys/capabilities
 *
 * Request members, beside the common ones:
 *
 * - token (text): the token.
 * - accessor (text): its accessor, in place of the token.
 * - paths (list of texts, required): such as auth/okta/config or printers/3; 10,000 at most.
 *
 * Answers 200 with "data": for each path a list of create, delete, list, patch, read, recover,
 * subscribe, sudo, update, or of "root" or "deny" alone; for a single path the same list as
 * "capabilities". The members of "data" stand in the body itself as well.
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_request: "paths" is missing, or has an empty path.
 * - 400 limit_reached: there are over 10,000 paths.
 * - 400 invalid_token: the token is unknown, expired or revoked.
 * - 400 not_found: the accessor is unknown, or its token is gone.
 * - 500 invalid_request: both "token" and "accessor" are missing.
 *
 * `{"accessor":"<accessor>","paths":["printers/3"]}`
 * answers 200:
 * `{"data":{"capabilities":["read","update"],"printers/3":["read","update"]}}`
 */
int32_t okta_auth_get_capabilities(okta_auth_handle handle,
                                   const char *request,
                                   size_t request_len,
                                   struct okta_auth_buffer *response);

/**
 * Decides whether the bearer of a token may do something on a path of yours, by the token's policies;
 * on a path that okta_auth_request() serves, as that decides. It takes one use of a token with
 * num_uses, as the request itself would, whatever it decides. Give the user's remote_address: a token
 * may be bound to some.
 *
 * Vault: no path; okta_auth_request() does not reach it
 *
 * Request members, beside the common ones:
 *
 * - token (text, required): the token.
 * - path (text, required): the path, decoded, without empty, "." and ".." segments.
 * - operation (text, required): create, read, update, delete, list or patch.
 * - parameters (object): what the request carries, for policies that look at parameters.
 * - wrapping_ttl (seconds or duration): how long its answer is to live wrapped, for policies that bound
 *   it; default 0, not wrapped.
 *
 * Answers 200 with "data" when it is allowed, and only then: "allowed", "sudo" (whether the rule grants
 * that as well), "policies" that grant it, "rule" (the path of the rule that decided, or null) and
 * "reason" (for people).
 *
 * Refusals beside the common ones:
 *
 * - 403 permission_denied: it is not allowed: the same "data", with the "policies" that refuse it; or,
 *   without "data", the token is missing or must not be used from remote_address.
 * - 403 invalid_token: the token is unknown, expired, revoked or used up.
 * - 400 invalid_request: the path or operation cannot be one, or a member is unknown.
 *
 * `{"token":"<client_token>","path":"printers/3","operation":"update","parameters":{"paper":"A4"}}`
 * answers 200:
 * `{"data":{"allowed":true,"sudo":false,"policies":["ops"],"rule":"printers/+",
 * "reason":"the rule grants it"}}`
 */
int32_t okta_auth_authorize(okta_auth_handle handle,
                            const char *request,
                            size_t request_len,
                            struct okta_auth_buffer *response);

/**
 * Deletes an ACL policy. Tokens that name it keep its name, and have none of its rights any more.
 *
 * Vault: DELETE sys/policies/acl/<name>
 *
 * Request members, beside the common ones:
 *
 * - name (text, required): its name; letter case does not count.
 *
 * Answers 204 with an empty body, also when there was none.
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_request: the policy is built in.
 *
 * `{"name":"ops"}`
 * answers 204.
 */
int32_t okta_auth_delete_acl_policy(okta_auth_handle handle,
                                    const char *request,
                                    size_t request_len,
                                    struct okta_auth_buffer *response);

/**
 * Stretches the life of a token. For a login's token Okta is asked first, with the mount's API token,
 * whether the user is still active and which groups he is in; his password is not needed.
 *
 * Vault: POST auth/token/renew
 *
 * Request members, beside the common ones:
 *
 * - token (text, required): the token.
 * - increment (seconds or duration): the life wished for; default 0: as at its creation.
 *
 * Answers 200 with "auth", lease_duration is what it got, in seconds.
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_token, invalid_request: the token is unknown, missing or not renewable.
 * - 400 relogin_required: the mount has no API token, or the user is not active at Okta.
 * - 500 relogin_required: the user's policies have changed, the token's role is gone, or it is past its
 *   greatest life.
 * - 403 permission_denied: remote_address is outside token_bound_cidrs.
 * - 429 rate_limited: Okta asks to slow down; retry_after says how long.
 * - 503 okta_unreachable, okta_timeout: Okta could not be reached, or did not answer in time.
 * - 400 okta_invalid_answer, okta_error, api_token_refused: Okta failed, or does not accept the
 *   configured api_token.
 *
 * `{"token":"<client_token>","increment":"30m"}`
 * answers 200:
 * `{"auth":{"client_token":"hvs.CAESIL","accessor":"2f9e354a520df07867ce8ab1","policies":["ops"],
 * "token_policies":["ops"],"metadata":null,"lease_duration":1800,"renewable":true,"entity_id":"",
 * "token_type":"service","orphan":true,"mfa_requirement":null,"num_uses":0}}`
 */
int32_t okta_auth_renew_token(okta_auth_handle handle,
                              const char *request,
                              size_t request_len,
                              struct okta_auth_buffer *response);

/**
 * As okta_auth_renew_token(), for the token of an accessor.
 *
 * Vault: POST auth/token/renew-accessor
 *
 * Request members, beside the common ones:
 *
 * - accessor (text, required): the token's accessor.
 * - increment (seconds or duration): the life wished for; default 0: as at its creation.
 *
 * Answers 200 with "auth", client_token is empty.
 *
 * Refusals beside the common ones:
 *
 * - 400 not_found: the accessor is unknown, or its token is gone.
 * - 400 invalid_request: "accessor" is missing, or its token is not renewable.
 * - 400 relogin_required: the mount has no API token, or the user is not active at Okta.
 * - 500 relogin_required: the user's policies have changed, the token's role is gone, or it is past its
 *   greatest life.
 * - 403 permission_denied: remote_address is outside token_bound_cidrs.
 * - 429 rate_limited: Okta asks to slow down; retry_after says how long.
 * - 503 okta_unreachable, okta_timeout: Okta could not be reached, or did not answer in time.
 * - 400 okta_invalid_answer, okta_error, api_token_refused: Okta failed, or does not accept the
 *   configured api_token.
 *
 * `{"accessor":"<accessor>"}`
 * answers 200:
 * `{"auth":{"client_token":"","accessor":"2f9e354a520df07867ce8ab1","policies":["ops"],
 * "token_policies":["ops"],"metadata":null,"lease_duration":600,"renewable":true,"entity_id":"",
 * "token_type":"service","orphan":true,"mfa_requirement":null,"num_uses":0}}`
 */
int32_t okta_auth_renew_accessor(okta_auth_handle handle,
                                 const char *request,
                                 size_t request_len,
                                 struct okta_auth_buffer *response);

/**
 * Lists the accessors of all tokens.
 *
 * Vault: LIST auth/token/accessors
 *
 * Request members: the common ones.
 *
 * Answers 200 with "data": "keys".
 *
 * Refusals beside the common ones:
 *
 * - 404 not_found: there is none.
 *
 * `{}`
 * answers 200:
 * `{"data":{"keys":["1f9e354a520df07867ce8ab0"]}}`
 */
int32_t okta_auth_list_accessors(okta_auth_handle handle,
                                 const char *request,
                                 size_t request_len,
                                 struct okta_auth_buffer *response);

/**
 * As okta_auth_revoke_token(), for the token of an accessor.
 *
 * Vault: POST auth/token/revoke-accessor
 *
 * Request members, beside the common ones:
 *
 * - accessor (text, required): the token's accessor.
 *
 * Answers 204 with an empty body; 200 with a warning when the accessor is unknown.
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_request: "accessor" is missing.
 *
 * `{"accessor":"<accessor>"}`
 * answers 204.
 */
int32_t okta_auth_revoke_accessor(okta_auth_handle handle,
                                  const char *request,
                                  size_t request_len,
                                  struct okta_auth_buffer *response);

/**
 * Ends a token, at once and for good. Tokens made with it live on without a parent.
 *
 * Vault: POST auth/token/revoke-orphan
 *
 * Request members, beside the common ones:
 *
 * - token (text, required): the token.
 *
 * Answers 204 with an empty body.
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_request, not_found: the token is missing, unknown, or a batch token.
 *
 * `{"token":"<login_token>"}`
 * answers 204.
 */
int32_t okta_auth_revoke_token_and_orphan_children(okta_auth_handle handle,
                                                   const char *request,
                                                   size_t request_len,
                                                   struct okta_auth_buffer *response);

/**
 * Ends a token and all tokens made with it, at once and for good. An unknown one is no error.
 *
 * Vault: POST auth/token/revoke
 *
 * Request members, beside the common ones:
 *
 * - token (text, required): the token.
 *
 * Answers 204 with an empty body.
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_request: "token" is missing, or a batch token.
 *
 * `{"token":"<client_token>"}`
 * answers 204.
 */
int32_t okta_auth_revoke_token(okta_auth_handle handle,
                               const char *request,
                               size_t request_len,
                               struct okta_auth_buffer *response);

/**
 * Ends the tokens that a user's logins were given until now, whichever way he typed his name, and all
 * tokens made with them but orphans: whoever may create those can outlive this. He can log in again:
 * lock him at Okta first. A call that ends early has ended some; the next goes on.
 *
 * Vault: POST auth/<mount_point>/revoke/users/<username>
 *
 * Request members, beside the common ones and "mount_point" (text, default okta):
 *
 * - username (text, required): his login or his id at Okta, or one of the first 16 spellings that he
 *   typed at a login.
 *
 * Answers 200 with "data": "revoked", how many service tokens of logins it was. Where batch tokens were
 * issued, too, "warnings" says that they have ended; where nobody who has logged in is known by this
 * name, it says so.
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_request: "username" is missing.
 *
 * `{"username":"fred@acme.com"}`
 * answers 200:
 * `{"data":{"revoked":1}}`
 */
int32_t okta_auth_revoke_user_tokens(okta_auth_handle handle,
                                     const char *request,
                                     size_t request_len,
                                     struct okta_auth_buffer *response);

/**
 * As okta_auth_revoke_user_tokens(), for all users who had policies by a group when their token was
 * issued or renewed last.
 *
 * Vault: POST auth/<mount_point>/revoke/groups/<name>
 *
 * Request members, beside the common ones and "mount_point" (text, default okta):
 *
 * - name (text, required): a group that policies are or were mapped to.
 *
 * Answers 200 with "data": "revoked", how many service tokens of logins it was. Where batch tokens were
 * issued, too, "warnings" says that they have ended.
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_request: "name" is missing.
 *
 * `{"name":"Engineers"}`
 * answers 200:
 * `{"data":{"revoked":3}}`
 */
int32_t okta_auth_revoke_group_tokens(okta_auth_handle handle,
                                      const char *request,
                                      size_t request_len,
                                      struct okta_auth_buffer *response);

/**
 * As okta_auth_revoke_user_tokens(), for all users of the mount.
 *
 * Vault: POST auth/<mount_point>/revoke
 *
 * Request members: the common ones and "mount_point" (text, default okta).
 *
 * Answers 200 with "data": "revoked", how many service tokens of logins it was. Where batch tokens were
 * issued, too, "warnings" says that they have ended.
 *
 * `{}`
 * answers 200:
 * `{"data":{"revoked":12}}`
 */
int32_t okta_auth_revoke_mount_tokens(okta_auth_handle handle,
                                      const char *request,
                                      size_t request_len,
                                      struct okta_auth_buffer *response);

/**
 * Keeps an object under a token of one use, for "wrap_ttl", which has to be given here.
 *
 * Vault: POST sys/wrapping/wrap
 *
 * Request members, beside the common ones:
 *
 * - data (object, required): anything; the limits are those of a request.
 *
 * Answers 200 with "wrap_info": token, accessor, ttl (seconds), creation_time (RFC 3339),
 * creation_path.
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_request: "data" or "wrap_ttl" is missing.
 * - 413 too_large: it has more than 1 MiB.
 *
 * `{"data":{"db_password":"s3cret"},"wrap_ttl":"10m"}`
 * answers 200:
 * `{"data":null,"wrap_info":{"token":"hvs.CAESIM","accessor":"3f9e354a520df07867ce8ab2","ttl":600,
 * "creation_time":"2026-11-24T03:00:00Z","creation_path":"sys/wrapping/wrap"}}`
 */
int32_t okta_auth_wrap(okta_auth_handle handle,
                       const char *request,
                       size_t request_len,
                       struct okta_auth_buffer *response);

/**
 * Tells what an answer was wrapped by, and when. The token keeps its use.
 *
 * Vault: POST sys/wrapping/lookup
 *
 * Request members, beside the common ones:
 *
 * - token (text, required): the wrapping token.
 *
 * Answers 200 with "data": creation_path, creation_time (RFC 3339), creation_ttl (seconds).
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_token: the token is no wrapping token, was used, or has expired.
 * - 403 invalid_token: "token" is missing or no text.
 *
 * `{"token":"<wrapping_token>"}`
 * answers 200:
 * `{"data":{"creation_path":"sys/wrapping/wrap","creation_time":"2026-11-24T03:00:00Z",
 * "creation_ttl":600}}`
 */
int32_t okta_auth_read_wrapping(okta_auth_handle handle,
                                const char *request,
                                size_t request_len,
                                struct okta_auth_buffer *response);

/**
 * Moves what is kept under a wrapping token to a new one with the whole life of the old, which ends.
 * Says to whoever holds it that nobody has unwrapped it.
 *
 * Vault: POST sys/wrapping/rewrap
 *
 * Request members, beside the common ones:
 *
 * - token (text, required): the wrapping token.
 *
 * Answers 200 with "wrap_info": token, accessor, ttl (seconds), creation_time (RFC 3339),
 * creation_path.
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_token: the token is no wrapping token, was used, or has expired.
 * - 403 invalid_token: "token" is missing or no text.
 *
 * `{"token":"<wrapping_token>"}`
 * answers 200:
 * `{"data":null,"wrap_info":{"token":"hvs.CAESIN","accessor":"4f9e354a520df07867ce8ab3","ttl":600,
 * "creation_time":"2026-11-24T03:00:00Z","creation_path":"sys/wrapping/wrap"}}`
 */
int32_t okta_auth_rewrap(okta_auth_handle handle,
                         const char *request,
                         size_t request_len,
                         struct okta_auth_buffer *response);

/**
 * Gives what is kept under a wrapping token, once: of several who ask, in any process, one gets it. A
 * refusal may mean that somebody else has read it.
 *
 * Vault: POST sys/wrapping/unwrap
 *
 * Request members, beside the common ones:
 *
 * - token (text, required): the wrapping token.
 *
 * Answers 200 with the answer as it was wrapped, with its own "request_id", "warnings" and "auth".
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_token: the token is no wrapping token, was used, or has expired.
 * - 403 invalid_token: "token" is missing or no text.
 * - 400 invalid_request: "wrap_ttl" is given, too.
 *
 * `{"token":"<wrapping_token>"}`
 * answers 200:
 * `{"data":{"db_password":"s3cret"},"wrap_info":null}`
 */
int32_t okta_auth_unwrap(okta_auth_handle handle,
                         const char *request,
                         size_t request_len,
                         struct okta_auth_buffer *response);

/**
 * Deletes a token role. Its tokens live on until their time is up, and cannot be renewed. An unknown
 * one is no error.
 *
 * Vault: DELETE auth/token/roles/<role_name>
 *
 * Request members, beside the common ones:
 *
 * - role_name (text, required): of letters, digits, and _; inside also . or -.
 *
 * Answers 204 with an empty body.
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_request: "role_name" is missing.
 *
 * `{"role_name":"backup"}`
 * answers 204.
 */
int32_t okta_auth_delete_token_role(okta_auth_handle handle,
                                    const char *request,
                                    size_t request_len,
                                    struct okta_auth_buffer *response);

/**
 * Looks at every row of every service token and removes those of no living one, for ten seconds at
 * most; nothing depends on it. The log says how many it was.
 *
 * Vault: POST auth/token/tidy
 *
 * Request members: the common ones.
 *
 * Answers 202 with a warning that says so, also when it is done; 200 with a warning while another
 * thread is at it.
 *
 * `{}`
 * answers 202:
 * `{"warnings":["Tidy operation successfully started. Any information from the operation will be printed to Vault's server logs."]}`
 */
int32_t okta_auth_tidy_tokens(okta_auth_handle handle,
                              const char *request,
                              size_t request_len,
                              struct okta_auth_buffer *response);

/**
 * Tells what stands for a text in the audit log, so that the lines of a token, an accessor or a
 * transaction can be found. It is the same for the file and for the function of okta_auth_set_audit().
 *
 * Vault: POST sys/audit-hash/file
 *
 * Request members, beside the common ones:
 *
 * - input (text, required): the text as it was sent or answered.
 *
 * Answers 200 with "data".
 *
 * Refusals beside the common ones:
 *
 * - 400 invalid_request: "input" is missing or empty.
 *
 * `{"input":"hvs.CAESIGFk"}`
 * answers 200:
 * `{"data":{"hash":"<hash>"}}`
 */
int32_t okta_auth_audit_hash(okta_auth_handle handle,
                             const char *request,
                             size_t request_len,
                             struct okta_auth_buffer *response);

/**
 * Tells which users are refused for a while, because Okta called too many of their passwords or codes
 * wrong; see LOGINS. Those whom Okta has locked are not among them.
 *
 * Vault: GET sys/locked-users
 *
 * Request members, beside the common ones:
 *
 * - mount_accessor (text): of this mount only; default all.
 *
 * Answers 200 with "data": "total" and, as in Vault, the names by namespace (there is one) and mount
 * accessor. Names are in the form in which they are counted: lower case, without blanks around them.
 *
 * `{}`
 * answers 200:
 * `{"data":{"by_namespace":[],"total":0}}`
 */
int32_t okta_auth_list_locked_users(okta_auth_handle handle,
                                    const char *request,
                                    size_t request_len,
                                    struct okta_auth_buffer *response);

/**
 * Lets a user in again before his time is up, and forgets his wrong passwords and codes.
 *
 * Vault: POST sys/locked-users/<mount_accessor>/unlock/<alias_identifier>
 *
 * Request members, beside the common ones:
 *
 * - mount_accessor (text, required): which mount, as okta_auth_list_auth_methods() names it.
 * - alias_identifier (text, required): his name, in any spelling.
 *
 * Answers 204 with an empty body; 200 with "warnings" when there are some.
 *
 * Refusals beside the common ones:
 *
 * - 404 not_found: no Okta method has this accessor.
 *
 * `{"mount_accessor":"<mount_accessor>","alias_identifier":"fred@acme.com"}`
 * answers 204.
 */
int32_t okta_auth_unlock_user(okta_auth_handle handle,
                              const char *request,
                              size_t request_len,
                              struct okta_auth_buffer *response);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* OKTA_AUTH_H */
