/* Cancels logins at random moments, as often as the fourth argument says, while other threads wait for them: each has
 * one end, and the library goes on as if nothing had been. */

#include "guest.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

enum { AT_ONCE = 16, WAITERS = 4 };

static const functions linked = {okta_auth_open, okta_auth_close, okta_auth_configure, okta_auth_login, okta_auth_buffer_free};

static okta_auth_handle handle;
static okta_auth_ticket tickets[AT_ONCE];
static atomic_int next, collected, cancelled;

static void *collect(void *unused) {
    for (int i = atomic_fetch_add(&next, 1); i < AT_ONCE; i = atomic_fetch_add(&next, 1)) {
        okta_auth_buffer answer;
        int32_t status = okta_auth_wait(handle, tickets[i], -1, &answer);
        if (status != 200 && status != OKTA_AUTH_CANCELLED)
            fprintf(stderr, "%d %s\n", (int)status, answer.data);
        CHECK(status == 200 || status == OKTA_AUTH_CANCELLED);
        CHECK((strstr(answer.data, "client_token") != NULL) == (status == 200));
        okta_auth_buffer_free(&answer);
        CHECK_STATUS(OKTA_AUTH_INVALID_TICKET, okta_auth_wait(handle, tickets[i], -1, NULL));
        atomic_fetch_add(status == 200 ? &collected : &cancelled, 1);
    }
    return unused;
}

static int64_t now_us(void) {
    struct timespec now;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void submit_all(void) {
    for (int i = 0; i < AT_ONCE; i++)
        CHECK_STATUS(202, okta_auth_submit(handle, "login", LOGIN, strlen(LOGIN), &tickets[i], NULL));
}

int main(int argc, char **argv) {
    arguments given = read_arguments(argc, argv);
    CHECK(argc == 5);
    long cancels = atol(argv[4]);
    unsigned seed = 20261124;
    handle = open_with(&linked, &given);
    log_in_with(&linked, handle);
    /* How long they take when they are left alone: the moments lie before, in and after that. */
    int64_t usual = -now_us();
    submit_all();
    for (int i = 0; i < AT_ONCE; i++)
        CHECK_STATUS(200, okta_auth_wait(handle, tickets[i], -1, NULL));
    usual += now_us();
    for (long done = 0; done < cancels; done += AT_ONCE) {
        pthread_t waiters[WAITERS];
        submit_all();
        atomic_store(&next, 0);
        for (int i = 0; i < WAITERS; i++)
            CHECK(pthread_create(&waiters[i], NULL, collect, NULL) == 0);
        int64_t begun = now_us();
        for (int i = 0; i < AT_ONCE; i++) {
            int64_t moment = begun + rand_r(&seed) % (2 * usual) * (i + 1) / AT_ONCE;
            while (now_us() < moment)
                sched_yield();
            int32_t status = okta_auth_cancel(handle, tickets[i]);
            CHECK(status == 0 || status == OKTA_AUTH_INVALID_TICKET);
        }
        for (int i = 0; i < WAITERS; i++)
            CHECK(pthread_join(waiters[i], NULL) == 0);
    }
    okta_auth_ticket left;
    CHECK_STATUS(OKTA_AUTH_PENDING, okta_auth_next_completed(handle, &left));
    CHECK(atomic_load(&collected) + atomic_load(&cancelled) >= cancels);
    printf("%d %d\n", atomic_load(&collected), atomic_load(&cancelled));
    log_in_with(&linked, handle);
    /* And once with everything still running. */
    submit_all();
    CHECK_STATUS(0, okta_auth_close(handle));
    return 0;
}
