/* The operations as a table, for tests that call each of them. */

#ifndef OPERATIONS_H
#define OPERATIONS_H

#include "okta_auth.h"

/* Every function with a handle, a request and an answer. */
#define OPERATIONS(X) \
    X(request) \
    X(configure) \
    X(read_config) \
    X(register_user) \
    X(read_user) \
    X(list_users) \
    X(delete_user) \
    X(register_group) \
    X(read_group) \
    X(list_groups) \
    X(delete_group) \
    X(login) \
    X(verify) \
    X(start_transaction) \
    X(continue_transaction) \
    X(cancel_transaction) \
    X(enable_auth_method) \
    X(list_auth_methods) \
    X(tune_auth_method) \
    X(read_auth_method_tuning) \
    X(disable_auth_method) \
    X(create_token) \
    X(create_orphan_token) \
    X(lookup_token) \
    X(lookup_accessor) \
    X(renew_token) \
    X(renew_accessor) \
    X(list_accessors) \
    X(revoke_accessor) \
    X(revoke_token_and_orphan_children) \
    X(revoke_token)

typedef struct operation {
    const char *name;
    int32_t (*call)(okta_auth_handle, const char *, size_t, okta_auth_buffer *);
} operation;

#define OPERATION(name) {#name, okta_auth_##name},
static const operation operations[] = {OPERATIONS(OPERATION)};
enum { OPERATION_COUNT = sizeof operations / sizeof *operations };

#endif
