/* The log function: what it gets, what it may not do, and when it is not called any more. */

#include "check.h"
#include "operations.h"

#include <stdatomic.h>

typedef struct seen {
    okta_auth_handle handle;
    atomic_int count;
    int32_t highest;
    char last[4000];
} seen;

static void look(void *user_data, int32_t level, const char *record, size_t record_len) {
    seen *seen = user_data;
    seen->count++;
    if (level > seen->highest)
        seen->highest = level;
    CHECK(strlen(record) == record_len && record_len < sizeof seen->last);
    CHECK(record[0] == '{' && record[record_len - 1] == '}' && strchr(record, '\n') == NULL);
    CHECK(strstr(record, "\"time\":\"") && strstr(record, "\"level\":\"") && strstr(record, "\"event\":\""));
    memcpy(seen->last, record, record_len + 1);
}

static void call_back(void *user_data, int32_t level, const char *record, size_t record_len) {
    seen *seen = user_data;
    okta_auth_buffer body;
    okta_auth_handle opened = 1;
    for (int i = 0; i < OPERATION_COUNT; i++) {
        CHECK_STATUS(OKTA_AUTH_REENTERED, operations[i].call(seen->handle, "{}", 2, &body));
        check_body(&body, "\"code\":\"reentered\"");
    }
    CHECK_STATUS(OKTA_AUTH_REENTERED, okta_auth_open(NULL, 0, &opened, NULL));
    CHECK(opened == 0);
    CHECK_STATUS(OKTA_AUTH_REENTERED, okta_auth_set_logger(seen->handle, 0, NULL, NULL));
    CHECK_STATUS(OKTA_AUTH_REENTERED, okta_auth_close(seen->handle));
    okta_auth_ticket ticket = 1;
    int32_t fd = 1;
    CHECK_STATUS(OKTA_AUTH_REENTERED, okta_auth_submit(seen->handle, "list_users", "{}", 2, &ticket, NULL));
    CHECK_STATUS(OKTA_AUTH_REENTERED, okta_auth_wait(seen->handle, ticket, 0, NULL));
    CHECK_STATUS(OKTA_AUTH_REENTERED, okta_auth_cancel(seen->handle, ticket));
    CHECK_STATUS(OKTA_AUTH_REENTERED, okta_auth_next_completed(seen->handle, &ticket));
    CHECK_STATUS(OKTA_AUTH_REENTERED, okta_auth_completion_fd(seen->handle, &fd));
    CHECK(ticket == 0 && fd == -1);
    CHECK(okta_auth_version() != NULL && okta_auth_abi_version() > 0);
    look(user_data, level, record, record_len);
}

static void write_a_user(okta_auth_handle handle) {
    ASK(204, "", handle, okta_auth_register_user, "{\"username\":\"fred\",\"policies\":\"dev\"}");
}

int main(void) {
    seen first = {0}, second = {0};
    okta_auth_handle handle = open_in_memory();
    first.handle = second.handle = handle;

    CHECK_STATUS(0, okta_auth_set_logger(handle, OKTA_AUTH_LOG_DEBUG, look, &first));
    write_a_user(handle);
    CHECK(first.count > 0);
    CHECK(strstr(first.last, "\"operation\":\"register_user\",\"status\":204") != NULL);
    CHECK(first.highest == OKTA_AUTH_LOG_INFO && strstr(first.last, "fred") == NULL);

    int before = first.count;
    CHECK_STATUS(0, okta_auth_set_logger(handle, 99, call_back, &second));
    write_a_user(handle);
    CHECK(first.count == before && second.count > 0);

    /* Called by the library's own thread this time. */
    before = second.count;
    okta_auth_ticket ticket;
    CHECK_STATUS(202, okta_auth_submit(handle, "list_users", "{}", 2, &ticket, NULL));
    CHECK_STATUS(200, okta_auth_wait(handle, ticket, -1, NULL));
    CHECK(second.count == before + 1);

    before = second.count;
    CHECK_STATUS(0, okta_auth_set_logger(handle, OKTA_AUTH_LOG_ERROR, look, &second));
    write_a_user(handle);
    CHECK_STATUS(0, okta_auth_set_logger(handle, OKTA_AUTH_LOG_OFF, look, &second));
    write_a_user(handle);
    CHECK_STATUS(0, okta_auth_set_logger(handle, OKTA_AUTH_LOG_DEBUG, NULL, &second));
    write_a_user(handle);
    CHECK(second.count == before);

    CHECK_STATUS(0, okta_auth_set_logger(handle, OKTA_AUTH_LOG_DEBUG, look, &second));
    CHECK_STATUS(0, okta_auth_close(handle));
    before = second.count;
    CHECK_STATUS(OKTA_AUTH_CLOSED, okta_auth_register_user(handle, "{}", 2, NULL));
    CHECK(second.count == before);
    return 0;
}
