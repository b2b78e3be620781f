/* The audit function: what it gets, what it may not do, what its refusal does, and when it is not called any more. */

#include "check.h"

#include <stdatomic.h>

typedef struct seen {
    okta_auth_handle handle;
    atomic_int count;
    int32_t answer;
    char last[4000];
} seen;

static int32_t look(void *user_data, const char *line, size_t line_len) {
    seen *seen = user_data;
    seen->count++;
    CHECK(strlen(line) == line_len && line_len < sizeof seen->last);
    CHECK(line[0] == '{' && line[line_len - 1] == '}' && strchr(line, '\n') == NULL);
    CHECK(strstr(line, "\"time\":\"") && strstr(line, "\"type\":\"re"));
    memcpy(seen->last, line, line_len + 1);
    return seen->answer;
}

static int32_t call_back(void *user_data, const char *line, size_t line_len) {
    seen *seen = user_data;
    CHECK_STATUS(OKTA_AUTH_REENTERED, okta_auth_list_users(seen->handle, "{}", 2, NULL));
    CHECK_STATUS(OKTA_AUTH_REENTERED, okta_auth_set_audit(seen->handle, NULL, NULL));
    CHECK_STATUS(OKTA_AUTH_REENTERED, okta_auth_close(seen->handle));
    return look(user_data, line, line_len);
}

static void write_a_user(okta_auth_handle handle) {
    ASK(204, "", handle, okta_auth_register_user, "{\"username\":\"fred\",\"policies\":\"dev\"}");
}

int main(void) {
    seen first = {0}, second = {0};
    okta_auth_handle handle = open_in_memory();
    first.handle = second.handle = handle;

    CHECK_STATUS(0, okta_auth_set_audit(handle, look, &first));
    write_a_user(handle);
    CHECK(first.count == 2);
    CHECK(strstr(first.last, "\"function\":\"register_user\"") && strstr(first.last, "\"status\":204"));
    CHECK(strstr(first.last, "hmac-sha256:") && strstr(first.last, "\"dev\"") == NULL);

    /* By the library's own thread this time; and it may not call us. */
    CHECK_STATUS(0, okta_auth_set_audit(handle, call_back, &second));
    okta_auth_ticket ticket;
    CHECK_STATUS(202, okta_auth_submit(handle, "list_users", "{}", 2, &ticket, NULL));
    CHECK_STATUS(200, okta_auth_wait(handle, ticket, -1, NULL));
    CHECK(first.count == 2 && second.count == 2);

    /* What it does not take is not done, and nothing is asked of it once it is gone. */
    second.answer = 1;
    ASK(500, "audit_failed", handle, okta_auth_delete_user, "{\"username\":\"fred\"}");
    CHECK(second.count == 4);
    CHECK_STATUS(0, okta_auth_set_audit(handle, NULL, NULL));
    ASK(200, "\"dev\"", handle, okta_auth_read_user, "{\"username\":\"fred\"}");
    CHECK(second.count == 4);
    CHECK_STATUS(0, okta_auth_set_audit(handle, look, &second));
    CHECK_STATUS(0, okta_auth_close(handle));
    CHECK_STATUS(OKTA_AUTH_CLOSED, okta_auth_set_audit(handle, look, &second));
    CHECK_STATUS(OKTA_AUTH_INVALID_HANDLE, okta_auth_set_audit(0, look, &second));
    CHECK(second.count == 4);

    /* Required: nothing is done that it does not take. */
    okta_auth_buffer body;
    const char options[] = "{\"audit\":{}}";
    CHECK_STATUS(200, okta_auth_open(options, sizeof options - 1, &handle, &body));
    okta_auth_buffer_free(&body);
    CHECK_STATUS(0, okta_auth_set_audit(handle, look, &second));
    ASK(500, "\"code\":\"audit_failed\"", handle, okta_auth_register_user, "{\"username\":\"fred\"}");
    second.answer = 0;
    ASK(404, "\"code\":\"not_found\"", handle, okta_auth_read_user, "{\"username\":\"fred\"}");
    CHECK_STATUS(0, okta_auth_close(handle));
    return 0;
}
