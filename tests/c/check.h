/* The assertions of the C tests: what fails is printed, and the program ends with 1. */

#ifndef CHECK_H
#define CHECK_H

#include "okta_auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            exit(1); \
        } \
    } while (0)

#define CHECK_STATUS(expected, actual) check_status((expected), (actual), #actual, __FILE__, __LINE__)

static inline void check_status(int32_t expected, int32_t actual, const char *what, const char *file, int line) {
    if (expected != actual) {
        fprintf(stderr, "%s:%d: %s is %d, not %d\n", file, line, what, (int)actual, (int)expected);
        exit(1);
    }
}

/* A body that is well-formed, holds `part`, and is freed twice. */
static inline void check_body(okta_auth_buffer *body, const char *part) {
    CHECK(body->data != NULL);
    CHECK(strlen(body->data) == body->len);
    if (strstr(body->data, part) == NULL) {
        fprintf(stderr, "%s is not in %s\n", part, body->data);
        exit(1);
    }
    for (int i = 0; i < 2; i++) {
        okta_auth_buffer_free(body);
        CHECK(body->data == NULL && body->len == 0);
    }
}

/* Calls an operation with a text and expects this status and this part of the body. */
#define ASK(expected, part, handle, call, text) \
    do { \
        okta_auth_buffer answer_; \
        const char *text_ = (text); \
        int32_t status_ = (call)((handle), text_, strlen(text_), &answer_); \
        if (status_ != (expected)) \
            fprintf(stderr, "%s\n", answer_.data); \
        CHECK_STATUS((expected), status_); \
        check_body(&answer_, (part)); \
    } while (0)

/* A handle with a storage in memory. */
static inline okta_auth_handle open_in_memory(void) {
    okta_auth_handle handle = 0;
    okta_auth_buffer body;
    int32_t status = okta_auth_open(NULL, 0, &handle, &body);
    if (status != 200) {
        fprintf(stderr, "open: %d %s\n", (int)status, body.data);
        exit(1);
    }
    CHECK(handle != 0);
    check_body(&body, "");
    return handle;
}

#endif
