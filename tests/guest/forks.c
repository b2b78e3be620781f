/* Forks in the middle of commits, as often as the fourth argument says. Every child opens the same database and
 * writes to it while the parent's threads go on. */

#include "guest.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>

/* Each writer writes so many users, again and again, so that no child has to count many. */
enum { WRITERS = 3, USERS = 1000 };

static const functions linked = {okta_auth_open, okta_auth_close, okta_auth_configure, okta_auth_login, okta_auth_buffer_free};

static okta_auth_handle parents;
static atomic_int stop;
static atomic_long written[WRITERS];

static int32_t register_user(okta_auth_handle handle, const char *owner, long number) {
    char request[100];
    snprintf(request, sizeof request, "{\"username\":\"%s-%ld\",\"policies\":\"dev\"}", owner, number);
    return okta_auth_register_user(handle, request, strlen(request), NULL);
}

static void *write_on(void *argument) {
    long writer = (long)(size_t)argument;
    char owner[20];
    snprintf(owner, sizeof owner, "parent%ld", writer);
    while (!atomic_load(&stop)) {
        long number = atomic_load(&written[writer]);
        CHECK_STATUS(204, register_user(parents, owner, number % USERS));
        atomic_store(&written[writer], number + 1);
    }
    return NULL;
}

static void in_child(const arguments *given, int number) {
    CHECK_STATUS(OKTA_AUTH_FORKED, register_user(parents, "child", number));
    okta_auth_handle own = open_with(&linked, given);
    CHECK_STATUS(204, register_user(own, "child", number));
    CHECK_STATUS(OKTA_AUTH_FORKED, okta_auth_close(parents));
    /* Some end as a crash would. */
    if (number % 3 != 0)
        CHECK_STATUS(0, okta_auth_close(own));
    _exit(0);
}

static long total(void) {
    long sum = 0;
    for (int writer = 0; writer < WRITERS; writer++)
        sum += atomic_load(&written[writer]);
    return sum;
}

static void must_be_there(const char *owner, long number) {
    char request[100];
    snprintf(request, sizeof request, "{\"username\":\"%s-%ld\"}", owner, number);
    CHECK_STATUS(200, okta_auth_read_user(parents, request, strlen(request), NULL));
}

int main(int argc, char **argv) {
    arguments given = read_arguments(argc, argv);
    CHECK(argc == 5);
    int forks = atoi(argv[4]);
    pthread_t writers[WRITERS];
    parents = open_with(&linked, &given);
    for (size_t writer = 0; writer < WRITERS; writer++)
        CHECK(pthread_create(&writers[writer], NULL, write_on, (void *)writer) == 0);
    for (int number = 0; number < forks; number++) {
        long before = total();
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0)
            in_child(&given, number);
        int status = 0;
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        /* The parent goes on writing. */
        WAIT_UNTIL(total() > before);
    }
    atomic_store(&stop, 1);
    for (int writer = 0; writer < WRITERS; writer++)
        CHECK(pthread_join(writers[writer], NULL) == 0);
    for (int number = 0; number < forks; number++)
        must_be_there("child", number);
    for (int writer = 0; writer < WRITERS; writer++) {
        char owner[20];
        snprintf(owner, sizeof owner, "parent%d", writer);
        for (long number = 0; number < USERS && number < atomic_load(&written[writer]); number++)
            must_be_there(owner, number);
    }
    CHECK_STATUS(0, okta_auth_close(parents));
    return 0;
}
