//! Every limit of the library that no option sets. A limit that an option sets has its default there.

use std::time::Duration;

/// Bytes of a request's own body (`data` or `body`), as Vault's HTTP server allows.
pub const REQUEST_BODY_BYTES: usize = 32 << 20;
/// Bytes of a whole request as handed to a C function: the body, escaped once more, and its envelope.
pub const REQUEST_BYTES: usize = 64 << 20;
/// Nesting of arrays and objects in a JSON text (Vault 1.21's JSON limiter).
pub const JSON_DEPTH: usize = 300;
/// Elements of one JSON array (Vault 1.21's JSON limiter).
pub const JSON_ARRAY_ELEMENTS: usize = 10_000;
/// Members of one JSON object (Vault 1.21's JSON limiter).
pub const JSON_OBJECT_ENTRIES: usize = 10_000;
/// Values of one JSON text in all. Each takes far more memory than the two bytes it may have in the text.
pub const JSON_VALUES: usize = 250_000;
/// Bytes of one JSON string (Vault 1.21's JSON limiter).
pub const JSON_STRING_BYTES: usize = 1 << 20;
/// Bytes of a path as it comes over the wire, its query included (what Go's HTTP server lets through to Vault).
pub const WIRE_PATH_BYTES: usize = 1 << 20;
/// Bytes of the names and values of a request's headers together (what Go's HTTP server lets through to Vault).
pub const HEADER_BYTES: usize = 1 << 20;
/// Bytes of a text of the caller's that an error text or a warning repeats.
pub const REPEATED_BYTES: usize = 4 << 10;
/// Bytes of a `request_id`.
pub const REQUEST_ID_BYTES: usize = 128;
/// Bytes of a user, group or policy name, of a mount path, and of a whole request path.
pub const NAME_BYTES: usize = 2_048;

/// Bytes of one answer of Okta's.
pub const OKTA_ANSWER_BYTES: usize = 4 << 20;
/// Pages of groups that are followed.
pub const OKTA_GROUP_PAGES: usize = 200;
/// Groups of one user that are accepted in all.
pub const OKTA_GROUPS: usize = 20_000;
/// Factors of one user that are looked at.
pub const OKTA_FACTORS: usize = 100;
/// Tries of a read that Okta answers with 429, 503 or 504; a credential call has one.
pub const OKTA_READ_TRIES: u32 = 3;
/// The longest wait between two tries of a read.
pub const OKTA_RETRY_WAIT: Duration = Duration::from_secs(30);
/// The longest wait for the end of a rate limit that is believed and passed on, in seconds (Okta's windows last 60).
pub const OKTA_RETRY_AFTER_SECONDS: u64 = 300;
/// Bytes of one text of Okta's that an error text quotes.
pub const OKTA_QUOTE_BYTES: usize = 300;
/// Causes of one error of Okta's that an error text quotes.
pub const OKTA_QUOTED_CAUSES: usize = 5;
/// Bytes of an id of Okta's.
pub const OKTA_ID_BYTES: usize = 256;
/// Bytes of a header's value that is passed on to Okta.
pub const OKTA_HEADER_BYTES: usize = 1_024;
/// How long a connection to Okta is kept without a call. Okta closes after five seconds, and a call that meets the
/// close on its way is lost.
pub const OKTA_IDLE_CONNECTION: Duration = Duration::from_secs(4);
/// Idle connections kept for one organisation.
pub const OKTA_IDLE_CONNECTIONS: usize = 100;
/// Calls to Okta under way at once, of one handle; more wait for their turn until their deadline.
pub const OKTA_CALLS: usize = 128;
/// How often a connection with calls under way is asked whether it is alive (HTTP/2 PING), and how long it may take
/// to say so.
pub const OKTA_PING: Duration = Duration::from_secs(5);
/// The pause between two polls of a push.
pub const OKTA_POLL_PAUSE: Duration = Duration::from_secs(2);
/// How long before its deadline a login that waits for a push polls for the last time: for the answer, and for what
/// follows a success.
pub const OKTA_LAST_POLL: Duration = Duration::from_millis(500);

/// How long a transaction lives at most, whatever Okta says, in seconds.
pub const TRANSACTION_LIFETIME_SECONDS: i64 = 900;
/// Open transactions of one user at one mount.
pub const TRANSACTIONS_PER_USER: usize = 20;
/// Open transactions of one mount whose index begins with the same two hex digits; so there are 102,400 at most.
pub const TRANSACTIONS_ALIKE: usize = 400;
/// Wrong passcodes and answers that end a transaction. Okta locks a user at five, unless set otherwise.
pub const TRANSACTION_ATTEMPTS: u32 = 3;
/// Pushes and messages of one transaction.
pub const TRANSACTION_SENDS: u32 = 5;
/// Wrong passcodes and answers of one user, over all his transactions, within the window.
pub const TRANSACTION_USER_ATTEMPTS: u32 = 10;
/// Pushes and messages to one user, over all his transactions, within the window.
pub const TRANSACTION_USER_SENDS: u32 = 60;
/// The window over which they are counted, in seconds.
pub const TRANSACTION_USER_WINDOW_SECONDS: i64 = 600;
/// Users of one mount for whom something is counted and whose index begins with the same two hex digits; so there are
/// 256,000 at most.
pub const COUNTED_USERS_ALIKE: usize = 1_000;
/// Users whose wrong passwords are forgotten when another's are to be counted and there is no room: those with the fewest.
pub const FORGOTTEN_FAILURES: usize = 50;
/// Locked users that one listing names for one mount.
pub const LOCKED_USERS: usize = 1_000;
/// The longest that one step may talk to Okta.
pub const TRANSACTION_STEP: Duration = Duration::from_secs(30);
/// What a step leaves of the request's time, for the commit that settles it, and a cancel for its answer; a quarter
/// of it where that is less.
pub const TRANSACTION_SETTLE: Duration = Duration::from_secs(1);
/// How much longer than its step a claim holds, in seconds: for the commit that settles it.
pub const TRANSACTION_CLAIM_SLACK_SECONDS: i64 = 5;
/// Claims of polls that were given up, and are remembered as such.
pub const GIVEN_UP_POLLS: usize = 1_000;
/// How long Okta is given to hear of a cancelled transaction.
pub const TRANSACTION_CANCEL: Duration = Duration::from_secs(5);
/// The longest pause between two polls that a rate limit of Okta's brings about, in seconds.
pub const TRANSACTION_POLL_PAUSE_SECONDS: i64 = 60;
/// Rows of expired transactions that a start removes beside its own work.
pub const SWEEP_TRANSACTIONS_ASIDE: usize = 64;
/// Rows of expired transactions that a start removes when there is no room for it.
pub const SWEEP_TRANSACTIONS: usize = 10_000;
/// Seconds between two text messages or calls (Okta's own limit).
pub const MESSAGE_COOL_DOWN_SECONDS: i64 = 30;
/// Seconds between two e-mails (Okta's own limit).
pub const EMAIL_COOL_DOWN_SECONDS: i64 = 5;
/// Characters of a code that is sent or made by an app.
pub const PASSCODE_DIGITS: std::ops::RangeInclusive<usize> = 4..=10;
/// Bytes of a hardware token's code (YubiKeys type 44 letters), and of an answer to a security question.
pub const ANSWER_BYTES: usize = 256;

/// Stack of the network thread.
pub const NETWORK_STACK_BYTES: usize = 2 << 20;
/// Stack of the worker.
pub const WORKER_STACK_BYTES: usize = 2 << 20;
/// Jobs that wait for the worker, of all handles together.
pub const WORKER_JOBS: usize = 65_536;
/// Stack of the thread in which the system's resolver looks up a name.
pub const RESOLVER_STACK_BYTES: usize = 1 << 20;
/// How long that thread is kept for another name.
pub const RESOLVER_THREAD_KEEP_ALIVE: Duration = Duration::from_millis(100);

/// The time an operation other than a login has, unless `timeout_ms` says otherwise.
pub const OPERATION_TIMEOUT: Duration = Duration::from_secs(60);
/// The time `close` waits for calls inside to end.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Errors and warnings that are kept for the first log function, which cannot be there while a handle is opened.
pub const EARLY_LOG_RECORDS: usize = 16;
/// Bytes of what an audit line shows of a request, and as many of its answer; members that do not fit are left out
/// and counted.
pub const AUDIT_PART_BYTES: usize = 256 << 10;
/// Bytes of one text that an audit line shows plain; a longer one is cut.
pub const AUDIT_TEXT_BYTES: usize = 4 << 10;
/// Handles open at once in one process.
pub const OPEN_HANDLES: usize = 1_024;
/// Tickets of one handle: submitted calls that run, or whose result was not collected.
pub const TICKETS: usize = 32_768;
/// How long after the end of a call a wait for it gives up, should its threads have no time to end it.
pub const TICKET_LATENESS: Duration = Duration::from_secs(1);
/// Mounts in one storage.
pub const MOUNTS: usize = 1_000;
/// Bytes of a mount's description. All mounts are one record, so their texts are short.
pub const MOUNT_DESCRIPTION_BYTES: usize = 2_048;
/// Options of a mount.
pub const MOUNT_OPTIONS: usize = 64;
/// Bytes of the names and values of a mount's options together.
pub const MOUNT_OPTION_BYTES: usize = 4_096;
/// Entries of a mount's lists of headers and keys together.
pub const MOUNT_LIST_ENTRIES: usize = 256;
/// Bytes of them together.
pub const MOUNT_LIST_BYTES: usize = 4_096;
/// Number-challenge nonces that wait at once, over all mounts of a handle.
pub const PENDING_NONCES: usize = 10_000;
/// The shortest `nonce` under which a number is published.
pub const NONCE_CHARACTERS: usize = 16;
/// How long a published number is kept after the last poll that showed it (as in Vault).
pub const NONCE_LIFETIME: Duration = Duration::from_secs(300);

/// Users that are registered at one mount.
pub const USERS: usize = 100_000;
/// Groups that are registered at one mount.
pub const GROUPS: usize = 100_000;

/// Prefixes whose records were counted, and are not again as long as there is room.
pub const COUNTS_KEPT: usize = 4_096;
/// Keys read from storage in one page of a listing.
pub const STORAGE_PAGE: usize = 1_000;
/// Bytes of one stored value.
pub const STORAGE_VALUE_BYTES: usize = 16 << 20;
/// The longest pause before a compare-and-swap that was lost to somebody faster is tried again, the first time and
/// at last; between the two it doubles. How often is bounded by the operation's deadline.
pub const STORAGE_CONFLICT_PAUSE: (Duration, Duration) =
    (Duration::from_millis(1), Duration::from_millis(50));
/// Commits that one transaction of SQLite's takes together.
pub const STORAGE_GROUP: usize = 128;
/// Connections of one SQLite engine that read at once; further readers wait.
pub const STORAGE_READERS: usize = 4;
/// How long a fork waits for a running storage call before it goes on without closing the database.
pub const STORAGE_FORK_WAIT: Duration = Duration::from_secs(2);
/// What `close` must have left of its time for the log of the database to be carried over into its file, and how
/// long that log may be, in bytes. Otherwise the next to open the file does it.
pub const STORAGE_TIDY_CLOSE: (Duration, u64) = (Duration::from_millis(500), 8 << 20);
/// The longest sleep between two looks at a lock that another process holds, or at a cancel flag.
pub const STORAGE_POLL: Duration = Duration::from_millis(10);
/// Bytes of a `ca_file`; the certificates of a whole system are a quarter of a megabyte.
pub const CA_FILE_BYTES: u64 = 8 << 20;
/// Bytes of a key file that are read; a key in base64 is much shorter.
pub const KEY_FILE_BYTES: usize = 1_024;
/// How long a request that meets an expired token waits to note it.
pub const EXPIRY_NOTE_WAIT: Duration = Duration::from_millis(5);
/// Expired tokens whose removal comes with each token that is created; more than one, so that none pile up.
pub const SWEEP_PER_TOKEN: usize = 2;
/// Expired tokens that one creation removes, on behalf of others that came at the same time, or that `open` removes.
pub const SWEEP_TOKENS: usize = 256;
/// Expired tokens that `open` removes by one commit: few, so that something is done before the time is up.
pub const SWEEP_PAGE: usize = 16;
/// How long `open` goes on with removing expired tokens.
pub const SWEEP_TIME: Duration = Duration::from_millis(5);
/// How long a creation waits for its sweep: longer than a busy disk takes for a commit, or none would get done.
pub const SWEEP_ASIDE_TIME: Duration = Duration::from_millis(250);
/// How long `open` goes on with a disabling that was cut short.
pub const OPEN_DISABLING_TIME: Duration = Duration::from_millis(250);
/// Tokens that one commit revokes or removes.
pub const REVOKE_PAGE: usize = 100;
/// Records of tokens, and entities, that are kept in clear from one use to the next.
pub const TOKENS_KEPT: usize = 1_024;
/// Ancestors of one token; each is looked at whenever the token is used.
pub const TOKEN_ANCESTORS: usize = 64;
/// How long one tidying goes on.
pub const TIDY_TIME: Duration = Duration::from_secs(10);
/// How long one goes on that somebody at the door has asked for: others wait behind it for the worker.
pub const TIDY_TIME_AT_DOOR: Duration = Duration::from_millis(200);
/// Bytes of a batch token, which travels with every request.
pub const BATCH_TOKEN_BYTES: usize = 16 << 10;
/// Wrapped answers in waiting whose index begins with the same two hex digits; so there are 102,400 at most.
pub const WRAPPED_ALIKE: usize = 400;
/// As many of them as may be others' than the host's own.
pub const WRAPPED_ALIKE_FOR_BEARERS: usize = 300;
/// Shares of wrapped answers in waiting that one entity, or one token without an entity and all that were made with it,
/// has had wrapped.
pub const WRAPPED_FOR_ONE: usize = 2_000;
/// Bytes of an answer that are one share.
pub const WRAPPED_SHARE_BYTES: usize = 16 << 10;
/// Users and groups of one mount whose batch tokens were revoked apart from those of others; with one more, all of the
/// mount's are.
pub const BATCH_ENDS: usize = 10_000;
/// Names that one user has typed at his logins, and that are remembered.
pub const TYPED_NAMES: usize = 16;
/// Bytes of an answer that is wrapped.
pub const WRAPPED_BYTES: usize = 1 << 20;
/// How long a token may take to be revoked whose answer could not be wrapped, so that nobody got it.
pub const UNSEEN_TOKEN_TIME: Duration = Duration::from_secs(1);
/// Token roles.
pub const TOKEN_ROLES: usize = 10_000;
/// Entities of tokens that roles were asked for by `entity_alias`.
pub const ROLE_ENTITIES: usize = 100_000;
/// How long a creation looks for entities of roles that no token belongs to, where there is no room for another.
pub const IDLE_ENTITIES_TIME: Duration = Duration::from_secs(1);
/// Seconds before they are looked for again.
pub const IDLE_ENTITIES_PAUSE_SECONDS: i64 = 60;
/// Entities of the tokens of one role.
pub const ENTITIES_OF_A_ROLE: usize = 10_000;
/// Bytes of a token's policies, metadata and names together, and of a token role.
pub const TOKEN_RECORD_BYTES: usize = 1 << 20;

/// Policies that somebody has written.
pub const POLICIES: usize = 20_000;
/// Bytes of a policy's text.
pub const POLICY_BYTES: usize = 1 << 20;
/// Nesting of objects and lists in a policy; what has a meaning there is five deep.
pub const POLICY_DEPTH: usize = 16;
/// Unknown keys of a policy that a refusal names, and rules without effect that a warning names.
pub const POLICY_KEYS_NAMED: usize = 20;
/// Segments of all rules of one policy that have a `+`, those that rules share at their start counted once.
pub const POLICY_SEGMENTS: usize = 200_000;
/// Bytes that compiled policies take which are kept for the next request.
pub const POLICIES_KEPT_BYTES: usize = 256 << 20;
/// Pieces of one text, between commas, that are compared with the values that a policy has for it; as many as an array may
/// have elements.
pub const PARAMETER_PIECES: usize = JSON_ARRAY_ELEMENTS;
/// Bytes of parameters that one decision compares with values of policies, those that are compared with several counted
/// for each.
pub const PARAMETER_BYTES_COMPARED: usize = 256 << 20;
/// Paths of one request for capabilities.
pub const CAPABILITY_PATHS: usize = 10_000;
