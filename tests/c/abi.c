/* Every macro is read and every function is called once. */

#include "check.h"
#include "operations.h"

static void the_macros_equal_the_functions(void) {
    CHECK(strcmp(OKTA_AUTH_VERSION, okta_auth_version()) == 0);
    CHECK(OKTA_AUTH_ABI_VERSION == okta_auth_abi_version());
    CHECK(okta_auth_header_checksum() != 0);
}

static void the_numbers_are_what_they_will_always_be(void) {
    CHECK(OKTA_AUTH_NULL_POINTER == -1 && OKTA_AUTH_INVALID_UTF8 == -2 && OKTA_AUTH_INVALID_HANDLE == -3);
    CHECK(OKTA_AUTH_TOO_LARGE == -4 && OKTA_AUTH_FORKED == -5 && OKTA_AUTH_REENTERED == -6);
    CHECK(OKTA_AUTH_PANIC == -7 && OKTA_AUTH_PENDING == -8 && OKTA_AUTH_CANCELLED == -9);
    CHECK(OKTA_AUTH_INVALID_TICKET == -10 && OKTA_AUTH_UNKNOWN_OPERATION == -11 && OKTA_AUTH_CLOSED == -12);
    CHECK(OKTA_AUTH_LOG_OFF == 0 && OKTA_AUTH_LOG_ERROR == 1 && OKTA_AUTH_LOG_WARN == 2);
    CHECK(OKTA_AUTH_LOG_INFO == 3 && OKTA_AUTH_LOG_DEBUG == 4);
    CHECK(sizeof(okta_auth_handle) == 8 && sizeof(okta_auth_code) == 4);
    CHECK(sizeof(okta_auth_buffer) == 2 * sizeof(void *));
}

static void ignore(void *user_data, int32_t level, const char *record, size_t record_len) {
    (void)user_data;
    (void)level;
    CHECK(strlen(record) == record_len);
}

static void every_operation_answers(void) {
    okta_auth_handle handle = open_in_memory();
    okta_auth_log_fn function = ignore;
    CHECK_STATUS(0, okta_auth_set_logger(handle, OKTA_AUTH_LOG_DEBUG, function, NULL));
    for (int i = 0; i < OPERATION_COUNT; i++) {
        okta_auth_buffer body;
        int32_t status = operations[i].call(handle, "{}", 2, &body);
        if (status < 200 || status > 599) {
            fprintf(stderr, "%s: %d %s\n", operations[i].name, (int)status, body.data);
            exit(1);
        }
        check_body(&body, "");
        CHECK_STATUS(status, operations[i].call(handle, NULL, 0, NULL));
    }
    CHECK_STATUS(0, okta_auth_close(handle));
}

static void one_copy_of_a_buffer_is_freed(void) {
    okta_auth_handle handle = open_in_memory();
    okta_auth_buffer body;
    CHECK_STATUS(404, okta_auth_list_users(handle, NULL, 0, &body));
    okta_auth_buffer copy = body;
    copy.len = SIZE_MAX;
    CHECK_STATUS(0, okta_auth_close(handle));
    /* The text outlives its handle. */
    CHECK(strstr(body.data, "errors") != NULL);
    okta_auth_buffer_free(&copy);
    CHECK(copy.data == NULL && copy.len == 0);
    okta_auth_buffer_free(NULL);
}

int main(void) {
    the_macros_equal_the_functions();
    the_numbers_are_what_they_will_always_be();
    every_operation_answers();
    one_copy_of_a_buffer_is_freed();
    return 0;
}
