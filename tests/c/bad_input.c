/* Whatever comes in, a status or a code goes out, and the handle goes on working. */

#include "check.h"
#include "operations.h"

#define MIB ((size_t)1 << 20)

/* `count` times `text`, between `before` and `after`. */
static char *repeated(const char *before, const char *text, size_t count, const char *after) {
    size_t piece = strlen(text);
    char *all = malloc(strlen(before) + count * piece + strlen(after) + 1);
    CHECK(all != NULL);
    char *end = all + sprintf(all, "%s", before);
    for (size_t i = 0; i < count; i++, end += piece)
        memcpy(end, text, piece);
    strcpy(end, after);
    return all;
}

static void every_operation_refuses(okta_auth_handle handle, int32_t status, const char *code, const char *request) {
    for (int i = 0; i < OPERATION_COUNT; i++)
        ASK(status, code, handle, operations[i].call, request);
}

static void wrong_pointers_and_lengths(okta_auth_handle handle) {
    for (int i = 0; i < OPERATION_COUNT; i++) {
        okta_auth_buffer body;
        CHECK_STATUS(OKTA_AUTH_NULL_POINTER, operations[i].call(handle, NULL, 1, &body));
        check_body(&body, "\"code\":\"null_pointer\"");
        CHECK_STATUS(OKTA_AUTH_TOO_LARGE, operations[i].call(handle, "{}", 64 * MIB + 1, &body));
        check_body(&body, "\"code\":\"too_large\"");
        CHECK_STATUS(OKTA_AUTH_TOO_LARGE, operations[i].call(handle, "{}", SIZE_MAX, NULL));
        CHECK_STATUS(400, operations[i].call(handle, "{}", 1, &body));
        check_body(&body, "\"code\":\"invalid_json\"");
        /* The NUL behind the text is part of a text that is one byte too long. */
        CHECK_STATUS(400, operations[i].call(handle, "{}", 3, &body));
        check_body(&body, "\"code\":\"invalid_json\"");
    }
}

static void texts_that_are_no_object(okta_auth_handle handle) {
    const char *invalid[] = {"[]", "1", "null", "\"text\"", "{", "{}{}", "{} x", "{\"a\":}", "{\"a\":01}",
                             "{\"a\":1,\"a\":2}", "{\"a\":{\"b\":1,\"b\":2}}", "{\"a\":\"\\ud800\"}", "{'a':1}"};
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++)
        every_operation_refuses(handle, 400, "\"code\":\"invalid_json\"", invalid[i]);
    every_operation_refuses(handle, OKTA_AUTH_INVALID_UTF8, "\"code\":\"invalid_utf8\"", "{\"a\":\"\xff\"}");
    every_operation_refuses(handle, OKTA_AUTH_INVALID_UTF8, "\"code\":\"invalid_utf8\"", "\xc3");
}

static void texts_that_are_deep_or_long(okta_auth_handle handle) {
    char *deep = repeated("{\"a\":", "[", 10000, "");
    every_operation_refuses(handle, 400, "\"code\":\"invalid_json\"", deep);
    free(deep);

    char *closed = repeated("{\"a\":", "{\"a\":", 10000, "1");
    ASK(400, "\"code\":\"invalid_json\"", handle, okta_auth_configure, closed);
    free(closed);

    char *text = repeated("{\"username\":\"", "x", 33 * MIB, "\"}");
    ASK(400, "\"errors\":[\"", handle, okta_auth_read_user, text);
    free(text);

    char *body = repeated("{\"method\":\"POST\",\"path\":\"auth/okta/login/fred\",\"body\":\"", "x", 33 * MIB, "\"}");
    ASK(413, "\"code\":\"too_large\"", handle, okta_auth_request, body);
    free(body);

    char *wide = repeated("{\"policies\":[\"x\"", ",\"x\"", 20000, "],\"username\":\"fred\"}");
    ASK(400, "\"errors\":[\"", handle, okta_auth_register_user, wide);
    free(wide);
}

static void names_that_are_none(okta_auth_handle handle) {
    const char *names[] = {"", "..", "a/../b", "a\\u0000b", "a\\nb", "\\u001b[2J"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char request[100];
        sprintf(request, "{\"username\":\"%s\",\"policies\":[\"dev\"]}", names[i]);
        ASK(400, "\"errors\":[\"", handle, okta_auth_register_user, request);
        sprintf(request, "{\"name\":\"%s\",\"policies\":[\"dev\"]}", names[i]);
        ASK(400, "\"errors\":[\"", handle, okta_auth_register_group, request);
    }
    char *name = repeated("{\"username\":\"", "x", 3000, "\"}");
    ASK(400, "\"errors\":[\"", handle, okta_auth_register_user, name);
    free(name);
    ASK(400, "\"errors\":[\"", handle, okta_auth_read_user, "{}");
    ASK(400, "\"errors\":[\"", handle, okta_auth_read_user, "{\"username\":7.5e1000}");
}

static void numbers_out_of_range(okta_auth_handle handle) {
    const char *requests[] = {"{\"org_name\":\"acme\",\"token_ttl\":-1}", "{\"org_name\":\"acme\",\"token_num_uses\":-1}",
                              "{\"org_name\":\"acme\",\"token_ttl\":99999999999999999999}",
                              "{\"org_name\":\"acme\",\"token_ttl\":1e400}", "{\"org_name\":\"acme\",\"token_ttl\":\"9h9\"}"};
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
        ASK(400, "\"errors\":[\"", handle, okta_auth_configure, requests[i]);
    ASK(404, "\"errors\":[]", handle, okta_auth_read_config, "{}");
}

static void options_that_are_none(void) {
    const char *refused[] = {"[]", "{", "1", "{\"no_such_option\":1}", "{\"storage\":{\"type\":\"floppy\"}}",
                             "{\"storage\":{\"type\":\"sqlite\"}}", "{\"storage\":7}", "{\"key\":\"short\"}",
                             "{\"ca_pem\":\"no certificate\"}", "{\"ca_file\":\"/nonexistent\"}",
                             "{\"connect_timeout_ms\":-1}", "{\"mounts\":[\"..\"]}", "{\"mounts\":7}"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        okta_auth_handle handle = 1;
        okta_auth_buffer body;
        int32_t status = okta_auth_open(refused[i], strlen(refused[i]), &handle, &body);
        if (status != 400)
            fprintf(stderr, "%s: %s\n", refused[i], body.data);
        CHECK_STATUS(400, status);
        CHECK(handle == 0);
        check_body(&body, i == 3 ? "no_such_option" : "\"errors\":[\"");
    }
    okta_auth_handle handle = 1;
    okta_auth_buffer body;
    CHECK_STATUS(OKTA_AUTH_NULL_POINTER, okta_auth_open("{}", 2, NULL, &body));
    check_body(&body, "\"code\":\"null_pointer\"");
    CHECK_STATUS(OKTA_AUTH_NULL_POINTER, okta_auth_open(NULL, 2, &handle, NULL));
    CHECK(handle == 0);
    CHECK_STATUS(OKTA_AUTH_INVALID_UTF8, okta_auth_open("\xff", 1, &handle, NULL));
    CHECK_STATUS(OKTA_AUTH_TOO_LARGE, okta_auth_open("{}", SIZE_MAX, &handle, NULL));
}

int main(void) {
    okta_auth_handle handle = open_in_memory();
    wrong_pointers_and_lengths(handle);
    texts_that_are_no_object(handle);
    texts_that_are_deep_or_long(handle);
    names_that_are_none(handle);
    numbers_out_of_range(handle);
    options_that_are_none();
    ASK(204, "", handle, okta_auth_register_user, "{\"username\":\"fred\",\"policies\":\"dev\"}");
    ASK(200, "\"fred\"", handle, okta_auth_list_users, "{}");
    CHECK_STATUS(0, okta_auth_close(handle));
    return 0;
}
