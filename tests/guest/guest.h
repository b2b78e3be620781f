/* What the programs of this folder share: a handle that is configured for the Okta of the arguments. */

#ifndef GUEST_H
#define GUEST_H

#include "../c/check.h"

#include <dirent.h>
#include <time.h>
#include <unistd.h>

/* The arguments of every program: the URL of an Okta, its certificates, and the file of a SQLite database. */
typedef struct arguments {
    const char *url, *ca_file, *database;
} arguments;

static inline arguments read_arguments(int argc, char **argv) {
    CHECK(argc >= 4);
    arguments given = {argv[1], argv[2], argv[3]};
    return given;
}

static const char LOGIN[] = "{\"username\":\"fred\",\"password\":\"correct horse\"}";

/* The functions may come from a library that was loaded while the program ran. */
typedef struct functions {
    int32_t (*open)(const char *, size_t, okta_auth_handle *, okta_auth_buffer *);
    int32_t (*close)(okta_auth_handle);
    int32_t (*configure)(okta_auth_handle, const char *, size_t, okta_auth_buffer *);
    int32_t (*login)(okta_auth_handle, const char *, size_t, okta_auth_buffer *);
    void (*buffer_free)(okta_auth_buffer *);
} functions;

static inline void expect(const functions *library, int32_t expected, int32_t status, okta_auth_buffer *answer) {
    if (status != expected)
        fprintf(stderr, "%s\n", answer->data);
    CHECK_STATUS(expected, status);
    library->buffer_free(answer);
}

/* Opens the database and tells it where Okta is. */
static inline okta_auth_handle open_with(const functions *library, const arguments *given) {
    char text[1000];
    okta_auth_handle handle;
    okta_auth_buffer answer;
    snprintf(text, sizeof text, "{\"storage\":{\"type\":\"sqlite\",\"path\":\"%s\"},\"ca_file\":\"%s\"}", given->database,
             given->ca_file);
    expect(library, 200, library->open(text, strlen(text), &handle, &answer), &answer);
    snprintf(text, sizeof text, "{\"org_url\":\"%s\"}", given->url);
    expect(library, 204, library->configure(handle, text, strlen(text), &answer), &answer);
    return handle;
}

static inline void log_in_with(const functions *library, okta_auth_handle handle) {
    okta_auth_buffer answer;
    int32_t status = library->login(handle, LOGIN, strlen(LOGIN), &answer);
    expect(library, 200, status, &answer);
}

/* Waits until `condition` holds, and fails after half a minute. */
#define WAIT_UNTIL(condition) \
    do { \
        struct timespec begin_, now_; \
        clock_gettime(CLOCK_MONOTONIC, &begin_); \
        while (!(condition)) { \
            clock_gettime(CLOCK_MONOTONIC, &now_); \
            CHECK(now_.tv_sec - begin_.tv_sec < 30 && #condition); \
            struct timespec pause_ = {0, 1000000}; \
            nanosleep(&pause_, NULL); \
        } \
    } while (0)

#endif
