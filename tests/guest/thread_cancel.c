/* Cancels threads that are inside: in a commit, and in a wait for a person. Nothing is torn, and nobody hangs. */

#include "guest.h"

#include <pthread.h>
#include <stdatomic.h>

static const functions linked = {okta_auth_open, okta_auth_close, okta_auth_configure, okta_auth_login, okta_auth_buffer_free};

static okta_auth_handle handle;
static atomic_int written, waiting;

static void *write_on(void *unused) {
    static const char user[] = "{\"username\":\"barney\",\"policies\":\"dev\"}";
    for (;;) {
        CHECK_STATUS(204, okta_auth_register_user(handle, user, strlen(user), NULL));
        atomic_fetch_add(&written, 1);
        pthread_testcancel();
    }
    return unused;
}

static void *wait_for_person(void *ended) {
    atomic_store(&waiting, 1);
    *(int32_t *)ended = okta_auth_login(handle, LOGIN, strlen(LOGIN), NULL);
    pthread_testcancel();
    return NULL;
}

static void must_be_cancelled(pthread_t thread) {
    void *result;
    CHECK(pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED);
}

int main(int argc, char **argv) {
    arguments given = read_arguments(argc, argv);
    handle = open_with(&linked, &given);
    for (int round = 0; round < 100; round++) {
        pthread_t writer;
        CHECK(pthread_create(&writer, NULL, write_on, NULL) == 0);
        /* In the middle of the next commit, most of the times. */
        int before = atomic_load(&written);
        WAIT_UNTIL(atomic_load(&written) > before + round % 3);
        CHECK(pthread_cancel(writer) == 0);
        must_be_cancelled(writer);
    }
    pthread_t waiter;
    int32_t ended = 0;
    CHECK(pthread_create(&waiter, NULL, wait_for_person, &ended) == 0);
    WAIT_UNTIL(atomic_load(&waiting));
    CHECK(pthread_cancel(waiter) == 0);
    CHECK_STATUS(0, okta_auth_close(handle));
    must_be_cancelled(waiter);
    CHECK(ended == OKTA_AUTH_CANCELLED || ended == OKTA_AUTH_CLOSED);
    return 0;
}
