"""The C ABI: constants, types and functions. Written by `make generate` from include/okta_auth.h. Do not edit."""

from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Dict, List, Tuple

# Of the header's declarations, as the library counts them too.
HEADER_CHECKSUM = 0x0272195815E5DD15

# The version of the library that this header came with.
OKTA_AUTH_VERSION = "0.1.0"
# The number of the ABI this header describes. It grows when functions are added; what was there keeps its
# meaning as long as the soname is libokta_auth.so.1. A library whose okta_auth_abi_version() is lower
# lacks functions of this header.
OKTA_AUTH_ABI_VERSION = 1
# Level for okta_auth_set_logger: nothing is logged.
OKTA_AUTH_LOG_OFF = 0
# Level for okta_auth_set_logger: what failed and needs an operator.
OKTA_AUTH_LOG_ERROR = 1
# Level for okta_auth_set_logger: also what goes on, but not as it should.
OKTA_AUTH_LOG_WARN = 2
# Level for okta_auth_set_logger: also what was done.
OKTA_AUTH_LOG_INFO = 3
# Level for okta_auth_set_logger: also how it was done.
OKTA_AUTH_LOG_DEBUG = 4
# A pointer that must not be NULL is NULL.
OKTA_AUTH_NULL_POINTER = -1
# The request or the options are not UTF-8.
OKTA_AUTH_INVALID_UTF8 = -2
# This handle was never issued.
OKTA_AUTH_INVALID_HANDLE = -3
# The request is over 64 MiB.
OKTA_AUTH_TOO_LARGE = -4
# The handle was opened before a fork, in the parent process: open a new one. From okta_auth_open(): the
# fork found a database in use, so this process can open none: fork again, or exec.
OKTA_AUTH_FORKED = -5
# The function was called from inside a log or audit function.
OKTA_AUTH_REENTERED = -6
# A fault of the library was caught; it goes on working. Please report it.
OKTA_AUTH_PANIC = -7
# The operation is still running.
OKTA_AUTH_PENDING = -8
# The operation was cancelled, or its handle was closed while it ran.
OKTA_AUTH_CANCELLED = -9
# This ticket was never issued, or its result was collected.
OKTA_AUTH_INVALID_TICKET = -10
# There is no operation of this name.
OKTA_AUTH_UNKNOWN_OPERATION = -11
# The handle was closed.
OKTA_AUTH_CLOSED = -12

# The member `code` of a negative number's body.
NO_ANSWER: Dict[int, str] = {
    OKTA_AUTH_NULL_POINTER: "null_pointer",
    OKTA_AUTH_INVALID_UTF8: "invalid_utf8",
    OKTA_AUTH_INVALID_HANDLE: "invalid_handle",
    OKTA_AUTH_TOO_LARGE: "too_large",
    OKTA_AUTH_FORKED: "forked",
    OKTA_AUTH_REENTERED: "reentered",
    OKTA_AUTH_PANIC: "panic",
    OKTA_AUTH_PENDING: "pending",
    OKTA_AUTH_CANCELLED: "cancelled",
    OKTA_AUTH_INVALID_TICKET: "invalid_ticket",
    OKTA_AUTH_UNKNOWN_OPERATION: "unknown_operation",
    OKTA_AUTH_CLOSED: "closed",
}


class Buffer(Structure):
    """okta_auth_buffer: the text of an answer."""

    _fields_ = [
        ("data", c_void_p),
        ("len", c_size_t),
    ]


# What okta_auth_set_logger() takes: a function that gets one JSON object in one line, `record_len` bytes of
# UTF-8 with a NUL after them, valid during the call only. Its members are "time", "level", "event" and more.
LogFunction = CFUNCTYPE(None, c_void_p, c_int32, c_char_p, c_size_t)

# What okta_auth_set_audit() takes: a function that gets one line of the audit log, a JSON object of `line_len`
# bytes of UTF-8 with a NUL after them, valid during the call only. It returns 0 when it has the line, and anything
# else when it could not take it.
AuditFunction = CFUNCTYPE(c_int32, c_void_p, c_char_p, c_size_t)

# Every function: its name, result and parameters. Those of operations are described at the methods of
# `operations`, the others here.
FUNCTIONS: List[Tuple[str, Any, List[Any]]] = [
    # The version of the library that runs, such as "0.1.0". Static text; do not free it.
    ("okta_auth_version", c_char_p, []),
    # The number of the ABI that the running library has, see OKTA_AUTH_ABI_VERSION.
    ("okta_auth_abi_version", c_uint32, []),
    # A checksum of what the header of the running library declares. Generated bindings compare it with that of the
    # header they were made from: where the ABI numbers are the same, so are the checksums. Comments and
    # OKTA_AUTH_VERSION do not count.
    ("okta_auth_header_checksum", c_uint64, []),
    # Opens a handle: a storage, the mounts in it, and a pool of connections to Okta. Needs no network.
    #
    # `options` is a JSON object. Members, all optional; an unknown one is refused by name:
    #
    # - "storage": {"type":"memory"} (default), or {"type":"sqlite","path":"/var/lib/my/okta.db"}.
    # - "key": the barrier key that seals the storage, 32 bytes in base64; or "key_file": the file that holds it.
    #   Default for SQLite: `<path>.key`, made with mode 0600 at the first open.
    # - "mounts": paths of the okta mounts a new storage starts with; default ["okta"].
    # - "ca_file" or "ca_pem": trust these certificates (PEM) instead of the system's.
    # - "proxy": URL of an HTTP proxy. "use_env_proxy": true reads HTTPS_PROXY and NO_PROXY; default false.
    # - "connect_timeout_ms" (5000), "request_timeout_ms" (15000), "login_timeout_ms" (300000): milliseconds for
    #   one connection to Okta, one request to it, and one login with all its waiting.
    # - "default_lease_ttl", "max_lease_ttl": seconds or a duration such as "768h", the default of both.
    # - "audit": {"file":"/var/log/my/audit.log","required":true}: the file that audit lines are added to; with
    #   "required" (default) nothing is done and nothing answered without its line. See AUDIT.
    #
    # Returns 200 and stores the handle in `*handle`, with an empty body; or stores 0 and returns what is wrong:
    # 400 (invalid_request, invalid_json), 500 or 503 (wrong_key, storage_failed, storage_busy, audit_failed,
    # limit_reached: 1024 handles are open), or a negative code; OKTA_AUTH_FORKED where this process was forked while a database
    # was in use, so that it can open none.
    #
    # Example: `{"storage":{"type":"sqlite","path":"/var/lib/my/okta.db"}}`
    ("okta_auth_open", c_int32, [c_char_p, c_size_t, POINTER(c_uint64), POINTER(Buffer)]),
    # Closes a handle, from any thread, also while other threads are inside: their operations end, and return
    # OKTA_AUTH_CANCELLED unless they were done. It waits a second at most for
    # them, and for a fork that is under way. Then, where nothing is, it moves the last commits (8 MiB at most) from
    # SQLite's log into the database file, and that takes as long as the disk takes. Everything that was answered is in
    # the storage, moved or not. The log function and the audit function are not called any more once this returned; a
    # call of theirs that is running is waited for, however long it takes.
    #
    # Returns 0, or OKTA_AUTH_CLOSED the second time, OKTA_AUTH_INVALID_HANDLE, OKTA_AUTH_FORKED,
    # OKTA_AUTH_REENTERED.
    ("okta_auth_close", c_int32, [c_uint64]),
    # Wipes and frees the text of an answer, and sets `data` to NULL and `len` to 0. Does nothing with NULL and with
    # a buffer that was freed. May be called at any time, after a close and from a log function too.
    ("okta_auth_buffer_free", None, [POINTER(Buffer)]),
    # The door for requests of others: carries out a whole request as Vault's HTTP server would, with the authority
    # of the token that comes with it. Pass on what a client sent; do not use it with the host's own wishes.
    #
    # Request members:
    #
    # - "method" (text, required): GET, POST, PUT, DELETE or LIST; HEAD of sys/health.
    # - "path" (text, required): as on the wire: percent-encoded, with or without "/v1/", with its query. With `?help=1`
    #   nothing is done, and "help" says what the path is for.
    # - "token" (text): the caller's token; needed on every path but login, verify, transactions, sys/wrapping/lookup,
    #   sys/health, sys/seal-status, sys/init and sys/internal/ui/mounts.
    # - "data" (object) or "body" (text as received, up to 32 MiB): the parameters.
    # - "headers" (object of texts or lists of texts): X-Vault-Token and Authorization: Bearer count like "token",
    #   X-Vault-Wrap-TTL like "wrap_ttl", User-Agent like "user_agent", but that one which no header can have is dropped;
    #   X-Forwarded-For reaches Okta where the mount passes it through.
    # - "remote_address" (text): the client's IP address, which token_bound_cidrs are compared with.
    # - "user_agent" and "request_id" (text), "timeout_ms" (milliseconds), "wrap_ttl": as for every operation.
    #
    # What is said twice and differently is 400. Answers, statuses and texts are those of Vault's HTTP API.
    # Codes beside those of the path: 400 invalid_request and invalid_json, 403 permission_denied and
    # invalid_token, 404 unsupported_path, 405 unsupported_operation, 413 too_large.
    #
    # Example: `{"method":"POST","path":"/v1/auth/okta/login/fred","data":{"password":"correct horse"}}`
    ("okta_auth_request", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    # Sends the log of a handle to `function`, or to nobody (NULL, or level OKTA_AUTH_LOG_OFF). A handle logs
    # nothing until this is called; the first function is told then what went wrong while the handle was opened.
    #
    # `level` is the highest of the OKTA_AUTH_LOG_ levels that is wanted; numbers above and below count as the
    # last and the first. `function` is called with `user_data` on the thread on which something happened, from
    # several threads at once, and never while the library holds a lock. It must return, and soon, as operations wait
    # for it, those of other handles too: no longjmp, no exception, no exit of the thread, and no return in a forked
    # child. Functions called from inside it return OKTA_AUTH_REENTERED, other than okta_auth_version(),
    # okta_auth_abi_version(), okta_auth_header_checksum() and okta_auth_buffer_free().
    #
    # When this returns, the function registered before is not running and never runs again, so its `user_data` may
    # be freed. Do not call this while holding a lock that the log function takes.
    #
    # No record holds a password, passcode, token or key.
    #
    # Returns 0, or OKTA_AUTH_INVALID_HANDLE, OKTA_AUTH_CLOSED, OKTA_AUTH_FORKED, OKTA_AUTH_REENTERED.
    ("okta_auth_set_logger", c_int32, [c_uint64, c_int32, LogFunction, c_void_p]),
    # Sends the audit log of a handle to `function`, too, or to none (NULL): every line that is made from now on. A
    # handle has no audit log until this is called, unless okta_auth_open() was given "audit". Where that does not say
    # "required": false, a line counts as written only when the file, if there is one, and this function, if there is one,
    # have it; with "audit" and neither, every request is refused.
    #
    # `function` is called with `user_data` like the log function of okta_auth_set_logger(), under the same rules:
    # from several threads at once, never while the library holds a lock, and it must return soon. When this returns,
    # the function registered before is not running and never runs again.
    #
    # Returns 0, or OKTA_AUTH_INVALID_HANDLE, OKTA_AUTH_CLOSED, OKTA_AUTH_FORKED, OKTA_AUTH_REENTERED.
    ("okta_auth_set_audit", c_int32, [c_uint64, AuditFunction, c_void_p]),
    # Begins an operation and returns without waiting for the network or for the storage.
    #
    # `operation` is its name without okta_auth_, such as "login", or "request" for okta_auth_request(). The request
    # is read during the call only. The operation goes on by threads of the library; see TICKETS.
    #
    # Returns 202 and stores the ticket in `*ticket`, with an empty body; or stores 0 and returns what is wrong: 400
    # (invalid_request, invalid_json) where the request itself is not acceptable, 503 (limit_reached) where 32,768
    # tickets of the handle are open or no thread could be started, or a negative code, OKTA_AUTH_UNKNOWN_OPERATION
    # among them. Everything else that the operation could answer comes from okta_auth_wait().
    ("okta_auth_submit", c_int32, [c_uint64, c_char_p, c_char_p, c_size_t, POINTER(c_uint64), POINTER(Buffer)]),
    # Waits for a submitted operation and takes its answer; the ticket ends with it.
    #
    # `timeout_ms`: how long at most, in milliseconds; 0 only looks; -1 waits until the operation ends, which it does
    # by its own deadline ("timeout_ms" of its request). The operation goes on whatever happens here.
    #
    # Returns what the operation's own function would return, with the same body. OKTA_AUTH_PENDING while it runs;
    # OKTA_AUTH_CANCELLED once after okta_auth_cancel(), and where okta_auth_close() came meanwhile;
    # OKTA_AUTH_INVALID_TICKET for a ticket that this handle never issued or whose answer was taken: of two threads
    # that wait for one ticket, one gets the answer. 400 (invalid_request) for other negative times; the ticket stays.
    ("okta_auth_wait", c_int32, [c_uint64, c_uint64, c_int32, POINTER(Buffer)]),
    # Ends a submitted operation, and returns at once. It asks Okta nothing more, and okta_auth_wait() returns
    # OKTA_AUTH_CANCELLED for it, once. What it has done by then stays done: cancelled at its last moment, a login may
    # have issued a token that nobody knows.
    #
    # Returns 0, also where the operation has ended already, which changes nothing; or OKTA_AUTH_INVALID_TICKET,
    # OKTA_AUTH_INVALID_HANDLE, OKTA_AUTH_CLOSED, OKTA_AUTH_FORKED, OKTA_AUTH_REENTERED.
    ("okta_auth_cancel", c_int32, [c_uint64, c_uint64]),
    # Stores a file descriptor in `*fd` that becomes readable when an operation ends: for poll, epoll, and the event
    # loops that stand on them.
    #
    # It is readable while okta_auth_next_completed() has a ticket to name, and for ever once the handle is closed. An
    # edge-triggered loop calls okta_auth_next_completed() until it returns OKTA_AUTH_PENDING. Poll it only: do not
    # read from it or write to it. It is yours and has CLOEXEC set; close it when you like, also after
    # okta_auth_close(). Each call gives another one. In a forked child it does nothing useful and no harm.
    #
    # Returns 0; or stores -1 and returns 503 where the process can have no more descriptors, or
    # OKTA_AUTH_NULL_POINTER, OKTA_AUTH_INVALID_HANDLE, OKTA_AUTH_CLOSED, OKTA_AUTH_FORKED, OKTA_AUTH_REENTERED.
    ("okta_auth_completion_fd", c_int32, [c_uint64, POINTER(c_int32)]),
    # Stores in `*ticket` an operation that has ended, cancelled ones included, for okta_auth_wait() to take its
    # answer. Each ticket is named once, in the order in which they ended; those whose answer was taken before are not.
    #
    # Returns 0; or stores 0 and returns OKTA_AUTH_PENDING when there is none, or OKTA_AUTH_NULL_POINTER,
    # OKTA_AUTH_INVALID_HANDLE, OKTA_AUTH_CLOSED, OKTA_AUTH_FORKED, OKTA_AUTH_REENTERED.
    ("okta_auth_next_completed", c_int32, [c_uint64, POINTER(c_uint64)]),
    ("okta_auth_configure", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_read_config", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_register_user", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_read_user", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_list_users", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_delete_user", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_register_group", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_read_group", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_list_groups", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_delete_group", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_login", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_verify", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_start_transaction", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_continue_transaction", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_cancel_transaction", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_enable_auth_method", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_list_auth_methods", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_tune_auth_method", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_read_auth_method_tuning", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_disable_auth_method", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_create_or_update_token_role", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_read_token_role", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_list_token_roles", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_create_or_update_acl_policy", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_read_acl_policy", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_list_acl_policies", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_create_token", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_create_orphan_token", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_lookup_token", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_lookup_accessor", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_get_capabilities", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_authorize", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_delete_acl_policy", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_renew_token", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_renew_accessor", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_list_accessors", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_revoke_accessor", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_revoke_token_and_orphan_children", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_revoke_token", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_revoke_user_tokens", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_revoke_group_tokens", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_revoke_mount_tokens", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_wrap", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_read_wrapping", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_rewrap", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_unwrap", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_delete_token_role", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_tidy_tokens", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_audit_hash", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_list_locked_users", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
    ("okta_auth_unlock_user", c_int32, [c_uint64, c_char_p, c_size_t, POINTER(Buffer)]),
]
