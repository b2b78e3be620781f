/* A panic inside of the library becomes a code, prints nothing, and the library goes on working.
 *
 * The library under test is the one that is shipped: it has no hook for this. Rust's std panics when the system's
 * clock fails, which it never does, so this program puts itself before the system's clock and lets it fail. */

#include "check.h"

#include <dlfcn.h>
#include <errno.h>
#include <time.h>
#include <unistd.h>

static _Thread_local int broken;

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*next)(clockid_t, struct timespec *);
    if (broken) {
        errno = EINVAL;
        return -1;
    }
    if (next == NULL)
        *(void **)&next = dlsym(RTLD_NEXT, "clock_gettime");
    return next(clock, now);
}

/* What is written to stderr from now on goes into a pipe. */
static int catch_stderr(int *before) {
    int ends[2];
    CHECK(pipe(ends) == 0);
    *before = dup(STDERR_FILENO);
    CHECK(dup2(ends[1], STDERR_FILENO) == STDERR_FILENO);
    close(ends[1]);
    return ends[0];
}

int main(void) {
    okta_auth_handle handle = open_in_memory();
    okta_auth_handle refused = 1;
    okta_auth_buffer body;
    okta_auth_buffer opening;
    int before;
    int caught = catch_stderr(&before);

    broken = 1;
    int32_t status = okta_auth_read_config(handle, NULL, 0, &body);
    int32_t opened = okta_auth_open(NULL, 0, &refused, &opening);
    broken = 0;

    CHECK(dup2(before, STDERR_FILENO) == STDERR_FILENO);
    char noise[100];
    CHECK(read(caught, noise, sizeof noise) == 0);

    CHECK_STATUS(OKTA_AUTH_PANIC, status);
    check_body(&body, "\"code\":\"panic\"");
    CHECK_STATUS(OKTA_AUTH_PANIC, opened);
    check_body(&opening, "\"code\":\"panic\"");
    CHECK(refused == 0);

    ASK(404, "\"errors\":[]", handle, okta_auth_read_config, "{}");
    ASK(204, "", handle, okta_auth_register_user, "{\"username\":\"fred\",\"policies\":\"dev\"}");
    CHECK_STATUS(0, okta_auth_close(open_in_memory()));
    CHECK_STATUS(0, okta_auth_close(handle));
    return 0;
}
