/* Handles: stale, invented, closed twice, closed while others are inside, and how many there may be. */

#include "check.h"

#include <pthread.h>
#include <stdatomic.h>

static int32_t ask(okta_auth_handle handle, const char *part) {
    okta_auth_buffer body;
    int32_t status = okta_auth_read_config(handle, NULL, 0, &body);
    check_body(&body, part);
    return status;
}

static void invented_handles_were_never_issued(okta_auth_handle open) {
    okta_auth_handle invented[] = {0, 1, open + 1, open + 2, open - 1, open ^ ((uint64_t)1 << 48), UINT64_MAX};
    for (size_t i = 0; i < sizeof invented / sizeof *invented; i++) {
        CHECK_STATUS(OKTA_AUTH_INVALID_HANDLE, ask(invented[i], "\"code\":\"invalid_handle\""));
        CHECK_STATUS(OKTA_AUTH_INVALID_HANDLE, okta_auth_close(invented[i]));
        CHECK_STATUS(OKTA_AUTH_INVALID_HANDLE, okta_auth_set_logger(invented[i], 4, NULL, NULL));
    }
}

static void a_closed_handle_stays_closed(void) {
    okta_auth_handle handle = open_in_memory();
    CHECK_STATUS(0, okta_auth_close(handle));
    for (int i = 0; i < 2; i++) {
        CHECK_STATUS(OKTA_AUTH_CLOSED, okta_auth_close(handle));
        CHECK_STATUS(OKTA_AUTH_CLOSED, ask(handle, "\"code\":\"closed\""));
        CHECK_STATUS(OKTA_AUTH_CLOSED, okta_auth_set_logger(handle, 4, NULL, NULL));
    }
    okta_auth_handle next = open_in_memory();
    CHECK(next != handle);
    CHECK_STATUS(OKTA_AUTH_CLOSED, okta_auth_close(handle));
    CHECK_STATUS(0, okta_auth_close(next));
}

static void handles_have_a_limit(void) {
    static okta_auth_handle handles[2000];
    okta_auth_handle refused = 1;
    okta_auth_buffer body;
    size_t count = 0;
    int32_t status = 200;
    while (count < sizeof handles / sizeof *handles) {
        status = okta_auth_open(NULL, 0, &handles[count], &body);
        if (status != 200)
            break;
        okta_auth_buffer_free(&body);
        count++;
    }
    CHECK_STATUS(503, status);
    CHECK(handles[count] == 0);
    check_body(&body, "\"code\":\"limit_reached\"");
    CHECK_STATUS(503, okta_auth_open(NULL, 0, &refused, NULL));
    CHECK(refused == 0);
    for (size_t i = 0; i < count; i++)
        CHECK_STATUS(0, okta_auth_close(handles[i]));
    CHECK(count >= 1000);
}

static atomic_int ready;

static void *use(void *argument) {
    okta_auth_handle handle = *(okta_auth_handle *)argument;
    int32_t status;
    ready++;
    do {
        okta_auth_buffer body;
        status = okta_auth_list_users(handle, NULL, 0, &body);
        CHECK(body.data != NULL);
        okta_auth_buffer_free(&body);
        CHECK(status == 404 || status == OKTA_AUTH_CANCELLED || status == OKTA_AUTH_CLOSED);
    } while (status != OKTA_AUTH_CLOSED);
    return NULL;
}

static void closing_ends_the_calls_of_others(void) {
    pthread_t threads[4];
    for (int round = 0; round < 20; round++) {
        okta_auth_handle handle = open_in_memory();
        ready = 0;
        for (int i = 0; i < 4; i++)
            CHECK(pthread_create(&threads[i], NULL, use, &handle) == 0);
        while (ready < 4) {
        }
        CHECK_STATUS(0, okta_auth_close(handle));
        for (int i = 0; i < 4; i++)
            CHECK(pthread_join(threads[i], NULL) == 0);
    }
}

int main(void) {
    okta_auth_handle handle = open_in_memory();
    invented_handles_were_never_issued(handle);
    CHECK_STATUS(0, okta_auth_close(handle));
    a_closed_handle_stays_closed();
    handles_have_a_limit();
    closing_ends_the_calls_of_others();
    return 0;
}
